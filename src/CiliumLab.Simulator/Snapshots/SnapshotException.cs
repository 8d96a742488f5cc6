namespace CiliumLab.Simulator.Snapshots;

/// <summary>Something in a lab's state cannot be kept, or what was kept cannot be read.</summary>
internal sealed class SnapshotException(string message, Exception? inner = null) : Exception(message, inner);

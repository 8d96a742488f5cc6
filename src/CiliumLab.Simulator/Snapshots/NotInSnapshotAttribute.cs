namespace CiliumLab.Simulator.Snapshots;

/// <summary>A field that is no part of a lab's state: it is empty in a lab that comes out of a snapshot.</summary>
[AttributeUsage(AttributeTargets.Field)]
internal sealed class NotInSnapshotAttribute : Attribute;

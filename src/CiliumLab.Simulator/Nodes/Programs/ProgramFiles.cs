namespace CiliumLab.Simulator.Nodes.Programs;

/// <summary>The files that a program reads and writes as a whole: the node's, or those of the container that it runs in.</summary>
/// <param name="Read">Reads a file; throws <see cref="KernelException"/> when it cannot.</param>
/// <param name="Write">Writes a file; throws <see cref="KernelException"/> when it cannot.</param>
internal sealed record ProgramFiles(Func<string, byte[]> Read, Action<string, byte[]> Write);

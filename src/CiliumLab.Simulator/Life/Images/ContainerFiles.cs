using System.Collections.Concurrent;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Nodes.Programs;

namespace CiliumLab.Simulator.Life;

/// <summary>The files that programs wrote into a container; they are gone with it.</summary>
internal sealed class ContainerFiles
{
    private readonly ConcurrentDictionary<string, byte[]> _files = new(StringComparer.Ordinal);

    /// <summary>A file; null when nobody wrote it.</summary>
    public byte[]? Find(string path) => _files.GetValueOrDefault(Absolute(path));

    /// <summary>Writes a file.</summary>
    public void Write(string path, byte[] content) => _files[Absolute(path)] = content;

    /// <summary>Them as a node's program sees them.</summary>
    public ProgramFiles ForPrograms() => new(path => Find(path) ?? throw new KernelException(Errno.NoSuchFile), Write);

    // The images' working folder is the root.
    private static string Absolute(string path) => path.StartsWith('/') ? path : "/" + path;
}

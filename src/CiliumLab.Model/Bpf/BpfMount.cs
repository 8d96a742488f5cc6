namespace CiliumLab.Model;

/// <summary>The mounted BPF file system.</summary>
public sealed record BpfMount
{
    /// <summary>The node; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The mount's number.</summary>
    public required long MountId { get; init; }

    /// <summary>The number of the mount on which it is.</summary>
    public long ParentId { get; init; }

    /// <summary>Whether it is mounted.</summary>
    public bool IsMounted { get; init; }

    /// <summary>Where.</summary>
    public required string MountPoint { get; init; }

    /// <summary>The mount's options.</summary>
    public IReadOnlyList<string> MountOptions { get; init; } = [];

    /// <summary>How mounts are propagated, such as <c>master:11</c>.</summary>
    public IReadOnlyList<string> OptionalFields { get; init; } = [];

    /// <summary>The file system: <c>bpf</c>.</summary>
    public string? FilesystemType { get; init; }

    /// <summary>What is mounted.</summary>
    public string? MountSource { get; init; }

    /// <summary>The file system's options.</summary>
    public IReadOnlyList<string> SuperOptions { get; init; } = [];
}

namespace CiliumLab.Model;

/// <summary>Something that is pinned in the BPF file system, or a folder of it.</summary>
public sealed record BpfPin
{
    /// <summary>The node; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The whole path.</summary>
    public required string Path { get; init; }

    /// <summary>How many folders it is below the mount, from 1.</summary>
    public required int Depth { get; init; }

    /// <summary>Whether it is a folder. <c>tree</c> does not tell an empty one from an object.</summary>
    public required bool IsFolder { get; init; }

    /// <summary>The last part of the path.</summary>
    public string Name => Path[(Path.LastIndexOf('/') + 1)..];

    /// <summary>The name of the map, for what is among Cilium's maps; null for the rest.</summary>
    public string? MapName => !IsFolder && Path.Contains("/tc/globals/", StringComparison.Ordinal) ? Name : null;
}

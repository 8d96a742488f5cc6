namespace CiliumLab.Model;

/// <summary>A lab as it was at one moment, kept under a name.</summary>
public sealed record LabSnapshot
{
    /// <summary>The lab.</summary>
    public required string Lab { get; init; }

    /// <summary>The snapshot's name; unique in the lab.</summary>
    public required string Snapshot { get; init; }

    /// <summary>What whoever took it wrote about it; null for nothing.</summary>
    public string? Description { get; init; }

    /// <summary>When it was taken; null when that is not known, because it was not taken with this module.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>What it takes on disk, in bytes; null when the provider does not say.</summary>
    public ulong? Size { get; init; }
}

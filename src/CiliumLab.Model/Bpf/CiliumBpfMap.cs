namespace CiliumLab.Model;

/// <summary>A map as an agent sees it.</summary>
public sealed record CiliumBpfMap
{
    /// <summary>The node; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The map's name.</summary>
    public required string MapName { get; init; }

    /// <summary>Where it is pinned; null from text.</summary>
    public string? Path { get; init; }

    /// <summary>How many entries the agent knows of; null when it keeps none.</summary>
    public int? EntryCount { get; init; }

    /// <summary>How many of them could not be written or removed the last time; null when it keeps none.</summary>
    public int? ErrorCount { get; init; }

    /// <summary>Whether the agent keeps the entries that it wrote.</summary>
    public bool IsCached { get; init; }
}

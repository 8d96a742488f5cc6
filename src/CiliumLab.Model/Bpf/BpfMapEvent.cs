namespace CiliumLab.Model;

/// <summary>What happened to a map's entry.</summary>
public enum BpfMapAction
{
    /// <summary>Something else.</summary>
    Unknown,

    /// <summary>It was written.</summary>
    Update,

    /// <summary>It was removed.</summary>
    Delete,

    /// <summary>All entries were removed.</summary>
    DeleteAll,
}

/// <summary>A change of a map by an agent.</summary>
public sealed record BpfMapEvent
{
    /// <summary>The node; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The map; null when the output does not say.</summary>
    public string? MapName { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>What happened.</summary>
    public required BpfMapAction Action { get; init; }

    /// <summary>The key as Cilium writes it.</summary>
    public required string Key { get; init; }

    /// <summary>The value as Cilium writes it; null when it was removed.</summary>
    public string? Value { get; init; }

    /// <summary>What the agent still had to do then.</summary>
    public BpfEntryState State { get; init; }

    /// <summary>What went wrong; null for nothing.</summary>
    public string? LastError { get; init; }

    /// <summary>The entry that was written, typed where the map is understood; null when it was removed.</summary>
    public BpfMapEntry? Entry { get; init; }
}

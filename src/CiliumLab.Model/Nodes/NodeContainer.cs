namespace CiliumLab.Model;

/// <summary>The state of a container in the node's runtime.</summary>
public enum NodeContainerState
{
    /// <summary>The runtime does not know.</summary>
    Unknown,

    /// <summary>Made, and not started yet.</summary>
    Created,

    /// <summary>Running.</summary>
    Running,

    /// <summary>Ended.</summary>
    Exited,
}

/// <summary>A container of a node's runtime, as crictl sees it.</summary>
public sealed record NodeContainer
{
    /// <summary>The node; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The container's name in its pod.</summary>
    public required string Name { get; init; }

    /// <summary>The state.</summary>
    public required NodeContainerState State { get; init; }

    /// <summary>The pod's name; null when the container belongs to none.</summary>
    public string? Pod { get; init; }

    /// <summary>The pod's namespace; null when the output does not say.</summary>
    public string? Namespace { get; init; }

    /// <summary>The container's identifier: whole from JSON, its first 13 digits from a table.</summary>
    public required string ContainerId { get; init; }

    /// <summary>The identifier of the pod's sandbox, whole or its first 13 digits.</summary>
    public string? PodId { get; init; }

    /// <summary>The image that was asked for: a name, or an identifier where the runtime resolved it already.</summary>
    public string? Image { get; init; }

    /// <summary>The image's identifier; null when the output has only one of the two.</summary>
    public string? ImageId { get; init; }

    /// <summary>How often the container was started before in this pod.</summary>
    public int Attempt { get; init; }

    /// <summary>When it was made; null from a table, which has only <see cref="Age"/>.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>How long ago it was made, as roughly as a table says it; null from JSON.</summary>
    public TimeSpan? Age { get; init; }
}

namespace CiliumLab.Model;

/// <summary>What can be broken in a simulated lab on purpose.</summary>
public enum LabFaultKind
{
    /// <summary>Nothing answers at the node's SSH port, and connections that were open break.</summary>
    NodeUnreachable,

    /// <summary>The connection to the node breaks in the middle of a command's output.</summary>
    ConnectionDropped,

    /// <summary>Everything on the node begins later.</summary>
    NodeSlow,

    /// <summary>The node's disk takes nothing more.</summary>
    DiskFull,

    /// <summary>The node's kubelet is stopped; starting it again ends the fault.</summary>
    KubeletStopped,

    /// <summary>iptables-restore refuses to commit on the node, kube-proxy's among them.</summary>
    IptablesRestoreFailing,

    /// <summary>The node cannot pull images.</summary>
    ImagePullFailing,

    /// <summary>The node's Cilium agent does not become, or ceases to be, ready.</summary>
    CiliumAgentNotReady,

    /// <summary>The API server answers 429 with a Retry-After.</summary>
    ApiTooManyRequests,

    /// <summary>The API server answers 500.</summary>
    ApiInternalError,

    /// <summary>The API server takes a request and never answers it.</summary>
    ApiHang,

    /// <summary>A watch is cut off without an end of its stream.</summary>
    WatchCut,

    /// <summary>A command in a pod is cut off in the middle of its output.</summary>
    ExecCut,
}

/// <summary>Something that is broken in a simulated lab on purpose.</summary>
public sealed record LabFault
{
    /// <summary>The lab.</summary>
    public required string Lab { get; init; }

    /// <summary>Its number in the lab.</summary>
    public int Id { get; init; }

    /// <summary>What is broken.</summary>
    public required LabFaultKind Kind { get; init; }

    /// <summary>The node where it is broken; null for the API server.</summary>
    public string? Node { get; init; }

    /// <summary>How often it strikes before it ends by itself; null for as often as it can.</summary>
    public int? Count { get; init; }

    /// <summary>How often it has struck.</summary>
    public int Hits { get; init; }

    /// <summary>How many bytes of output arrive before a connection breaks; null where that does not matter.</summary>
    public long? Bytes { get; init; }

    /// <summary>How many events of a watch arrive before it is cut; null where that does not matter.</summary>
    public int? EventCount { get; init; }

    /// <summary>How much later everything begins; null where that does not matter.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>When clients are told to come back; null where that does not matter.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The images that cannot be pulled, as a wildcard; null for all.</summary>
    public string? Image { get; init; }

    /// <summary>The API paths that are hit, as a wildcard; null for all.</summary>
    public string? ApiPath { get; init; }

    /// <summary>Since when it is broken, in the lab's time.</summary>
    public DateTimeOffset Since { get; init; }
}

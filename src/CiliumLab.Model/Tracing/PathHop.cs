namespace CiliumLab.Model;

/// <summary>What a hop of a path is about, in the order in which a packet meets them.</summary>
public enum PathHopKind
{
    /// <summary>The name becomes an address.</summary>
    NameResolution,

    /// <summary>The pod that sends, and its address.</summary>
    SourcePod,

    /// <summary>Cilium puts a backend in the place of a service when the socket connects, before there is a packet.</summary>
    SocketLoadBalancing,

    /// <summary>The pod's interface on its node, and the programs on it.</summary>
    SourceInterface,

    /// <summary>kube-proxy's rules put a backend in the place of a service.</summary>
    ServiceRules,

    /// <summary>What Cilium knows of the destination's address.</summary>
    IpCache,

    /// <summary>Whether policy lets the packet leave.</summary>
    EgressPolicy,

    /// <summary>The route that a node takes.</summary>
    Route,

    /// <summary>Whether a node's filter rules forward the packet.</summary>
    ForwardingRules,

    /// <summary>The packet goes into a tunnel.</summary>
    Tunnel,

    /// <summary>The node puts its own address in the place of the sender's.</summary>
    Masquerade,

    /// <summary>A node gets the packet.</summary>
    DestinationNode,

    /// <summary>Whether policy lets the packet in.</summary>
    IngressPolicy,

    /// <summary>The receiver's interface on its node.</summary>
    DestinationInterface,

    /// <summary>The receiver.</summary>
    Destination,

    /// <summary>The way of the answer.</summary>
    ReturnRoute,
}

/// <summary>How a packet fares at a hop.</summary>
public enum PathHopOutcome
{
    /// <summary>It goes on.</summary>
    Passed,

    /// <summary>It does not get further.</summary>
    Stopped,

    /// <summary>What decides could not be read; the trace goes on as if it passed.</summary>
    Unknown,
}

/// <summary>Something that was seen, and the command that shows it.</summary>
/// <param name="Fact">What was seen.</param>
/// <param name="Command">The command that shows it.</param>
public sealed record PathEvidence(string Fact, string Command)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Fact}  [{Command}]";
}

/// <summary>A hop of a packet's way.</summary>
public sealed record PathHop
{
    /// <summary>Its place on the way, from 1.</summary>
    public int Number { get; init; }

    /// <summary>What it is about.</summary>
    public required PathHopKind Kind { get; init; }

    /// <summary>The node that it happens on; null when it happens on none.</summary>
    public string? Node { get; init; }

    /// <summary>The interface that it is about; null when it is about none.</summary>
    public string? Interface { get; init; }

    /// <summary>How the packet fares.</summary>
    public PathHopOutcome Outcome { get; init; }

    /// <summary>What happens, in a sentence.</summary>
    public required string Summary { get; init; }

    /// <summary>The packet's addresses when it leaves the hop, such as <c>10.244.0.5 &gt; 10.96.5.7:80</c>; null before there is a packet.</summary>
    public string? Packet { get; init; }

    /// <summary>Whether the packet had other addresses, or none, at the hop before.</summary>
    public bool PacketChanged { get; init; }

    /// <summary>What that rests on.</summary>
    public IReadOnlyList<PathEvidence> Evidence { get; init; } = [];

    /// <summary>Why the packet does not get further; null when it does.</summary>
    public string? Reason { get; init; }

    /// <summary>What would mend that: a command, or what to look at; null when there is nothing to mend.</summary>
    public string? Remedy { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Number} {Kind}{(Node is null ? "" : $" on {Node}")}: {Reason ?? Summary}";
}

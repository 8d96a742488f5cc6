namespace CiliumLab.Model;

/// <summary>A bridge of a node and its ports.</summary>
public sealed record NodeBridge
{
    /// <summary>The node; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The bridge's name.</summary>
    public required string Name { get; init; }

    /// <summary>The same as <see cref="Name"/>, for cmdlets that take an interface from the pipeline.</summary>
    public string Interface => Name;

    /// <summary>
    /// Priority and MAC as <c>brctl</c> prints them, such as <c>8000.f6af58af44e3</c>; null when the text does not say.
    /// </summary>
    public string? BridgeId { get; init; }

    /// <summary>Whether it takes part in the spanning tree protocol; null when the text does not say.</summary>
    public bool? Stp { get; init; }

    /// <summary>The operational state; unknown when the text does not say.</summary>
    public InterfaceState State { get; init; }

    /// <summary>Its ports.</summary>
    public IReadOnlyList<BridgePort> Ports { get; init; } = [];
}

/// <summary>A bridge's settings, from <c>ip -d link</c>.</summary>
public sealed record BridgeSettings
{
    /// <summary>Priority and MAC as <c>brctl</c> prints them, such as <c>8000.f6af58af44e3</c>.</summary>
    public string? BridgeId { get; init; }

    /// <summary>Whether it takes part in the spanning tree protocol.</summary>
    public bool? Stp { get; init; }

    /// <summary>Its priority in the spanning tree; the lowest becomes the root.</summary>
    public int? Priority { get; init; }

    /// <summary>Whether it keeps VLANs apart.</summary>
    public bool? VlanFiltering { get; init; }

    /// <summary>How long a learned FDB entry stays.</summary>
    public TimeSpan? AgeingTime { get; init; }
}

/// <summary>An interface as a port of a bridge. <c>brctl</c> tells its name only; what is not known is null.</summary>
public sealed record BridgePort
{
    /// <summary>The interface.</summary>
    public required string Interface { get; init; }

    /// <summary>What the spanning tree allows the port to do.</summary>
    public BridgePortState? State { get; init; }

    /// <summary>Its priority in the spanning tree.</summary>
    public int? Priority { get; init; }

    /// <summary>What a path through it costs.</summary>
    public int? Cost { get; init; }

    /// <summary>Whether packets may leave through the port that they came in by; Flannel's bridge plugin needs that for services.</summary>
    public bool? Hairpin { get; init; }

    /// <summary>Whether it learns addresses from what arrives.</summary>
    public bool? Learning { get; init; }

    /// <summary>Whether packets for unknown addresses go out of it.</summary>
    public bool? Flood { get; init; }

    /// <summary>Whether it talks to no other isolated port.</summary>
    public bool? Isolated { get; init; }

    /// <summary>The interface's name.</summary>
    public override string ToString() => Interface;
}

/// <summary>What the spanning tree allows a port to do, with the kernel's numbers.</summary>
public enum BridgePortState
{
    /// <summary>Nothing: the interface is down.</summary>
    Disabled,

    /// <summary>Listens for other bridges.</summary>
    Listening,

    /// <summary>Learns addresses, but does not forward yet.</summary>
    Learning,

    /// <summary>Forwards.</summary>
    Forwarding,

    /// <summary>Closed to prevent a loop.</summary>
    Blocking,
}

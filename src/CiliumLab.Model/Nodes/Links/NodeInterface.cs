namespace CiliumLab.Model;

/// <summary>A network interface of a node, with everything that <c>ip addr</c> and <c>ip -d -s link</c> say about it.</summary>
/// <remarks>
/// How much is known depends on what was asked: <c>ip link</c> knows no addresses, and only <c>-d</c> tells kinds and their
/// settings, only <c>-s</c> counters. What is not known is null or empty.
/// </remarks>
public sealed record NodeInterface
{
    /// <summary>The node; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The interface's name, without what follows an <c>@</c>.</summary>
    public required string Name { get; init; }

    /// <summary>The same as <see cref="Name"/>, for cmdlets that take an interface from the pipeline.</summary>
    public string Interface => Name;

    /// <summary>The index in its network namespace.</summary>
    public required int Index { get; init; }

    /// <summary>
    /// What it is: <c>loopback</c>, <c>veth</c>, <c>bridge</c>, <c>vxlan</c>, <c>netkit</c> or whatever else a kernel module calls
    /// its links, and <c>ether</c> for a device that no such module made. Null when the text does not say.
    /// </summary>
    public string? Kind { get; init; }

    /// <summary>The link layer that it speaks, such as <c>ether</c> or <c>loopback</c>; null when the text does not say.</summary>
    public string? LinkType { get; init; }

    /// <summary>
    /// The link-layer address as <c>ip</c> prints it, normally a MAC in lower case with colons; null when there is none. It is
    /// text because that of a tunnel is an IP address and others are longer.
    /// </summary>
    public string? Mac { get; init; }

    /// <summary>The largest packet in bytes that it takes; null when the text does not say.</summary>
    public int? Mtu { get; init; }

    /// <summary>The operational state (RFC 2863).</summary>
    public InterfaceState State { get; init; }

    /// <summary>The flags.</summary>
    public LinkFlags Flags { get; init; }

    /// <summary>The queueing discipline at its root; null when the text does not say.</summary>
    public string? Qdisc { get; init; }

    /// <summary>The interface's group; null when the text does not say.</summary>
    public string? Group { get; init; }

    /// <summary>The bridge, bond or VRF that it belongs to; null when there is none.</summary>
    public string? Master { get; init; }

    /// <summary>
    /// The name of the link behind the <c>@</c>: the other end of a veth pair, the lower device of a VLAN. Null when there is
    /// none, or when it lives in another network namespace and only <see cref="PeerIndex"/> is known.
    /// </summary>
    public string? Peer { get; init; }

    /// <summary>The peer's index in its own namespace; null when the peer has a name here, or there is none.</summary>
    public int? PeerIndex { get; init; }

    /// <summary>The name of the network namespace that the peer lives in; null when it is this one or has no name.</summary>
    public string? PeerNamespace { get; init; }

    /// <summary>This namespace's number for the one that the peer lives in; null when it is this one or is known by name.</summary>
    public int? PeerNamespaceId { get; init; }

    /// <summary>Other names that it answers to, such as <c>enp0s3</c>.</summary>
    public IReadOnlyList<string> AlternativeNames { get; init; } = [];

    /// <summary>The free text that an administrator gave it; null when there is none.</summary>
    public string? Alias { get; init; }

    /// <summary>Its addresses, IPv4 first, in the kernel's order.</summary>
    public IReadOnlyList<InterfaceAddress> Addresses { get; init; } = [];

    /// <summary>The tunnel's settings when it is a VXLAN device and they were asked for.</summary>
    public VxlanSettings? Vxlan { get; init; }

    /// <summary>The bridge's settings when it is one and they were asked for.</summary>
    public BridgeSettings? Bridge { get; init; }

    /// <summary>What it is as a port of the bridge <see cref="Master"/>, when that was asked for.</summary>
    public BridgePort? BridgePort { get; init; }

    /// <summary>Its counters, when they were asked for.</summary>
    public InterfaceStatistics? Statistics { get; init; }
}

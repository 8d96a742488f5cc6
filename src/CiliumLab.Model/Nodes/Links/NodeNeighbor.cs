using System.Net;

namespace CiliumLab.Model;

/// <summary>An entry of a node's neighbour tables (ARP, NDP) or of a bridge's or VXLAN device's forwarding database.</summary>
public sealed record NodeNeighbor
{
    /// <summary>The node; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>Which table it is in.</summary>
    public required NeighborTable Table { get; init; }

    /// <summary>The interface that the neighbour is behind.</summary>
    public required string Interface { get; init; }

    /// <summary>
    /// The neighbour's address. In a forwarding database it is the tunnel end that the MAC is behind, or null for a port of a bridge.
    /// </summary>
    public IPAddress? Address { get; init; }

    /// <summary>The link-layer address, as the tool prints it; null while it is not known.</summary>
    public string? Mac { get; init; }

    /// <summary>What is known about the neighbour; several bits only for a machine that prints them together.</summary>
    public NeighborState State { get; init; }

    /// <summary>The entry's flags.</summary>
    public NeighborFlags Flags { get; init; }

    /// <summary>The bridge in whose forwarding database it is; null for a device's own database and for ARP and NDP.</summary>
    public string? Master { get; init; }

    /// <summary>The VLAN; null for none.</summary>
    public int? Vlan { get; init; }

    /// <summary>The VXLAN network identifier, when it differs from the device's.</summary>
    public uint? Vni { get; init; }

    /// <summary>The tunnel end's UDP port, when it differs from the device's.</summary>
    public int? Port { get; init; }

    /// <summary>The interface towards the tunnel end; null when the route decides.</summary>
    public string? Via { get; init; }

    /// <summary>The nexthop object that it uses; null for none.</summary>
    public uint? NexthopId { get; init; }

    /// <summary>Who made it, by the name or number of <c>rt_protos</c>; null when that is not recorded.</summary>
    public string? Protocol { get; init; }

    /// <summary>How long ago it was used; null when statistics were not asked for.</summary>
    public TimeSpan? UsedAgo { get; init; }

    /// <summary>How long ago the neighbour was last known to be there; null when statistics were not asked for.</summary>
    public TimeSpan? ConfirmedAgo { get; init; }

    /// <summary>How long ago the entry changed; null when statistics were not asked for.</summary>
    public TimeSpan? UpdatedAgo { get; init; }
}

/// <summary>A table of neighbours.</summary>
public enum NeighborTable
{
    /// <summary>IPv4 addresses and MACs.</summary>
    Arp,

    /// <summary>IPv6 addresses and MACs.</summary>
    Ndp,

    /// <summary>MACs and the ports or tunnel ends that they are behind.</summary>
    Fdb,
}

/// <summary>What is known about a neighbour, with the kernel's numbers (<c>NUD_</c>).</summary>
[Flags]
public enum NeighborState
{
    /// <summary>Nothing; proxy entries are so.</summary>
    None = 0,

    /// <summary>It is being asked for the first time.</summary>
    Incomplete = 1,

    /// <summary>Known to be there a moment ago; in a forwarding database: learned.</summary>
    Reachable = 2,

    /// <summary>Known, but not confirmed for a while.</summary>
    Stale = 4,

    /// <summary>Used although stale; a confirmation may come.</summary>
    Delay = 8,

    /// <summary>It is being asked again.</summary>
    Probe = 0x10,

    /// <summary>It did not answer.</summary>
    Failed = 0x20,

    /// <summary>Needs no resolution; in a forwarding database: static.</summary>
    NoArp = 0x40,

    /// <summary>Set by an administrator; it does not age.</summary>
    Permanent = 0x80,
}

/// <summary>What is special about a neighbour entry.</summary>
[Flags]
public enum NeighborFlags
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>In the interface's own forwarding database.</summary>
    Self = 2,

    /// <summary>The node answers for that address.</summary>
    Proxy = 8,

    /// <summary>Learned by somebody other than the kernel.</summary>
    ExternallyLearned = 0x10,

    /// <summary>In hardware.</summary>
    Offloaded = 0x20,

    /// <summary>Never moves to another port.</summary>
    Sticky = 0x40,

    /// <summary>The neighbour is a router.</summary>
    Router = 0x80,

    /// <summary>The kernel keeps it fresh by itself.</summary>
    Managed = 0x100,

    /// <summary>A host behind this locked port that may not talk yet.</summary>
    Locked = 0x200,

    /// <summary>The use of the entry refreshes it.</summary>
    Used = 0x400,

    /// <summary>Added by an administrator or a program.</summary>
    AddedByUser = 0x800,

    /// <summary>Changes of activity are reported.</summary>
    ActivityNotify = 0x1000,

    /// <summary>Not active for a while.</summary>
    Inactive = 0x2000,
}

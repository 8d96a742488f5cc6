using System.Net;
using System.Net.Sockets;

namespace CiliumLab.Simulator.Nodes.Network;

/// <summary>What a route does with packets (rtnetlink's RTN_*).</summary>
internal enum RouteType
{
    Unicast = 1,
    Local = 2,
    Broadcast = 3,
    Anycast = 4,
    Multicast = 5,
    Blackhole = 6,
    Unreachable = 7,
    Prohibit = 8,
    Throw = 9,
}

/// <summary>A route.</summary>
internal sealed record Route(IpPrefix Destination)
{
    public const int MainTable = 254;
    public const int LocalTable = 255;
    public const int DefaultTable = 253;
    public const int KernelProtocol = 2;
    public const int BootProtocol = 3;

    /// <summary>What it does.</summary>
    public RouteType Type { get; init; } = RouteType.Unicast;

    /// <summary>The next hop; null when the destination is on the link.</summary>
    public IPAddress? Gateway { get; init; }

    /// <summary>The link that packets leave by; null for routes that lead nowhere.</summary>
    public Link? Link { get; init; }

    /// <summary>The table.</summary>
    public int Table { get; init; } = MainTable;

    /// <summary>Who put it there (/etc/iproute2/rt_protos).</summary>
    public int Protocol { get; init; } = BootProtocol;

    /// <summary>How far it reaches.</summary>
    public NetworkScope Scope { get; init; }

    /// <summary>The address that packets from here carry; null to choose.</summary>
    public IPAddress? PreferredSource { get; init; }

    /// <summary>The lower wins. IPv6 always has one.</summary>
    public uint Metric { get; init; }

    /// <summary>The next hop is on the link although no route says so.</summary>
    public bool OnLink { get; init; }

    /// <summary>The path's MTU; null for the link's.</summary>
    public int? Mtu { get; init; }

    /// <summary>When a route from a router advertisement ends; null for never.</summary>
    public Lease? Lease { get; init; }

    /// <summary>IPv6's preference among routers.</summary>
    public string Preference { get; init; } = "medium";

    /// <summary>IPv4 or IPv6.</summary>
    public AddressFamily Family => Destination.Family;

    /// <summary>Whether the link has lost its carrier.</summary>
    public bool IsLinkDown => Link is { IsUp: true, HasCarrier: false } && Type is RouteType.Unicast or RouteType.Broadcast;
}

/// <summary>A rule that chooses a routing table.</summary>
internal sealed record RoutingRule(uint Priority, int Table)
{
    /// <summary>Senders that it is for; null for all.</summary>
    public IpPrefix? Source { get; init; }

    /// <summary>Receivers that it is for; null for all.</summary>
    public IpPrefix? Destination { get; init; }

    /// <summary>The packet mark that it is for; null for all.</summary>
    public uint? Mark { get; init; }

    /// <summary>Which bits of the mark count.</summary>
    public uint MarkMask { get; init; } = uint.MaxValue;

    /// <summary>The link that packets came in by; null for all.</summary>
    public string? InInterface { get; init; }

    /// <summary>The link that packets are bound to; null for all.</summary>
    public string? OutInterface { get; init; }

    /// <summary>Whether it is for the opposite.</summary>
    public bool Not { get; init; }

    /// <summary>Who put it there.</summary>
    public int Protocol { get; init; } = Route.BootProtocol;
}

/// <summary>What is known about a neighbour (NUD_*).</summary>
internal enum NeighborState
{
    None = 0,
    Incomplete = 0x01,
    Reachable = 0x02,
    Stale = 0x04,
    Delay = 0x08,
    Probe = 0x10,
    Failed = 0x20,
    NoArp = 0x40,
    Permanent = 0x80,
}

/// <summary>A neighbour of a link.</summary>
internal sealed record Neighbor(IPAddress Address, Link Link, MacAddress? Mac, NeighborState State)
{
    /// <summary>It is a router.</summary>
    public bool IsRouter { get; init; }
}

/// <summary>A forwarding entry of a bridge or of a vxlan link.</summary>
internal sealed record FdbEntry(MacAddress Mac, Link Link)
{
    /// <summary>The tunnel's far end; null for a local one.</summary>
    public IPAddress? Destination { get; init; }

    /// <summary>The bridge that keeps it; null when the link itself does.</summary>
    public Link? Master { get; init; }

    /// <summary><c>permanent</c>, <c>static</c>, or nothing for a learnt entry.</summary>
    public string State { get; init; } = "permanent";
}

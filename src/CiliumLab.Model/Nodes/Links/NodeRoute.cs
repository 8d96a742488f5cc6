using System.Net;
using System.Net.Sockets;

namespace CiliumLab.Model;

/// <summary>A route of a node, from any of its tables.</summary>
public sealed record NodeRoute
{
    /// <summary>The node; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>What happens to a packet.</summary>
    public RouteType Type { get; init; }

    /// <summary>The addresses that it is for; <c>0.0.0.0/0</c> or <c>::/0</c> for the default route.</summary>
    public required IPNetwork Destination { get; init; }

    /// <summary>IPv4 or IPv6.</summary>
    public AddressFamily Family => Destination.BaseAddress.AddressFamily;

    /// <summary>The next router, possibly of the other family; null when the destination is on the link.</summary>
    public IPAddress? Gateway { get; init; }

    /// <summary>The interface that packets leave through; null when there is none or <see cref="Nexthops"/> has several.</summary>
    public string? Interface { get; init; }

    /// <summary>The paths of a multipath route; empty when there is only the one in <see cref="Gateway"/> and <see cref="Interface"/>.</summary>
    public IReadOnlyList<RouteNexthop> Nexthops { get; init; } = [];

    /// <summary>The address that packets of this machine leave with; null when nothing is preferred.</summary>
    public IPAddress? Source { get; init; }

    /// <summary>The source addresses that it is for (IPv6); null for all.</summary>
    public IPNetwork? From { get; init; }

    /// <summary>The lowest wins among routes to the same destination; null is 0.</summary>
    public uint? Metric { get; init; }

    /// <summary>The table's name or number.</summary>
    public string Table { get; init; } = "main";

    /// <summary>Who made it, by the name or number of <c>rt_protos</c>: <c>kernel</c>, <c>boot</c> (by hand), <c>dhcp</c>, <c>bird</c>.</summary>
    public string Protocol { get; init; } = "boot";

    /// <summary>How far its destination is.</summary>
    public AddressScope Scope { get; init; }

    /// <summary>The route's flags.</summary>
    public RouteFlags Flags { get; init; }

    /// <summary>Whether the gateway is taken to be on the link although no address says so; Flannel's routes are such.</summary>
    public bool OnLink => Flags.HasFlag(RouteFlags.OnLink);

    /// <summary>The type-of-service that it is for; null for all.</summary>
    public string? Tos { get; init; }

    /// <summary>How an IPv6 host ranks the router (RFC 4191); null for IPv4.</summary>
    public RoutePreference? Preference { get; init; }

    /// <summary>When it runs out; null for never.</summary>
    public TimeSpan? Expires { get; init; }

    /// <summary>The nexthop object that it uses; null when it brings its own.</summary>
    public uint? NexthopId { get; init; }

    /// <summary>The encapsulation, in the words of <c>ip route</c>; null for none.</summary>
    public string? Encapsulation { get; init; }

    /// <summary>The path's MTU in bytes; null when it is the interface's.</summary>
    public int? Mtu { get; init; }

    /// <summary>The other settings of the path (<c>advmss</c>, <c>initcwnd</c>, <c>congctl</c>), by the names of <c>ip-route(8)</c>; times in ms.</summary>
    public IReadOnlyDictionary<string, string> Metrics { get; init; } = new Dictionary<string, string>();
}

/// <summary>One path of a multipath route.</summary>
public sealed record RouteNexthop
{
    /// <summary>The router; null when the destination is on the link.</summary>
    public IPAddress? Gateway { get; init; }

    /// <summary>The interface; null when the text does not say.</summary>
    public string? Interface { get; init; }

    /// <summary>Its share of the traffic, in proportion to the other paths' weights.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>The path's flags.</summary>
    public RouteFlags Flags { get; init; }

    /// <summary>The path's encapsulation, in the words of <c>ip route</c>; null for none.</summary>
    public string? Encapsulation { get; init; }

    /// <summary>Gateway and interface, such as <c>192.168.10.101 eth1</c>.</summary>
    public override string ToString() => string.Join(' ', new[] { Gateway?.ToString(), Interface }.Where(part => part is not null));
}

/// <summary>What happens to a packet that a route fits, with the kernel's numbers.</summary>
public enum RouteType
{
    /// <summary>It goes to the gateway, or straight to a neighbour.</summary>
    Unicast = 1,

    /// <summary>It is for this machine.</summary>
    Local,

    /// <summary>It goes out as a broadcast.</summary>
    Broadcast,

    /// <summary>It goes out as a broadcast, and is received as if sent to this machine alone.</summary>
    Anycast,

    /// <summary>It goes out as a multicast.</summary>
    Multicast,

    /// <summary>It is thrown away in silence.</summary>
    Blackhole,

    /// <summary>It is thrown away, and the sender is told that the host is unreachable.</summary>
    Unreachable,

    /// <summary>It is thrown away, and the sender is told that this is prohibited.</summary>
    Prohibit,

    /// <summary>The search goes on in the next table.</summary>
    Throw,

    /// <summary>Its address is translated (no kernel does that since 2.6).</summary>
    Nat,

    /// <summary>An external resolver decides (never implemented).</summary>
    ExternalResolve,
}

/// <summary>A route's or a path's flags, with the kernel's numbers.</summary>
[Flags]
public enum RouteFlags
{
    /// <summary>No flag.</summary>
    None = 0,

    /// <summary>The path is dead.</summary>
    Dead = 1,

    /// <summary>The gateway is looked up again.</summary>
    Pervasive = 2,

    /// <summary>The gateway is taken to be on the link.</summary>
    OnLink = 4,

    /// <summary>The path is in hardware.</summary>
    Offload = 8,

    /// <summary>The path's link has no carrier.</summary>
    LinkDown = 0x10,

    /// <summary>The path is not resolved.</summary>
    Unresolved = 0x20,

    /// <summary>The path traps packets to the CPU.</summary>
    Trap = 0x40,

    /// <summary>A change is reported to those who ask (<c>notify</c>).</summary>
    Notify = 0x100,

    /// <summary>A clone of another route (<c>ip route get</c>).</summary>
    Cloned = 0x200,

    /// <summary>The route is in hardware.</summary>
    RouteOffload = 0x4000,

    /// <summary>The route traps packets to the CPU.</summary>
    RouteTrap = 0x8000,

    /// <summary>The route could not be put into hardware.</summary>
    RouteOffloadFailed = 0x20000000,
}

/// <summary>How an IPv6 host ranks a router (RFC 4191).</summary>
public enum RoutePreference
{
    /// <summary>Taken when there is no other.</summary>
    Low,

    /// <summary>Normal.</summary>
    Medium,

    /// <summary>Taken before others.</summary>
    High,
}

using System.Net;
using System.Net.Sockets;

namespace CiliumLab.Model;

/// <summary>An address of an interface.</summary>
public sealed record InterfaceAddress
{
    /// <summary>The address.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>How many leading bits name the network.</summary>
    public required int PrefixLength { get; init; }

    /// <summary>The network that the address says is on the link; that of <see cref="Peer"/> when there is one.</summary>
    public IPNetwork Network => Networks.Containing(Peer ?? Address, PrefixLength);

    /// <summary>The other end's address on a point-to-point link; null otherwise.</summary>
    public IPAddress? Peer { get; init; }

    /// <summary>The broadcast address; null when there is none.</summary>
    public IPAddress? Broadcast { get; init; }

    /// <summary>How far the address is valid.</summary>
    public AddressScope Scope { get; init; }

    /// <summary>The label, for IPv4 only: the interface's name, or that and a colon and more.</summary>
    public string? Label { get; init; }

    /// <summary>The metric of the route that the address brings; null when none was set.</summary>
    public uint? Metric { get; init; }

    /// <summary>Who set it, as <c>ip</c> prints it (<c>kernel_ll</c>, <c>kernel_ra</c>); null when that is not recorded.</summary>
    public string? Protocol { get; init; }

    /// <summary>The address's flags.</summary>
    public AddressFlags Flags { get; init; }

    /// <summary>Whether it came from DHCP or a router and can run out.</summary>
    public bool Dynamic => Flags.HasFlag(AddressFlags.Dynamic);

    /// <summary>How long the address stays; null for ever.</summary>
    public TimeSpan? ValidLifetime { get; init; }

    /// <summary>How long new connections prefer it; null for ever.</summary>
    public TimeSpan? PreferredLifetime { get; init; }

    /// <summary>IPv4 or IPv6.</summary>
    public AddressFamily Family => Address.AddressFamily;

    /// <summary>The address and its prefix length, such as <c>192.168.10.100/24</c>.</summary>
    public override string ToString() => $"{Address}/{PrefixLength}";
}

/// <summary>How far an address or a route is valid (rtnetlink's scopes); other numbers are scopes that a site has named.</summary>
public enum AddressScope
{
    /// <summary>Everywhere.</summary>
    Global = 0,

    /// <summary>Inside the site (IPv6, obsolete).</summary>
    Site = 200,

    /// <summary>On this link.</summary>
    Link = 253,

    /// <summary>On this machine.</summary>
    Host = 254,

    /// <summary>Nowhere: the destination does not exist.</summary>
    Nowhere = 255,
}

/// <summary>What is special about an address (<c>ip-address(8)</c>).</summary>
[Flags]
public enum AddressFlags
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Another address of the same network came first; IPv6 calls these temporary.</summary>
    Secondary = 1,

    /// <summary>Duplicate address detection is not done.</summary>
    NoDad = 2,

    /// <summary>Usable while duplicate address detection runs.</summary>
    Optimistic = 4,

    /// <summary>Somebody else has this address.</summary>
    DadFailed = 8,

    /// <summary>A home address of Mobile IPv6.</summary>
    HomeAddress = 0x10,

    /// <summary>The preferred lifetime is over; new connections use another address.</summary>
    Deprecated = 0x20,

    /// <summary>Duplicate address detection has not ended.</summary>
    Tentative = 0x40,

    /// <summary>It came from DHCP or a router and can run out.</summary>
    Dynamic = 0x80,

    /// <summary>The kernel makes temporary addresses from this one (RFC 4941).</summary>
    ManageTemporaryAddress = 0x100,

    /// <summary>No route was made for its network.</summary>
    NoPrefixRoute = 0x200,

    /// <summary>The kernel joins the multicast groups of this address.</summary>
    MulticastAutoJoin = 0x400,

    /// <summary>The interface identifier is stable and opaque (RFC 7217).</summary>
    StablePrivacy = 0x800,

    /// <summary>A temporary address (RFC 4941).</summary>
    Temporary = 0x1000,
}

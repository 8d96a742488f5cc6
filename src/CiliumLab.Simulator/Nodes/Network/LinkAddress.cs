using System.Net;
using System.Net.Sockets;

namespace CiliumLab.Simulator.Nodes.Network;

/// <summary>How far an address or a route reaches (rtnetlink's RT_SCOPE_*).</summary>
internal enum NetworkScope
{
    Global = 0,
    Site = 200,
    Link = 253,
    Host = 254,
}

/// <summary>How long a lease lasts, and how it is renewed.</summary>
/// <param name="Since">When it was granted.</param>
/// <param name="Valid">How long it holds.</param>
/// <param name="Preferred">How long it is preferred.</param>
/// <param name="RenewEvery">How often whoever granted it grants it anew; null when nobody does and it runs out.</param>
internal sealed record Lease(DateTimeOffset Since, TimeSpan Valid, TimeSpan Preferred, TimeSpan? RenewEvery = null)
{
    /// <summary>Whether it has run out.</summary>
    public bool IsOver(DateTimeOffset now) => RenewEvery is null && now - Since >= Valid;

    /// <summary>Whole seconds that it still holds.</summary>
    public long ValidSeconds(DateTimeOffset now) => Seconds(Valid, now);

    /// <summary>Whole seconds that it is still preferred.</summary>
    public long PreferredSeconds(DateTimeOffset now) => Seconds(Preferred, now);

    private long Seconds(TimeSpan span, DateTimeOffset now)
    {
        var age = now - Since;
        if (RenewEvery is { } renewal)
            age = TimeSpan.FromTicks(age.Ticks % renewal.Ticks);
        return Math.Max(0, (long)(span - age).TotalSeconds);
    }
}

/// <summary>An address of a link.</summary>
internal sealed record LinkAddress(IPAddress Address, int PrefixLength)
{
    /// <summary>The other end of a point-to-point address; null for none.</summary>
    public IPAddress? Peer { get; init; }

    /// <summary>Where broadcasts go; null for none.</summary>
    public IPAddress? Broadcast { get; init; }

    /// <summary>How far it reaches.</summary>
    public NetworkScope Scope { get; init; }

    /// <summary>IPv4's label; null for the link's name.</summary>
    public string? Label { get; init; }

    /// <summary>The metric of its prefix route; null for the default.</summary>
    public uint? Metric { get; init; }

    /// <summary>Another address of the same network came before it.</summary>
    public bool Secondary { get; init; }

    /// <summary>It brings no route to its network.</summary>
    public bool NoPrefixRoute { get; init; }

    /// <summary>Temporary addresses are made from it.</summary>
    public bool ManagesTemporary { get; init; }

    /// <summary>It is used without asking the neighbours whether it is taken.</summary>
    public bool NoDad { get; init; }

    /// <summary>Its lease; null for ever.</summary>
    public Lease? Lease { get; init; }

    /// <summary>IPv4 or IPv6.</summary>
    public AddressFamily Family => Address.AddressFamily;

    /// <summary>The network that it opens: the peer's when it has one.</summary>
    public IpPrefix Prefix => new IpPrefix(Peer ?? Address, PrefixLength).Network;
}

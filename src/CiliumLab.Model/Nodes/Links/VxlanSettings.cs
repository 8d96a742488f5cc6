using System.Net;

namespace CiliumLab.Model;

/// <summary>How a VXLAN device wraps packets (RFC 7348, <c>ip-link(8)</c>).</summary>
public sealed record VxlanSettings
{
    /// <summary>The VXLAN network identifier; null when each packet brings its own (<see cref="External"/>).</summary>
    public uint? Vni { get; init; }

    /// <summary>The address that packets leave with; null when the route decides.</summary>
    public IPAddress? Local { get; init; }

    /// <summary>Where packets go whose destination the FDB does not know: one address or a multicast group; null for nowhere.</summary>
    public IPAddress? Remote { get; init; }

    /// <summary>The interface that packets leave through; null when the route decides.</summary>
    public string? Interface { get; init; }

    /// <summary>The UDP port of the other ends.</summary>
    public int? Port { get; init; }

    /// <summary>Whether it learns which address is behind which tunnel end from what arrives; Flannel turns that off.</summary>
    public bool Learning { get; init; }

    /// <summary>Whether routes or programs decide about each packet (<c>external</c>), as Cilium's tunnel device does.</summary>
    public bool External { get; init; }

    /// <summary>How long a learned FDB entry stays; null for ever.</summary>
    public TimeSpan? Ageing { get; init; }
}

using System.Net;

namespace CiliumLab.Model;

/// <summary>A network device as an agent sees it (its table <c>devices</c>).</summary>
public sealed record CiliumDevice
{
    /// <summary>The node; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The interface's name.</summary>
    public required string Interface { get; init; }

    /// <summary>Its index.</summary>
    public required int InterfaceIndex { get; init; }

    /// <summary>Whether Cilium handles packets there.</summary>
    public bool IsSelected { get; init; }

    /// <summary>Why not; null when it does, and from text.</summary>
    public string? NotSelectedReason { get; init; }

    /// <summary>The kind as netlink names it: <c>device</c>, <c>veth</c>, <c>vxlan</c>.</summary>
    public string? Type { get; init; }

    /// <summary>The largest packet in bytes.</summary>
    public int Mtu { get; init; }

    /// <summary>The hardware address; null when it has none.</summary>
    public string? Mac { get; init; }

    /// <summary>The flags that the agent shows: up, broadcast, loopback, point-to-point, multicast, running.</summary>
    public LinkFlags Flags { get; init; }

    /// <summary>The addresses.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];

    /// <summary>The index of the bridge or bond that it belongs to; null when there is none, and from text.</summary>
    public int? MasterIndex { get; init; }
}

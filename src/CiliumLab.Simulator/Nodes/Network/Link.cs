using System.Net;

namespace CiliumLab.Simulator.Nodes.Network;

/// <summary>What a link is (IFLA_INFO_KIND; loopback and ether have none).</summary>
internal enum LinkKind
{
    Loopback,
    Ether,
    Veth,
    Bridge,
    Vxlan,
    Geneve,
    Dummy,
    Netkit,
}

/// <summary>How a vxlan or geneve link encapsulates.</summary>
internal sealed record TunnelSettings(uint Id)
{
    /// <summary>The UDP port that it listens on.</summary>
    public int Port { get; init; } = 8472;

    /// <summary>The sender of encapsulated packets; null for any.</summary>
    public IPAddress? Local { get; init; }

    /// <summary>The only far end; null for those in the FDB.</summary>
    public IPAddress? Remote { get; init; }

    /// <summary>The link that encapsulated packets leave by; null to follow routes.</summary>
    public Link? Lower { get; init; }

    /// <summary>Whether far ends are learnt from packets.</summary>
    public bool Learning { get; init; } = true;

    /// <summary>The metadata of each packet decides (collect metadata mode).</summary>
    public bool External { get; init; }
}

/// <summary>What a port of a bridge may do.</summary>
internal sealed record BridgePort(int Number)
{
    public bool Hairpin { get; init; }

    public bool Guard { get; init; }

    public bool Learning { get; init; } = true;

    public bool Flood { get; init; } = true;

    public bool Isolated { get; init; }
}

/// <summary>Packets and bytes that went through a link.</summary>
internal sealed record LinkCounters(ulong Packets, ulong Bytes, ulong Dropped = 0, ulong Multicast = 0)
{
    public static LinkCounters Zero { get; } = new(0, 0);
}

/// <summary>A network interface. It is changed by its namespace alone, under the node's lock.</summary>
internal sealed class Link(NetworkNamespace network, int index, string name, LinkKind kind, MacAddress mac)
{
    /// <summary>Where it is.</summary>
    public NetworkNamespace Network { get; internal set; } = network;

    /// <summary>Its number.</summary>
    public int Index { get; internal set; } = index;

    /// <summary>Its name.</summary>
    public string Name { get; internal set; } = name;

    /// <summary>What it is.</summary>
    public LinkKind Kind { get; } = kind;

    /// <summary>Its address on the link layer.</summary>
    public MacAddress Mac { get; internal set; } = mac;

    /// <summary>Somebody chose the address, so that a bridge does not take a port's.</summary>
    public bool MacWasSet { get; internal set; }

    /// <summary>The largest packet.</summary>
    public int Mtu { get; internal set; } = kind == LinkKind.Loopback ? 65536 : 1500;

    /// <summary>The transmit queue's length; 0 is not shown.</summary>
    public int QueueLength { get; internal set; } = 1000;

    /// <summary>Other names.</summary>
    public IReadOnlyList<string> AlternativeNames { get; internal set; } = [];

    /// <summary>What somebody wrote about it; null for nothing.</summary>
    public string? Alias { get; internal set; }

    /// <summary>Somebody switched it on.</summary>
    public bool IsUp { get; internal set; }

    /// <summary>It was switched on once, so it has a queue discipline.</summary>
    public bool WasUp { get; internal set; }

    /// <summary>Whether a cable is plugged into a physical link.</summary>
    public bool CableConnected { get; internal set; } = true;

    public bool NoArp { get; internal set; }

    public bool IsMulticast { get; internal set; } = kind != LinkKind.Loopback;

    public bool IsPromiscuous { get; internal set; }

    /// <summary>The bridge that it is a port of; null for none.</summary>
    public Link? Master { get; internal set; }

    /// <summary>What it may do as a port; null when it is none.</summary>
    public BridgePort? Port { get; internal set; }

    /// <summary>The other end of a veth or netkit pair; null for other kinds.</summary>
    public Link? Peer { get; internal set; }

    /// <summary>Vxlan and geneve only.</summary>
    public TunnelSettings? Tunnel { get; internal set; }

    /// <summary>Whether a bridge runs the spanning tree protocol.</summary>
    public bool SpanningTree { get; internal set; }

    /// <summary>A bridge without ports has a carrier until it had its first.</summary>
    public bool HadPort { get; internal set; }

    /// <summary>Whether IPv6 makes itself a link-local address.</summary>
    public bool GeneratesLinkLocal { get; internal set; } = true;

    /// <summary>Its addresses, in the kernel's order: IPv4, then IPv6.</summary>
    public IReadOnlyList<LinkAddress> Addresses { get; internal set; } = [];

    /// <summary>What came in.</summary>
    public LinkCounters Received { get; set; } = LinkCounters.Zero;

    /// <summary>What went out.</summary>
    public LinkCounters Transmitted { get; set; } = LinkCounters.Zero;

    /// <summary>The ports of a bridge, in the order of their numbers.</summary>
    public IEnumerable<Link> Ports => Network.Links.Where(link => link.Master == this).OrderBy(link => link.Port!.Number);

    /// <summary>Whether it could carry packets.</summary>
    public bool HasCarrier => IsUp && Kind switch
    {
        LinkKind.Veth or LinkKind.Netkit => Peer is { IsUp: true },
        LinkKind.Bridge => !HadPort || Ports.Any(port => port.HasCarrier),
        LinkKind.Ether => CableConnected,
        _ => true,
    };

    /// <summary>RFC 2863's state as the kernel computes it (net/core/link_watch.c).</summary>
    public string OperationalState
    {
        get
        {
            if (!IsUp)
                return "DOWN";
            if (!HasCarrier)
                return Kind is LinkKind.Veth or LinkKind.Netkit && Peer?.Network == Network ? "LOWERLAYERDOWN" : "DOWN";
            return Kind is LinkKind.Loopback or LinkKind.Vxlan or LinkKind.Geneve or LinkKind.Dummy || (Kind == LinkKind.Bridge && !HadPort)
                ? "UNKNOWN"
                : "UP";
        }
    }

    /// <summary>The queue discipline.</summary>
    public string QueueDiscipline => !WasUp ? "noop" : Kind == LinkKind.Ether ? "fq_codel" : "noqueue";

    /// <summary>The flags in the order in which ip prints them.</summary>
    public IEnumerable<string> Flags
    {
        get
        {
            if (IsUp && !HasCarrier)
                yield return "NO-CARRIER";
            yield return Kind == LinkKind.Loopback ? "LOOPBACK" : "BROADCAST";
            if (IsMulticast)
                yield return "MULTICAST";
            if (NoArp)
                yield return "NOARP";
            if (IsPromiscuous)
                yield return "PROMISC";
            if (IsUp)
                yield return "UP";
            if (HasCarrier)
                yield return "LOWER_UP";
            if (Peer is { IsUp: false } peer && peer.Network == Network)
                yield return "M-DOWN";
        }
    }

    /// <summary>The bridge's identifier without a separator in the address.</summary>
    public string BridgeId => "8000." + Mac.Digits;

    /// <inheritdoc/>
    public override string ToString() => Name;
}

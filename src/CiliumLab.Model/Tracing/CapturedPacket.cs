using System.Net;

namespace CiliumLab.Model;

/// <summary>A packet as it passed an interface, taken apart as far as it was captured.</summary>
public sealed record CapturedPacket
{
    /// <summary>The node; null when the capture's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The namespace of the pod that it was captured in; null when that was no pod.</summary>
    public string? Namespace { get; init; }

    /// <summary>The pod that it was captured in; null when that was no pod.</summary>
    public string? Pod { get; init; }

    /// <summary>Its number in the capture, from 1; 0 for a packet inside another.</summary>
    public long Number { get; init; }

    /// <summary>When it passed; null in text without a date.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>The time of the day at which it passed, of text without a date; null otherwise.</summary>
    public TimeSpan? TimeOfDay { get; init; }

    /// <summary>The time since the packet before, or since the first, of text with -ttt or -ttttt; null otherwise.</summary>
    public TimeSpan? Elapsed { get; init; }

    /// <summary>The interface that it passed; null when the capture does not say.</summary>
    public string? Interface { get; init; }

    /// <summary>The interface's number; null when the capture does not say.</summary>
    public int? InterfaceIndex { get; init; }

    /// <summary>Whether it came in or went out; a capture of one interface does not say.</summary>
    public PacketDirection Direction { get; init; }

    /// <summary>Its size in bytes as it passed, with all headers; null when the text does not say.</summary>
    public int? Length { get; init; }

    /// <summary>How many bytes of it were captured; null for text.</summary>
    public int? CapturedLength { get; init; }

    /// <summary>Whether less than all of it was captured, or it is shorter than its own headers say.</summary>
    public bool IsTruncated { get; init; }

    /// <summary>The Ethernet address that it came from; null without one.</summary>
    public string? SourceMac { get; init; }

    /// <summary>The Ethernet address that it goes to; null without one.</summary>
    public string? DestinationMac { get; init; }

    /// <summary>What it carries.</summary>
    public EtherType EtherType { get; init; }

    /// <summary>The VLANs that it is tagged with, the outermost first.</summary>
    public IReadOnlyList<int> VlanIds { get; init; } = [];

    /// <summary>The address that it comes from; for ARP the sender's.</summary>
    public IPAddress? SourceAddress { get; init; }

    /// <summary>Its port; null for protocols without ports, and later fragments.</summary>
    public int? SourcePort { get; init; }

    /// <summary>The address that it goes to; for ARP the one that is asked for.</summary>
    public IPAddress? DestinationAddress { get; init; }

    /// <summary>Its port; null for protocols without ports, and later fragments.</summary>
    public int? DestinationPort { get; init; }

    /// <summary>The protocol above IP; any for what is not IP.</summary>
    public TransportProtocol Protocol { get; init; }

    /// <summary>How many more routers may hand it on: IPv4's time to live, IPv6's hop limit; null when it is not known.</summary>
    public int? TimeToLive { get; init; }

    /// <summary>IPv4's type of service, IPv6's traffic class; null when it is not known.</summary>
    public int? TrafficClass { get; init; }

    /// <summary>IPv6's flow label; null for IPv4.</summary>
    public int? FlowLabel { get; init; }

    /// <summary>The number that all fragments of a packet share; null for IPv6 without fragments.</summary>
    public uint? Identification { get; init; }

    /// <summary>Whether routers may not take it apart.</summary>
    public bool DontFragment { get; init; }

    /// <summary>Whether more fragments of it follow.</summary>
    public bool MoreFragments { get; init; }

    /// <summary>Where a fragment belongs in the packet, in bytes; 0 for the first, and for whole packets.</summary>
    public int FragmentOffset { get; init; }

    /// <summary>How many bytes the transport protocol carries, whether they were captured or not; null when that is not known.</summary>
    public int? PayloadLength { get; init; }

    /// <summary>The TCP header; null for other protocols, and what was captured too short.</summary>
    public TcpHeader? Tcp { get; init; }

    /// <summary>The ICMP message; null for other protocols.</summary>
    public IcmpMessage? Icmp { get; init; }

    /// <summary>The ARP message; null for other protocols.</summary>
    public ArpMessage? Arp { get; init; }

    /// <summary>The tunnel that it is a part of.</summary>
    public TunnelProtocol Tunnel { get; init; }

    /// <summary>The tunnel's network: VXLAN's and Geneve's VNI, to which Cilium writes the sender's identity; null without a tunnel.</summary>
    public uint? TunnelId { get; init; }

    /// <summary>The packet inside a tunnel's; null without a tunnel.</summary>
    public CapturedPacket? Inner { get; init; }

    /// <summary>What tcpdump says of it, from text; of captured packets what is inside DNS; null otherwise.</summary>
    public string? Details { get; init; }

    /// <summary>The sender with its port; null when it is not known.</summary>
    public string? Source => SourceAddress is { } address ? SocketText.OfMaybe(address, SourcePort) : null;

    /// <summary>The receiver with its port; null when it is not known.</summary>
    public string? Destination => DestinationAddress is { } address ? SocketText.OfMaybe(address, DestinationPort) : null;

    /// <summary>What it is, in one line.</summary>
    public string Summary => PacketSummary.Of(this);
}

/// <summary>Which way a packet went.</summary>
public enum PacketDirection
{
    /// <summary>The capture does not say.</summary>
    Unknown,

    /// <summary>To this machine or pod.</summary>
    In,

    /// <summary>From it.</summary>
    Out,

    /// <summary>To everybody on the link.</summary>
    Broadcast,

    /// <summary>To a group.</summary>
    Multicast,

    /// <summary>From another to another; the interface hears everything.</summary>
    OtherHost,
}

/// <summary>What a frame carries, by its number; those without a name are kept as numbers.</summary>
public enum EtherType
{
    /// <summary>It is not known.</summary>
    Unknown = 0,

    /// <summary>IPv4.</summary>
    IPv4 = 0x0800,

    /// <summary>ARP.</summary>
    Arp = 0x0806,

    /// <summary>A frame of Ethernet, inside a tunnel.</summary>
    Ethernet = 0x6558,

    /// <summary>IPv6.</summary>
    IPv6 = 0x86dd,

    /// <summary>LLDP.</summary>
    Lldp = 0x88cc,
}

/// <summary>How packets are wrapped between nodes.</summary>
public enum TunnelProtocol
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>VXLAN.</summary>
    Vxlan,

    /// <summary>Geneve.</summary>
    Geneve,
}

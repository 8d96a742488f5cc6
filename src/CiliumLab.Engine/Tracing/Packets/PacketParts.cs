using System.Net;
using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Packets;

/// <summary>What is known of a packet while it is being taken apart.</summary>
internal struct PacketParts
{
    public int Length;
    public int CapturedLength;
    public bool IsTruncated;
    public string? SourceMac;
    public string? DestinationMac;
    public EtherType EtherType;
    public int? InterfaceIndex;
    public PacketDirection Direction;
    public List<int>? VlanIds;
    public IPAddress? SourceAddress;
    public IPAddress? DestinationAddress;
    public int? SourcePort;
    public int? DestinationPort;
    public TransportProtocol Protocol;
    public int? TimeToLive;
    public int? TrafficClass;
    public int? FlowLabel;
    public uint? Identification;
    public bool DontFragment;
    public bool MoreFragments;
    public int FragmentOffset;
    public int? PayloadLength;
    public TcpHeader? Tcp;
    public IcmpMessage? Icmp;
    public ArpMessage? Arp;
    public TunnelProtocol Tunnel;
    public uint? TunnelId;
    public CapturedPacket? Inner;
    public string? Details;

    /// <summary>The finished packet of a capture.</summary>
    public readonly CapturedPacket ToPacket(CaptureOrigin? origin, long number, DateTimeOffset? time) => new()
    {
        Node = origin?.Node,
        Namespace = origin?.Namespace,
        Pod = origin?.Pod,
        Number = number,
        Time = time,
        Interface = InterfaceIndex is { } index && origin is not null && origin.InterfaceNames.TryGetValue(index, out var name) ? name : origin?.Interface,
        InterfaceIndex = InterfaceIndex,
        Direction = Direction,
        Length = Length,
        CapturedLength = CapturedLength,
        IsTruncated = IsTruncated,
        SourceMac = SourceMac,
        DestinationMac = DestinationMac,
        EtherType = EtherType,
        VlanIds = VlanIds ?? NoVlans,
        SourceAddress = SourceAddress,
        DestinationAddress = DestinationAddress,
        SourcePort = SourcePort,
        DestinationPort = DestinationPort,
        Protocol = Protocol,
        TimeToLive = TimeToLive,
        TrafficClass = TrafficClass,
        FlowLabel = FlowLabel,
        Identification = Identification,
        DontFragment = DontFragment,
        MoreFragments = MoreFragments,
        FragmentOffset = FragmentOffset,
        PayloadLength = PayloadLength,
        Tcp = Tcp,
        Icmp = Icmp,
        Arp = Arp,
        Tunnel = Tunnel,
        TunnelId = TunnelId,
        Inner = Inner,
        Details = Details,
    };

    private static readonly IReadOnlyList<int> NoVlans = [];
}

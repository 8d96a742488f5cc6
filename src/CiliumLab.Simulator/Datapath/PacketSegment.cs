using System.Net;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Datapath;

/// <summary>One packet of a conversation, as it looks at one place on its way.</summary>
/// <param name="Protocol"><c>tcp</c>, <c>udp</c> or <c>icmp</c>.</param>
/// <param name="Source">The sender there.</param>
/// <param name="Destination">The receiver there.</param>
/// <param name="IsReply">It comes from whoever was called.</param>
internal sealed record PacketSegment(string Protocol, IPEndPoint Source, IPEndPoint Destination, bool IsReply)
{
    /// <summary>TCP flags as tcpdump writes them: <c>S</c>, <c>S.</c>, <c>P.</c>, <c>.</c>, <c>F.</c>; empty for other protocols.</summary>
    public string Flags { get; init; } = "";

    /// <summary>The number of its first byte (TCP), or its number in a row of echoes.</summary>
    public uint Sequence { get; init; }

    /// <summary>The byte that is expected next (TCP).</summary>
    public uint Acknowledged { get; init; }

    /// <summary>What it carries.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }

    /// <summary>What IPv4 knows it by; 0 for an answer to a SYN, as Linux has it.</summary>
    public ushort Identification { get; init; }

    /// <summary>The window that it announces (TCP), as it is on the wire.</summary>
    public ushort Window { get; init; }

    /// <summary>The largest segment that a SYN announces.</summary>
    public ushort LargestSegment { get; init; }

    /// <summary>The sender's clock (TCP timestamps), in milliseconds.</summary>
    public uint Stamp { get; init; }

    /// <summary>The other side's clock as it was last heard.</summary>
    public uint EchoedStamp { get; init; }

    /// <summary>Nothing follows it.</summary>
    public bool IsLast { get; init; }

    /// <summary>Bytes of TCP options: those of a SYN, or the timestamps of the others; a reset has none.</summary>
    public int OptionBytes => Protocol != "tcp" || Flags.Contains('R', StringComparison.Ordinal) ? 0 : Flags is "S" or "S." ? 20 : 12;

    /// <summary>Bytes with the headers of IP and above.</summary>
    public int Size => 20 + (Protocol == "tcp" ? 20 + OptionBytes : 8) + Payload.Length;
}

/// <summary>A place where a packet was on its way.</summary>
/// <param name="Link">The interface.</param>
/// <param name="IsOutgoing">It left by the interface; otherwise it came in.</param>
internal sealed record PacketSighting(Link Link, bool IsOutgoing)
{
    /// <summary>The address of Ethernet that reaches all.</summary>
    public static readonly MacAddress Everybody = new(0xffff_ffff_ffff);

    /// <summary>The sender there.</summary>
    public required IPEndPoint Source { get; init; }

    /// <summary>The receiver there.</summary>
    public required IPEndPoint Destination { get; init; }

    /// <summary>Routers that it may still pass.</summary>
    public required int TimeToLive { get; init; }

    /// <summary>The sender's hardware address.</summary>
    public MacAddress SourceMac { get; init; }

    /// <summary>The receiver's hardware address.</summary>
    public MacAddress DestinationMac { get; init; }

    /// <summary>It is no packet yet: somebody asks for the next hop's hardware address, or tells his.</summary>
    public ArpMessage? Arp { get; init; }

    /// <summary>The hardware address of who sends the packet that this one is inside of.</summary>
    public MacAddress OuterSourceMac { get; init; }

    /// <summary>The hardware address of whom it is for.</summary>
    public MacAddress OuterDestinationMac { get; init; }

    /// <summary>The packet is inside another one between two nodes: from and to which.</summary>
    public (IPEndPoint Source, IPEndPoint Destination, uint Id)? Outer { get; init; }

    /// <summary>Where programs of an agent see it.</summary>
    public AgentHook Hook => (IsOutgoing, Link.Kind == LinkKind.Ether) switch
    {
        (true, true) => AgentHook.ToNetwork,
        (true, false) => AgentHook.ToContainer,
        (false, true) => AgentHook.FromNetwork,
        _ => AgentHook.FromContainer,
    };
}

/// <summary>A question for a hardware address, or its answer (RFC 826).</summary>
/// <param name="Sender">Who speaks.</param>
/// <param name="Target">Whose address is wanted; in an answer, who asked.</param>
/// <param name="IsReply">Whether it is an answer.</param>
internal sealed record ArpMessage(IPAddress Sender, IPAddress Target, bool IsReply);

/// <summary>A packet at a place, for whoever captures there.</summary>
/// <param name="Time">When.</param>
/// <param name="At">Where.</param>
/// <param name="Segment">The packet.</param>
internal sealed record PacketCapture(DateTimeOffset Time, PacketSighting At, PacketSegment Segment);

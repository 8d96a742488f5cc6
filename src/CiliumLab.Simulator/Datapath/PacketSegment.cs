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

    /// <summary>Nothing follows it.</summary>
    public bool IsLast { get; init; }

    /// <summary>Bytes of TCP options: those of a SYN, or the timestamps of the others.</summary>
    public int OptionBytes => Protocol != "tcp" ? 0 : Flags is "S" or "S." ? 20 : 12;

    /// <summary>Bytes with the headers of IP and above.</summary>
    public int Size => 20 + (Protocol == "tcp" ? 20 + OptionBytes : 8) + Payload.Length;
}

/// <summary>A place where a packet was on its way.</summary>
/// <param name="Link">The interface.</param>
/// <param name="IsOutgoing">It left by the interface; otherwise it came in.</param>
internal sealed record PacketSighting(Link Link, bool IsOutgoing)
{
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

/// <summary>A packet at a place, for whoever captures there.</summary>
/// <param name="Time">When.</param>
/// <param name="At">Where.</param>
/// <param name="Segment">The packet.</param>
internal sealed record PacketCapture(DateTimeOffset Time, PacketSighting At, PacketSegment Segment);

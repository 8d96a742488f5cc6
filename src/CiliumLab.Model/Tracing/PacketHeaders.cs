namespace CiliumLab.Model;

/// <summary>The header of a TCP segment.</summary>
public sealed record TcpHeader
{
    /// <summary>The flags.</summary>
    public TcpFlags Flags { get; init; }

    /// <summary>
    /// The number of the first byte; in tcpdump's text without -S, after the first segment, counted from the connection's start. Null where a
    /// text does not say it, as for a mere acknowledgment.
    /// </summary>
    public uint? SequenceNumber { get; init; }

    /// <summary>The number of the byte that is expected next; null without <see cref="TcpFlags.Ack"/>.</summary>
    public uint? AcknowledgmentNumber { get; init; }

    /// <summary>How many bytes may be sent to it, before scaling.</summary>
    public int Window { get; init; }

    /// <summary>Where urgent bytes end; null without <see cref="TcpFlags.Urg"/>.</summary>
    public int? UrgentPointer { get; init; }

    /// <summary>The largest segment that it takes; null when it does not say.</summary>
    public int? MaximumSegmentSize { get; init; }

    /// <summary>By how many bits its windows are shifted; null when it does not say.</summary>
    public int? WindowScale { get; init; }

    /// <summary>Whether it understands selective acknowledgments.</summary>
    public bool SackPermitted { get; init; }

    /// <summary>What was received beyond the acknowledgment number, as numbers of bytes from and to.</summary>
    public IReadOnlyList<TcpRange> Sack { get; init; } = [];

    /// <summary>The sender's clock; null when it does not say.</summary>
    public uint? Timestamp { get; init; }

    /// <summary>The clock of the other side as it was heard last; null when it does not say.</summary>
    public uint? TimestampEcho { get; init; }
}

/// <summary>A piece of a TCP stream.</summary>
/// <param name="From">The first byte's number.</param>
/// <param name="To">The number after the last byte's.</param>
public readonly record struct TcpRange(uint From, uint To);

/// <summary>A message of ICMP or ICMPv6.</summary>
public sealed record IcmpMessage
{
    /// <summary>The type.</summary>
    public int Type { get; init; }

    /// <summary>The code.</summary>
    public int Code { get; init; }

    /// <summary>Which echo requests belong together; null for other messages.</summary>
    public int? Identifier { get; init; }

    /// <summary>The number of an echo request; null for other messages.</summary>
    public int? SequenceNumber { get; init; }

    /// <summary>The largest packet that the next link takes; null for other messages than those that say so.</summary>
    public int? Mtu { get; init; }

    /// <summary>The packet that an error is about; null for other messages.</summary>
    public CapturedPacket? Quoted { get; init; }
}

/// <summary>A message of ARP for IPv4 on Ethernet.</summary>
/// <param name="Operation">1 asks, 2 answers.</param>
/// <param name="SenderMac">The sender's Ethernet address; null where a text does not say.</param>
/// <param name="TargetMac">The Ethernet address that an answer is for, zero in a question; null where a text does not say.</param>
public sealed record ArpMessage(int Operation, string? SenderMac, string? TargetMac);

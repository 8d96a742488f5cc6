using System.Buffers.Binary;
using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Packets;

/// <summary>TCP, UDP, SCTP's ports, ICMP and ICMPv6.</summary>
internal static class TransportLayer
{
    // A packet that an error quotes may be an error again, if somebody made it so.
    private const int DeepestQuote = 4;

    [ThreadStatic]
    private static int _quoted;

    /// <summary>Takes apart what IP carries.</summary>
    /// <param name="data">What was captured of it.</param>
    /// <param name="length">How long it is.</param>
    /// <param name="known">The capture's addresses.</param>
    /// <param name="parts">What is known of the packet.</param>
    public static void Read(ReadOnlySpan<byte> data, int length, KnownAddresses known, ref PacketParts parts)
    {
        switch (parts.Protocol)
        {
            case TransportProtocol.Tcp:
                ReadPorts(data, ref parts);
                ReadTcp(data, length, ref parts);
                break;
            case TransportProtocol.Udp:
                ReadPorts(data, ref parts);
                ReadUdp(data, length, known, ref parts);
                break;
            case TransportProtocol.Sctp:
                ReadPorts(data, ref parts);
                parts.PayloadLength = length >= 12 ? length - 12 : null;
                break;
            case TransportProtocol.Icmp or TransportProtocol.IcmpV6:
                ReadIcmp(data, length, known, ref parts);
                break;
            default:
                parts.PayloadLength = length;
                break;
        }
    }

    private static void ReadPorts(ReadOnlySpan<byte> data, ref PacketParts parts)
    {
        if (data.Length < 4)
        {
            parts.IsTruncated = true;
            return;
        }

        parts.SourcePort = BinaryPrimitives.ReadUInt16BigEndian(data);
        parts.DestinationPort = BinaryPrimitives.ReadUInt16BigEndian(data[2..]);
    }

    private static void ReadUdp(ReadOnlySpan<byte> data, int length, KnownAddresses known, ref PacketParts parts)
    {
        if (data.Length < 8)
        {
            parts.IsTruncated = true;
            return;
        }

        // Its own length is 0 in a jumbogram, and what the kernel leaves to the interface.
        var own = (int)BinaryPrimitives.ReadUInt16BigEndian(data[4..]);
        parts.PayloadLength = (own >= 8 ? own : length) - 8;
        if (own is > 0 and < 8)
            parts.IsTruncated = true;
        TunnelLayer.Read(data[8..], known, ref parts);
        if (parts.Inner is null && (parts.SourcePort == DnsSummary.Port || parts.DestinationPort == DnsSummary.Port))
            parts.Details = DnsSummary.Of(data[8..]);
    }

    private static void ReadTcp(ReadOnlySpan<byte> data, int length, ref PacketParts parts)
    {
        if (data.Length < 20)
        {
            parts.IsTruncated = true;
            return;
        }

        var header = (data[12] >> 4) * 4;
        var flags = (TcpFlags)(BinaryPrimitives.ReadUInt16BigEndian(data[12..]) & 0x1ff);
        parts.PayloadLength = header >= 20 && length >= header ? length - header : null;
        parts.IsTruncated |= data.Length < header || header < 20;
        var options = data[20..Math.Max(20, Math.Min(header, data.Length))];
        var known = TcpOptions.Read(options);
        parts.Tcp = new TcpHeader
        {
            Flags = flags,
            SequenceNumber = BinaryPrimitives.ReadUInt32BigEndian(data[4..]),
            AcknowledgmentNumber = (flags & TcpFlags.Ack) != 0 ? BinaryPrimitives.ReadUInt32BigEndian(data[8..]) : null,
            Window = BinaryPrimitives.ReadUInt16BigEndian(data[14..]),
            UrgentPointer = (flags & TcpFlags.Urg) != 0 ? BinaryPrimitives.ReadUInt16BigEndian(data[18..]) : null,
            MaximumSegmentSize = known.MaximumSegmentSize,
            WindowScale = known.WindowScale,
            SackPermitted = known.SackPermitted,
            Sack = known.Sack ?? NoRanges,
            Timestamp = known.Timestamp,
            TimestampEcho = known.TimestampEcho,
        };
    }

    private static void ReadIcmp(ReadOnlySpan<byte> data, int length, KnownAddresses known, ref PacketParts parts)
    {
        parts.PayloadLength = length;
        if (data.Length < 4)
        {
            parts.IsTruncated = true;
            return;
        }

        var (type, code, isV6) = (data[0], data[1], parts.Protocol == TransportProtocol.IcmpV6);
        var message = new IcmpMessage { Type = type, Code = code };
        if (data.Length >= 8)
        {
            var isEcho = isV6 ? type is 128 or 129 : type is 0 or 8;
            var isError = isV6 ? type is >= 1 and <= 4 : type is 3 or 5 or 11 or 12;
            message = message with
            {
                Identifier = isEcho ? BinaryPrimitives.ReadUInt16BigEndian(data[4..]) : null,
                SequenceNumber = isEcho ? BinaryPrimitives.ReadUInt16BigEndian(data[6..]) : null,
                Mtu = isV6 ? type == 2 ? (int)Math.Min(BinaryPrimitives.ReadUInt32BigEndian(data[4..]), int.MaxValue) : null
                    : type == 3 && code == 4 ? BinaryPrimitives.ReadUInt16BigEndian(data[6..]) : null,
                Quoted = isError && data.Length > 8 ? Quoted(data[8..], isV6, known) : null,
            };
        }

        parts.Icmp = message;
    }

    private static CapturedPacket? Quoted(ReadOnlySpan<byte> data, bool isV6, KnownAddresses known)
    {
        if (_quoted >= DeepestQuote)
            return null;
        _quoted++;
        try
        {
            var quoted = new PacketParts { Length = data.Length, CapturedLength = data.Length };
            LinkLayer.ReadTyped((ushort)(isV6 ? EtherType.IPv6 : EtherType.IPv4), data, known, ref quoted);
            return quoted.ToPacket(null, 0, null);
        }
        finally
        {
            _quoted--;
        }
    }

    private static readonly IReadOnlyList<TcpRange> NoRanges = [];
}

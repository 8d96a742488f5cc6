using System.Buffers.Binary;
using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Packets;

/// <summary>IPv4, IPv6 with its extension headers, and ARP.</summary>
internal static class NetworkLayer
{
    private const int FixedIPv6Header = 40;

    /// <summary>IPv4 (RFC 791).</summary>
    public static void ReadIPv4(ReadOnlySpan<byte> data, KnownAddresses known, ref PacketParts parts)
    {
        if (data.Length < 20 || data[0] >> 4 != 4)
        {
            parts.IsTruncated = true;
            return;
        }

        var header = (data[0] & 0xf) * 4;
        var total = (int)BinaryPrimitives.ReadUInt16BigEndian(data[2..]);
        // The kernel leaves the length open in what the interface will cut into pieces.
        if (total == 0)
            total = data.Length;
        var fragment = BinaryPrimitives.ReadUInt16BigEndian(data[6..]);
        parts.TrafficClass = data[1];
        parts.Identification = BinaryPrimitives.ReadUInt16BigEndian(data[4..]);
        parts.DontFragment = (fragment & 0x4000) != 0;
        parts.MoreFragments = (fragment & 0x2000) != 0;
        parts.FragmentOffset = (fragment & 0x1fff) * 8;
        parts.TimeToLive = data[8];
        parts.Protocol = (TransportProtocol)data[9];
        parts.SourceAddress = known.V4(data[12..]);
        parts.DestinationAddress = known.V4(data[16..]);
        if (header < 20 || total < header)
        {
            parts.IsTruncated = true;
            return;
        }

        ReadPayload(data, header, total, known, ref parts);
    }

    /// <summary>IPv6 (RFC 8200).</summary>
    public static void ReadIPv6(ReadOnlySpan<byte> data, KnownAddresses known, ref PacketParts parts)
    {
        if (data.Length < FixedIPv6Header || data[0] >> 4 != 6)
        {
            parts.IsTruncated = true;
            return;
        }

        var first = BinaryPrimitives.ReadUInt32BigEndian(data);
        parts.TrafficClass = (int)(first >> 20) & 0xff;
        parts.FlowLabel = (int)(first & 0xfffff);
        parts.TimeToLive = data[7];
        parts.SourceAddress = known.V6(data[8..]);
        parts.DestinationAddress = known.V6(data[24..]);
        var total = FixedIPv6Header + BinaryPrimitives.ReadUInt16BigEndian(data[4..]);
        if (total == FixedIPv6Header && data[6] != NoNextHeader)
            total = data.Length;
        var (next, at) = ((int)data[6], FixedIPv6Header);
        while (next is HopByHop or Routing or Fragment or Authentication or DestinationOptions or Mobility)
        {
            parts.Protocol = (TransportProtocol)next;
            if (next == Fragment && data.Length >= at + 4)
            {
                var fragment = BinaryPrimitives.ReadUInt16BigEndian(data[(at + 2)..]);
                parts.FragmentOffset = fragment & 0xfff8;
                parts.MoreFragments = (fragment & 1) != 0;
            }

            if (data.Length < at + 8)
            {
                parts.IsTruncated = true;
                return;
            }

            if (next == Fragment)
                parts.Identification = BinaryPrimitives.ReadUInt32BigEndian(data[(at + 4)..]);
            var length = next switch { Fragment => 8, Authentication => (data[at + 1] + 2) * 4, _ => (data[at + 1] + 1) * 8 };
            (next, at) = (data[at], at + length);
        }

        parts.Protocol = (TransportProtocol)next;
        if (at > total)
            parts.IsTruncated = true;
        else
            ReadPayload(data, at, total, known, ref parts);
    }

    /// <summary>ARP for IPv4 on Ethernet (RFC 826).</summary>
    public static void ReadArp(ReadOnlySpan<byte> data, KnownAddresses known, ref PacketParts parts)
    {
        if (data.Length < 28)
        {
            parts.IsTruncated = true;
            return;
        }

        if (BinaryPrimitives.ReadUInt16BigEndian(data) != 1 || BinaryPrimitives.ReadUInt16BigEndian(data[2..]) != (int)EtherType.IPv4 || data[4] != 6 || data[5] != 4)
            return;
        parts.Arp = new ArpMessage(BinaryPrimitives.ReadUInt16BigEndian(data[6..]), known.Mac(data[8..]), known.Mac(data[18..]));
        parts.SourceAddress = known.V4(data[14..]);
        parts.DestinationAddress = known.V4(data[24..]);
    }

    // Behind the packet there may be what fills a frame up to its least length.
    private static void ReadPayload(ReadOnlySpan<byte> data, int header, int total, KnownAddresses known, ref PacketParts parts)
    {
        if (data.Length < total)
            parts.IsTruncated = true;
        var payload = data.Length <= header ? default : data[header..Math.Min(total, data.Length)];
        if (parts.FragmentOffset > 0)
            parts.PayloadLength = total - header;
        else
            TransportLayer.Read(payload, total - header, known, ref parts);
    }

    private const int HopByHop = 0;
    private const int Routing = 43;
    private const int Fragment = 44;
    private const int Authentication = 51;
    private const int NoNextHeader = 59;
    private const int DestinationOptions = 60;
    private const int Mobility = 135;
}

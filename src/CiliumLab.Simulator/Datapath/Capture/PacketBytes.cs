using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Datapath;

/// <summary>Packets as they are on the wire: RFC 791, 8200, 793, 768, 792, 826, 7348, and Linux' cooked header of version 2.</summary>
internal static class PacketBytes
{
    /// <summary>Bytes of the cooked header.</summary>
    public const int CookedHeader = 20;

    /// <summary>Bytes of the header of Ethernet.</summary>
    public const int EthernetHeader = 14;

    private const int GenevePort = 6081;
    private const byte Tcp = 6;
    private const byte Udp = 17;

    /// <summary>A packet with its header of Ethernet, or the cooked one.</summary>
    public static byte[] Frame(PacketCapture packet, bool isCooked)
    {
        var at = packet.At;
        var inner = at.Arp is { } arp ? Arp(at, arp) : Ip(packet);
        var type = at.Arp is not null ? PacketFrame.Arp : TypeOf(at.Source.Address);
        var (network, outerType) = at.Outer is { } outer ? (Encapsulated(at, outer, inner, type), TypeOf(outer.Source.Address)) : (inner, type);
        return isCooked ? [.. Cooked(at, outerType), .. network] : [.. Ethernet(at.Outer is null ? at.SourceMac : at.OuterSourceMac, at.Outer is null ? at.DestinationMac : at.OuterDestinationMac, outerType), .. network];
    }

    /// <summary>TCP's flags as bits.</summary>
    public static byte Flags(string flags) =>
        (byte)((flags.Contains('F') ? 0x01 : 0) | (flags.Contains('S') ? 0x02 : 0) | (flags.Contains('R') ? 0x04 : 0) | (flags.Contains('P') ? 0x08 : 0) | (flags.Contains('.') ? 0x10 : 0));

    /// <summary>The Internet's checksum (RFC 1071), which is 0 over bytes that hold their own.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="start">The sum of what goes before.</param>
    public static ushort Checksum(ReadOnlySpan<byte> bytes, uint start)
    {
        var sum = start + Sum(bytes);
        while (sum >> 16 != 0)
            sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }

    /// <summary>The sum over the header that TCP and UDP think before theirs.</summary>
    public static uint Pseudo(IPAddress source, IPAddress destination, byte protocol, int length) =>
        Sum(source.GetAddressBytes()) + Sum(destination.GetAddressBytes()) + protocol + (uint)length;

    private static ushort TypeOf(IPAddress address) => address.AddressFamily == AddressFamily.InterNetworkV6 ? PacketFrame.Ipv6 : PacketFrame.Ipv4;

    private static byte[] Ethernet(MacAddress from, MacAddress to, ushort type)
    {
        var bytes = new byte[EthernetHeader];
        Write(bytes, to);
        Write(bytes.AsSpan(6), from);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(12), type);
        return bytes;
    }

    private static byte[] Cooked(PacketSighting at, ushort type)
    {
        const int Loopback = 772;
        var bytes = new byte[CookedHeader];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, type);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), (uint)at.Link.Index);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(8), at.Link.Kind == LinkKind.Loopback ? (ushort)Loopback : (ushort)1);

        // The packet's type is 0 for this host, 1 for all, 4 for outgoing.
        bytes[10] = (byte)(at.IsOutgoing ? 4 : at.DestinationMac == PacketSighting.Everybody ? 1 : 0);
        bytes[11] = 6;
        Write(bytes.AsSpan(12), at.Outer is null ? at.SourceMac : at.OuterSourceMac);
        return bytes;
    }

    private static byte[] Arp(PacketSighting at, ArpMessage message)
    {
        var bytes = new byte[28];
        ((ReadOnlySpan<byte>)[0, 1, 8, 0, 6, 4, 0, (byte)(message.IsReply ? 2 : 1)]).CopyTo(bytes);
        Write(bytes.AsSpan(8), at.SourceMac);
        message.Sender.TryWriteBytes(bytes.AsSpan(14), out _);
        if (message.IsReply)
            Write(bytes.AsSpan(18), at.DestinationMac);
        message.Target.TryWriteBytes(bytes.AsSpan(24), out _);
        return bytes;
    }

    private static byte[] Encapsulated(PacketSighting at, (IPEndPoint Source, IPEndPoint Destination, uint Id) outer, byte[] inner, ushort type)
    {
        var header = new byte[8];
        if (outer.Destination.Port == GenevePort)
            BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(2), 0x6558);
        else
            header[0] = 0x08;
        BinaryPrimitives.WriteUInt32BigEndian(header.AsSpan(4), outer.Id << 8);
        byte[] payload = [.. header, .. Ethernet(at.SourceMac, at.DestinationMac, type), .. inner];
        var identification = (ushort)(Sum(inner) * 31);
        return Ip(outer.Source.Address, outer.Destination.Address, Udp, 64, Datagram(outer.Source, outer.Destination, payload, hasChecksum: false), identification, mayNotFragment: false);
    }

    private static byte[] Ip(PacketCapture packet)
    {
        var (segment, at) = (packet.Segment, packet.At);
        var (source, destination) = (segment.Source.Address, segment.Destination.Address);
        var isIpv6 = source.AddressFamily == AddressFamily.InterNetworkV6;
        var (protocol, payload) = segment.Protocol switch
        {
            "tcp" => (Tcp, Segment(segment)),
            "udp" => (Udp, Datagram(segment.Source, segment.Destination, segment.Payload.ToArray(), hasChecksum: true)),
            _ => ((byte)(isIpv6 ? 58 : 1), Echo(segment, isIpv6)),
        };
        return Ip(source, destination, protocol, at.TimeToLive, payload, segment.Identification, mayNotFragment: segment.Protocol != "icmp" || !segment.IsReply);
    }

    private static byte[] Ip(IPAddress source, IPAddress destination, byte protocol, int timeToLive, byte[] payload, ushort identification, bool mayNotFragment)
    {
        if (source.AddressFamily == AddressFamily.InterNetworkV6)
            return Ipv6(source, destination, protocol, timeToLive, payload);
        var bytes = new byte[20 + payload.Length];
        bytes[0] = 0x45;
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)bytes.Length);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(4), identification);
        bytes[6] = (byte)(mayNotFragment ? 0x40 : 0);
        bytes[8] = (byte)timeToLive;
        bytes[9] = protocol;
        source.TryWriteBytes(bytes.AsSpan(12), out _);
        destination.TryWriteBytes(bytes.AsSpan(16), out _);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(10), Checksum(bytes.AsSpan(0, 20), 0));
        payload.CopyTo(bytes.AsSpan(20));
        return bytes;
    }

    private static byte[] Ipv6(IPAddress source, IPAddress destination, byte protocol, int timeToLive, byte[] payload)
    {
        var bytes = new byte[40 + payload.Length];
        bytes[0] = 0x60;
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(4), (ushort)payload.Length);
        (bytes[6], bytes[7]) = (protocol, (byte)timeToLive);
        source.TryWriteBytes(bytes.AsSpan(8), out _);
        destination.TryWriteBytes(bytes.AsSpan(24), out _);
        payload.CopyTo(bytes.AsSpan(40));
        return bytes;
    }

    private static byte[] Segment(PacketSegment segment)
    {
        var header = 20 + segment.OptionBytes;
        var bytes = new byte[header + segment.Payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)segment.Source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)segment.Destination.Port);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), segment.Sequence);
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(8), segment.Acknowledged);
        bytes[12] = (byte)(header / 4 << 4);
        bytes[13] = Flags(segment.Flags);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(14), segment.Window);
        WriteOptions(bytes.AsSpan(20, segment.OptionBytes), segment);
        segment.Payload.Span.CopyTo(bytes.AsSpan(header));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(16), Checksum(bytes, Pseudo(segment.Source.Address, segment.Destination.Address, Tcp, bytes.Length)));
        return bytes;
    }

    // A SYN tells the largest segment, selective acknowledgements, timestamps and a window scale of 7; the others timestamps.
    private static void WriteOptions(Span<byte> options, PacketSegment segment)
    {
        if (options.IsEmpty)
            return;
        var isStart = options.Length == 20;
        if (isStart)
        {
            (options[0], options[1], options[4], options[5]) = (2, 4, 4, 2);
            BinaryPrimitives.WriteUInt16BigEndian(options[2..], segment.LargestSegment);
            ((ReadOnlySpan<byte>)[1, 3, 3, 7]).CopyTo(options[16..]);
        }
        else
        {
            (options[0], options[1]) = (1, 1);
        }

        var times = options[(isStart ? 6 : 2)..];
        (times[0], times[1]) = (8, 10);
        BinaryPrimitives.WriteUInt32BigEndian(times[2..], segment.Stamp);
        BinaryPrimitives.WriteUInt32BigEndian(times[6..], segment.EchoedStamp);
    }

    private static byte[] Datagram(IPEndPoint source, IPEndPoint destination, byte[] payload, bool hasChecksum)
    {
        var bytes = new byte[8 + payload.Length];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)source.Port);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)destination.Port);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(4), (ushort)bytes.Length);
        payload.CopyTo(bytes.AsSpan(8));
        if (hasChecksum)
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(6), Checksum(bytes, Pseudo(source.Address, destination.Address, Udp, bytes.Length)));
        return bytes;
    }

    private static byte[] Echo(PacketSegment segment, bool isIpv6)
    {
        var bytes = new byte[8 + segment.Payload.Length];
        bytes[0] = (byte)((isIpv6, segment.IsReply) switch { (true, false) => 128, (true, true) => 129, (false, false) => 8, _ => 0 });
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(4), (ushort)(segment.IsReply ? segment.Destination.Port : segment.Source.Port));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(6), (ushort)segment.Sequence);
        segment.Payload.Span.CopyTo(bytes.AsSpan(8));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), Checksum(bytes, isIpv6 ? Pseudo(segment.Source.Address, segment.Destination.Address, 58, bytes.Length) : 0));
        return bytes;
    }

    private static void Write(Span<byte> bytes, MacAddress address)
    {
        for (var index = 0; index < 6; index++)
            bytes[index] = (byte)(address.Value >> (40 - (8 * index)));
    }

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0u;
        for (var index = 0; index < bytes.Length; index += 2)
            sum += (uint)(bytes[index] << 8) + (index + 1 < bytes.Length ? bytes[index + 1] : 0u);
        return sum;
    }
}

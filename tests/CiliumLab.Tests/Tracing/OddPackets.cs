using System.Buffers.Binary;
using System.Net;
using System.Text;

namespace CiliumLab.Tests.Tracing;

/// <summary>Packets of every kind that the reader takes apart, made byte by byte, and captures of them.</summary>
internal static class OddPackets
{
    public const int Null = 0;
    public const int Ethernet = 1;
    public const int Raw = 101;
    public const int LinuxCooked = 113;
    public const int LinuxCooked2 = 276;

    private static readonly byte[] First = [2, 0, 0, 0, 0, 1];
    private static readonly byte[] Second = [2, 0, 0, 0, 0, 2];
    private static readonly byte[] Full = [2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 111, 0, 0, 0, 222, 1, 3, 3, 7];
    private static readonly byte[] Sack = [1, 1, 5, 18, .. U32(10), .. U32(20), .. U32(30), .. U32(40)];
    private static readonly byte[] Question = [18, 52, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 6, .. "webpod"u8, 7, .. "default"u8, 3, .. "svc"u8, 0, 0, 1, 0, 1];

    /// <summary>Frames of Ethernet.</summary>
    public static IReadOnlyList<byte[]> Frames { get; } = [.. All()];

    /// <summary>What the frames without VLANs carry of IP.</summary>
    public static IEnumerable<byte[]> Datagrams => Frames.Where(IsIp).Select(frame => frame[14..]);

    /// <summary>A capture file.</summary>
    public static byte[] Capture(int linkType, IEnumerable<byte[]> packets, bool bigEndian = false, bool nano = false, int snapshot = 262144)
    {
        var file = new MemoryStream();
        void Write(uint number)
        {
            var bytes = U32(number);
            if (!bigEndian)
                Array.Reverse(bytes);
            file.Write(bytes);
        }

        Write(nano ? 0xa1b23c4d : 0xa1b2c3d4);
        file.Write(bigEndian ? [0, 2, 0, 4] : [2, 0, 4, 0]);
        Write(0);
        Write(0);
        Write((uint)snapshot);
        Write((uint)linkType);
        var count = 0u;
        foreach (var packet in packets)
        {
            Write(1_700_000_000 + count);
            Write(((count * 7) + 1) * (nano ? 1000u : 1));
            Write((uint)Math.Min(packet.Length, snapshot));
            Write((uint)packet.Length);
            file.Write(packet.AsSpan(0, Math.Min(packet.Length, snapshot)));
            count++;
        }

        return file.ToArray();
    }

    /// <summary>The packets with the headers of another link layer.</summary>
    public static IEnumerable<byte[]> On(int linkType) => linkType switch
    {
        Ethernet => Frames,
        Raw => Datagrams,
        Null => Datagrams.Select(packet => (byte[])[(byte)(packet[0] >> 4 == 4 ? 2 : 30), 0, 0, 0, .. packet]),
        LinuxCooked => Datagrams.Select((packet, number) => (byte[])[0, (byte)(number % 5), 0, 1, 0, 6, .. First, 0, 0, .. Type(packet), .. packet]),
        LinuxCooked2 => Datagrams.Select((packet, number) => (byte[])[.. Type(packet), 0, 0, 0, 0, 0, 3, 0, 1, (byte)(number % 5), 6, .. First, 0, 0, .. packet]),
        _ => throw new ArgumentOutOfRangeException(nameof(linkType)),
    };

    public static byte[] Tcp(int from, int to, uint sequence, uint acknowledged, int flags, int window = 502, byte[]? options = null, byte[]? payload = null) =>
        [.. U16(from), .. U16(to), .. U32(sequence), .. U32(acknowledged), .. U16(((5 + ((options?.Length ?? 0) / 4)) << 12) | flags), .. U16(window), 0, 0, 0, 0, .. options ?? [], .. payload ?? []];

    public static byte[] Udp(int from, int to, byte[] payload) => [.. U16(from), .. U16(to), .. U16(8 + payload.Length), 0, 0, .. payload];

    public static byte[] IPv4(int protocol, byte[] payload, string from = "10.0.0.1", string to = "10.0.0.2", int ttl = 64, int id = 7, int fragment = 0x4000, int tos = 0, byte[]? options = null)
    {
        var words = 5 + ((options?.Length ?? 0) / 4);
        byte[] header = [(byte)(0x40 | words), (byte)tos, .. U16((words * 4) + payload.Length), .. U16(id), .. U16(fragment), (byte)ttl, (byte)protocol, 0, 0, .. Address(from), .. Address(to), .. options ?? []];
        BinaryPrimitives.WriteUInt16BigEndian(header.AsSpan(10), Sum(header));
        return [.. header, .. payload];
    }

    public static byte[] Frame(int type, byte[] payload) => [.. Second, .. First, .. U16(type), .. payload];

    private static bool IsIp(byte[] frame) => frame is [_, _, _, _, _, _, _, _, _, _, _, _, 0x08, 0x00, ..] or [_, _, _, _, _, _, _, _, _, _, _, _, 0x86, 0xdd, ..];

    private static IEnumerable<byte[]> All()
    {
        yield return Frame(0x800, IPv4(6, Tcp(40000, 80, 1000, 0, 2, 64240, Full)));
        yield return Frame(0x800, IPv4(6, Tcp(80, 40000, 5000, 1001, 0x12, 65160, Full)));
        yield return Frame(0x800, IPv4(6, Tcp(40000, 80, 1001, 5001, 0x18, 502, null, Encoding.ASCII.GetBytes("GET / HTTP/1.1\r\n\r\n"))));
        yield return Frame(0x800, IPv4(6, Tcp(40000, 80, 1019, 5001, 0x10, 502, Sack)));
        yield return Frame(0x800, IPv4(6, Tcp(80, 40000, 4294967295, 0, 4, 0)));
        yield return Frame(0x800, IPv4(6, Tcp(1, 2, 3, 4, 0xd2, options: Full), options: [148, 4, 0, 0]));
        yield return [.. Frame(0x800, IPv4(6, Tcp(1, 2, 3, 4, 0x10))), 0, 0, 0, 0, 0, 0];
        yield return Frame(0x800, IPv4(17, Udp(33000, 53, Question)));
        yield return Frame(0x800, IPv4(17, Udp(53, 33000, [18, 52, 129, 128, 0, 1, 0, 1, .. Question[8..], 192, 12, 0, 1, 0, 1, 0, 0, 0, 30, 0, 4, 10, 96, 0, 1])));
        yield return Frame(0x800, IPv4(17, Udp(1, 9999, "hello"u8.ToArray()), tos: 0xb8, ttl: 3));
        yield return Frame(0x800, IPv4(1, Icmp(8, 0, [0, 77, 0, 2], new byte[56])));
        yield return Frame(0x800, IPv4(1, Icmp(0, 0, [0, 77, 0, 2], new byte[56]), fragment: 0));
        yield return Frame(0x800, IPv4(1, Icmp(3, 3, new byte[4], IPv4(17, Udp(5, 6, []), "10.0.0.2", "10.0.0.1"))));
        yield return Frame(0x800, IPv4(1, Icmp(3, 4, [0, 0, 5, 170], IPv4(6, Tcp(5, 6, 1, 0, 2), "10.0.0.2", "10.0.0.1"))));
        yield return Frame(0x800, IPv4(1, Icmp(11, 0, new byte[4], IPv4(17, Udp(5, 6, []), "10.0.0.2", "10.0.0.1"))));
        yield return Frame(0x806, [0, 1, 8, 0, 6, 4, 0, 1, .. First, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2]);
        yield return Frame(0x806, [0, 1, 8, 0, 6, 4, 0, 2, .. Second, 10, 0, 0, 2, .. First, 10, 0, 0, 1]);
        yield return Frame(0x8100, [0, 5, 8, 0, .. IPv4(6, Tcp(1, 2, 3, 4, 0x11))]);
        yield return Frame(0x88a8, [0, 7, 0x81, 0, 0, 5, 0x86, 0xdd, .. IPv6(17, Udp(1000, 2000, "abc"u8.ToArray()))]);
        yield return Frame(0x86dd, IPv6(6, Tcp(40000, 443, 1, 0, 2, 64800, Full), trafficClass: 0x20));
        yield return Frame(0x86dd, IPv6(58, [128, 0, 0, 0, 0, 5, 0, 6, .. new byte[8]]));
        yield return Frame(0x86dd, IPv6(0, [17, 0, 1, 4, 0, 0, 0, 0, .. Udp(7, 8, "qq"u8.ToArray())]));
        yield return Frame(0x86dd, IPv6(44, [17, 0, 0, 1, 0, 0, 0, 99, .. Udp(7, 8, new byte[24])]));
        yield return Frame(0x86dd, IPv6(44, [17, 0, 0, 32, 0, 0, 0, 99, .. new byte[24]]));
        yield return Frame(0x86dd, IPv6(58, [135, 0, 0, 0, 0, 0, 0, 0, .. Address("fe80::5")], "fe80::1", "ff02::1:ff00:5", hops: 255));
        yield return Frame(0x800, IPv4(17, Udp(5, 6, new byte[24]), fragment: 0x2000, id: 55));
        yield return Frame(0x800, IPv4(17, new byte[24], fragment: 4, id: 55));
        var inner = Frame(0x800, IPv4(1, Icmp(8, 0, [0, 9, 0, 3], new byte[20]), "10.244.0.5", "10.244.1.6"));
        yield return Frame(0x800, IPv4(17, Udp(1234, 4789, [8, 0, 0, 0, 0, 0, 1, 0, .. inner]), "192.168.10.1", "192.168.10.2"));
        yield return Frame(0x800, IPv4(17, Udp(1234, 8472, [8, 0, 0, 0, 0, 0x2f, 0x0b, 0, .. inner]), "192.168.10.1", "192.168.10.2"));
        yield return Frame(0x800, IPv4(17, Udp(1234, 6081, [0, 0, 0x65, 0x58, 0, 0, 42, 0, .. inner]), "192.168.10.1", "192.168.10.2"));
        yield return Frame(0x800, IPv4(17, Udp(1234, 6081, [1, 0, 8, 0, 0, 0, 42, 0, 1, 2, 3, 0, .. IPv4(6, Tcp(5, 6, 1, 0, 2), "10.244.0.5", "10.244.1.6")]), "192.168.10.1", "192.168.10.2"));
        yield return Frame(0x800, IPv4(132, [0, 9, 0, 10, 0, 0, 0, 1, 0, 0, 0, 0, 3, 0, 0, 16, .. new byte[12]]));
        yield return Frame(0x88cc, new byte[40]);
    }

    private static byte[] Icmp(int type, int code, byte[] rest, byte[] payload)
    {
        byte[] message = [(byte)type, (byte)code, 0, 0, .. rest, .. payload];
        BinaryPrimitives.WriteUInt16BigEndian(message.AsSpan(2), Sum(message));
        return message;
    }

    private static byte[] IPv6(int next, byte[] payload, string from = "fd00::1", string to = "fd00::2", int trafficClass = 0, int hops = 63) =>
        [.. U32(0x60012345u | ((uint)trafficClass << 20)), .. U16(payload.Length), (byte)next, (byte)hops, .. Address(from), .. Address(to), .. payload];

    private static byte[] Type(byte[] packet) => packet[0] >> 4 == 4 ? [0x08, 0x00] : [0x86, 0xdd];

    private static byte[] Address(string text) => IPAddress.Parse(text).GetAddressBytes();

    private static byte[] U16(int number) => [(byte)(number >> 8), (byte)number];

    private static byte[] U32(uint number) => [(byte)(number >> 24), (byte)(number >> 16), (byte)(number >> 8), (byte)number];

    private static ushort Sum(byte[] data)
    {
        var sum = 0u;
        for (var at = 0; at < data.Length; at += 2)
            sum += (uint)(data[at] << 8) | (at + 1 < data.Length ? data[at + 1] : 0u);
        while (sum >> 16 != 0)
            sum = (sum & 0xffff) + (sum >> 16);
        return (ushort)~sum;
    }
}

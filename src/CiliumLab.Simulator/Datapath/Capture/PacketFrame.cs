using System.Buffers.Binary;
using System.Net;

namespace CiliumLab.Simulator.Datapath;

/// <summary>A frame as a capture has it: what filters and printing look at, whether it was just seen or comes out of a file.</summary>
/// <param name="Time">When.</param>
/// <param name="IsCooked">It has Linux' cooked header of version 2, and not that of Ethernet.</param>
/// <param name="Bytes">What was kept of it.</param>
/// <param name="Length">Its whole length.</param>
internal sealed record PacketFrame(DateTimeOffset Time, bool IsCooked, ReadOnlyMemory<byte> Bytes, int Length)
{
    /// <summary>The protocol of ARP.</summary>
    public const ushort Arp = 0x0806;

    /// <summary>The protocol of IPv4.</summary>
    public const ushort Ipv4 = 0x0800;

    /// <summary>The protocol of IPv6.</summary>
    public const ushort Ipv6 = 0x86dd;

    private const byte Outgoing = 4;

    /// <summary>Whether it left; null when nobody knows.</summary>
    public bool? IsOutgoing { get; init; }

    /// <summary>Where the network's header begins.</summary>
    public int Network => IsCooked ? PacketBytes.CookedHeader : PacketBytes.EthernetHeader;

    /// <summary>The network's protocol.</summary>
    public ushort Type => Word(IsCooked ? 0 : 12);

    /// <summary>The number of the interface; cooked frames only.</summary>
    public int InterfaceIndex => (int)Number(4);

    /// <summary>Whether it left, by the cooked header.</summary>
    public bool IsCookedOutgoing => Octet(10) == Outgoing;

    /// <summary>The protocol above IP; null for none.</summary>
    public int? Protocol => Type switch
    {
        Ipv4 => Octet(Network + 9),
        Ipv6 => Octet(Network + 6),
        _ => null,
    };

    /// <summary>Where TCP, UDP or ICMP begin.</summary>
    public int Transport => Network + (Type == Ipv6 ? 40 : (Octet(Network) & 0xf) * 4);

    /// <summary>The sender, of IP or ARP; null for none.</summary>
    public IPAddress? Source => Address(12, 8, 14);

    /// <summary>The receiver, of IP or ARP; null for none.</summary>
    public IPAddress? Destination => Address(16, 24, 24);

    /// <summary>The sender's port and the receiver's; null where there are none.</summary>
    public (int Source, int Destination)? Ports => Protocol is 6 or 17 && Transport + 4 <= Bytes.Length ? (Word(Transport), Word(Transport + 2)) : null;

    /// <summary>A byte; 0 where nothing was kept.</summary>
    public byte Octet(int at) => at < Bytes.Length ? Bytes.Span[at] : (byte)0;

    /// <summary>Two bytes.</summary>
    public ushort Word(int at) => at + 2 <= Bytes.Length ? BinaryPrimitives.ReadUInt16BigEndian(Bytes.Span[at..]) : (ushort)0;

    /// <summary>Four bytes.</summary>
    public uint Number(int at) => at + 4 <= Bytes.Length ? BinaryPrimitives.ReadUInt32BigEndian(Bytes.Span[at..]) : 0;

    /// <summary>What was seen, as a frame.</summary>
    /// <param name="packet">The packet and its place.</param>
    /// <param name="isCooked">Whether to give it the cooked header.</param>
    /// <param name="most">How many bytes are kept.</param>
    public static PacketFrame Of(PacketCapture packet, bool isCooked, int most)
    {
        var bytes = PacketBytes.Frame(packet, isCooked);
        return new PacketFrame(packet.Time, isCooked, bytes.AsMemory(0, Math.Min(bytes.Length, most)), bytes.Length) { IsOutgoing = packet.At.IsOutgoing };
    }

    /// <summary>Whether TCP's or UDP's checksum fits what it covers.</summary>
    /// <param name="protocol">6 or 17.</param>
    /// <param name="end">Where IP ends.</param>
    public bool ChecksumIsGood(byte protocol, int end) => end <= Bytes.Length && Source is { } source && Destination is { } destination
        && PacketBytes.Checksum(Bytes.Span[Transport..end], PacketBytes.Pseudo(source, destination, protocol, end - Transport)) == 0;

    private IPAddress? Address(int inIpv4, int inIpv6, int inArp)
    {
        var (at, size) = Type switch
        {
            Ipv4 => (inIpv4, 4),
            Ipv6 => (inIpv6, 16),
            Arp => (inArp, 4),
            _ => (0, 0),
        };
        return size > 0 && Network + at + size <= Bytes.Length ? new IPAddress(Bytes.Span.Slice(Network + at, size)) : null;
    }
}

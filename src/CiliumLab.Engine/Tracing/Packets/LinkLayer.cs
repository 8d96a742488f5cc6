using System.Buffers.Binary;
using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Packets;

/// <summary>The link layers that captures come with, and what they tell about a packet. Source: https://www.tcpdump.org/linktypes.html.</summary>
internal static class LinkLayer
{
    private const int Null = 0;
    private const int Ethernet = 1;
    private const int RawOnSomeSystems = 12;
    private const int RawOnOthers = 14;
    private const int Raw = 101;
    private const int Loop = 108;
    private const int LinuxCooked = 113;
    private const int RawIPv4 = 228;
    private const int RawIPv6 = 229;
    private const int LinuxCooked2 = 276;

    private const int EthernetHeader = 14;

    /// <summary>Whether packets of this link type can be read.</summary>
    public static bool IsKnown(int linkType) =>
        linkType is Null or Ethernet or RawOnSomeSystems or RawOnOthers or Raw or Loop or LinuxCooked or RawIPv4 or RawIPv6 or LinuxCooked2;

    /// <summary>Takes a packet apart.</summary>
    public static void Read(int linkType, ReadOnlySpan<byte> data, KnownAddresses known, ref PacketParts parts)
    {
        switch (linkType)
        {
            case Ethernet:
                ReadEthernet(data, known, ref parts);
                break;
            case LinuxCooked when data.Length >= 16:
                parts.Direction = Direction(BinaryPrimitives.ReadUInt16BigEndian(data));
                parts.SourceMac = BinaryPrimitives.ReadUInt16BigEndian(data[4..]) == 6 ? known.Mac(data[6..]) : null;
                ReadTyped(BinaryPrimitives.ReadUInt16BigEndian(data[14..]), data[16..], known, ref parts);
                break;
            case LinuxCooked2 when data.Length >= 20:
                parts.InterfaceIndex = BinaryPrimitives.ReadInt32BigEndian(data[4..]);
                parts.Direction = Direction(data[10]);
                parts.SourceMac = data[11] == 6 ? known.Mac(data[12..]) : null;
                ReadTyped(BinaryPrimitives.ReadUInt16BigEndian(data), data[20..], known, ref parts);
                break;
            case Null or Loop when data.Length >= 4:
                ReadVersioned(data[4..], known, ref parts);
                break;
            case Raw or RawOnSomeSystems or RawOnOthers or RawIPv4 or RawIPv6:
                ReadVersioned(data, known, ref parts);
                break;
            default:
                parts.IsTruncated = true;
                break;
        }
    }

    /// <summary>A frame of Ethernet.</summary>
    public static void ReadEthernet(ReadOnlySpan<byte> data, KnownAddresses known, ref PacketParts parts)
    {
        if (data.Length >= 6)
            parts.DestinationMac = known.Mac(data);
        if (data.Length >= 12)
            parts.SourceMac = known.Mac(data[6..]);
        if (data.Length < EthernetHeader)
        {
            parts.IsTruncated = true;
            return;
        }

        ReadTyped(BinaryPrimitives.ReadUInt16BigEndian(data[12..]), data[EthernetHeader..], known, ref parts);
    }

    /// <summary>What follows a number that says what it is.</summary>
    public static void ReadTyped(ushort type, ReadOnlySpan<byte> data, KnownAddresses known, ref PacketParts parts)
    {
        // 802.1Q and 802.1ad put a tag before the type.
        while (type is 0x8100 or 0x88a8 or 0x9100)
        {
            if (data.Length < 4)
            {
                parts.IsTruncated = true;
                return;
            }

            (parts.VlanIds ??= []).Add(BinaryPrimitives.ReadUInt16BigEndian(data) & 0xfff);
            type = BinaryPrimitives.ReadUInt16BigEndian(data[2..]);
            data = data[4..];
        }

        // Below this it is a length, of a frame without a type.
        parts.EtherType = type >= 0x600 ? (EtherType)type : EtherType.Unknown;
        switch (parts.EtherType)
        {
            case EtherType.IPv4:
                NetworkLayer.ReadIPv4(data, known, ref parts);
                break;
            case EtherType.IPv6:
                NetworkLayer.ReadIPv6(data, known, ref parts);
                break;
            case EtherType.Arp:
                NetworkLayer.ReadArp(data, known, ref parts);
                break;
        }
    }

    // The version is in the packet; the number before it differs from system to system.
    private static void ReadVersioned(ReadOnlySpan<byte> data, KnownAddresses known, ref PacketParts parts)
    {
        if (data.IsEmpty)
            parts.IsTruncated = true;
        else
            ReadTyped((data[0] >> 4) switch { 4 => (ushort)EtherType.IPv4, 6 => (ushort)EtherType.IPv6, _ => 0 }, data, known, ref parts);
    }

    private static PacketDirection Direction(int type) => type switch
    {
        0 => PacketDirection.In,
        1 => PacketDirection.Broadcast,
        2 => PacketDirection.Multicast,
        3 => PacketDirection.OtherHost,
        4 => PacketDirection.Out,
        _ => PacketDirection.Unknown,
    };
}

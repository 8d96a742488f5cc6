using System.Buffers.Binary;
using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Packets;

/// <summary>VXLAN (RFC 7348; port 8472 is Linux' own, which Flannel and Cilium use) and Geneve (RFC 8926), and the packet inside.</summary>
internal static class TunnelLayer
{
    private const int VxlanPort = 4789;
    private const int LinuxVxlanPort = 8472;
    private const int GenevePort = 6081;
    private const int Header = 8;

    // Nobody wraps packets so often; made-up packets could.
    private const int Deepest = 4;

    [ThreadStatic]
    private static int _depth;

    /// <summary>Looks whether what UDP carries is a tunnel's.</summary>
    public static void Read(ReadOnlySpan<byte> data, KnownAddresses known, ref PacketParts parts)
    {
        var isVxlan = parts.DestinationPort is VxlanPort or LinuxVxlanPort && data.Length > 0 && (data[0] & 0x08) != 0;
        if ((!isVxlan && parts.DestinationPort != GenevePort) || data.Length < Header || _depth >= Deepest)
            return;
        var (type, start) = ((ushort)EtherType.Ethernet, Header);
        if (!isVxlan)
        {
            // The version is 0, and the options' length counts in fours.
            if (data[0] >> 6 != 0)
                return;
            start += (data[0] & 0x3f) * 4;
            type = BinaryPrimitives.ReadUInt16BigEndian(data[2..]);
        }

        parts.Tunnel = isVxlan ? TunnelProtocol.Vxlan : TunnelProtocol.Geneve;
        parts.TunnelId = BinaryPrimitives.ReadUInt32BigEndian(data[4..]) >> 8;
        if (start > data.Length)
        {
            parts.IsTruncated = true;
            return;
        }

        _depth++;
        var inner = new PacketParts { Length = Math.Max(0, (parts.PayloadLength ?? 0) - start), CapturedLength = data.Length - start };
        if (type == (ushort)EtherType.Ethernet)
            LinkLayer.ReadEthernet(data[start..], known, ref inner);
        else
            LinkLayer.ReadTyped(type, data[start..], known, ref inner);
        _depth--;
        inner.IsTruncated |= inner.CapturedLength < inner.Length;
        parts.Inner = inner.ToPacket(null, 0, null);
    }
}

using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Addresses, networks, protocols and numbers as Cilium prints them.</summary>
internal static class CiliumValues
{
    private static readonly SearchValues<char> NeverInLabels = SearchValues.Create(" \t\"{},");

    /// <summary>An address in its usual form.</summary>
    public static bool TryAddress(ReadOnlySpan<char> text, out IPAddress address)
    {
        // .NET takes "5" and "1.2" for addresses as well.
        var found = IPAddress.TryParse(text, out var parsed) && (text.Contains(':') || text.Count('.') == 3) && !text.Contains('%');
        address = parsed ?? IPAddress.None;
        return found;
    }

    /// <summary>An address; null for what is none.</summary>
    public static IPAddress? Address(ReadOnlySpan<char> text) => TryAddress(text, out var address) ? address : null;

    /// <summary>An address, null when it is the unspecified one, which Cilium writes for none.</summary>
    public static IPAddress? RealAddress(ReadOnlySpan<char> text) =>
        TryAddress(text, out var address) && !address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any) ? address : null;

    /// <summary>A network or an address, which is a network of one; a cluster may be named behind it.</summary>
    public static bool TryPrefix(ReadOnlySpan<char> text, out IPNetwork prefix, out int? clusterId)
    {
        clusterId = null;
        prefix = default;
        if (text.LastIndexOf('@') is > 0 and var at)
        {
            if (!int.TryParse(text[(at + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var cluster))
                return false;
            clusterId = cluster;
            text = text[..at];
        }

        var slash = text.IndexOf('/');
        if (!TryAddress(slash < 0 ? text : text[..slash], out var address))
            return false;
        var bits = address.AddressFamily == AddressFamily.InterNetwork ? 32 : 128;
        var length = bits;
        if (slash >= 0 && (!int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out length) || length > bits))
            return false;
        prefix = Networks.Containing(address, length);
        return true;
    }

    /// <summary><c>10.0.2.15:22</c>, <c>[fd00::1]:22</c> and <c>fd00::1:22</c>, as conntrack writes it.</summary>
    public static bool TrySocket(ReadOnlySpan<char> text, out IPAddress address, out int port)
    {
        port = 0;
        address = IPAddress.None;
        var colon = text.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(text[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return false;
        port = number;
        return TryAddress(text[..colon].Trim("[]"), out address);
    }

    /// <summary><c>10.96.0.10:53/UDP</c>, <c>[fd00::a]:53/UDP/i</c>, and without a protocol what old versions print.</summary>
    public static bool TryFrontend(ReadOnlySpan<char> text, out Frontend frontend)
    {
        frontend = default;
        var isInternal = text.EndsWith("/i", StringComparison.Ordinal);
        if (isInternal)
            text = text[..^2];
        var protocol = TransportProtocol.Any;
        if (text.LastIndexOf('/') is > 0 and var slash)
        {
            if (Protocol(text[(slash + 1)..]) is not { } known)
                return false;
            protocol = known;
            text = text[..slash];
        }

        if (!TrySocket(text, out var address, out var port))
            return false;
        frontend = new Frontend(address, port, protocol, isInternal);
        return true;
    }

    /// <summary>A protocol by the name that Cilium gives it, or its number; null for what is neither.</summary>
    public static TransportProtocol? Protocol(ReadOnlySpan<char> text) => text switch
    {
        "TCP" or "tcp" => TransportProtocol.Tcp,
        "UDP" or "udp" => TransportProtocol.Udp,
        "ICMP" or "icmp" or "ICMPv4" => TransportProtocol.Icmp,
        "ICMPv6" or "ICMPV6" or "icmp6" or "icmpv6" => TransportProtocol.IcmpV6,
        "SCTP" or "sctp" => TransportProtocol.Sctp,
        "ANY" or "any" or "NONE" => TransportProtocol.Any,
        _ => byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? (TransportProtocol)number : null,
    };

    /// <summary>A number of the network's byte order that was read as the machine's.</summary>
    public static ushort FromNetwork(ushort number) => BinaryPrimitives.ReverseEndianness(number);

    /// <summary>A hexadecimal number with 0x before it.</summary>
    public static bool TryHex(ReadOnlySpan<char> text, out uint number)
    {
        number = 0;
        return text.StartsWith("0x", StringComparison.Ordinal) && uint.TryParse(text[2..], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>A label as Cilium prints it: a source, a colon and a key.</summary>
    public static bool IsLabel(ReadOnlySpan<char> text) => text.IndexOf(':') is > 0 and var colon && colon < text.Length - 1 && !text.ContainsAny(NeverInLabels) && char.IsAsciiLetter(text[0]);
}

/// <summary>A service's address.</summary>
internal readonly record struct Frontend(IPAddress Address, int Port, TransportProtocol Protocol, bool IsInternal);

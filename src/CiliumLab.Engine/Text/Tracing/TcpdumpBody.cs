using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>What tcpdump writes about the network layer and above.</summary>
internal static partial class TcpdumpBody
{
    /// <summary>Whether -v has written the header alone, and addresses follow on the next line.</summary>
    public static bool EndsAfterHeader(string body) => HeaderAlone().IsMatch(body);

    /// <summary>Reads it; null when it is none.</summary>
    public static CapturedPacket? Read(CapturedPacket packet, string body)
    {
        if (Header4().Match(body) is { Success: true } four)
        {
            packet = packet with
            {
                EtherType = EtherType.IPv4,
                TrafficClass = Hex(four.Groups["tos"].Value),
                TimeToLive = Number(four.Groups["ttl"].Value),
                Identification = (uint?)Number(four.Groups["id"].Value),
                FragmentOffset = Number(four.Groups["offset"].Value) ?? 0,
                DontFragment = four.Groups["flags"].Value.Contains("DF", StringComparison.Ordinal),
                MoreFragments = four.Groups["flags"].Value.Contains('+', StringComparison.Ordinal),
                Protocol = (TransportProtocol)(Number(four.Groups["proto"].Value) ?? 0),
            };
            body = body[four.Length..].TrimStart();
        }
        else if (Header6().Match(body) is { Success: true } six)
        {
            packet = packet with
            {
                EtherType = EtherType.IPv6,
                TrafficClass = six.Groups["class"].Success ? Hex(six.Groups["class"].Value) : 0,
                FlowLabel = six.Groups["flow"].Success ? Hex(six.Groups["flow"].Value) : 0,
                TimeToLive = Number(six.Groups["hops"].Value),
                Protocol = (TransportProtocol)(Number(six.Groups["next"].Value) ?? 0),
            };
            body = body[six.Length..].TrimStart();
        }

        if (Arp().Match(body) is { Success: true } arp)
            return ReadArp(packet, arp);
        if (Pair().Match(body) is not { Success: true } pair)
        {
            var isCut = Cut().IsMatch(body);
            return packet.Length is not null || packet.EtherType is EtherType.Arp or EtherType.Lldp || (isCut && packet.EtherType != EtherType.Unknown)
                ? packet with { Details = Text(body), IsTruncated = isCut }
                : null;
        }

        var (source, sourcePort) = Socket(pair.Groups["source"].Value);
        var (destination, destinationPort) = Socket(pair.Groups["destination"].Value);
        packet = packet with { SourceAddress = source, SourcePort = sourcePort, DestinationAddress = destination, DestinationPort = destinationPort };
        if (packet.EtherType == EtherType.Unknown && source is not null)
            packet = packet with { EtherType = source.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? EtherType.IPv4 : EtherType.IPv6 };
        return Above(packet, body[pair.Length..].TrimStart());
    }

    private static CapturedPacket Above(CapturedPacket packet, string said)
    {
        packet = packet with { Details = Text(said), IsTruncated = Cut().IsMatch(said) };
        said = Extension().Match(said) is { Success: true } extension ? Extended(ref packet, extension, said) : said;
        said = Checksum().Replace(said, "", 1);
        if (TcpForm().Match(said) is { Success: true } tcp)
            return packet with { Protocol = TransportProtocol.Tcp, Tcp = ReadTcp(tcp), PayloadLength = Length(said) };
        if (Tunnel().Match(said) is { Success: true } tunnel)
        {
            var isGeneve = tunnel.Groups["geneve"].Success;
            return packet with
            {
                Protocol = TransportProtocol.Udp,
                Tunnel = isGeneve ? TunnelProtocol.Geneve : TunnelProtocol.Vxlan,
                TunnelId = (uint?)(isGeneve ? Hex(tunnel.Groups["geneve"].Value) : Number(tunnel.Groups["vni"].Value)),
            };
        }

        if (said.StartsWith("ICMP", StringComparison.Ordinal))
            return packet with { Protocol = said.StartsWith("ICMP6", StringComparison.Ordinal) ? TransportProtocol.IcmpV6 : TransportProtocol.Icmp, Icmp = ReadIcmp(said), PayloadLength = Length(said) };
        if (said.StartsWith("UDP", StringComparison.Ordinal))
            return packet with { Protocol = TransportProtocol.Udp, PayloadLength = Length(said) };
        if (said.StartsWith("sctp", StringComparison.Ordinal))
            return packet with { Protocol = TransportProtocol.Sctp };
        if (packet.Protocol == TransportProtocol.Any && Other().Match(said) is { Success: true } other)
            return packet with { Protocol = (TransportProtocol)(Number(other.Groups[1].Value) ?? 0) };
        if (packet.Protocol == TransportProtocol.Any && Cut().Match(said) is { Success: true } cut)
            return packet with { Protocol = CiliumValues.Protocol(cut.Groups[1].Value) ?? TransportProtocol.Any };
        // What tcpdump knows by its port alone, DNS above all, is nearly always UDP.
        return packet.Protocol == TransportProtocol.Any && packet.DestinationPort is not null
            ? packet with { Protocol = TransportProtocol.Udp, PayloadLength = Number(InBrackets().Match(said).Groups[1].Value) }
            : packet with { PayloadLength = Number(InBrackets().Match(said).Groups[1].Value) ?? Length(said) };
    }

    // HBH (padn) 7 > 8: UDP   frag (0x00000063:0|32) 7 > 8: UDP   frag (32|24)
    private static string Extended(ref CapturedPacket packet, Match extension, string said)
    {
        if (extension.Groups["offset"].Success)
        {
            packet = packet with
            {
                FragmentOffset = Number(extension.Groups["offset"].Value) ?? 0,
                Identification = extension.Groups["id"].Success ? (uint?)Hex(extension.Groups["id"].Value) : null,
                Protocol = TransportProtocol.Any,
            };
        }

        if (extension.Groups["source"].Success)
            packet = packet with { SourcePort = Number(extension.Groups["source"].Value), DestinationPort = Number(extension.Groups["destination"].Value) };
        return said[extension.Length..].TrimStart();
    }

    private static TcpHeader ReadTcp(Match form)
    {
        var options = form.Groups["options"].Value;
        var flags = form.Groups["flags"].Value == "none" ? TcpFlags.None : form.Groups["flags"].Value.Aggregate(TcpFlags.None, (all, letter) => all | Flag(letter));
        return new TcpHeader
        {
            Flags = flags,
            SequenceNumber = Unsigned(form.Groups["seq"].Value),
            AcknowledgmentNumber = Unsigned(form.Groups["ack"].Value),
            Window = Number(form.Groups["win"].Value) ?? 0,
            UrgentPointer = Number(form.Groups["urg"].Value),
            MaximumSegmentSize = Number(Mss().Match(options).Groups[1].Value),
            WindowScale = Number(Scale().Match(options).Groups[1].Value),
            SackPermitted = options.Contains("sackOK", StringComparison.Ordinal),
            Sack = [.. Ranges().Matches(options).Select(range => new TcpRange(Unsigned(range.Groups[1].Value) ?? 0, Unsigned(range.Groups[2].Value) ?? 0))],
            Timestamp = Unsigned(Stamp().Match(options).Groups[1].Value),
            TimestampEcho = Unsigned(Stamp().Match(options).Groups[2].Value),
        };
    }

    private static TcpFlags Flag(char letter) => letter switch
    {
        'F' => TcpFlags.Fin,
        'S' => TcpFlags.Syn,
        'R' => TcpFlags.Rst,
        'P' => TcpFlags.Psh,
        '.' => TcpFlags.Ack,
        'U' => TcpFlags.Urg,
        'E' => TcpFlags.Ece,
        'W' => TcpFlags.Cwr,
        'e' => TcpFlags.Ae,
        _ => TcpFlags.None,
    };

    private static IcmpMessage ReadIcmp(string said)
    {
        var echo = Echo().Match(said);
        var isV6 = said.StartsWith("ICMP6", StringComparison.Ordinal);
        var (type, code) = said switch
        {
            _ when said.Contains("echo request", StringComparison.Ordinal) => (isV6 ? 128 : 8, 0),
            _ when said.Contains("echo reply", StringComparison.Ordinal) => (isV6 ? 129 : 0, 0),
            _ when said.Contains("need to frag", StringComparison.Ordinal) => (3, 4),
            _ when said.Contains("packet too big", StringComparison.Ordinal) => (2, 0),
            _ when said.Contains("admin prohibited", StringComparison.Ordinal) => isV6 ? (1, 1) : (3, said.Contains("filter", StringComparison.Ordinal) ? 13 : said.Contains("net ", StringComparison.Ordinal) ? 9 : 10),
            _ when said.Contains("port", StringComparison.Ordinal) && said.Contains("unreachable", StringComparison.Ordinal) => isV6 ? (1, 4) : (3, 3),
            _ when said.Contains("protocol", StringComparison.Ordinal) && said.Contains("unreachable", StringComparison.Ordinal) => (3, 2),
            _ when said.Contains("host", StringComparison.Ordinal) && said.Contains("unreachable", StringComparison.Ordinal) => (3, 1),
            _ when said.Contains("unreachable", StringComparison.Ordinal) => (isV6 ? 1 : 3, isV6 && said.Contains("address", StringComparison.Ordinal) ? 3 : 0),
            _ when said.Contains("time exceeded", StringComparison.Ordinal) => (isV6 ? 3 : 11, 0),
            _ when said.Contains("redirect", StringComparison.Ordinal) => (isV6 ? 137 : 5, 0),
            _ when said.Contains("router solicitation", StringComparison.Ordinal) => (133, 0),
            _ when said.Contains("router advertisement", StringComparison.Ordinal) => (134, 0),
            _ when said.Contains("neighbor solicitation", StringComparison.Ordinal) => (135, 0),
            _ when said.Contains("neighbor advertisement", StringComparison.Ordinal) => (136, 0),
            _ => (Number(IcmpType().Match(said).Groups[1].Value) ?? -1, 0),
        };
        return new IcmpMessage
        {
            Type = type,
            Code = code,
            Identifier = Number(echo.Groups[1].Value),
            SequenceNumber = Number(echo.Groups[2].Value),
            Mtu = Number(Mtu().Match(said).Groups[1].Value),
        };
    }

    private static CapturedPacket ReadArp(CapturedPacket packet, Match arp)
    {
        var isRequest = arp.Groups["asked"].Success;
        return packet with
        {
            EtherType = EtherType.Arp,
            SourceAddress = CiliumValues.Address(arp.Groups[isRequest ? "asking" : "answering"].Value),
            DestinationAddress = CiliumValues.Address(arp.Groups["asked"].Value),
            Arp = new ArpMessage(isRequest ? 1 : 2, isRequest ? packet.SourceMac : arp.Groups["mac"].Value, null),
        };
    }

    /// <summary>An address with the port behind a dot, if there is one; none for names.</summary>
    private static (IPAddress? Address, int? Port) Socket(string text)
    {
        if (CiliumValues.TryAddress(text, out var whole))
            return (whole, null);
        var dot = text.LastIndexOf('.');
        return dot > 0 && ushort.TryParse(text.AsSpan(dot + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port)
            ? (CiliumValues.Address(text.AsSpan(0, dot)), port)
            : (null, null);
    }

    private static string? Text(string said) => said.TrimEnd() is { Length: > 0 } text ? text : null;

    private static int? Length(string said) => Number(Lengths().Match(said).Groups[1].Value);

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static uint? Unsigned(string text) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private static int? Hex(string text) => int.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var number) ? number : null;

    [GeneratedRegex(@"^\(tos 0x[0-9a-f]+.*\)\s*$")]
    private static partial Regex HeaderAlone();

    [GeneratedRegex(@"^\(tos 0x(?<tos>[0-9a-f]+)[^ ]*(?:,[A-Z0-9()]+)?, ttl (?<ttl>\d+), id (?<id>\d+), offset (?<offset>\d+), flags \[(?<flags>[^\]]*)\], proto [^(]*\((?<proto>\d+)\), length \d+(?:, options \([^)]*\))?(?:, bad cksum [^)]*)?\)")]
    private static partial Regex Header4();

    [GeneratedRegex(@"^\((?:class 0x(?<class>[0-9a-f]+), )?(?:flowlabel 0x(?<flow>[0-9a-f]+), )?hlim (?<hops>\d+), next-header [^(]*\((?<next>\d+)\) payload length: \d+\)")]
    private static partial Regex Header6();

    [GeneratedRegex(@"^(?:Ethernet \(len 6\), IPv4 \(len 4\), )?(?:Request who-has (?<asked>[0-9.]+)(?: \([^)]*\))? tell (?<asking>[0-9.]+)|Reply (?<answering>[0-9.]+) is-at (?<mac>[0-9a-f:]{17}))")]
    private static partial Regex Arp();

    [GeneratedRegex(@"^(?<source>[^\s>,]+) > (?<destination>[^\s,]+):(?: |$)")]
    private static partial Regex Pair();

    [GeneratedRegex(@"^(?:HBH (?:\([^)]*\) *)*|DSTOPT (?:\([^)]*\) *)*|srcrt [^)]*\) *|frag \((?:0x(?<id>[0-9a-f]+):)?(?<offset>\d+)\|\d+\) *)(?:(?<source>\d+) > (?<destination>\d+): )?")]
    private static partial Regex Extension();

    [GeneratedRegex(@"\[(?:bad )?(?:udp|icmp6|tcp|no) (?:sum ok|cksum[^\]]*)\] ?|\[no cksum\] ?")]
    private static partial Regex Checksum();

    [GeneratedRegex(@"^Flags \[(?<flags>none|[A-Za-z.]+)\](?:, cksum 0x[0-9a-f]+ \([^)]*\))?(?:, seq (?<seq>\d+)(?::\d+)?)?(?:, ack (?<ack>\d+))?(?:, win (?<win>\d+))?(?:, urg (?<urg>\d+))?(?:, options \[(?<options>[^\]]*)\])?")]
    private static partial Regex TcpForm();

    [GeneratedRegex(@"^(?:VXLAN, flags \[[^\]]*\] \(0x[0-9a-f]+\), vni (?<vni>\d+)|OTV, flags \[[^\]]*\] \(0x[0-9a-f]+\), overlay \d+, instance (?<vni>\d+)|Geneve, Flags \[[^\]]*\], vni 0x(?<geneve>[0-9a-f]+))")]
    private static partial Regex Tunnel();

    [GeneratedRegex(@", id (\d+), seq (\d+)")]
    private static partial Regex Echo();

    [GeneratedRegex(@"\bmtu (\d+)")]
    private static partial Regex Mtu();

    [GeneratedRegex(@"type-#?(\d+)|unknown icmp6 type \((\d+)\)")]
    private static partial Regex IcmpType();

    [GeneratedRegex(@", length:? (\d+)")]
    private static partial Regex Lengths();

    [GeneratedRegex(@"\((\d+)\)\s*$")]
    private static partial Regex InBrackets();

    [GeneratedRegex(@"^ip-proto-(\d+)")]
    private static partial Regex Other();

    [GeneratedRegex(@"\[\|([a-z0-9]+)")]
    private static partial Regex Cut();

    [GeneratedRegex(@"\bmss (\d+)")]
    private static partial Regex Mss();

    [GeneratedRegex(@"\bwscale (\d+)")]
    private static partial Regex Scale();

    [GeneratedRegex(@"\{(\d+):(\d+)\}")]
    private static partial Regex Ranges();

    [GeneratedRegex(@"\bTS val (\d+) ecr (\d+)")]
    private static partial Regex Stamp();
}

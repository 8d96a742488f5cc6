using System.Globalization;
using System.Net;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Datapath;

/// <summary>Filters in the syntax of pcap-filter(7). What is inside a tunnel is not looked at, as the kernel does not.</summary>
internal sealed class PacketFilter
{
    private static readonly Dictionary<string, int> Services = new(StringComparer.Ordinal)
    {
        ["ftp"] = 21,
        ["ssh"] = 22,
        ["smtp"] = 25,
        ["domain"] = 53,
        ["http"] = 80,
        ["ntp"] = 123,
        ["https"] = 443,
    };

    private readonly FilterWords _words;
    private readonly Func<string, IPAddress?> _resolve;

    // "host a or b" means "host a or host b".
    private Qualifiers _last = new(null, "", "host");

    // The words are read to the end before a name that nobody knows is complained about.
    private PacketFilterException? _unknown;

    private PacketFilter(string text, Func<string, IPAddress?> resolve) => (_words, _resolve) = (new FilterWords(text), resolve);

    // Null where the frame is too short to say: no filter lets it through then.
    private delegate bool? Test(PacketFrame frame);

    /// <summary>Reads a filter; an empty one lets everything through.</summary>
    /// <param name="text">The filter.</param>
    /// <param name="resolve">The address of a name; null when it has none.</param>
    /// <exception cref="PacketFilterException">It cannot be read.</exception>
    public static Func<PacketFrame, bool> Read(string text, Func<string, IPAddress?> resolve)
    {
        var filter = new PacketFilter(text, resolve);
        if (filter._words.AtEnd)
            return static _ => true;
        var test = filter.Either();
        if (!filter._words.AtEnd)
            throw PacketFilterException.Syntax();
        return filter._unknown is null ? frame => test(frame) == true : throw filter._unknown;
    }

    /// <summary>Whether a frame is of a protocol.</summary>
    public static Func<PacketFrame, bool> Protocol(string name) => name switch
    {
        "ip" => static frame => frame.Type == PacketFrame.Ipv4,
        "ip6" => static frame => frame.Type == PacketFrame.Ipv6,
        "arp" => static frame => frame.Type == PacketFrame.Arp,
        "icmp" => static frame => frame.Type == PacketFrame.Ipv4 && frame.Protocol == 1,
        "icmp6" => static frame => frame.Type == PacketFrame.Ipv6 && frame.Protocol == 58,
        "tcp" => static frame => frame.Protocol == 6,
        "udp" => static frame => frame.Protocol == 17,
        "sctp" => static frame => frame.Protocol == 132,
        "ether" => static _ => true,
        _ => static _ => false,
    };

    // "and" and "or" have the same rank and go from left to right.
    private Test Either()
    {
        var left = One();
        while (_words.Take("and", "&&", "or", "||") is { } word)
        {
            var (before, after) = (left, One());
            left = word is "or" or "||"
                ? frame => before(frame) is { } first ? first ? true : after(frame) : null
                : frame => before(frame) is { } first ? first ? after(frame) : false : null;
        }

        return left;
    }

    private Test One()
    {
        if (_words.Take("not", "!") is not null)
        {
            var inner = One();
            return frame => !inner(frame);
        }

        if (new FilterNumbers(_words).Comparison() is { } comparison)
            return new Test(comparison);
        if (_words.Take("(") is null)
            return Primitive();
        var group = Either();
        _words.Expect(")");
        return group;
    }

    private Test Primitive()
    {
        if (_words.Take("less", "greater") is { } size)
        {
            var length = FilterNumbers.Constant(_words.Next()) ?? throw PacketFilterException.Syntax();
            return size == "less" ? frame => frame.Length <= length : frame => frame.Length >= length;
        }

        if (_words.Take("inbound", "outbound") is { } way)
            return Way(way == "outbound");
        if (_words.Take("vlan", "mpls", "pppoed", "pppoes", "ipx", "atalk", "stp", "rarp", "igmp", "ah", "esp", "pim", "vrrp", "sctp") is { } other)
            return other is "igmp" or "ah" or "esp" or "pim" or "vrrp" or "sctp" ? ByNumber(other switch { "igmp" => 2, "ah" => 51, "esp" => 50, "pim" => 103, "vrrp" => 112, _ => 132 }) : static _ => false;
        if (_words.Take("broadcast", "multicast") is { } many)
            return ToMany(many);

        var start = _words.Position;
        var protocol = _words.Take("ip", "ip6", "arp", "icmp", "icmp6", "tcp", "udp", "ether");
        if (protocol == "ether")
            return Hardware();
        if (protocol is "ip" or "ip6" && _words.Take("proto") is not null)
            return Numbered(protocol, _words.Next());
        if (protocol == "ip" && _words.Take("multicast") is not null)
            return static frame => frame.Type == PacketFrame.Ipv4 && frame.Octet(frame.Network + 16) >= 224;
        var direction = Direction();
        var kind = _words.Take("host", "net", "port", "portrange");
        var isBare = direction.Length == 0 && kind is null;
        if (protocol is not null && isBare && (_words.AtEnd || _words.Peek() is "and" or "or" or "&&" or "||" or ")"))
        {
            var isOf = Protocol(protocol);
            return frame => isOf(frame);
        }

        if (_words.Position > start)
            _last = new Qualifiers(protocol, direction, kind ?? "host");
        return Address(_last, _words.Next());
    }

    private string Direction()
    {
        if (_words.Take("src", "dst") is not { } first)
            return "";
        if (_words.Peek() is "or" or "and" && _words.Peek(1) is "src" or "dst")
        {
            var both = _words.Next();
            _words.Next();
            return both == "or" ? "" : "both";
        }

        return first;
    }

    private Test Address(Qualifiers qualifiers, string value)
    {
        var (protocol, direction, kind) = qualifiers;
        if (!char.IsAsciiLetterOrDigit(value[0]) && value[0] is not (':' or '\\'))
            throw PacketFilterException.Syntax();
        if (protocol is "tcp" or "udp" or "icmp" or "icmp6" && kind is "host" or "net")
            throw new PacketFilterException($"'{protocol}' modifier applied to {kind}");
        var isOf = protocol is null ? static _ => true : Protocol(protocol);
        if (kind is "port" or "portrange")
        {
            var (low, high) = kind == "port" ? (Port(value), Port(value)) : Range(value);
            return frame => isOf(frame) && frame.Ports is { } ports && Fits(direction, low <= ports.Source && ports.Source <= high, low <= ports.Destination && ports.Destination <= high);
        }

        var contains = kind == "net" ? Network(value) : Host(value);
        return frame => isOf(frame) && frame.Source is { } source && frame.Destination is { } destination && Fits(direction, contains(source), contains(destination));
    }

    private static bool Fits(string direction, bool source, bool destination) => direction switch
    {
        "src" => source,
        "dst" => destination,
        "both" => source && destination,
        _ => source || destination,
    };

    private static Test Way(bool isOutbound) => frame => frame.IsCooked ? frame.IsCookedOutgoing == isOutbound : frame.IsOutgoing == isOutbound;

    private static Test ToMany(string which) => frame => !frame.IsCooked && (which == "broadcast" ? frame.Number(0) == uint.MaxValue && frame.Word(4) == ushort.MaxValue : (frame.Octet(0) & 1) != 0);

    private static Test ByNumber(int number) => frame => frame.Protocol == number;

    private static Test Numbered(string network, string value)
    {
        var number = value.TrimStart('\\') switch
        {
            "icmp" => 1u,
            "tcp" => 6u,
            "udp" => 17u,
            "icmp6" or "ipv6-icmp" => 58u,
            var other => FilterNumbers.Constant(other) ?? throw new PacketFilterException($"unknown ip proto '{other}'"),
        };
        var isOf = Protocol(network);
        return frame => isOf(frame) && frame.Protocol == number;
    }

    private Test Hardware()
    {
        if (_words.Take("proto") is not null)
        {
            var value = _words.Next().TrimStart('\\');
            uint number = value switch { "ip" => PacketFrame.Ipv4, "ip6" => PacketFrame.Ipv6, "arp" => PacketFrame.Arp, _ => FilterNumbers.Constant(value) ?? throw new PacketFilterException($"unknown ether proto '{value}'") };
            return frame => frame.Type == number;
        }

        if (_words.Take("broadcast", "multicast") is { } many)
            return ToMany(many);
        var direction = Direction();
        _words.Take("host");
        if (!MacAddress.TryParse(_words.Next(), out var address))
            throw PacketFilterException.Syntax();
        var (high, low) = ((uint)(address.Value >> 16), (ushort)address.Value);
        return frame => !frame.IsCooked && Fits(direction, Is(frame, 6), Is(frame, 0));

        bool Is(PacketFrame frame, int at) => frame.Number(at) == high && frame.Word(at + 4) == low;
    }

    private static int Port(string value) => Number(value) ?? throw (value.All(char.IsAsciiDigit)
        ? new PacketFilterException($"illegal port number {value} > 65535")
        : new PacketFilterException($"unknown port '{value}'"));

    private static (int Low, int High) Range(string value)
    {
        if (value.Split('-') is not [var low, var high])
            return (Port(value), Port(value));
        return Number(low) is { } from && Number(high) is { } to ? (Math.Min(from, to), Math.Max(from, to)) : throw new PacketFilterException($"unknown port in range '{value}'");
    }

    private static int? Number(string value) => Services.TryGetValue(value, out var service) ? service
        : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= IPEndPoint.MaxPort ? number : null;

    private Func<IPAddress, bool> Host(string value)
    {
        if (_words.Peek() == "/")
            return Network(value);
        if ((IpPrefix.TryParseAddress(value, out var literal) ? literal : _resolve(value)) is { } address)
            return address.Equals;
        _unknown ??= new PacketFilterException($"unknown host '{value}'");
        return static _ => false;
    }

    private Func<IPAddress, bool> Network(string value)
    {
        var isIpv6 = value.Contains(':', StringComparison.Ordinal);
        var bytes = value.Split('.');
        var padded = isIpv6 ? value : string.Join('.', bytes.Concat(Enumerable.Repeat("0", Math.Max(0, 4 - bytes.Length))));
        var length = (isIpv6 ? 128 : 8 * bytes.Length).ToString(CultureInfo.InvariantCulture);
        var mask = "";
        if (_words.Take("/") is not null)
            length = _words.Next();
        else if (_words.Take("mask") is not null && IPAddress.TryParse(mask = _words.Next(), out var given))
            length = given.GetAddressBytes().Sum(static part => System.Numerics.BitOperations.PopCount(part)).ToString(CultureInfo.InvariantCulture);
        if (!IpPrefix.TryParse($"{padded}/{length}", out var prefix))
            throw PacketFilterException.Syntax();
        if (prefix.Network != prefix)
            throw new PacketFilterException(mask.Length > 0 ? $"non-network bits set in \"{value} mask {mask}\"" : $"non-network bits set in \"{value}/{length}\"");
        return prefix.Contains;
    }

    private sealed record Qualifiers(string? Protocol, string Direction, string Kind);
}

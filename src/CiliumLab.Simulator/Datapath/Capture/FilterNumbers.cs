using System.Globalization;

namespace CiliumLab.Simulator.Datapath;

/// <summary>A number of a frame: of its bytes, its length, or both reckoned with.</summary>
/// <param name="Value">The number; null where the frame is too short, which no filter lets through.</param>
/// <param name="Needs">What the frame must be for there to be a number.</param>
internal sealed record FilterNumber(Func<PacketFrame, uint?> Value, Func<PacketFrame, bool> Needs);

/// <summary>The arithmetic of pcap-filter(7): <c>tcp[tcpflags] &amp; (tcp-syn|tcp-ack) != 0</c>.</summary>
/// <param name="words">The filter's words.</param>
internal sealed class FilterNumbers(FilterWords words)
{
    // Each line binds closer than the one before it.
    private static readonly string[][] Operators = [["|", "^"], ["&"], ["<<", ">>"], ["+", "-"], ["*", "/", "%"]];

    private static readonly Dictionary<string, uint> Names = new(StringComparer.Ordinal)
    {
        ["tcpflags"] = 13,
        ["tcp-fin"] = 1,
        ["tcp-syn"] = 2,
        ["tcp-rst"] = 4,
        ["tcp-push"] = 8,
        ["tcp-ack"] = 16,
        ["tcp-urg"] = 32,
        ["tcp-ece"] = 64,
        ["tcp-cwr"] = 128,
        ["icmptype"] = 0,
        ["icmpcode"] = 1,
        ["icmp-echoreply"] = 0,
        ["icmp-unreach"] = 3,
        ["icmp-redirect"] = 5,
        ["icmp-echo"] = 8,
        ["icmp-timxceed"] = 11,
        ["icmp6type"] = 0,
        ["icmp6code"] = 1,
        ["icmp6-echo"] = 128,
        ["icmp6-echoreply"] = 129,
    };

    /// <summary>Reads a comparison; null when the words are none, and nothing is taken then.</summary>
    public Func<PacketFrame, bool?>? Comparison()
    {
        var start = words.Position;
        try
        {
            var left = Sum(0);
            if (words.Take("=", "==", "!=", "<", ">", "<=", ">=") is not { } relation)
            {
                words.Position = start;
                return null;
            }

            var right = Sum(0);
            return frame =>
            {
                if (!left.Needs(frame) || !right.Needs(frame))
                    return false;
                if (left.Value(frame) is not { } a || right.Value(frame) is not { } b)
                    return null;
                return relation switch
                {
                    "!=" => a != b,
                    "<" => a < b,
                    ">" => a > b,
                    "<=" => a <= b,
                    ">=" => a >= b,
                    _ => a == b,
                };
            };
        }
        catch (PacketFilterException)
        {
            words.Position = start;
            return null;
        }
    }

    /// <summary>A number as C writes it; null when it is none.</summary>
    public static uint? Constant(string word) => word.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
        ? uint.TryParse(word.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var hexadecimal) ? hexadecimal : null
        : uint.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    private FilterNumber Sum(int rank)
    {
        if (rank == Operators.Length)
            return One();
        var left = Sum(rank + 1);
        while (words.Take(Operators[rank]) is { } sign)
        {
            var (a, b) = (left, Sum(rank + 1));
            left = new FilterNumber(frame => a.Value(frame) is { } x && b.Value(frame) is { } y ? Reckon(sign, x, y) : null, frame => a.Needs(frame) && b.Needs(frame));
        }

        return left;
    }

    private static uint? Reckon(string sign, uint a, uint b) => sign switch
    {
        "|" => a | b,
        "^" => a ^ b,
        "&" => a & b,
        "<<" => b > 31 ? 0 : a << (int)b,
        ">>" => b > 31 ? 0 : a >> (int)b,
        "+" => unchecked(a + b),
        "-" => unchecked(a - b),
        "*" => unchecked(a * b),
        _ when b == 0 => null,
        "/" => a / b,
        _ => a % b,
    };

    private FilterNumber One()
    {
        var word = words.Next();
        switch (word)
        {
            case "(":
                var inner = Sum(0);
                words.Expect(")");
                return inner;
            case "-":
                var positive = One();
                return positive with { Value = frame => positive.Value(frame) is { } number ? unchecked(0 - number) : null };
            case "len":
                return new FilterNumber(static frame => (uint)frame.Length, static _ => true);
        }

        if (words.Peek() == "[")
            return Bytes(word);
        return (Constant(word) ?? (Names.TryGetValue(word, out var named) ? named : (uint?)null)) is { } value
            ? new FilterNumber(_ => value, static _ => true)
            : throw PacketFilterException.Syntax();
    }

    private FilterNumber Bytes(string layer)
    {
        words.Expect("[");
        var offset = Sum(0);
        uint? size = 1;
        if (words.Take(":") is not null)
            size = Constant(words.Next());
        words.Expect("]");
        if (size is not (1 or 2 or 4))
            throw new PacketFilterException("data size must be 1, 2, or 4");
        Func<PacketFrame, int> start = layer switch
        {
            "ether" or "link" => static _ => 0,
            "ip" or "ip6" or "arp" => static frame => frame.Network,
            "tcp" or "udp" or "icmp" or "icmp6" => static frame => frame.Transport,
            _ => throw PacketFilterException.Syntax(),
        };
        var isThere = layer is "ether" or "link" ? static _ => true : layer == "icmp6" ? PacketFilter.Protocol("icmp6") : Ipv4Only(layer);
        return new FilterNumber(frame => offset.Value(frame) is { } from ? Read(frame, start(frame) + (long)from, (int)size) : null, frame => offset.Needs(frame) && isThere(frame));
    }

    // libpcap looks into TCP and UDP of IPv4 only, and only where no fragment is.
    private static Func<PacketFrame, bool> Ipv4Only(string layer)
    {
        var protocol = PacketFilter.Protocol(layer);
        return layer is "tcp" or "udp" or "icmp"
            ? frame => frame.Type == PacketFrame.Ipv4 && protocol(frame) && (frame.Word(frame.Network + 6) & 0x1fff) == 0
            : protocol;
    }

    private static uint? Read(PacketFrame frame, long at, int size)
    {
        if (at < 0 || at + size > frame.Bytes.Length)
            return null;
        return size switch
        {
            1 => frame.Octet((int)at),
            2 => frame.Word((int)at),
            _ => frame.Number((int)at),
        };
    }
}

namespace CiliumLab.Engine.Text.Iptables;

/// <summary>What stands before a rule's options: its counters and <c>-A CHAIN</c>.</summary>
internal readonly struct IptablesRuleHead
{
    public ulong? Packets { get; private init; }

    public ulong? Bytes { get; private init; }

    /// <summary>Where the chain's name is.</summary>
    public Range Chain { get; private init; }

    /// <summary>Behind the chain's name.</summary>
    public int End { get; private init; }

    /// <summary>Whether it is written as iptables-save does.</summary>
    public bool Regular { get; private init; }

    /// <summary>Reads it; false when the line is no rule.</summary>
    public static bool TryRead(ReadOnlySpan<char> line, out IptablesRuleHead head)
    {
        head = default;
        ulong? packets = null;
        ulong? bytes = null;
        var words = new IptablesWordScanner(line, 0);
        if (!words.Next())
            return false;
        var regular = words.Start == 0;
        if (words.Word is ['[', .. var counters, ']'])
        {
            if (!TryReadCounters(counters, out var first, out var second) || !words.Next())
                return false;
            (packets, bytes) = (first, second);
            regular &= line[words.Start - 1] == ' ' && line[words.Start - 2] == ']' && IsPlain(counters);
        }

        if (words.Word is not ("-A" or "--append"))
            return false;
        regular &= words.Word is "-A";
        var end = words.End;
        if (!words.Next() || words.Quoted || words.Word[0] == '-')
            return false;
        head = new IptablesRuleHead
        {
            Packets = packets,
            Bytes = bytes,
            Chain = words.Start..words.End,
            End = words.End,
            Regular = regular && words.Start == end + 1 && line[end] == ' ',
        };
        return true;
    }

    /// <summary>Reads <c>packets:bytes</c>.</summary>
    public static bool TryReadCounters(ReadOnlySpan<char> text, out ulong packets, out ulong bytes)
    {
        packets = bytes = 0;
        var colon = text.IndexOf(':');
        return colon > 0 && TryReadNumber(text[..colon], out packets) && TryReadNumber(text[(colon + 1)..], out bytes);
    }

    /// <summary>
    /// Reads digits and nothing else: <see cref="ulong.TryParse(ReadOnlySpan{char}, out ulong)"/> lets NUL characters pass, and
    /// takes a good part of the time that a rule may take.
    /// </summary>
    public static bool TryReadNumber(ReadOnlySpan<char> text, out ulong number)
    {
        number = 0;
        foreach (var character in text)
        {
            var digit = (uint)(character - '0');
            if (digit > 9 || number > (ulong.MaxValue - digit) / 10)
                return false;
            number = (number * 10) + digit;
        }

        return text.Length > 0;
    }

    /// <summary>Whether they print as they were written: a leading zero would be lost.</summary>
    public static bool IsPlain(ReadOnlySpan<char> counters) =>
        counters is not ['0', not ':', ..] && counters[(counters.IndexOf(':') + 1)..] is not ['0', _, ..];
}

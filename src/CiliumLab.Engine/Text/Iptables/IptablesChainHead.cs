using CiliumLab.Model;

namespace CiliumLab.Engine.Text.Iptables;

/// <summary>What a chain's line says, in both forms; the record is made only when somebody wants it.</summary>
internal readonly struct IptablesChainHead
{
    private Range Name { get; init; }

    private Range Policy { get; init; }

    private ulong? Packets { get; init; }

    private ulong? Bytes { get; init; }

    private bool Regular { get; init; }

    /// <summary>Reads <c>:INPUT ACCEPT [1:2]</c>, as iptables-save prints it; the counters may be missing.</summary>
    public static bool TryReadSaved(ReadOnlySpan<char> line, out IptablesChainHead head)
    {
        head = default;
        var words = new IptablesWordScanner(line, 0);
        if (!words.Next() || words.Word.Length < 2)
            return false;
        var name = (words.Start + 1)..words.End;
        var regular = words.Start == 0;
        if (!NextValue(ref words, line, ref regular))
            return false;
        var policy = words.Start..words.End;
        var end = words.End;
        ulong? packets = null;
        ulong? bytes = null;
        if (NextValue(ref words, line, ref regular))
        {
            if (words.Word is not ['[', .. var counters, ']'] || !IptablesRuleHead.TryReadCounters(counters, out var first, out var second))
                return false;
            (packets, bytes) = (first, second);
            regular &= IptablesRuleHead.IsPlain(counters);
            end = words.End;
        }

        head = new IptablesChainHead { Name = name, Policy = policy, Packets = packets, Bytes = bytes, Regular = regular && end == line.Length };
        return !words.Next();
    }

    /// <summary>Reads <c>-P INPUT ACCEPT</c>, with <c>-c 1 2</c> behind it when asked for counters, or <c>-N KUBE-SERVICES</c>.</summary>
    public static bool TryReadListed(ReadOnlySpan<char> line, out IptablesChainHead head)
    {
        head = default;
        var words = new IptablesWordScanner(line, 0);
        var builtIn = words.Next() && words.Word is "-P";
        if (!words.Next())
            return false;
        head = new IptablesChainHead { Name = words.Start..words.End };
        if (!builtIn)
            return !words.Next();
        if (!words.Next())
            return false;
        head = head with { Policy = words.Start..words.End };
        if (!words.Next())
            return true;
        if (words.Word is not "-c" || !NextNumber(ref words, out var packets) || !NextNumber(ref words, out var bytes))
            return false;
        head = head with { Packets = packets, Bytes = bytes };
        return !words.Next();
    }

    /// <summary>The chain.</summary>
    /// <param name="line">The line that this was read from.</param>
    /// <param name="node">The node; null when it is not known.</param>
    /// <param name="family">iptables or ip6tables.</param>
    /// <param name="table">The table; null when it is not known.</param>
    public IptablesChain Make(string line, string? node, IptablesFamily family, string? table)
    {
        var policy = line.AsSpan()[Policy];
        return new IptablesChain
        {
            Node = node,
            Family = family,
            Table = table,
            Chain = IptablesNames.Get(line.AsSpan()[Name]),
            Policy = policy is "-" or "" ? null : IptablesNames.Get(policy),
            Packets = Packets,
            Bytes = Bytes,
            Written = Regular ? null : line,
        };
    }

    private static bool NextValue(ref IptablesWordScanner words, ReadOnlySpan<char> line, ref bool regular)
    {
        var end = words.End;
        if (!words.Next())
            return false;
        regular &= words.Start == end + 1 && line[end] == ' ';
        return true;
    }

    private static bool NextNumber(ref IptablesWordScanner words, out ulong number)
    {
        number = 0;
        return words.Next() && IptablesRuleHead.TryReadNumber(words.Word, out number);
    }
}

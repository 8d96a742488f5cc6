using System.Globalization;
using System.Net;
using CiliumLab.Simulator.Nodes.Iptables;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Datapath;

/// <summary>What a walk through rules came to.</summary>
internal enum RuleVerdict
{
    Accept,
    Drop,
    Reject,
}

/// <summary>Takes packets through the chains of iptables: matches, counts, marks, translates.</summary>
/// <param name="network">Whose rules.</param>
/// <param name="packet">The packet.</param>
/// <param name="chance">Draws a number from zero to below one, for rules that match by chance.</param>
internal sealed class RuleWalk(NetworkNamespace network, Packet packet, Func<double> chance)
{
    private const int Deepest = 64;

    /// <summary>The interface that it came in by.</summary>
    public Link? In { get; init; }

    /// <summary>The interface that it leaves by.</summary>
    public Link? Out { get; init; }

    /// <summary>What rules did.</summary>
    public List<string> Notes { get; init; } = [];

    /// <summary>Goes through a hook of a table.</summary>
    public RuleVerdict Run(string table, string hook)
    {
        lock (network.Kernel.Gate)
        {
            if (network.Iptables.Find(table) is not { } found || found.Find(hook) is not { } chain)
                return RuleVerdict.Accept;
            if (Walk(found, chain, 0) is { } verdict)
                return verdict;
            chain.Packets++;
            chain.Bytes += (ulong)packet.Size;
            return chain.Policy == "DROP" ? RuleVerdict.Drop : RuleVerdict.Accept;
        }
    }

    private RuleVerdict? Walk(RuleTable table, RuleChain chain, int depth)
    {
        if (depth > Deepest)
            return RuleVerdict.Drop;
        foreach (var rule in chain.Rules)
        {
            if (!Fits(rule))
                continue;
            rule.Packets++;
            rule.Bytes += (ulong)packet.Size;
            switch (rule.Target)
            {
                case null:
                    continue;
                case "ACCEPT":
                    return RuleVerdict.Accept;
                case "DROP":
                    Note(table, chain, rule);
                    return RuleVerdict.Drop;
                case "REJECT":
                    Note(table, chain, rule);
                    return RuleVerdict.Reject;
                case "RETURN":
                    return null;
                case "MARK":
                    Mark(rule);
                    continue;
                case "CT" or "NOTRACK":
                    packet.Untracked |= rule.Target == "NOTRACK" || rule.TargetOptions.Any(static option => option.Name == "--notrack");
                    continue;
                case "DNAT" or "SNAT" or "MASQUERADE":
                    Note(table, chain, rule);
                    Translate(rule);
                    return RuleVerdict.Accept;
            }

            if (table.Find(rule.Target) is not { } next)
                continue;
            if (Walk(table, next, depth + 1) is { } verdict)
                return verdict;
            if (rule.IsGoto)
                return null;
        }

        return null;
    }

    private void Note(RuleTable table, RuleChain chain, Rule rule) => Notes.Add($"{table.Name} {chain.Name}:{rule.Action}");

    private void Mark(Rule rule)
    {
        foreach (var option in rule.TargetOptions)
        {
            var (value, mask) = MarkOf(option.Values[0]);
            packet.Mark = option.Name switch
            {
                "--set-xmark" => (packet.Mark & ~mask) ^ value,
                "--set-mark" => (packet.Mark & ~mask) | value,
                "--or-mark" => packet.Mark | value,
                "--and-mark" => packet.Mark & value,
                _ => packet.Mark,
            };
        }
    }

    private void Translate(Rule rule)
    {
        if (rule.Target == "MASQUERADE")
        {
            packet.Source = Out?.Addresses.FirstOrDefault(address => address.Family == packet.Source.AddressFamily && address.Scope == NetworkScope.Global && !address.Secondary)?.Address ?? packet.Source;
            return;
        }

        var text = rule.TargetOptions.FirstOrDefault(static option => option.Name is "--to-destination" or "--to-source")?.Values[0] ?? "";
        if (!IPEndPoint.TryParse(text, out var there))
            return;
        if (rule.Target == "SNAT")
        {
            packet.Source = there.Address;
            return;
        }

        (packet.Destination, packet.Translated) = (there.Address, true);
        if (there.Port != 0)
            packet.Port = there.Port;
    }

    private bool Fits(Rule rule) => rule.General.All(option => FitsGeneral(option) != option.Negated) && rule.Matches.All(Fits);

    private bool FitsGeneral(RuleOption option) => option.Name switch
    {
        "-s" => IpPrefix.TryParse(option.Values[0], out var source) && source.Contains(packet.Source),
        "-d" => IpPrefix.TryParse(option.Values[0], out var destination) && destination.Contains(packet.Destination),
        "-i" => FitsName(In, option.Values[0]),
        "-o" => FitsName(Out, option.Values[0]),
        "-p" => option.Values[0] == packet.Protocol || option.Values[0] == "all",
        _ => false,
    };

    private static bool FitsName(Link? link, string name) => link is not null && (name.EndsWith('+') ? link.Name.StartsWith(name[..^1], StringComparison.Ordinal) : link.Name == name);

    private bool Fits(RuleMatch match) => match.Module switch
    {
        "comment" or "nfacct" => true,
        "mark" => All(match, option => FitsMark(option.Values[0])),
        "conntrack" or "state" => All(match, FitsState),
        "statistic" => FitsByChance(match),
        "addrtype" => All(match, FitsType),
        "tcp" or "udp" => packet.Protocol == match.Module && All(match, FitsPort),
        "multiport" => All(match, FitsPort),
        _ => false,
    };

    private static bool All(RuleMatch match, Func<RuleOption, bool> fits) => match.Options.All(option => fits(option) != option.Negated);

    private bool FitsMark(string text)
    {
        var (value, mask) = MarkOf(text);
        return (packet.Mark & mask) == value;
    }

    private bool FitsState(RuleOption option)
    {
        if (option.Name is not ("--ctstate" or "--state"))
            return false;
        var states = option.Values[0].Split(',');
        return states.Contains(packet.Untracked ? "UNTRACKED" : packet.IsReply ? "ESTABLISHED" : "NEW") || (states.Contains("DNAT") && packet.Translated);
    }

    private bool FitsByChance(RuleMatch match)
    {
        var share = match.Options.FirstOrDefault(static option => option.Name == "--probability")?.Values[0];
        return share is not null && double.TryParse(share, NumberStyles.Float, CultureInfo.InvariantCulture, out var probability) && chance() < probability;
    }

    private bool FitsType(RuleOption option) => option switch
    {
        { Name: "--dst-type", Values: ["LOCAL"] } => network.OwnerOf(packet.Destination) is not null || IPAddress.IsLoopback(packet.Destination),
        { Name: "--src-type", Values: ["LOCAL"] } => network.OwnerOf(packet.Source) is not null,
        _ => false,
    };

    private bool FitsPort(RuleOption option) => option.Name switch
    {
        "--dport" or "--dports" or "--destination-port" => Ports(option.Values[0], packet.Port),
        "--sport" or "--sports" or "--source-port" => Ports(option.Values[0], packet.SourcePort),
        _ => false,
    };

    private static bool Ports(string text, int port) => text.Split(',').Any(part => part.Split(':') switch
    {
        [var one] => int.TryParse(one, CultureInfo.InvariantCulture, out var number) && number == port,
        [var low, var high] => int.TryParse(low, CultureInfo.InvariantCulture, out var from) && int.TryParse(high, CultureInfo.InvariantCulture, out var to) && port >= from && port <= to,
        _ => false,
    });

    private static (uint Value, uint Mask) MarkOf(string text)
    {
        var parts = text.Split('/');
        return (Number(parts[0]), parts.Length > 1 ? Number(parts[1]) : uint.MaxValue);

        static uint Number(string word) => word.StartsWith("0x", StringComparison.Ordinal)
            ? uint.Parse(word.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture)
            : uint.Parse(word, CultureInfo.InvariantCulture);
    }
}

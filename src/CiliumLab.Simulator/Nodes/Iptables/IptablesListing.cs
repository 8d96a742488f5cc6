using System.Globalization;
using System.Text;

namespace CiliumLab.Simulator.Nodes.Iptables;

/// <summary>Prints a table as <c>iptables -L</c> does.</summary>
internal static class IptablesListing
{
    /// <summary>The listing of a table or of one chain of it.</summary>
    public static string Print(RuleTable table, IptablesCommand command, bool isIpv6)
    {
        var text = new StringBuilder();
        var first = true;
        foreach (var chain in table.Chains.Where(chain => command.Chain is null || chain.Name == command.Chain))
        {
            if (command.Number is null)
            {
                text.Append(first ? "" : "\n");
                text.Append(chain.IsBuiltIn
                    ? command.Verbose ? $"Chain {chain.Name} (policy {chain.Policy} {Count(chain.Packets, command).TrimStart()} packets, {Count(chain.Bytes, command).TrimStart()} bytes)\n" : $"Chain {chain.Name} (policy {chain.Policy})\n"
                    : $"Chain {chain.Name} ({table.References(chain.Name)} references)\n");
                text.Append(command.LineNumbers ? "num  " : "");
                text.Append(command.Verbose ? " pkts bytes " : "").Append("target     prot opt ");
                text.Append(command.Verbose ? "in     out     " : "").Append("source               destination         \n");
            }

            first = false;
            for (var index = 0; index < chain.Rules.Count; index++)
            {
                if (command.Number is null || command.Number == index + 1)
                    Append(text, chain.Rules[index], index + 1, command, isIpv6);
            }
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, Rule rule, int number, IptablesCommand command, bool isIpv6)
    {
        if (command.LineNumbers)
            text.Append(CultureInfo.InvariantCulture, $"{number,-4} ");
        if (command.Verbose)
            text.Append(CultureInfo.InvariantCulture, $"{Count(rule.Packets, command)} {Count(rule.Bytes, command)} ");
        text.Append(CultureInfo.InvariantCulture, $"{rule.Target,-9}  ");
        var protocol = rule.GeneralValue("-p");
        text.Append(Protocol(protocol, command.Numeric)).Append(' ');
        var fragment = rule.General.FirstOrDefault(option => option.Name == "-f");
        text.Append(isIpv6 ? "  " : fragment is null ? "--" : fragment.Negated ? "!f" : "-f").Append("  ");
        if (command.Verbose)
            text.Append(CultureInfo.InvariantCulture, $"{rule.GeneralValue("-i") ?? "*",-6} {rule.GeneralValue("-o") ?? "*",-6}  ");
        text.Append(CultureInfo.InvariantCulture, $"{Address(rule.GeneralValue("-s"), command.Numeric, isIpv6),-19}  {Address(rule.GeneralValue("-d"), command.Numeric, isIpv6),-19} ");
        foreach (var match in rule.Matches)
            text.Append(Match(match, command.Numeric));
        if (rule.IsGoto)
            text.Append("  [goto] ");
        text.Append(Target(rule)).Append('\n');
    }

    private static string Protocol(string? name, bool numeric)
    {
        if (name is null)
            return numeric ? "0   " : "all ";
        var negated = name.StartsWith('!');
        var plain = name.TrimStart('!');
        return ((negated ? "!" : "") + (numeric ? ValueForms.ProtocolNumber(plain).ToString(CultureInfo.InvariantCulture) : plain)).PadRight(4);
    }

    private static string Address(string? network, bool numeric, bool isIpv6)
    {
        if (network is null)
            return numeric ? isIpv6 ? "::/0" : "0.0.0.0/0" : "anywhere";
        var full = isIpv6 ? "/128" : "/32";
        return network.EndsWith(full, StringComparison.Ordinal) ? network[..^full.Length] : network;
    }

    private static string Match(RuleMatch match, bool numeric)
    {
        var text = new StringBuilder();
        switch (match.Module)
        {
            case "comment":
                return $" /* {match.Options[0].Values[0]} */";
            case "tcp" or "udp" or "sctp":
                text.Append(' ').Append(match.Module);
                foreach (var option in match.Options)
                    text.Append(' ').Append(Port(option, numeric));
                return text.ToString();
            case "conntrack":
                foreach (var option in match.Options)
                    text.Append(' ').Append(option.Negated ? "! " : "").Append(option.Name.TrimStart('-')).Append(' ').Append(string.Join(' ', option.Values));
                return text.ToString();
            case "mark":
                return $" mark match {(match.Options[0].Negated ? "!" : "")}{match.Options[0].Values[0]}".Replace("match !", "match ! ", StringComparison.Ordinal);
            case "addrtype":
                text.Append(" ADDRTYPE match");
                foreach (var option in match.Options)
                    text.Append(' ').Append(option.Name.TrimStart('-')).Append(' ').Append(option.Negated ? "!" : "").Append(string.Join(' ', option.Values));
                return text.ToString();
            case "statistic":
                return " statistic " + string.Join(' ', match.Options.Select(option => $"{option.Name.TrimStart('-')} {string.Join(' ', option.Values)}"));
            case "multiport":
                return $" multiport {match.Options[0].Name.TrimStart('-')} {(match.Options[0].Negated ? "! " : "")}{match.Options[0].Values[0]}";
            default:
                return " " + match.Module + string.Concat(match.Options.Select(option => $" {(option.Negated ? "! " : "")}{option.Name.TrimStart('-')} {string.Join(' ', option.Values)}".TrimEnd()));
        }
    }

    private static string Port(RuleOption option, bool numeric)
    {
        var values = string.Join(' ', option.Values);
        var name = option.Name switch
        {
            "--sport" => values.Contains(':', StringComparison.Ordinal) ? "spts" : "spt",
            "--dport" => values.Contains(':', StringComparison.Ordinal) ? "dpts" : "dpt",
            "--tcp-flags" => "flags",
            var other => other.TrimStart('-'),
        };
        var shown = !numeric && name is "spt" or "dpt" && !numeric ? ValueForms.ServiceName(values) ?? values : values;
        return $"{name}:{(option.Negated ? "!" : "")}{(name == "flags" ? string.Join('/', option.Values) : shown)}";
    }

    private static string Target(Rule rule) => rule.Target switch
    {
        "REJECT" => $" reject-with {rule.TargetOptions[0].Values[0]}",
        "DNAT" or "SNAT" => " to:" + rule.TargetOptions[0].Values[0] + string.Concat(rule.TargetOptions.Skip(1).Select(option => " " + option.Name.TrimStart('-'))),
        "MARK" => $" MARK {(rule.TargetOptions[0].Values[0].Split('/') is [var value, var mask] ? mask == "0xffffffff" ? $"set {value}" : value == mask ? $"or {value}" : value == "0x0" ? $"and 0x{~Convert.ToUInt32(mask, 16):x}" : $"xset {value}/{mask}" : "")}",
        "MASQUERADE" => string.Concat(rule.TargetOptions.Select(option => $" {option.Name[2..]}{(option.Values.Count > 0 ? ": " + option.Values[0] : "")}")),
        _ => string.Concat(rule.TargetOptions.Select(option => $" {option.Name.TrimStart('-')} {string.Join(' ', option.Values)}".TrimEnd())),
    };

    // As xtables_print_num does: five characters, with K, M, G and T behind a number that does not fit.
    private static string Count(ulong number, IptablesCommand command)
    {
        if (command.Exact)
            return number.ToString(CultureInfo.InvariantCulture).PadLeft(8);
        if (number <= 99999)
            return number.ToString(CultureInfo.InvariantCulture).PadLeft(5);
        foreach (var unit in "KMG")
        {
            number = (number + 500) / 1000;
            if (number <= 9999)
                return number.ToString(CultureInfo.InvariantCulture).PadLeft(4) + unit;
        }

        return ((number + 500) / 1000).ToString(CultureInfo.InvariantCulture).PadLeft(4) + "T";
    }
}

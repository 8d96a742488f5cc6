using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Nodes.Iptables;

namespace CiliumLab.Simulator.Nodes.Programs;

/// <summary><c>nft</c> as far as it looks at and removes what iptables made: it lists, flushes and deletes tables.</summary>
internal sealed class NftProgram() : ImmediateProgram("/usr/sbin/nft")
{
    private const string Version = "nftables v1.0.9 (Old Doc Yak #3)";

    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        var json = false;
        var words = new List<string>();
        foreach (var word in call.Arguments)
        {
            switch (word)
            {
                case "-j" or "--json":
                    json = true;
                    break;
                case "-a" or "--handle" or "-n" or "-nn" or "-s" or "--stateless":
                    break;
                case "-v" or "--version":
                    call.Line(Version);
                    return 0;
                default:
                    if (word.StartsWith('-'))
                        return call.Complain($"nft: {(word.StartsWith("--", StringComparison.Ordinal) ? $"unrecognized option '{word}'" : $"invalid option -- '{word[1]}'")}");
                    words.AddRange(word.Split(' ', StringSplitOptions.RemoveEmptyEntries));
                    break;
            }
        }

        if (words.Count == 0)
            return call.Complain("nft: no command specified");
        if (!call.User.IsRoot)
            return call.Complain("Operation not permitted (you must be root)\nnetlink: Error: cache initialization failed: Operation not permitted");
        return words.ToArray() switch
        {
            ["list", "tables", .. var family] when family.Length <= 1 => Tables(call, family, json),
            ["list", "ruleset", .. var family] when family.Length <= 1 => Ruleset(call, AllTables(call).Where(table => family.Length == 0 || table.Family == family[0]), json),
            ["list", "table", var family, var name] => Table(call, words, family, name, json),
            ["list", "table", var name] => Table(call, words, "ip", name, json),
            ["list", "chains", .. var family] when family.Length <= 1 => Ruleset(call, AllTables(call), json, withRules: false),
            ["flush", "ruleset", .. var family] when family.Length <= 1 => Remove(call, AllTables(call).Where(table => family.Length == 0 || table.Family == family[0])),
            ["delete", "table", var family, var name] => Delete(call, words, family, name),
            ["delete", "table", var name] => Delete(call, words, "ip", name),
            ["flush", "table", var family, var name] => Flush(call, words, family, name),
            _ => Syntax(call, words),
        };
    }

    private static IEnumerable<(string Family, RuleTable Table)> AllTables(ProgramCall call) =>
        call.Network.Iptables.Tables.Select(table => ("ip", table)).Concat(call.Network.Ip6tables.Tables.Select(table => ("ip6", table)));

    private static int Tables(ProgramCall call, string[] family, bool json)
    {
        var tables = AllTables(call).Where(table => family.Length == 0 || table.Family == family[0]).ToArray();
        if (json)
        {
            PrintJson(call, tables.Select((table, index) => new JsonObject
            {
                ["table"] = new JsonObject { ["family"] = table.Family, ["name"] = table.Table.Name, ["handle"] = index + 1 },
            }));
            return 0;
        }

        foreach (var table in tables)
            call.Line($"table {table.Family} {table.Table.Name}");
        return 0;
    }

    private static int Table(ProgramCall call, List<string> words, string family, string name, bool json)
    {
        var tables = AllTables(call).Where(table => table.Family == family && table.Table.Name == name).ToArray();
        return tables.Length == 0 ? NoSuch(call, words, name) : Ruleset(call, tables, json);
    }

    private static int Ruleset(ProgramCall call, IEnumerable<(string Family, RuleTable Table)> tables, bool json, bool withRules = true)
    {
        if (json)
        {
            PrintJson(call, tables.SelectMany((table, index) => NftText.Json(table.Family, table.Table, index + 1, withRules)));
            return 0;
        }

        foreach (var (family, table) in tables)
        {
            if (withRules)
                call.Complain($"# Warning: table {family} {table.Name} is managed by iptables-nft, do not touch!");
            call.Print(NftText.Table(family, table, withRules));
        }

        return 0;
    }

    private static int Delete(ProgramCall call, List<string> words, string family, string name)
    {
        var tables = AllTables(call).Where(table => table.Family == family && table.Table.Name == name).ToArray();
        return tables.Length == 0 ? NoSuch(call, words, name) : Remove(call, tables);
    }

    private static int Flush(ProgramCall call, List<string> words, string family, string name)
    {
        if (AllTables(call).FirstOrDefault(table => table.Family == family && table.Table.Name == name).Table is null)
            return NoSuch(call, words, name);
        RulesOf(call, family).Change(name, table =>
        {
            foreach (var chain in table.Chains)
                chain.Rules.Clear();
        });
        return 0;
    }

    private static int Remove(ProgramCall call, IEnumerable<(string Family, RuleTable Table)> tables)
    {
        foreach (var (family, table) in tables.ToArray())
            RulesOf(call, family).Remove(table.Name);
        return 0;
    }

    private static RuleSet RulesOf(ProgramCall call, string family) => call.Network.Rules(isIpv6: family == "ip6");

    private static int NoSuch(ProgramCall call, List<string> words, string name)
    {
        var line = string.Join(' ', words);
        return call.Complain($"Error: No such file or directory\n{line}\n{new string(' ', line.Length - name.Length)}{new string('^', name.Length)}");
    }

    private static int Syntax(ProgramCall call, List<string> words)
    {
        var line = string.Join(' ', words);
        return call.Complain($"Error: syntax error, unexpected {(words.Count == 1 ? "newline, expecting string" : words[^1])}\n{line}\n{new string(' ', words.Count == 1 ? line.Length : line.Length - words[^1].Length)}{new string('^', words.Count == 1 ? 1 : words[^1].Length)}");
    }

    private static void PrintJson(ProgramCall call, IEnumerable<JsonObject> objects)
    {
        var all = new JsonArray(new JsonObject
        {
            ["metainfo"] = new JsonObject { ["version"] = "1.0.9", ["release_name"] = "Old Doc Yak #3", ["json_schema_version"] = 1 },
        });
        foreach (var one in objects)
            all.Add(one);

        // nft puts a blank behind commas and colons.
        call.Line(Spaced(new JsonObject { ["nftables"] = all }));
    }

    private static string Spaced(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject map:
                return "{" + string.Join(", ", map.Select(member => $"\"{member.Key}\": {Spaced(member.Value)}")) + "}";
            case JsonArray array:
                return "[" + string.Join(", ", array.Select(Spaced)) + "]";
            default:
                return node?.ToJsonString(Plain) ?? "null";
        }
    }
}

/// <summary>Tables of iptables as nft prints them; matches that nft has no words for stand there as <c>xt match</c>.</summary>
internal static class NftText
{
    /// <summary>A table as text.</summary>
    public static string Table(string family, RuleTable table, bool withRules)
    {
        var text = new StringBuilder($"table {family} {table.Name} {{\n");
        var first = true;
        foreach (var chain in Chains(table))
        {
            text.Append(first ? "" : withRules ? "\n" : "").Append($"\tchain {chain.Name} {{\n");
            first = false;
            if (chain.IsBuiltIn)
                text.Append($"\t\ttype {Type(table, chain)} hook {Hook(chain)} priority {Priority(table, chain)}; policy {chain.Policy.ToLowerInvariant()};\n");
            foreach (var rule in withRules ? chain.Rules : [])
                text.Append("\t\t").Append(Rule(family, rule)).Append('\n');
            text.Append("\t}\n");
        }

        return text.Append("}\n").ToString();
    }

    /// <summary>A table, its chains and rules as JSON objects.</summary>
    public static IEnumerable<JsonObject> Json(string family, RuleTable table, int handle, bool withRules)
    {
        yield return new JsonObject { ["table"] = new JsonObject { ["family"] = family, ["name"] = table.Name, ["handle"] = handle } };
        var number = 0;
        foreach (var chain in Chains(table))
        {
            var described = new JsonObject { ["family"] = family, ["table"] = table.Name, ["name"] = chain.Name, ["handle"] = ++number };
            if (chain.IsBuiltIn)
            {
                described["type"] = Type(table, chain);
                described["hook"] = Hook(chain);
                described["prio"] = PriorityNumber(table, chain);
                described["policy"] = chain.Policy.ToLowerInvariant();
            }

            yield return new JsonObject { ["chain"] = described };
        }

        foreach (var chain in withRules ? Chains(table) : [])
        {
            foreach (var rule in chain.Rules)
                yield return new JsonObject { ["rule"] = JsonRule(family, table, chain, rule, ++number) };
        }
    }

    private static IEnumerable<RuleChain> Chains(RuleTable table) => table.Chains.Where(chain => chain.Exists).OrderBy(chain => chain.IsBuiltIn);

    private static JsonObject JsonRule(string family, RuleTable table, RuleChain chain, Rule rule, int handle)
    {
        var expressions = new JsonArray();
        foreach (var match in rule.Matches)
            expressions.Add(new JsonObject { ["xt"] = new JsonObject { ["type"] = "match", ["name"] = match.Module } });
        expressions.Add(new JsonObject { ["counter"] = new JsonObject { ["packets"] = rule.Packets, ["bytes"] = rule.Bytes } });
        if (rule.Target is { } target)
        {
            expressions.Add(ExtensionCatalog.Verdicts.Contains(target)
                ? new JsonObject { [target.ToLowerInvariant()] = null }
                : ExtensionCatalog.Target(target) is null
                    ? new JsonObject { [rule.IsGoto ? "goto" : "jump"] = new JsonObject { ["target"] = target } }
                    : new JsonObject { ["xt"] = new JsonObject { ["type"] = "target", ["name"] = target } });
        }

        return new JsonObject { ["family"] = family, ["table"] = table.Name, ["chain"] = chain.Name, ["handle"] = handle, ["expr"] = expressions };
    }

    private static string Rule(string family, Rule rule)
    {
        var parts = new List<string>();
        foreach (var option in rule.General)
        {
            var not = option.Negated ? "!= " : "";
            switch (option.Name)
            {
                case "-s" or "-d":
                    var network = option.Values[0];
                    network = network.EndsWith(family == "ip" ? "/32" : "/128", StringComparison.Ordinal) ? network[..network.IndexOf('/')] : network;
                    parts.Add($"{family} {(option.Name == "-s" ? "saddr" : "daddr")} {not}{network}");
                    break;
                case "-i" or "-o":
                    parts.Add($"{(option.Name == "-i" ? "iifname" : "oifname")} {not}\"{option.Values[0].Replace('+', '*')}\"");
                    break;
                case "-p" when !rule.Matches.Any(match => match.Module == option.Values[0] && match.Options.Count > 0):
                    parts.Add($"meta l4proto {not}{option.Values[0]}");
                    break;
            }
        }

        foreach (var match in rule.Matches.Where(match => match.Module != "comment"))
            parts.AddRange(Match(match));
        parts.Add($"counter packets {rule.Packets} bytes {rule.Bytes}");
        if (rule.Target is not null)
            parts.Add(Target(rule));
        return string.Join(' ', parts);
    }

    private static IEnumerable<string> Match(RuleMatch match)
    {
        switch (match.Module)
        {
            case "tcp" or "udp" when match.Options.All(option => option.Name is "--sport" or "--dport"):
                return match.Options.Select(option => $"{match.Module} {option.Name[2..]} {(option.Negated ? "!= " : "")}{option.Values[0].Replace(':', '-')}").Append("").Take(match.Options.Count);
            case "conntrack" when match.Options is [{ Name: "--ctstate" } state]:
                return [$"ct state {(state.Negated ? "! " : "")}{state.Values[0].ToLowerInvariant()}"];
            case "mark" when match.Options[0].Values[0].Split('/') is [var value, var mask]:
                return [$"meta mark & 0x{Hex(mask):x8} {(match.Options[0].Negated ? "!=" : "==")} 0x{Hex(value):x8}"];
            case "addrtype" when match.Options is [{ Name: "--dst-type" } type]:
                return [$"fib daddr type {(type.Negated ? "!= " : "")}{type.Values[0].ToLowerInvariant()}"];
            default:
                return [$"xt match {match.Module}"];
        }
    }

    private static uint Hex(string number) => Convert.ToUInt32(number, 16);

    private static string Target(Rule rule) => rule.Target switch
    {
        "ACCEPT" or "DROP" or "RETURN" or "QUEUE" => rule.Target.ToLowerInvariant(),
        "MASQUERADE" => "masquerade" + (rule.TargetOptions.Any(option => option.Name == "--random-fully") ? " fully-random" : ""),
        "DNAT" => $"dnat to {rule.TargetOptions[0].Values[0]}",
        "SNAT" => $"snat to {rule.TargetOptions[0].Values[0]}",
        "REJECT" when rule.TargetOptions[0].Values[0] == "tcp-reset" => "reject with tcp reset",
        "REJECT" => "reject",
        "CT" when rule.TargetOptions.Any(option => option.Name == "--notrack") => "notrack",
        "NOTRACK" => "notrack",
        var target when ExtensionCatalog.Target(target!) is not null => $"xt target {target}",
        var chain => $"{(rule.IsGoto ? "goto" : "jump")} {chain}",
    };

    private static string Type(RuleTable table, RuleChain chain) =>
        table.Name == "nat" ? "nat" : table.Name == "mangle" && chain.Name == "OUTPUT" ? "route" : "filter";

    private static string Hook(RuleChain chain) => chain.Name.ToLowerInvariant();

    private static string Priority(RuleTable table, RuleChain chain) => table.Name switch
    {
        "nat" => chain.Name is "PREROUTING" or "OUTPUT" ? "dstnat" : "srcnat",
        "security" => "security",
        var name => name,
    };

    private static int PriorityNumber(RuleTable table, RuleChain chain) => table.Name switch
    {
        "raw" => -300,
        "mangle" => -150,
        "nat" => chain.Name is "PREROUTING" or "OUTPUT" ? -100 : 100,
        "security" => 50,
        _ => 0,
    };
}

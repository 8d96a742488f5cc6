using System.Globalization;
using System.Net.Sockets;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Nodes.Programs.Iproute;

/// <summary><c>ip rule</c>.</summary>
internal static class IpRuleObject
{
    /// <summary>Runs the command.</summary>
    public static int Run(IpContext context)
    {
        var arguments = context.Arguments;
        if (arguments.Peek is not { } command || command is "show" or "s" or "sh" or "list" or "lst" or "ls" or "l")
        {
            if (!arguments.AtEnd)
                arguments.Take();
            return Show(context);
        }

        arguments.Take();
        if (IprouteArguments.Matches(command, "add"))
        {
            context.RequireRoot();
            var wish = Read(context);
            var priority = wish.Priority ?? NextPriority(context);
            var rule = wish.Rule with { Priority = priority };
            IprouteArguments.Tell(() => context.Network.AddRule(wish.Family, rule));
            return 0;
        }

        if (IprouteArguments.Matches(command, "delete"))
        {
            context.RequireRoot();
            var wish = Read(context);
            IprouteArguments.Tell(() => context.Network.RemoveRule(wish.Family, rule =>
                (wish.Priority is null || rule.Priority == wish.Priority)
                && (wish.Rule.Table == 0 || rule.Table == wish.Rule.Table)
                && (wish.Rule.Source is null || rule.Source == wish.Rule.Source)
                && (wish.Rule.Destination is null || rule.Destination == wish.Rule.Destination)
                && (wish.Rule.Mark is null || (rule.Mark == wish.Rule.Mark && rule.MarkMask == wish.Rule.MarkMask))
                && (wish.Rule.InInterface is null || rule.InInterface == wish.Rule.InInterface)
                && (wish.Rule.OutInterface is null || rule.OutInterface == wish.Rule.OutInterface)
                && (wish.Protocol is null || rule.Protocol == wish.Protocol)));
            return 0;
        }

        if (IprouteArguments.Matches(command, "flush"))
        {
            context.RequireRoot();
            context.Network.FlushRules(context.FamilyOrIpv4);
            return 0;
        }

        throw IpContext.Unknown(command, "ip rule help");
    }

    // The kernel takes the place before the second rule, or the end of the numbers.
    private static uint NextPriority(IpContext context)
    {
        var rules = context.Network.Rules(context.FamilyOrIpv4);
        return rules.Count > 1 && rules[1].Priority > 0 ? rules[1].Priority - 1 : 0;
    }

    private static (RoutingRule Rule, uint? Priority, AddressFamily Family, int? Protocol) Read(IpContext context)
    {
        var arguments = context.Arguments;
        var rule = new RoutingRule(0, 0);
        uint? priority = null;
        int? protocol = null;
        var family = context.Options.Family;
        while (!arguments.AtEnd)
        {
            var word = arguments.Take();
            switch (word)
            {
                case "not":
                    rule = rule with { Not = true };
                    break;
                case "from" or "to":
                    var prefix = arguments.Prefix(family);
                    if (prefix.IsDefault)
                        break;
                    family ??= prefix.Family;
                    rule = word == "from" ? rule with { Source = prefix } : rule with { Destination = prefix };
                    break;
                case "pref" or "priority" or "preference" or "order":
                    priority = arguments.Number("preference");
                    break;
                case "fwmark":
                    var mark = arguments.Value().Split('/');
                    if (!IprouteArguments.TryNumber(mark[0], out var value))
                        throw IprouteArguments.Wrong(mark[0], "fwmark value is invalid\n");
                    var mask = uint.MaxValue;
                    if (mark.Length > 1 && !IprouteArguments.TryNumber(mark[1], out mask))
                        throw IprouteArguments.Wrong(mark[1], "fwmask value is invalid\n");
                    rule = rule with { Mark = value, MarkMask = mask };
                    break;
                case "iif" or "dev":
                    rule = rule with { InInterface = arguments.Value() };
                    break;
                case "oif":
                    rule = rule with { OutInterface = arguments.Value() };
                    break;
                case "table" or "lookup":
                    var table = arguments.Value();
                    rule = rule with { Table = RoutingNames.TableNumber(table) ?? throw IprouteArguments.Wrong(table, "invalid table ID\n") };
                    break;
                case "protocol" or "proto":
                    var name = arguments.Value();
                    protocol = RoutingNames.ProtocolNumber(name) ?? throw IprouteArguments.Wrong(name, "\"protocol\" value is invalid\n");
                    rule = rule with { Protocol = protocol.Value };
                    break;
                default:
                    throw new ProgramException(255, $"Error: argument \"{word}\" is wrong: Failed to parse rule type\n\n");
            }
        }

        return (rule, priority, family ?? AddressFamily.InterNetwork, protocol);
    }

    private static int Show(IpContext context)
    {
        var writer = context.Options.Writer();
        writer.OpenArray();
        foreach (var rule in context.Network.Rules(context.FamilyOrIpv4))
        {
            writer.OpenObject();
            writer.Any("priority", rule.Priority, $"{rule.Priority}:\t");
            if (rule.Not)
                writer.Any("not", null, "not ");
            Network(writer, "src", "from ", rule.Source);
            if (rule.Destination is not null)
                Network(writer, "dst", "to ", rule.Destination);
            if (rule.Mark is { } mark)
            {
                writer.Any("fwmark", Hex(mark), "fwmark " + Hex(mark));
                if (rule.MarkMask != uint.MaxValue)
                    writer.Any("fwmask", Hex(rule.MarkMask), "/" + Hex(rule.MarkMask));
                writer.Text(" ");
            }

            if (rule.InInterface is { } incoming)
            {
                writer.Text("iif ");
                writer.Any("iif", incoming, incoming + " ", IprouteColor.Interface);
            }

            if (rule.OutInterface is { } outgoing)
            {
                writer.Text("oif ");
                writer.Any("oif", outgoing, outgoing + " ", IprouteColor.Interface);
            }

            var table = RoutingNames.Table(rule.Table);
            writer.Any("table", table, $"lookup {table}");
            if (rule.Protocol is not (Route.KernelProtocol or Route.BootProtocol) || context.Options.Details)
            {
                var protocol = RoutingNames.Protocol(rule.Protocol);
                writer.Any("protocol", protocol, $" proto {protocol}");
            }

            writer.Text("\n");
            writer.Close();
        }

        writer.Close();
        context.Call.Print(writer.ToString());
        return 0;
    }

    private static void Network(IprouteWriter writer, string key, string keyword, IpPrefix? prefix)
    {
        writer.Text(keyword);
        if (prefix is not { } network)
        {
            writer.Any(key, "all", "all ");
            return;
        }

        var shade = network.Family == AddressFamily.InterNetwork ? IprouteColor.Inet : IprouteColor.Inet6;
        writer.Any(key, network.Address.ToString(), network + " ", shade);
        if (!network.IsHost)
            writer.Json(key + "len", network.Length);
    }

    private static string Hex(uint number) => "0x" + number.ToString("x", CultureInfo.InvariantCulture);
}

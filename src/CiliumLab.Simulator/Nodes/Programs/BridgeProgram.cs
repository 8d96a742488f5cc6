using System.Text.Json.Nodes;
using CiliumLab.Simulator.Nodes.Network;
using CiliumLab.Simulator.Nodes.Programs.Iproute;

namespace CiliumLab.Simulator.Nodes.Programs;

/// <summary><c>bridge</c> of iproute2: ports, and forwarding entries.</summary>
internal sealed class BridgeProgram() : ImmediateProgram("/usr/sbin/bridge", "/sbin/bridge")
{
    private const int Failed = 255;

    /// <summary>The spanning tree's state of a port.</summary>
    internal static string PortState(Link port) => port.HasCarrier && port.Master is { IsUp: true } ? "forwarding" : "disabled";

    /// <summary>The change that a flag of a port means; null when there is no such flag.</summary>
    internal static Func<BridgePort, BridgePort>? PortFlag(string name, bool on) => name switch
    {
        "hairpin" => port => port with { Hairpin = on },
        "guard" => port => port with { Guard = on },
        "learning" => port => port with { Learning = on },
        "flood" => port => port with { Flood = on },
        "isolated" => port => port with { Isolated = on },
        _ => null,
    };

    /// <inheritdoc/>
    protected override int Run(ProgramCall call)
    {
        var words = call.Arguments.ToList();
        var options = new IprouteOptions();
        while (words.Count > 0 && words[0].StartsWith('-'))
        {
            if (words[0] is "-V" or "-Version")
            {
                call.Line("bridge utility, 6.1.0");
                return 0;
            }

            options = IpProgram.Read(options, words[0]) ?? throw new ProgramException(Failed, $"Option \"{words[0]}\" is unknown, try \"bridge help\".\n");
            words.RemoveAt(0);
        }

        if (words.Count == 0 || words[0] == "help")
        {
            return call.Complain("""
                Usage: bridge [ OPTIONS ] OBJECT { COMMAND | help }
                where  OBJECT := { link | fdb }
                       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] | -o[neline] | -color -p[retty] -j[son] }
                """, Failed);
        }

        var context = new IpContext(call, call.Network, options, new IprouteArguments([.. words.Skip(1)]));
        if (IprouteArguments.Matches(words[0], "link"))
            return Links(context);
        return IprouteArguments.Matches(words[0], "fdb") ? BridgeFdb.Run(context) : throw new ProgramException(Failed, $"Object \"{words[0]}\" is unknown, try \"bridge help\".\n");
    }

    private static int Links(IpContext context)
    {
        var arguments = context.Arguments;
        var command = arguments.AtEnd ? "show" : arguments.Take();
        if (command is "set" or "s")
        {
            context.RequireRoot();
            SetPort(context);
            return 0;
        }

        if (command is not ("show" or "sh" or "list" or "lst" or "ls"))
            throw new ProgramException(Failed, $"Command \"{command}\" is unknown, try \"bridge link help\".\n");
        string? device = null;
        while (!arguments.AtEnd)
        {
            if (arguments.Take() == "dev")
                device = arguments.Value();
        }

        if (device is not null && context.Network.FindLink(device) is null)
            throw new ProgramException(Failed, $"Cannot find device \"{device}\"\n");
        var writer = context.Options.Writer();
        writer.OpenArray();
        foreach (var link in context.Network.Links.Where(link => link.Master is not null && (device is null || link.Name == device)))
            PrintPort(context, writer, link);
        writer.Close();
        context.Call.Print(writer.ToString());
        return 0;
    }

    private static void SetPort(IpContext context)
    {
        var arguments = context.Arguments;
        string? device = null;
        var changes = new List<Func<BridgePort, BridgePort>>();
        while (!arguments.AtEnd)
        {
            var word = arguments.Take();
            var value = arguments.Value();
            if (word == "dev")
                device = value;
            else
                changes.Add(PortFlag(word, value == "on") ?? throw new ProgramException(Failed, $"Error: argument \"{word}\" is wrong\n"));
        }

        var link = context.Network.FindLink(device ?? "") ?? throw new ProgramException(Failed, $"Cannot find device \"{device}\"\n");
        if (link.Port is null)
            throw new ProgramException(Failed, "RTNETLINK answers: Operation not supported\n");
        context.Network.SetPort(link, changes.Aggregate(link.Port, (port, change) => change(port)));
    }

    private static void PrintPort(IpContext context, IprouteWriter writer, Link link)
    {
        writer.OpenObject();
        writer.Any("ifindex", link.Index, $"{link.Index}: ");
        if (link.Peer is { } peer)
        {
            if (peer.Network == context.Network)
                writer.Any("link", peer.Name, "");
            else
                writer.Json("link_index", peer.Index);
        }

        var other = link.Peer is not { } end ? "" : end.Network == context.Network ? "@" + end.Name : $"@if{end.Index}";
        writer.Any("ifname", link.Name, $"{link.Name}{other}: ", IprouteColor.Interface);
        writer.Any("flags", new JsonArray([.. link.Flags.Select(flag => (JsonNode)flag)]), $"<{string.Join(',', link.Flags.Where(flag => flag != "M-DOWN"))}> ");
        writer.Any("mtu", link.Mtu, $"mtu {link.Mtu} ");
        writer.Any("master", link.Master!.Name, $"master {link.Master.Name} ", IprouteColor.None);
        writer.Any("state", PortState(link), $"state {PortState(link)} ");
        writer.Any("priority", 32, "priority 32 ");
        writer.Any("cost", 2, "cost 2 ");
        if (context.Options.Details)
        {
            var port = link.Port!;
            writer.Text("\n    ");
            foreach (var (name, on) in ((string, bool)[])
            [
                ("hairpin", port.Hairpin), ("guard", port.Guard), ("root_block", false), ("fastleave", false), ("learning", port.Learning), ("flood", port.Flood),
                ("mcast_flood", true), ("bcast_flood", true),
            ])
            {
                writer.Any(name, on, $"{name} {(on ? "on" : "off")} ");
            }

            writer.Any("mcast_router", 1, "mcast_router 1 ");
            foreach (var (name, on) in ((string, bool)[])
                [("mcast_to_unicast", false), ("neigh_suppress", false), ("vlan_tunnel", false), ("isolated", port.Isolated), ("locked", false)])
            {
                writer.Any(name, on, $"{name} {(on ? "on" : "off")} ");
            }
        }

        writer.Text("\n");
        writer.Close();
    }
}

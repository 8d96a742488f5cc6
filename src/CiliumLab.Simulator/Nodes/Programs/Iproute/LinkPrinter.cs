using System.Text.Json.Nodes;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Nodes.Programs.Iproute;

/// <summary>Prints a link as <c>ip link</c> and <c>ip addr</c> do (ip/ipaddress.c).</summary>
internal sealed class LinkPrinter(NetworkNamespace network, IprouteOptions options, IprouteWriter writer)
{
    /// <summary>The first lines of a link.</summary>
    /// <param name="link">The link.</param>
    /// <param name="withMode">Whether <c>mode DEFAULT</c> is shown, as <c>ip link</c> does.</param>
    /// <param name="withLinkLayer">Whether the link layer's line is shown.</param>
    /// <param name="withQueue">Whether queue discipline and group are shown; they come from the link, not from its addresses.</param>
    public void Print(Link link, bool withMode, bool withLinkLayer, bool withQueue = true)
    {
        writer.Any("ifindex", link.Index, $"{link.Index}: ");
        Name(link, ": ");
        Flags(link);
        writer.Any("mtu", link.Mtu, $"mtu {link.Mtu} ");
        if (withQueue)
            writer.Any("qdisc", link.QueueDiscipline, $"qdisc {link.QueueDiscipline} ");
        if (withQueue && link.Master is { } master)
            writer.Any("master", master.Name, $"master {master.Name} ");
        writer.Text("state ");
        writer.Any("operstate", link.OperationalState, link.OperationalState + " ", StateColor(link));
        if (withMode)
            writer.Any("linkmode", "DEFAULT", "mode DEFAULT ");
        if (withQueue)
            writer.Any("group", "default", "group default ");
        if (link.QueueLength > 0)
            writer.Any("txqlen", link.QueueLength, $"qlen {link.QueueLength}");
        if (withLinkLayer)
            LinkLayer(link);
        if (withLinkLayer && options.Details)
            new LinkDetailsPrinter(writer).Print(link);
        if (withMode && options.Statistics > 0)
        {
            writer.Text("\n");
            Statistics(link);
        }

        writer.Text("\n");
        if (withMode || withLinkLayer)
            Aliases(link);
    }

    /// <summary>A link's line of <c>ip -br</c>, without its end.</summary>
    public void PrintBrief(Link link)
    {
        var other = Other(link);
        if (writer.IsJson)
            Name(link, "");
        else
            writer.Text((link.Name + (other.Length == 0 ? "" : "@" + other)).PadRight(16) + " ", IprouteColor.Interface);
        writer.Any("operstate", link.OperationalState, link.OperationalState.PadRight(14) + " ", StateColor(link));
    }

    /// <summary>What stands behind the state in <c>ip -br link</c>.</summary>
    public void PrintBriefEnd(Link link)
    {
        writer.Any("address", link.Mac.ToString(), link.Mac.ToString(), IprouteColor.Mac);
        writer.Text(" ");
        Flags(link);
    }

    private static IprouteColor StateColor(Link link) => link.OperationalState switch
    {
        "UP" => IprouteColor.Up,
        "DOWN" => IprouteColor.Down,
        _ => IprouteColor.None,
    };

    private static string Other(Link link)
    {
        if (link.Peer is not { } peer)
            return "";
        return peer.Network == link.Network ? peer.Name : $"if{peer.Index}";
    }

    private void Name(Link link, string end)
    {
        if (writer.IsJson)
        {
            if (link.Peer is { } peer && peer.Network == network)
                writer.Json("link", peer.Name);
            else if (link.Peer is { } remote)
                writer.Json("link_index", remote.Index);
            writer.Json("ifname", link.Name);
            return;
        }

        var other = Other(link);
        writer.Text(link.Name + (other.Length == 0 ? "" : "@" + other) + end, IprouteColor.Interface);
    }

    private void Flags(Link link)
    {
        if (writer.IsJson)
            writer.Json("flags", new JsonArray([.. link.Flags.Select(flag => (JsonNode)flag)]));
        else
            writer.Text($"<{string.Join(',', link.Flags)}> ");
    }

    private void LinkLayer(Link link)
    {
        var type = link.Kind == LinkKind.Loopback ? "loopback" : "ether";
        var broadcast = link.Kind == LinkKind.Loopback ? "00:00:00:00:00:00" : "ff:ff:ff:ff:ff:ff";
        writer.Text(options.OneLine ? "\\" : "\n");
        writer.Any("link_type", type, $"    link/{type} ");
        writer.Any("address", link.Mac.ToString(), link.Mac.ToString(), IprouteColor.Mac);
        writer.Text(" brd ");
        writer.Any("broadcast", broadcast, broadcast, IprouteColor.Mac);
        if (link.Peer is { } peer && peer.Network != network)
        {
            var id = network.PeerId(peer.Network);
            writer.Any("link_netnsid", id, peer.Network.Name is { } name ? $" link-netns {name}" : $" link-netnsid {id}");
        }
    }

    private void Aliases(Link link)
    {
        var start = options.OneLine ? "\\    " : "    ";
        if (link.Alias is { } alias)
            writer.Any("ifalias", alias, $"{start}alias {alias}\n");
        if (link.AlternativeNames.Count == 0)
            return;
        writer.Json("altnames", new JsonArray([.. link.AlternativeNames.Select(name => (JsonNode)name)]));
        foreach (var name in link.AlternativeNames)
            writer.Text($"{start}altname {name}\n");
    }

    /// <summary>What went through a link, without the end of its last line.</summary>
    public void Statistics(Link link)
    {
        var (received, sent) = (link.Received, link.Transmitted);
        if (writer.IsJson)
        {
            writer.Json("stats64", new JsonObject
            {
                ["rx"] = new JsonObject
                {
                    ["bytes"] = received.Bytes,
                    ["packets"] = received.Packets,
                    ["errors"] = 0,
                    ["dropped"] = received.Dropped,
                    ["over_errors"] = 0,
                    ["multicast"] = received.Multicast,
                },
                ["tx"] = new JsonObject
                {
                    ["bytes"] = sent.Bytes,
                    ["packets"] = sent.Packets,
                    ["errors"] = 0,
                    ["dropped"] = sent.Dropped,
                    ["carrier_errors"] = 0,
                    ["collisions"] = 0,
                },
            });
            return;
        }

        var bytes = Math.Max(5, Math.Max(received.Bytes.ToString().Length, sent.Bytes.ToString().Length));
        var packets = Math.Max(7, Math.Max(received.Packets.ToString().Length, sent.Packets.ToString().Length));
        Row("RX:", received, "missed", "mcast", received.Multicast);
        writer.Text("\n");
        Row("TX:", sent, "carrier", "collsns", 0);

        void Row(string head, LinkCounters counters, string fifth, string sixth, ulong last)
        {
            // The columns of both tables are as wide as the widest header or number of either.
            writer.Text($"    {head} {"bytes".PadLeft(bytes + 1)} {"packets".PadLeft(packets)} {"errors",6} {"dropped",7} {fifth,7} {sixth,7}           \n");
            writer.Text($"    {"".PadLeft(3)} {counters.Bytes.ToString().PadLeft(bytes + 1)} {counters.Packets.ToString().PadLeft(packets)} {0,6} {counters.Dropped,7} {0,7} {last,7} ");
        }
    }
}

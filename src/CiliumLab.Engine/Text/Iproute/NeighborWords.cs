using System.Globalization;
using System.Net;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>The words of one neighbour behind its address.</summary>
internal static class NeighborWords
{
    /// <summary>Reads an entry of <c>ip neigh</c>: <c>10.244.1.0 dev flannel.1 lladdr 0a:00:00:00:01:01 PERMANENT</c>.</summary>
    public static NodeNeighbor Neighbor(string? node, IPAddress address, IprouteWords words)
    {
        var entry = new NodeNeighbor { Node = node, Table = IpNeighborText.TableOf(address), Address = address, Interface = "" };
        while (!words.AtEnd)
        {
            var word = words.Take()!;
            switch (word)
            {
                case "dev":
                    entry = entry with { Interface = words.Take() ?? "" };
                    break;
                case "lladdr":
                    entry = entry with { Mac = words.Take() };
                    break;
                case "proto":
                    entry = entry with { Protocol = words.Take() };
                    break;
                case "vlan":
                    entry = entry with { Vlan = words.Number<int>() };
                    break;
                case "nhid":
                    entry = entry with { NexthopId = words.Number<uint>() };
                    break;
                case "ref" or "probes":
                    words.Take();
                    break;
                case "used":
                    entry = WithTimes(entry, words);
                    break;
                case { } when IprouteNames.NeighborState(word) is { } state:
                    entry = entry with { State = entry.State | state };
                    break;
                case { } when IprouteNames.NeighborFlag(word) is { } flag:
                    entry = entry with { Flags = entry.Flags | flag };
                    break;
                default:
                    words.Complain($"unknown word '{word}'");
                    break;
            }
        }

        return entry;
    }

    /// <summary>Reads an entry of <c>bridge fdb</c>: <c>0a:00:00:00:01:01 dev flannel.1 dst 192.168.10.101 self permanent</c>.</summary>
    public static NodeNeighbor Fdb(string? node, string mac, IprouteWords words)
    {
        var entry = new NodeNeighbor { Node = node, Table = NeighborTable.Fdb, Mac = mac, Interface = "" };
        NeighborState? state = null;
        while (!words.AtEnd)
        {
            var word = words.Take()!;
            switch (word)
            {
                case "dev":
                    entry = entry with { Interface = words.Take() ?? "" };
                    break;
                case "dst":
                    entry = entry with { Address = words.Address() };
                    break;
                case "vlan":
                    entry = entry with { Vlan = words.Number<int>() };
                    break;
                case "port":
                    entry = entry with { Port = words.Number<int>() };
                    break;
                case "vni":
                    entry = entry with { Vni = words.Number<uint>() };
                    break;
                case "via":
                    entry = entry with { Via = words.Take() };
                    break;
                case "nhid":
                    entry = entry with { NexthopId = words.Number<uint>() };
                    break;
                case "master":
                    entry = entry with { Master = words.Take() };
                    break;
                case "proto":
                    entry = entry with { Protocol = words.Take() };
                    break;
                case "src_vni" or "link-netnsid":
                    words.Take();
                    break;
                case "used":
                    entry = WithTimes(entry, words);
                    break;
                case { } when IprouteNames.FdbState(word) is { } named:
                    state = named;
                    break;
                case { } when IprouteNames.NeighborFlag(word) is { } flag:
                    entry = entry with { Flags = entry.Flags | flag };
                    break;
                default:
                    words.Complain($"unknown word '{word}'");
                    break;
            }
        }

        return entry with { State = state ?? NeighborState.Reachable };
    }

    // "used 16/76/13": seconds since it was used, confirmed and updated; bridge prints used and updated only. ip prints the
    // next word, "probes", without a space before it.
    private static NodeNeighbor WithTimes(NodeNeighbor entry, IprouteWords words)
    {
        if (words.Take() is not { } text)
            return entry;
        if (text.EndsWith("probes", StringComparison.Ordinal))
        {
            text = text[..^"probes".Length];
            if (!words.AtEnd)
                words.Take();
        }

        var times = text.Split('/').Select(Seconds).ToArray();
        if (times.Length is not (2 or 3) || times.Any(time => time is null))
        {
            words.Complain($"expected seconds instead of '{text}'");
            return entry;
        }

        return entry with { UsedAgo = times[0], ConfirmedAgo = times.Length == 3 ? times[1] : null, UpdatedAgo = times[^1] };
    }

    private static TimeSpan? Seconds(string text) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : null;
}

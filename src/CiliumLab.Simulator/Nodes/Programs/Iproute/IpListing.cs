using System.Net.Sockets;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Nodes.Programs.Iproute;

/// <summary>The listings of <c>ip link</c> and <c>ip addr</c>.</summary>
internal static class IpListing
{
    /// <summary><c>ip link show</c>.</summary>
    public static int Links(IpContext context)
    {
        var filter = LinkFilter.Read(context, forAddresses: false);
        var writer = context.Options.Writer();
        var printer = new LinkPrinter(context.Network, context.Options, writer);
        writer.OpenArray();
        foreach (var link in filter.Links(context.Network))
        {
            writer.OpenObject();
            if (context.Options.Brief)
            {
                printer.PrintBrief(link);
                printer.PrintBriefEnd(link);
                writer.Text("\n");
            }
            else
            {
                printer.Print(link, withMode: true, withLinkLayer: true);
            }

            writer.Close();
        }

        writer.Close();
        context.Call.Print(writer.ToString());
        return 0;
    }

    /// <summary><c>ip address show</c>.</summary>
    public static int Addresses(IpContext context)
    {
        var filter = LinkFilter.Read(context, forAddresses: true);
        context.Network.AllAddresses();
        var writer = context.Options.Writer();
        var printer = new LinkPrinter(context.Network, context.Options, writer);

        // The kernel sends less about links to somebody who asks for IPv6 links; with -6 and a device ip asks for that link itself.
        var withQueue = context.Options.Family != AddressFamily.InterNetworkV6 || filter.Device is not null;
        writer.OpenArray();
        foreach (var link in filter.Links(context.Network))
        {
            var addresses = link.Addresses.Where(filter.Fits).ToArray();
            if (addresses.Length == 0 && filter.HidesEmpty)
                continue;
            writer.OpenObject();
            if (context.Options.Brief)
                printer.PrintBrief(link);
            else if (!context.Options.OneLine || writer.IsJson)
                printer.Print(link, withMode: false, withLinkLayer: !filter.HidesLinkLayer, withQueue);
            writer.OpenArray("addr_info");
            foreach (var address in addresses)
            {
                writer.OpenObject();
                Address(context, writer, link, address);
                writer.Close();
            }

            writer.Close();
            if (context.Options is { Statistics: > 0, Brief: false, OneLine: false })
            {
                printer.Statistics(link);
                writer.Text("\n");
            }

            if (context.Options.Brief)
                writer.Text("\n");
            writer.Close();
        }

        writer.Close();
        context.Call.Print(writer.ToString());
        return 0;
    }

    private static void Address(IpContext context, IprouteWriter writer, Link link, LinkAddress address)
    {
        var options = context.Options;
        var v4 = address.Family == AddressFamily.InterNetwork;
        var shade = v4 ? IprouteColor.Inet : IprouteColor.Inet6;
        if (!options.Brief)
        {
            if (options.OneLine)
                writer.Text($"{link.Index}: {link.Name}");
            writer.Any("family", v4 ? "inet" : "inet6", v4 ? "    inet " : "    inet6 ");
        }

        writer.Any("local", address.Address.ToString(), address.Address.ToString(), shade);
        if (address.Peer is { } peer)
        {
            writer.Text(" peer ");
            writer.Any("address", peer.ToString(), peer.ToString(), shade);
        }

        writer.Any("prefixlen", address.PrefixLength, $"/{address.PrefixLength} ");
        if (address.Metric is { } metric)
            writer.Any("metric", metric, $"metric {metric} ");
        if (options.Brief)
            return;
        if (address.Broadcast is { } broadcast)
        {
            writer.Text("brd ");
            writer.Any("broadcast", broadcast.ToString(), broadcast + " ", shade);
        }

        var scope = RoutingNames.Scope(address.Scope);
        writer.Any("scope", scope, $"scope {scope} ");
        Flag("secondary", address.Secondary);
        Flag("dynamic", address.Lease is not null);
        Flag("nodad", address.NoDad);
        Flag("mngtmpaddr", address.ManagesTemporary);
        Flag("noprefixroute", address.NoPrefixRoute);
        if (v4)
            writer.Any("label", address.Label ?? link.Name, address.Label ?? link.Name);
        writer.Text(options.OneLine ? "\\" : "\n");
        Lifetime(context, writer, address);
        writer.Text("\n");

        void Flag(string name, bool set)
        {
            if (set)
                writer.Any(name, true, name + " ");
        }
    }

    private static void Lifetime(IpContext context, IprouteWriter writer, LinkAddress address)
    {
        var now = context.Call.Now;
        writer.Text("       valid_lft ");
        if (address.Lease is { } lease)
        {
            writer.Any("valid_life_time", lease.ValidSeconds(now), $"{lease.ValidSeconds(now)}sec");
            writer.Text(" preferred_lft ");
            writer.Any("preferred_life_time", lease.PreferredSeconds(now), $"{lease.PreferredSeconds(now)}sec");
            return;
        }

        writer.Any("valid_life_time", uint.MaxValue, "forever");
        writer.Text(" preferred_lft ");
        writer.Any("preferred_life_time", uint.MaxValue, "forever");
    }
}

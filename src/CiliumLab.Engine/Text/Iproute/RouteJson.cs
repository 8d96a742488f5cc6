using System.Net;
using System.Net.Sockets;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads the objects of <c>ip -j route</c>.</summary>
internal static class RouteJson
{
    public static IEnumerable<NodeRoute> Read(IEnumerable<IprouteObject> items, string? node, AddressFamily family)
    {
        foreach (var item in items)
        {
            var destination = item.Text("dst");
            var network = destination == "default" ? RouteParts.Default(Family(item) ?? family)
                : destination is null ? null : IprouteNames.Network(destination);
            if (network is { } reached)
                yield return Route(item, node, reached);
            else
                item.Complain("expected a route with a destination");
        }
    }

    private static NodeRoute Route(IprouteObject item, string? node, IPNetwork destination) => new()
    {
        Node = node,
        Type = item.Named("type", IprouteNames.RouteType) ?? RouteType.Unicast,
        Destination = destination,
        Gateway = Gateway(item),
        Interface = item.Text("dev"),
        Nexthops = [.. item.Objects("nexthops").Select(Nexthop)],
        Source = item.Address("prefsrc"),
        From = item.Text("from") is { } from ? IprouteNames.Network(from) : null,
        Metric = item.Number<uint>("metric"),
        Table = item.Text("table") ?? "main",
        Protocol = item.Text("protocol") ?? "boot",
        Scope = item.Named("scope", IprouteNames.Scope) ?? AddressScope.Global,
        Flags = Flags(item),
        Tos = item.Members.TakeWhile(member => !member.NameEquals("encap")).Any(member => member.NameEquals("tos")) ? item.Text("tos") : null,
        Preference = item.Named("pref", IprouteNames.Preference),
        Expires = IprouteNames.Lifetime(item.Number<uint>("expires")),
        NexthopId = item.Number<uint>("nhid"),
        Encapsulation = Encapsulation(item),
        Mtu = item.Objects("metrics").Select(metrics => metrics.Number<int>("mtu")).FirstOrDefault(mtu => mtu is not null),
        Metrics = RouteMetrics.From(item.Objects("metrics")),
    };

    private static RouteNexthop Nexthop(IprouteObject item) => new()
    {
        Gateway = Gateway(item),
        Interface = item.Text("dev"),
        Weight = item.Number<int>("weight") ?? 1,
        Flags = Flags(item),
        Encapsulation = Encapsulation(item),
    };

    private static IPAddress? Gateway(IprouteObject item) => item.Address("gateway") ?? item.Object("via")?.Address("host");

    // Nothing says the family outright; a gateway of the other family stands in "via" and not in "gateway".
    private static AddressFamily? Family(IprouteObject item) =>
        item.Has("pref") ? AddressFamily.InterNetworkV6
        : (item.Address("gateway") ?? item.Address("prefsrc")
            ?? item.Objects("nexthops").Select(path => path.Address("gateway")).FirstOrDefault(gateway => gateway is not null))?.AddressFamily;

    private static RouteFlags Flags(IprouteObject item)
    {
        var flags = RouteFlags.None;
        foreach (var name in item.Texts("flags"))
        {
            if (IprouteNames.RouteFlag(name) is { } flag)
                flags |= flag;
            else
                item.Complain($"unknown flag '{name}'");
        }

        return flags;
    }

    // The encapsulation's members stand among the route's own, between "encap" and the gateway or interface, even a second "dst" or "tos".
    private static string? Encapsulation(IprouteObject item)
    {
        var words = item.Members
            .SkipWhile(member => !member.NameEquals("encap"))
            .TakeWhile(member => member.Name is not ("gateway" or "via" or "dev" or "weight" or "protocol" or "scope" or "metric"))
            .SelectMany(member => member.Name == "encap" ? [member.Value.ToString()] : new[] { member.Name, member.Value.ToString() });
        var text = string.Join(' ', words);
        return text.Length == 0 ? null : text;
    }
}

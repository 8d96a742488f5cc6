using System.Net.Sockets;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Nodes.Programs.Iproute;

/// <summary>Lists routes as ip/iproute.c does. What is filtered by is not printed.</summary>
internal sealed class RouteListing
{
    private int? _table = Route.MainTable;
    private bool _tableGiven;
    private Link? _device;
    private int? _protocol;
    private NetworkScope? _scope;
    private RouteType? _type;
    private System.Net.IPAddress? _gateway;
    private System.Net.IPAddress? _source;
    private uint? _metric;
    private IpPrefix? _root;
    private IpPrefix? _match;
    private IpPrefix? _exact;

    /// <summary><c>ip route show</c>.</summary>
    public static int Show(IpContext context)
    {
        var listing = Read(context);
        var writer = context.Options.Writer();
        writer.OpenArray();
        var failure = "";
        foreach (var family in listing.Families(context))
        {
            if (listing is { _tableGiven: true, _table: { } table } && !context.Network.HasTable(family, table))
            {
                if (family == AddressFamily.InterNetwork)
                    failure = "Error: ipv4: FIB table does not exist.\nDump terminated\n";
                continue;
            }

            foreach (var route in context.Network.Routes(family).Where(listing.Fits))
                listing.Print(context, writer, route);
        }

        if (failure.Length > 0)
            throw new ProgramException(2, failure);
        writer.Close();
        context.Call.Print(writer.ToString());
        return 0;
    }

    /// <summary><c>ip route flush</c>.</summary>
    public static int Flush(IpContext context)
    {
        if (context.Arguments.AtEnd)
            throw new ProgramException(255, "\"ip route flush\" requires arguments.\n");
        var listing = Read(context);
        foreach (var family in listing.Families(context))
        {
            if (listing is { _tableGiven: true, _table: { } table } && !context.Network.HasTable(family, table))
                throw new ProgramException(2, "Error: ipv4: FIB table does not exist.\nFlush terminated\n");
            context.Network.RemoveRoutes(route => route.Family == family && listing.Fits(route) && (listing._table is not null || route.Type != RouteType.Local));
        }

        return 0;
    }

    /// <summary>What <c>ip route get</c> prints.</summary>
    public static void PrintGet(IpContext context, RouteQuery query, Route route)
    {
        var writer = context.Options.Writer();
        var v4 = route.Family == AddressFamily.InterNetwork;
        var shade = v4 ? IprouteColor.Inet : IprouteColor.Inet6;
        writer.OpenArray();
        writer.OpenObject();
        if (route.Type != RouteType.Unicast)
            writer.Any("type", TypeName(route), TypeName(route) + " ");
        writer.Any("dst", query.Destination.ToString(), query.Destination + " ", shade);
        if (query.Source is { } from)
        {
            writer.Text("from ");
            writer.Any("from", from.ToString(), from + " ", shade);
        }
        else if (!v4)
        {
            writer.Text("from :: ");
            writer.Json("from", "::");
        }

        Gateway(writer, route, shade);
        var link = route is { Type: RouteType.Local, Family: AddressFamily.InterNetwork } ? context.Network.Loopback : route.Link!;
        writer.Text("dev ");
        writer.Any("dev", link.Name, link.Name + " ", IprouteColor.Interface);
        if (route.Table != Route.MainTable && !v4)
            writer.Any("table", RoutingNames.Table(route.Table), $"table {RoutingNames.Table(route.Table)} ");
        if (!v4 && route.Protocol != Route.BootProtocol)
            writer.Any("protocol", RoutingNames.Protocol(route.Protocol), $"proto {RoutingNames.Protocol(route.Protocol)} ");
        if (query.Source is null && context.Network.SourceFor(route, query.Destination) is { } source)
        {
            writer.Text("src ");
            writer.Any("prefsrc", source.ToString(), source + " ", shade);
        }

        if (!v4)
            writer.Any("metric", route.Metric, $"metric {route.Metric} ");
        writer.Json("flags", new JsonArray());
        if (query.Mark != 0)
            writer.Any("mark", query.Mark, query.Mark >= 16 ? $"mark 0x{query.Mark:x} " : $"mark {query.Mark} ");
        if (v4)
        {
            writer.Any("uid", context.Call.User.Id, $"uid {context.Call.User.Id} ");
            string[] flags = route.Type switch
            {
                RouteType.Local => ["local"],
                RouteType.Broadcast => ["local", "brd"],
                _ => [],
            };
            writer.Any("cache", new JsonArray([.. flags.Select(flag => (JsonNode)flag)]), "\n    cache " + (flags.Length == 0 ? "" : $"<{string.Join(',', flags)}> "));
        }
        else
        {
            writer.Any("pref", route.Preference, "pref " + route.Preference);
        }

        writer.Text("\n");
        writer.Close();
        writer.Close();
        context.Call.Print(writer.ToString());
    }

    private static RouteListing Read(IpContext context)
    {
        var arguments = context.Arguments;
        var listing = new RouteListing();
        while (!arguments.AtEnd)
        {
            var word = arguments.Take();
            switch (word)
            {
                case "table":
                    var table = arguments.Value();
                    listing._tableGiven = true;
                    listing._table = table is "all" or "0" or "unspec" ? null
                        : RoutingNames.TableNumber(table) ?? throw IprouteArguments.Wrong(table, "table id value is invalid\n");
                    break;
                case "dev" or "oif":
                    listing._device = IprouteArguments.Device(context.Network, arguments.Value());
                    break;
                case "proto" or "protocol":
                    var protocol = arguments.Value();
                    listing._protocol = protocol == "all" ? null : RoutingNames.ProtocolNumber(protocol) ?? throw IprouteArguments.Wrong(protocol, "invalid \"protocol\"\n");
                    break;
                case "scope":
                    var scope = arguments.Value();
                    listing._scope = scope == "all" ? null : RoutingNames.ScopeOf(scope) ?? throw IprouteArguments.Wrong(scope, "invalid \"scope\"\n");
                    break;
                case "type":
                    var type = arguments.Value();
                    listing._type = Enum.TryParse<RouteType>(type, ignoreCase: true, out var known) ? known : throw IprouteArguments.Wrong(type, "node type value is invalid\n");
                    break;
                case "via":
                    listing._gateway = arguments.Address(context.Options.Family);
                    break;
                case "src":
                    listing._source = arguments.Address(context.Options.Family);
                    break;
                case "metric":
                    listing._metric = arguments.Number("metric");
                    break;
                case "root":
                    listing._root = arguments.Prefix(context.Options.Family);
                    break;
                case "match":
                    listing._match = arguments.Prefix(context.Options.Family);
                    break;
                case "exact":
                    listing._exact = arguments.Prefix(context.Options.Family);
                    break;
                default:
                    listing._exact = arguments.Prefix(context.Options.Family, word == "to" ? arguments.Value() : word);
                    break;
            }
        }

        return listing;
    }

    private IEnumerable<AddressFamily> Families(IpContext context)
    {
        var asked = context.Options.Family ?? _exact?.Family ?? _root?.Family ?? _match?.Family;
        if (asked is { } family)
            return [family];
        return _tableGiven && _table is null ? [AddressFamily.InterNetwork, AddressFamily.InterNetworkV6] : [AddressFamily.InterNetwork];
    }

    private bool Fits(Route route) =>
        (_table is null || route.Table == _table)
        && (_device is null || route.Link == _device)
        && (_protocol is null || route.Protocol == _protocol)
        && (_scope is null || route.Scope == _scope)
        && (_type is null || route.Type == _type)
        && (_gateway is null || _gateway.Equals(route.Gateway))
        && (_source is null || _source.Equals(route.PreferredSource))
        && (_metric is null || route.Metric == _metric)
        && (_root is null || _root.Value.Contains(route.Destination))
        && (_match is null || route.Destination.Contains(_match.Value))
        && (_exact is null || route.Destination == _exact.Value.Network);

    private void Print(IpContext context, IprouteWriter writer, Route route)
    {
        var options = context.Options;
        var v4 = route.Family == AddressFamily.InterNetwork;
        var shade = v4 ? IprouteColor.Inet : IprouteColor.Inet6;
        writer.OpenObject();
        if (options.Details || route.Type != RouteType.Unicast)
            writer.Any("type", TypeName(route), (options.Numeric ? ((int)route.Type).ToString() : TypeName(route)) + " ");
        var destination = route.Destination.IsDefault ? "default" : route.Destination.ToString();
        writer.Any("dst", destination, destination + " ", route.Destination.IsDefault ? IprouteColor.None : shade);
        if (_gateway is null)
            Gateway(writer, route, shade);
        if (route.Link is { } link && _device is null)
        {
            writer.Text("dev ");
            writer.Any("dev", link.Name, link.Name + " ", IprouteColor.Interface);
        }

        if (_table is null && (route.Table != Route.MainTable || options.Details))
            writer.Any("table", RoutingNames.Table(route.Table), $"table {RoutingNames.Table(route.Table)} ");
        if (_protocol is null && (route.Protocol != Route.BootProtocol || options.Details))
        {
            var protocol = RoutingNames.Protocol(route.Protocol);
            writer.Any("protocol", protocol, $"proto {(options.Numeric ? route.Protocol.ToString() : protocol)} ");
        }

        if (_scope is null && (route.Scope != NetworkScope.Global || options.Details))
            writer.Any("scope", RoutingNames.Scope(route.Scope), $"scope {(options.Numeric ? ((int)route.Scope).ToString() : RoutingNames.Scope(route.Scope))} ");
        if (route.PreferredSource is { } source && _source is null)
        {
            writer.Text("src ");
            writer.Any("prefsrc", source.ToString(), source + " ", shade);
        }

        if ((route.Metric != 0 || !v4) && _metric is null)
            writer.Any("metric", route.Metric, $"metric {route.Metric} ");
        Flags(writer, route);
        if (route.Lease is { } lease)
            writer.Any("expires", lease.ValidSeconds(context.Call.Now), $"expires {lease.ValidSeconds(context.Call.Now)}sec ");
        if (route.Mtu is { } mtu)
            writer.Any("metrics", new JsonArray(new JsonObject { ["mtu"] = mtu }), $"mtu {mtu} ");
        if (!v4)
            writer.Any("pref", route.Preference, "pref " + route.Preference);
        writer.Text("\n");
        writer.Close();
    }

    private static void Gateway(IprouteWriter writer, Route route, IprouteColor shade)
    {
        if (route.Gateway is not { } gateway)
            return;
        writer.Text("via ");
        writer.Any("gateway", gateway.ToString(), gateway + " ", shade);
    }

    private static void Flags(IprouteWriter writer, Route route)
    {
        string[] flags = [.. new[] { route.OnLink ? "onlink" : "", route.IsLinkDown ? "linkdown" : "" }.Where(flag => flag.Length > 0)];
        writer.Json("flags", new JsonArray([.. flags.Select(flag => (JsonNode)flag)]));
        foreach (var flag in flags)
            writer.Text(flag + " ");
    }

    private static string TypeName(Route route) => route.Type.ToString().ToLowerInvariant();
}

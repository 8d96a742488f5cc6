using System.Net;
using System.Net.Sockets;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>A route while its words and lines come in.</summary>
internal sealed class RouteParts
{
    private static readonly IPNetwork Ipv4Default = new(IPAddress.Any, 0);
    private static readonly IPNetwork Ipv6Default = new(IPAddress.IPv6Any, 0);

    // What may follow an encapsulation, whose own words are as many as its kinds.
    private static readonly string[] BehindEncapsulation = ["via", "dev", "weight", "proto", "scope", "metric"];

    private readonly Dictionary<string, string> _metrics = new(StringComparer.Ordinal);
    private readonly List<RouteNexthop> _nexthops = [];
    private readonly bool _isDefault;
    private NodeRoute _route;
    private AddressFamily? _family;

    private RouteParts(NodeRoute route, bool isDefault)
    {
        _route = route;
        _isDefault = isDefault;
    }

    /// <summary>Takes the type, if there is one, and the destination; null when a line does not begin so.</summary>
    public static RouteParts? Begin(string? node, IprouteWords words)
    {
        var type = RouteType.Unicast;
        var word = words.TakeOrNull();
        if (word is not null && IprouteNames.RouteType(word) is { } named)
        {
            type = named;
            word = words.TakeOrNull();
        }

        var isDefault = word == "default";
        if (word is null || (!isDefault && IprouteNames.Network(word) is null))
            return null;
        var destination = isDefault ? Ipv4Default : IprouteNames.Network(word)!.Value;
        return new RouteParts(new NodeRoute { Node = node, Type = type, Destination = destination }, isDefault);
    }

    /// <summary>Which of the two networks of length zero is meant.</summary>
    public static IPNetwork Default(AddressFamily family) => family == AddressFamily.InterNetworkV6 ? Ipv6Default : Ipv4Default;

    /// <summary>Takes the words behind the destination.</summary>
    public void AddWords(IprouteWords words)
    {
        while (!words.AtEnd)
            AddWord(words);
    }

    /// <summary>Takes a line that belongs to the route: a path, a nexthop object, or the cache's view.</summary>
    public void AddLine(IprouteWords words)
    {
        switch (words.Take())
        {
            case "nexthop":
                _nexthops.Add(Nexthop(words));
                break;
            default:
                // A nexthop object's paths are printed again as the route's; the cache repeats settings of the route that it cloned.
                words.TakeRest();
                break;
        }
    }

    /// <summary>The route.</summary>
    /// <param name="family">What <c>default</c> means when nothing in the route tells.</param>
    public NodeRoute Finish(AddressFamily family) => _route with
    {
        Destination = _isDefault ? Default(_family ?? family) : _route.Destination,
        Nexthops = _nexthops,
        Metrics = _metrics,
    };

    private void AddWord(IprouteWords words)
    {
        var word = words.Take()!;
        switch (word)
        {
            case "via":
                _route = _route with { Gateway = Gateway(words) };
                break;
            case "dev":
                _route = _route with { Interface = words.Take() };
                break;
            case "table":
                _route = _route with { Table = words.Take() ?? _route.Table };
                break;
            case "proto":
                _route = _route with { Protocol = words.Take() ?? _route.Protocol };
                break;
            case "scope":
                _route = _route with { Scope = words.Named(IprouteNames.Scope, "scope") ?? AddressScope.Global };
                break;
            case "src":
                _route = _route with { Source = OwnFamily(words.Address()) };
                break;
            case "from":
                _route = _route with { From = Sources(words) };
                break;
            case "metric":
                _route = _route with { Metric = words.Number<uint>() };
                break;
            case "tos" or "dsfield":
                _route = _route with { Tos = words.Take() };
                break;
            case "nhid":
                _route = _route with { NexthopId = words.Number<uint>() };
                break;
            case "encap":
                _route = _route with { Encapsulation = words.Until(BehindEncapsulation) };
                break;
            case "expires":
                _route = _route with { Expires = IprouteNames.Lifetime(words.Number<uint>("sec")) };
                break;
            case "pref":
                _family ??= AddressFamily.InterNetworkV6;
                _route = _route with { Preference = words.Named(IprouteNames.Preference, "preference") };
                break;
            case "mtu":
                words.TakeIf("lock");
                _route = _route with { Mtu = words.Number<int>() };
                break;
            case "error" or "uid" or "iif" or "users" or "age" or "as" or "flow" or "realm" or "realms" or "mark" or "ttl-propagate":
                words.Take();
                break;
            case { } when RouteMetrics.IsName(word):
                RouteMetrics.Add(_metrics, word, words);
                break;
            case { } when IprouteNames.RouteFlag(word) is { } flag:
                _route = _route with { Flags = _route.Flags | flag };
                break;
            default:
                words.Complain($"unknown word '{word}'");
                break;
        }
    }

    private RouteNexthop Nexthop(IprouteWords words)
    {
        var path = new RouteNexthop();
        while (!words.AtEnd)
        {
            var word = words.Take()!;
            switch (word)
            {
                case "via":
                    path = path with { Gateway = Gateway(words) };
                    break;
                case "dev":
                    path = path with { Interface = words.Take() };
                    break;
                case "weight":
                    path = path with { Weight = words.Number<int>() ?? 1 };
                    break;
                case "encap":
                    path = path with { Encapsulation = words.Until(BehindEncapsulation) };
                    break;
                case "realm" or "realms":
                    words.Take();
                    break;
                case { } when IprouteNames.RouteFlag(word) is { } flag:
                    path = path with { Flags = path.Flags | flag };
                    break;
                default:
                    words.Complain($"unknown word '{word}'");
                    break;
            }
        }

        return path;
    }

    // A gateway of the other family is printed with its family in front.
    private IPAddress? Gateway(IprouteWords words) =>
        words.TakeIf("inet6") || words.TakeIf("inet") ? words.Address() : OwnFamily(words.Address());

    private IPAddress? OwnFamily(IPAddress? address)
    {
        _family ??= address?.AddressFamily;
        return address;
    }

    private IPNetwork? Sources(IprouteWords words)
    {
        if (words.Take() is not { } text)
            return null;
        if (text == "default")
            return null;
        var network = IprouteNames.Network(text);
        if (network is null)
            words.Complain($"expected a network instead of '{text}'");
        _family ??= network?.BaseAddress.AddressFamily;
        return network;
    }
}

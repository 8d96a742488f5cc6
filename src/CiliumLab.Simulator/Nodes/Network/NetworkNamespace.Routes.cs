using System.Net;
using System.Net.Sockets;

namespace CiliumLab.Simulator.Nodes.Network;

/// <summary>What to do when there is such a route (NLM_F_*).</summary>
internal enum RouteChange
{
    Add,
    Append,
    Replace,
    Change,
}

/// <summary>A packet as far as routing looks at it.</summary>
internal sealed record RouteQuery(IPAddress Destination)
{
    public IPAddress? Source { get; init; }

    public uint Mark { get; init; }

    public string? InInterface { get; init; }

    public Link? OutLink { get; init; }
}

internal sealed partial class NetworkNamespace
{
    private readonly List<Route> _routes = [];
    private readonly List<RoutingRule> _rules4 = [];
    private readonly List<RoutingRule> _rules6 = [];
    private readonly HashSet<(AddressFamily Family, int Table)> _tables = [];

    /// <summary>The routes of a family in the order in which the kernel lists them.</summary>
    public IReadOnlyList<Route> Routes(AddressFamily family)
    {
        lock (_kernel.Gate)
        {
            Expire();
            var mine = _routes.Where(route => route.Family == family).Select((route, arrival) => (route, arrival)).ToList();

            // The tables lie in a hash of 256 buckets; IPv4 walks a trie, IPv6 a radix tree that names longer prefixes first.
            mine.Sort((first, second) =>
            {
                var order = (first.route.Table & 255).CompareTo(second.route.Table & 255);
                if (order == 0)
                    order = first.route.Table.CompareTo(second.route.Table);
                if (order == 0)
                {
                    order = family == AddressFamily.InterNetwork
                        ? first.route.Destination.CompareTo(second.route.Destination)
                        : PostOrder(first.route.Destination, second.route.Destination);
                }

                if (order == 0)
                    order = first.route.Metric.CompareTo(second.route.Metric);
                return order == 0 ? first.arrival.CompareTo(second.arrival) : order;
            });
            return [.. mine.Select(entry => entry.route)];
        }
    }

    /// <summary>The rules of a family by priority.</summary>
    public IReadOnlyList<RoutingRule> Rules(AddressFamily family)
    {
        lock (_kernel.Gate)
            return [.. RuleList(family)];
    }

    /// <summary>Whether a table was ever used; the kernel does not know others.</summary>
    public bool HasTable(AddressFamily family, int table)
    {
        lock (_kernel.Gate)
        {
            return table is Route.MainTable or Route.LocalTable || _tables.Contains((family, table)) || _routes.Exists(route => route.Family == family && route.Table == table)
                || (table == Route.DefaultTable && RuleList(family).Exists(rule => rule.Table == table));
        }
    }

    /// <summary>Adds a route as a user asks for it.</summary>
    public void AddRoute(Route route, RouteChange change)
    {
        lock (_kernel.Gate)
        {
            Expire();
            route = Resolve(route);
            var same = _routes.FindIndex(other => other.Destination == route.Destination && other.Table == route.Table && other.Metric == route.Metric);
            switch (change)
            {
                case RouteChange.Add when same >= 0:
                    throw new KernelException(Errno.Exists);
                case RouteChange.Append when _routes.Contains(route):
                    throw new KernelException(Errno.Exists);
                case RouteChange.Change when same < 0:
                    throw new KernelException(Errno.NoSuchFile);
                case RouteChange.Change or RouteChange.Replace when same >= 0:
                    _routes[same] = route;
                    break;
                default:
                    _routes.Add(route);
                    break;
            }

            _tables.Add((route.Family, route.Table));
        }
    }

    /// <summary>Removes the first route that fits.</summary>
    public void RemoveRoute(AddressFamily family, Func<Route, bool> fits)
    {
        lock (_kernel.Gate)
        {
            if (Routes(family).FirstOrDefault(fits) is not { } route)
                throw new KernelException(Errno.NoSuchProcess);
            _routes.Remove(route);
        }
    }

    /// <summary>Removes all routes that fit.</summary>
    /// <returns>How many they were.</returns>
    public int RemoveRoutes(Func<Route, bool> fits)
    {
        lock (_kernel.Gate)
            return _routes.RemoveAll(route => fits(route));
    }

    /// <summary>Adds a rule.</summary>
    public void AddRule(AddressFamily family, RoutingRule rule)
    {
        lock (_kernel.Gate)
        {
            var rules = RuleList(family);
            if (rules.Contains(rule))
                throw new KernelException(Errno.Exists);
            var at = rules.FindIndex(other => other.Priority > rule.Priority);
            rules.Insert(at < 0 ? rules.Count : at, rule);
            _tables.Add((family, rule.Table));
        }
    }

    /// <summary>Removes the first rule that fits.</summary>
    public void RemoveRule(AddressFamily family, Func<RoutingRule, bool> fits)
    {
        lock (_kernel.Gate)
        {
            var rules = RuleList(family);
            var at = rules.FindIndex(rule => fits(rule));
            if (at < 0)
                throw new KernelException(Errno.NoSuchFile);
            rules.RemoveAt(at);
        }
    }

    /// <summary>Removes every rule but that of the local table.</summary>
    public void FlushRules(AddressFamily family)
    {
        lock (_kernel.Gate)
            RuleList(family).RemoveAll(rule => rule.Priority != 0);
    }

    /// <summary>Finds the way of a packet.</summary>
    /// <exception cref="KernelException">There is none, or a route forbids it.</exception>
    public Route Lookup(RouteQuery query)
    {
        lock (_kernel.Gate)
        {
            Expire();
            var family = query.Destination.AddressFamily;
            foreach (var rule in RuleList(family).Where(rule => Fits(rule, query)))
            {
                var best = _routes
                    .Where(route => route.Table == rule.Table && route.Destination.Contains(query.Destination))
                    .Where(route => query.OutLink is null || route.Link == query.OutLink || route.Type == RouteType.Local)
                    .OrderByDescending(route => route.Destination.Length)
                    .ThenBy(route => route.Metric)
                    .FirstOrDefault();
                switch (best?.Type)
                {
                    case null or RouteType.Throw:
                        continue;
                    case RouteType.Blackhole:
                        throw new KernelException(Errno.Invalid);
                    case RouteType.Unreachable:
                        throw new KernelException(Errno.HostUnreachable);
                    case RouteType.Prohibit:
                        throw new KernelException(Errno.PermissionDenied);
                    default:
                        return best;
                }
            }

            throw new KernelException(Errno.NetworkUnreachable);
        }
    }

    /// <summary>The sender's address for packets that take a route.</summary>
    public IPAddress? SourceFor(Route route, IPAddress destination)
    {
        lock (_kernel.Gate)
        {
            if (route.Type == RouteType.Local && destination.AddressFamily == AddressFamily.InterNetwork)
                return destination;
            if (route.PreferredSource is { } preferred)
                return preferred;
            var next = route.Gateway ?? destination;
            var here = (route.Link?.Addresses ?? []).Where(address => address.Family == destination.AddressFamily && address.Scope != NetworkScope.Host).ToArray();
            var all = _links.SelectMany(link => link.Addresses).Where(address => address.Family == destination.AddressFamily && address.Scope == NetworkScope.Global);
            return here.FirstOrDefault(address => !address.Secondary && address.Prefix.Contains(next) && (address.Scope == NetworkScope.Global || destination.IsIPv6LinkLocal))?.Address
                ?? here.FirstOrDefault(address => !address.Secondary && address.Scope == NetworkScope.Global)?.Address
                ?? all.FirstOrDefault()?.Address
                ?? here.FirstOrDefault()?.Address;
        }
    }

    private static bool Fits(RoutingRule rule, RouteQuery query)
    {
        var fits = (rule.Source is not { } source || (query.Source is { } sender && source.Contains(sender)))
            && (rule.Destination is not { } destination || destination.Contains(query.Destination))
            && (rule.Mark is not { } mark || (query.Mark & rule.MarkMask) == mark)
            && (rule.InInterface is not { } incoming || incoming == query.InInterface)
            && (rule.OutInterface is not { } outgoing || outgoing == query.OutLink?.Name);
        return fits != rule.Not;
    }

    private static int PostOrder(IpPrefix first, IpPrefix second)
    {
        if (first == second)
            return 0;
        if (first.Contains(second))
            return 1;
        return second.Contains(first) ? -1 : first.CompareTo(second);
    }

    private List<RoutingRule> RuleList(AddressFamily family) => family == AddressFamily.InterNetwork ? _rules4 : _rules6;

    private void Install(Route route)
    {
        if (!_routes.Contains(route))
            _routes.Add(route);
    }

    private Route Resolve(Route route)
    {
        if (route.Destination.Network != route.Destination)
            throw new KernelException(Errno.Invalid, "Invalid prefix for given prefix length");
        if (route.Family == AddressFamily.InterNetworkV6 && route.Metric == 0)
            route = route with { Metric = 1024 };
        if (route.Type is RouteType.Blackhole or RouteType.Unreachable or RouteType.Prohibit or RouteType.Throw)
            return route;
        if (route.Gateway is { } gateway && !(route.OnLink && route.Link is not null))
        {
            if (OwnerOf(gateway) is not null && route.Family == AddressFamily.InterNetworkV6)
                throw new KernelException(Errno.Invalid, "Gateway can not be a local address");
            var way = FindWayTo(gateway, route.Link);
            if (way is not { Gateway: null, Type: RouteType.Unicast or RouteType.Local })
                throw new KernelException(way is null ? Errno.NetworkUnreachable : Errno.Invalid, "Nexthop has invalid gateway");
            route = route with { Link = way.Link };
        }

        if (route.Link is null)
            throw new KernelException(Errno.NoSuchDevice);
        if (!route.Link.IsUp)
            throw new KernelException(Errno.NetworkUnreachable, route.Gateway is null ? "Device for nexthop is not up" : "Nexthop device is not up");
        if (route.PreferredSource is { } source && OwnerOf(source) is null)
            throw new KernelException(Errno.Invalid, "Invalid prefsrc address");
        return route;
    }

    private Route? FindWayTo(IPAddress gateway, Link? link)
    {
        if (gateway.IsIPv6LinkLocal && link is not null)
            return new Route(IpPrefix.Host(gateway)) { Link = link };
        try
        {
            return Lookup(new RouteQuery(gateway) { OutLink = link });
        }
        catch (KernelException)
        {
            return null;
        }
    }
}

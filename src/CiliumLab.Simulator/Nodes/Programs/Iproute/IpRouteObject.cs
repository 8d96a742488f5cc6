using System.Net.Sockets;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Nodes.Programs.Iproute;

/// <summary><c>ip route</c>.</summary>
internal static class IpRouteObject
{
    private const string Usage = """
        Usage: ip route { list | flush } SELECTOR
               ip route get ADDRESS [ from ADDRESS iif STRING ] [ oif STRING ] [ mark NUMBER ]
               ip route { add | del | change | append | replace } ROUTE
        SELECTOR := [ root PREFIX ] [ match PREFIX ] [ exact PREFIX ]
                    [ table TABLE_ID ] [ proto RTPROTO ]
                    [ type TYPE ] [ scope SCOPE ]
        ROUTE := [ TYPE ] PREFIX [ table TABLE_ID ] [ proto RTPROTO ] [ scope SCOPE ] [ metric METRIC ]
                 [ via ADDRESS ] [ dev STRING ] [ src ADDRESS ] [ mtu NUMBER ] [ onlink ]

        """;

    /// <summary>Runs the command.</summary>
    public static int Run(IpContext context)
    {
        var arguments = context.Arguments;
        if (arguments.Peek is not { } command)
            return RouteListing.Show(context);
        if (command is "add" or "a")
            return Changing(RouteChange.Add);
        if (IprouteArguments.Matches(command, "append"))
            return Changing(RouteChange.Append);
        if (command is "change" or "chg")
            return Changing(RouteChange.Change);
        if (IprouteArguments.Matches(command, "replace"))
            return Changing(RouteChange.Replace);
        if (IprouteArguments.Matches(command, "delete"))
            return Changing(null);
        if (IprouteArguments.Matches(command, "get"))
        {
            arguments.Take();
            return Get(context);
        }

        if (IprouteArguments.Matches(command, "flush"))
        {
            arguments.Take();
            context.RequireRoot();
            return RouteListing.Flush(context);
        }

        if (command is "show" or "s" or "sh" or "list" or "lst" or "ls" or "l")
        {
            arguments.Take();
            return RouteListing.Show(context);
        }

        throw IpContext.Unknown(command, "ip route help");

        int Changing(RouteChange? change)
        {
            arguments.Take();
            if (arguments.AtEnd)
                throw new ProgramException(255, Usage);
            context.RequireRoot();
            Change(context, RouteRequest.Read(context), change);
            return 0;
        }
    }

    private static void Change(IpContext context, RouteRequest request, RouteChange? change)
    {
        var network = context.Network;
        if (change is { } how)
        {
            var route = request.Route(network);
            IprouteArguments.Tell(() => network.AddRoute(route, how));
            return;
        }

        var family = request.Destination.Family;
        if (request.Table is { } table && !network.HasTable(family, table))
            throw new ProgramException(2, "RTNETLINK answers: No such process\n");
        var link = request.Device is { } device ? IprouteArguments.Device(network, device) : null;
        IprouteArguments.Tell(() => network.RemoveRoute(family, other =>
            other.Destination == request.Destination
            && other.Table == (request.Table ?? (request.Type is RouteType.Local or RouteType.Broadcast or RouteType.Anycast ? Route.LocalTable : Route.MainTable))
            && (request.Type is null || other.Type == request.Type)
            && (request.Gateway is null || request.Gateway.Equals(other.Gateway))
            && (link is null || other.Link == link)
            && (request.Metric is null || other.Metric == request.Metric)
            && (request.Protocol is null || other.Protocol == request.Protocol)
            && (request.Scope is null || other.Scope == request.Scope)
            && (request.Source is null || request.Source.Equals(other.PreferredSource))));
    }

    private static int Get(IpContext context)
    {
        var arguments = context.Arguments;
        if (arguments.AtEnd)
            throw new ProgramException(255, "need at least a destination address\n");
        var query = new RouteQuery(System.Net.IPAddress.Any);
        var asked = false;
        while (!arguments.AtEnd)
        {
            var word = arguments.Take();
            switch (word)
            {
                case "from":
                    query = query with { Source = arguments.Prefix(context.Options.Family).Address };
                    break;
                case "oif" or "dev":
                    query = query with { OutLink = IprouteArguments.Device(context.Network, arguments.Value()) };
                    break;
                case "iif":
                    query = query with { InInterface = IprouteArguments.Device(context.Network, arguments.Value()).Name };
                    break;
                case "mark":
                    query = query with { Mark = arguments.Number("mark") };
                    break;
                default:
                    query = query with { Destination = arguments.Prefix(context.Options.Family, word == "to" ? arguments.Value() : word).Address };
                    asked = true;
                    break;
            }
        }

        if (!asked)
            throw new ProgramException(255, "need at least a destination address\n");
        Route route;
        try
        {
            if (query is { Source: { } source, InInterface: null } && context.Network.OwnerOf(source) is null)
                throw new KernelException(Errno.NetworkUnreachable);
            route = context.Network.Lookup(query);
        }
        catch (KernelException refusal)
        {
            throw IprouteArguments.Refused(refusal);
        }

        RouteListing.PrintGet(context, query, route);
        return 0;
    }
}

/// <summary>A route as a user writes it.</summary>
internal sealed record RouteRequest(IpPrefix Destination)
{
    public RouteType? Type { get; init; }

    public System.Net.IPAddress? Gateway { get; init; }

    public string? Device { get; init; }

    public int? Table { get; init; }

    public int? Protocol { get; init; }

    public NetworkScope? Scope { get; init; }

    public System.Net.IPAddress? Source { get; init; }

    public uint? Metric { get; init; }

    public int? Mtu { get; init; }

    public bool OnLink { get; init; }

    /// <summary>Reads the words of add, del and the like.</summary>
    public static RouteRequest Read(IpContext context)
    {
        var arguments = context.Arguments;
        var request = new RouteRequest(default(IpPrefix));
        IpPrefix? destination = null;
        while (!arguments.AtEnd)
        {
            var word = arguments.Take();
            switch (word)
            {
                case "via":
                    if (arguments.Peek is "inet" or "inet6")
                        arguments.Take();
                    request = request with { Gateway = arguments.Address(destination is { IsDefault: false } known ? known.Family : context.Options.Family) };
                    if (destination is { IsDefault: true } every && every.Family != request.Gateway.AddressFamily)
                        destination = IpPrefix.Default(request.Gateway.AddressFamily);
                    break;
                case "dev" or "oif":
                    request = request with { Device = arguments.Value() };
                    break;
                case "src":
                    request = request with { Source = arguments.Address(destination?.Family ?? context.Options.Family) };
                    break;
                case "table":
                    var table = arguments.Value();
                    request = request with { Table = RoutingNames.TableNumber(table) ?? throw IprouteArguments.Wrong(table, "\"table\" value is invalid\n") };
                    break;
                case "proto" or "protocol":
                    var protocol = arguments.Value();
                    request = request with { Protocol = RoutingNames.ProtocolNumber(protocol) ?? throw IprouteArguments.Wrong(protocol, "\"protocol\" value is invalid\n") };
                    break;
                case "scope":
                    var scope = arguments.Value();
                    request = request with { Scope = RoutingNames.ScopeOf(scope) ?? throw IprouteArguments.Wrong(scope, "invalid \"scope\" value\n") };
                    break;
                case "metric" or "priority" or "preference":
                    request = request with { Metric = arguments.Number("metric") };
                    break;
                case "mtu":
                    request = request with { Mtu = (int)arguments.Number("mtu") };
                    break;
                case "onlink":
                    request = request with { OnLink = true };
                    break;
                case "unicast" or "local" or "broadcast" or "anycast" or "multicast" or "blackhole" or "unreachable" or "prohibit" or "throw":
                    request = request with { Type = Enum.Parse<RouteType>(word, ignoreCase: true) };
                    break;
                default:
                    if (word == "to")
                        word = arguments.Value();
                    if (destination is not null)
                        throw new ProgramException(255, $"Error: either \"to\" is duplicate, or \"{word}\" is a garbage.\n");
                    destination = arguments.Prefix(context.Options.Family, word);
                    break;
            }
        }

        return request with { Destination = destination ?? IpPrefix.Default(request.Gateway?.AddressFamily ?? context.FamilyOrIpv4) };
    }

    /// <summary>The route, with what ip itself fills in.</summary>
    public Route Route(NetworkNamespace network)
    {
        var type = Type ?? RouteType.Unicast;
        var v4 = Destination.Family == AddressFamily.InterNetwork;
        var local = type is RouteType.Local or RouteType.Broadcast or RouteType.Anycast;
        var nowhere = type is RouteType.Blackhole or RouteType.Unreachable or RouteType.Prohibit or RouteType.Throw;
        var link = Device is { } device ? IprouteArguments.Device(network, device) : null;
        if (link is null && Gateway is null && !nowhere)
            throw new ProgramException(2, "RTNETLINK answers: No such device\n");
        return new Route(Destination)
        {
            Type = type,
            Gateway = Gateway,
            Link = link ?? (nowhere && !v4 ? network.Loopback : null),
            Table = Table ?? (local ? Network.Route.LocalTable : Network.Route.MainTable),
            Protocol = Protocol ?? Network.Route.BootProtocol,
            Scope = Scope ?? (!v4 ? NetworkScope.Global : type == RouteType.Local ? NetworkScope.Host
                : type is RouteType.Broadcast or RouteType.Multicast or RouteType.Anycast || (type == RouteType.Unicast && Gateway is null) ? NetworkScope.Link : NetworkScope.Global),
            PreferredSource = Source,
            Metric = Metric ?? 0,
            Mtu = Mtu,
            OnLink = OnLink,
        };
    }
}

using System.Net;
using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Paths;

/// <summary>Where a node sends a packet.</summary>
internal enum NextHopKind
{
    /// <summary>Nowhere: there is no route, or one that refuses.</summary>
    None,

    /// <summary>To itself: the address is its own.</summary>
    Itself,

    /// <summary>To a pod of its own, through an interface.</summary>
    Pod,

    /// <summary>To another node, through a tunnel.</summary>
    Tunnel,

    /// <summary>To another node, as it is.</summary>
    Wire,

    /// <summary>Out of the lab.</summary>
    Outside,
}

/// <summary>Where a node sends a packet, and what says so.</summary>
internal sealed record NextHop(NextHopKind Kind, NodeRoute? Route)
{
    private static readonly string[] Tables = ["local", "main", "default"];

    /// <summary>The interface that the packet leaves by.</summary>
    public NodeInterface? Link { get; init; }

    /// <summary>The router or tunnel end that it goes to; null when the receiver is on the link.</summary>
    public IPAddress? Gateway { get; init; }

    /// <summary>The node that gets it; null when it is none of the lab.</summary>
    public string? Node { get; init; }

    /// <summary>What is missing, when the packet goes nowhere.</summary>
    public string? Missing { get; init; }

    /// <summary>What that rests on.</summary>
    public IReadOnlyList<PathEvidence> Evidence { get; init; } = [];

    /// <summary>Asks a node's routes, and for a tunnel its neighbours and forwarding database.</summary>
    public static async Task<NextHop> FindAsync(PathFacts facts, NodeFacts node, IPAddress destination)
    {
        var route = Best(await node.RoutesAsync().ConfigureAwait(false), destination);
        var shown = $"Get-NodeRoute -Node {node.Node} -Destination {destination}";
        if (route is null)
            return new NextHop(NextHopKind.None, null) { Missing = $"{node.Node} has no route to {destination}", Evidence = [new("no route", shown)] };
        var path = route.Nexthops is [var first, ..] ? first : new RouteNexthop { Gateway = route.Gateway, Interface = route.Interface };
        var hop = new NextHop(NextHopKind.None, route)
        {
            Link = (await node.InterfacesAsync().ConfigureAwait(false)).FirstOrDefault(link => link.Name == path.Interface),
            Gateway = path.Gateway,
            Evidence = [new($"{route.Destination}{(path.Gateway is null ? "" : $" via {path.Gateway}")} dev {path.Interface}", route.Type == RouteType.Local ? shown + " -Table local" : shown)],
        };
        return route.Type switch
        {
            RouteType.Local => hop with { Kind = NextHopKind.Itself, Node = node.Node },
            not RouteType.Unicast => hop with { Missing = $"the route {route.Destination} of {node.Node} is {route.Type.ToString().ToLowerInvariant()}" },
            _ when hop.Link is null => hop with { Missing = $"interface {path.Interface} of {node.Node} is gone" },
            _ when hop.Link.State is InterfaceState.Down or InterfaceState.LowerLayerDown => hop with { Missing = $"interface {path.Interface} of {node.Node} is down" },
            _ when hop.Link.Kind is "vxlan" or "geneve" => await TunnelAsync(facts, node, hop, destination).ConfigureAwait(false),
            _ when hop.Link.Kind is "veth" or "bridge" or "netkit" && path.Gateway is null => hop with { Kind = NextHopKind.Pod, Node = node.Node },
            _ => await WireAsync(facts, hop, destination).ConfigureAwait(false),
        };
    }

    // The kernel asks the table of its own addresses first.
    private static NodeRoute? Best(IReadOnlyList<NodeRoute> routes, IPAddress destination) =>
        Tables
            .Select(table => routes
                .Where(route => route.Table == table && route.Family == destination.AddressFamily && route.Destination.Contains(destination))
                .OrderByDescending(route => route.Destination.PrefixLength).ThenBy(route => route.Metric ?? 0)
                .FirstOrDefault())
            .FirstOrDefault(route => route is not null);

    private static async Task<NextHop> WireAsync(PathFacts facts, NextHop hop, IPAddress destination)
    {
        var next = await facts.NodeAtAsync(hop.Gateway ?? destination).ConfigureAwait(false);
        return next is not null
            ? hop with { Kind = NextHopKind.Wire, Node = next }
            : hop with { Kind = NextHopKind.Outside };
    }

    private static async Task<NextHop> TunnelAsync(PathFacts facts, NodeFacts node, NextHop hop, IPAddress destination)
    {
        var (device, next) = (hop.Link!.Name, hop.Gateway ?? destination);
        var neighbors = await node.NeighborsAsync().ConfigureAwait(false);
        var mac = neighbors.FirstOrDefault(one => one.Table == NeighborTable.Arp && one.Interface == device && next.Equals(one.Address))?.Mac;
        if (mac is null)
        {
            return hop with
            {
                Missing = $"{node.Node} has no neighbour entry for {next} on {device}",
                Evidence = [.. hop.Evidence, new($"no entry for {next}", $"Get-NodeNeighbor -Node {node.Node} -Table Arp -Interface {device}")],
            };
        }

        var end = neighbors.FirstOrDefault(one => one.Table == NeighborTable.Fdb && one.Interface == device && one.Mac == mac && one.Address is not null)?.Address;
        var evidence = (PathEvidence[])
        [
            .. hop.Evidence,
            new($"{next} is at {mac}", $"Get-NodeNeighbor -Node {node.Node} -Table Arp -Interface {device}"),
            new(end is null ? $"no entry for {mac}" : $"{mac} is behind {end}", $"Get-NodeNeighbor -Node {node.Node} -Table Fdb -Interface {device}"),
        ];
        return end is null
            ? hop with { Missing = $"{node.Node} has no forwarding entry of {device} for {mac}", Evidence = evidence }
            : hop with { Kind = NextHopKind.Tunnel, Gateway = end, Node = await facts.NodeAtAsync(end).ConfigureAwait(false), Evidence = evidence };
    }
}

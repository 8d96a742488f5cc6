using System.Net;
using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Paths;

/// <summary>The packet's way from node to node, until it is at its receiver or gets stuck.</summary>
internal static class ForwardStep
{
    private const int MostNodes = 4;

    /// <summary>Goes on from the sender's node.</summary>
    public static async Task GoAsync(PathWay way)
    {
        var (node, from) = (way.SourceNode, way.Port?.Link);
        if (way.Port?.Endpoint is { } endpoint)
        {
            var entry = await CiliumStep.LeaveAsync(way, endpoint).ConfigureAwait(false);
            if (way.Trace.Stopped || await ByDatapathAsync(way, node, entry).ConfigureAwait(false))
                return;
        }

        for (var count = 0; count < MostNodes; count++)
        {
            var next = await NextHop.FindAsync(way.Facts, node, way.Packet.Destination).ConfigureAwait(false);
            if (!await TakeAsync(way, node, from, next).ConfigureAwait(false))
                return;
            (node, from) = (way.Facts.Node(next.Node!), await ReceivingLinkAsync(way, next).ConfigureAwait(false));
            if (!await ArrivalStep.AtNodeAsync(way, node, from).ConfigureAwait(false))
                return;
        }

        way.Trace.Stop(RouteHop(way, node, new NextHop(NextHopKind.None, null), "the nodes send the packet round in a circle"), "the routes of the nodes form a circle", "See the routes of all nodes: Get-NodeRoute");
    }

    /// <summary>What would explain that a receiver cannot be reached, and mend it.</summary>
    internal static (string Reason, string Remedy) Explain(PathWay way, NodeFacts node, string missing)
    {
        if (StaleAddress.Of(way.Facts.PodAt(way.Packet.Destination)) is { } stale)
            return stale;
        var shared = way.Facts.Nodes.SelectMany(one => one.InternalIps).GroupBy(address => address).FirstOrDefault(group => group.Count() > 1)?.Key;
        if (shared is not null)
            return ($"{missing}: several nodes have the InternalIP {shared}, so nobody can tell them apart", "Set-NodeInternalIp -Interface eth1");
        return way.Facts.Network.Cni switch
        {
            CniKind.None => ($"{missing}: no CNI is in charge", "Install-Cni Flannel, or Install-Cni Cilium"),
            CniKind.Cilium => (missing, $"See whether agents make routes to other nodes (auto-direct-node-routes) and know them: Get-CniValue Cilium; Get-CiliumNode; Get-CiliumStatus -Node {node.Node}"),
            _ => (missing, $"See what the CNI's pod on the node says: Get-LabPod -Namespace kube-flannel -Node {node.Node} | Format-List"),
        };
    }

    // Cilium delivers to its own endpoints, and into tunnels, before a route is asked.
    private static async Task<bool> ByDatapathAsync(PathWay way, NodeFacts node, CiliumIpCacheEntry? entry)
    {
        var destination = way.Packet.Destination;
        if ((await node.EndpointsAsync().ConfigureAwait(false)).Any(one => destination.Equals(one.IPv4) || destination.Equals(one.IPv6)))
        {
            await ArrivalStep.AtPodAsync(way, node).ConfigureAwait(false);
            return true;
        }

        if ((await node.AgentAsync().ConfigureAwait(false)) is not { Routing: CiliumRoutingMode.Tunnel } agent || entry?.TunnelEndpoint is not { } end)
            return false;
        var hop = TunnelHop(way, node, $"cilium_{agent.TunnelProtocol}", end, [new($"{entry.Prefix}: tunnel endpoint {end}", $"Get-CiliumIpCache -Node {node.Node}")]);
        if (await FarEndAsync(way, node, hop, end).ConfigureAwait(false) is not { } name)
            return true;
        way.Trace.Add(hop);
        var next = way.Facts.Node(name);
        if (await ArrivalStep.AtNodeAsync(way, next, null).ConfigureAwait(false))
            await ArrivalStep.AtPodAsync(way, next).ConfigureAwait(false);
        return true;
    }

    // The node at the other end of a tunnel; null when there is none, which ends the way.
    private static async Task<string?> FarEndAsync(PathWay way, NodeFacts node, PathHop hop, IPAddress end)
    {
        if (await node.HasAsync(end).ConfigureAwait(false))
        {
            var (reason, remedy) = Explain(way, node, $"the tunnel's end {end} is an address of {node.Node} itself");
            way.Trace.Stop(hop, reason, remedy);
            return null;
        }

        var name = await way.Facts.NodeAtAsync(end).ConfigureAwait(false);
        if (name is null)
            way.Trace.Stop(hop, $"no node of the lab has the tunnel's end {end}", "See the nodes' addresses: Get-LabNode; Get-CiliumNode");
        return name;
    }

    // False when the way ends here, well or not.
    private static async Task<bool> TakeAsync(PathWay way, NodeFacts node, NodeInterface? from, NextHop next)
    {
        if (next.Kind == NextHopKind.None)
        {
            var (reason, remedy) = Explain(way, node, next.Missing!);
            way.Trace.Stop(RouteHop(way, node, next, $"{node.Node} does not know where to send the packet"), reason, remedy);
            return false;
        }

        if (next.Kind == NextHopKind.Outside && way.Facts.IsInside(way.Packet.Destination))
        {
            var (reason, remedy) = Explain(way, node, $"{node.Node} has no route of its own to {way.Packet.Destination}, so the packet leaves by the route {next.Route!.Destination} through {next.Link!.Name}, where nobody knows that address");
            way.Trace.Stop(RouteHop(way, node, next, $"the packet leaves the lab through {next.Link!.Name}"), reason, remedy);
            return false;
        }

        if (next.Kind == NextHopKind.Itself)
        {
            ArrivalStep.AtNodeItself(way, node, next);
            return false;
        }

        var passed = SkipsRules(way, node) ? new PathEvidence("eBPF host routing passes by the node's rules", $"Get-CiliumStatus -Node {node.Node}") : await ForwardingRules.PassAsync(way, node, from, next.Link).ConfigureAwait(false);
        if (passed is null)
            return false;
        way.Trace.Add(RouteHop(way, node, next with { Evidence = [.. next.Evidence.Take(next.Kind == NextHopKind.Tunnel ? 1 : int.MaxValue), passed] }, Described(node, next)));
        if (next.Kind != NextHopKind.Pod)
            await ForwardingRules.MasqueradeAsync(way, node, next.Link!).ConfigureAwait(false);
        switch (next.Kind)
        {
            case NextHopKind.Pod:
                await ArrivalStep.AtPodAsync(way, node).ConfigureAwait(false);
                return false;
            case NextHopKind.Outside:
                ArrivalStep.Outside(way, node, next);
                return false;
            case NextHopKind.Tunnel:
                var hop = TunnelHop(way, node, next.Link!.Name, next.Gateway!, next.Evidence.Skip(1));
                if (await FarEndAsync(way, node, hop, next.Gateway!).ConfigureAwait(false) is null)
                    return false;
                way.Trace.Add(hop);
                return true;
            default:
                return true;
        }
    }

    private static bool SkipsRules(PathWay way, NodeFacts node) =>
        way.Port?.Endpoint is not null && node.Node == way.SourceNode.Node && way.HostRoutingByBpf;

    private static string Described(NodeFacts node, NextHop next) => next.Kind switch
    {
        NextHopKind.Pod => $"{node.Node} has the receiver behind {next.Link!.Name}",
        NextHopKind.Tunnel => $"{node.Node} sends {next.Route!.Destination} into {next.Link!.Name}",
        NextHopKind.Outside => $"{node.Node} sends the packet out of the lab through {next.Link!.Name}",
        _ => $"{node.Node} sends {next.Route!.Destination} to {next.Node} through {next.Link!.Name}, without a tunnel",
    };

    private static PathHop RouteHop(PathWay way, NodeFacts node, NextHop next, string summary) => new()
    {
        Kind = PathHopKind.Route,
        Node = node.Node,
        Interface = next.Link?.Name,
        Summary = summary,
        Packet = way.Packet.ToString(),
        Evidence = next.Evidence,
    };

    private static PathHop TunnelHop(PathWay way, NodeFacts node, string device, IPAddress end, IEnumerable<PathEvidence> evidence) => new()
    {
        Kind = PathHopKind.Tunnel,
        Node = node.Node,
        Interface = device,
        Summary = $"{device} wraps the packet for {end}",
        Packet = way.Packet.ToString(),
        Evidence = [.. evidence],
    };

    // What comes out of a tunnel comes, for the rules of the receiving node, from its own tunnel interface.
    private static async Task<NodeInterface?> ReceivingLinkAsync(PathWay way, NextHop next)
    {
        try
        {
            var links = await way.Facts.Node(next.Node!).InterfacesAsync().ConfigureAwait(false);
            return links.FirstOrDefault(link => link.Name == next.Link!.Name);
        }
        catch (LabException)
        {
            // The arrival says why the node cannot be asked.
            return null;
        }
    }
}

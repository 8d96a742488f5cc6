using System.Net;
using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Paths;

/// <summary>The end of a packet's way: the receiving node, the pod on it, and the way of the answer.</summary>
internal static class ArrivalStep
{
    /// <summary>A node gets the packet from another.</summary>
    /// <returns>Whether the node can be asked where the packet goes on.</returns>
    public static async Task<bool> AtNodeAsync(PathWay way, NodeFacts node, NodeInterface? through)
    {
        var known = way.Facts.Nodes.FirstOrDefault(one => string.Equals(one.Node, node.Node, StringComparison.OrdinalIgnoreCase));
        var hop = new PathHop
        {
            Kind = PathHopKind.DestinationNode,
            Node = node.Node,
            Interface = through?.Name,
            Summary = $"{node.Node} gets the packet{(through is null ? "" : $" through {through.Name}")}{(known is { Ready: false } ? $"; it is not ready: {known.Reason}" : "")}",
            Packet = way.Packet.ToString(),
            Evidence = [new(known is null ? "the cluster does not know the node" : known.Ready ? "the node is ready" : $"the node is not ready: {known.Reason}", $"Get-LabNode -Node {node.Node}")],
        };
        try
        {
            await node.InterfacesAsync().ConfigureAwait(false);
        }
        catch (LabException error) when (known is { Ready: false })
        {
            way.Trace.Stop(hop, $"node {node.Node} is not ready ({known.Reason}) and does not answer: {error.Message}", $"Start-LabCluster, or see what is wrong with it: Get-LabNode -Node {node.Node}");
            return false;
        }
        catch (LabException error)
        {
            way.Trace.Unknown(hop, error.Message, error.RecommendedAction);
            return false;
        }

        way.Trace.Add(hop);
        return true;
    }

    /// <summary>The packet is for an address of the node.</summary>
    public static void AtNodeItself(PathWay way, NodeFacts node, NextHop next)
    {
        way.Trace.DestinationNode = node.Node;
        var pods = way.Facts.Pods.Where(pod => pod.HostNetwork && pod.Node == node.Node && way.Packet.Destination.Equals(pod.Address)).Select(pod => pod.Pod).ToList();
        way.Trace.Add(new PathHop
        {
            Kind = PathHopKind.Destination,
            Node = node.Node,
            Interface = next.Link?.Name,
            Summary = $"{way.Packet.Destination} is {node.Node}'s own address{(pods.Count == 0 ? "" : ", which pods on its network have, too")}",
            Packet = way.Packet.ToString(),
            Evidence = next.Evidence,
        });
    }

    /// <summary>The packet leaves the lab.</summary>
    public static void Outside(PathWay way, NodeFacts node, NextHop next) => way.Trace.Add(new PathHop
    {
        Kind = PathHopKind.Destination,
        Node = null,
        Summary = $"{way.Packet.Destination} is outside the lab; {next.Gateway?.ToString() ?? node.Node} takes the packet there",
        Packet = way.Packet.ToString(),
        Evidence = next.Evidence,
    });

    /// <summary>The packet is for a pod of the node.</summary>
    public static async Task AtPodAsync(PathWay way, NodeFacts node)
    {
        var destination = way.Packet.Destination;
        way.Trace.DestinationNode = node.Node;
        var pod = way.Facts.PodAt(destination);
        var port = await PodPort.FindAsync(way.Facts, node, destination).ConfigureAwait(false);
        if (port.Endpoint is { } endpoint)
        {
            await way.StepAsync(
                new PathHop { Kind = PathHopKind.IngressPolicy, Node = node.Node, Summary = "ingress policy" },
                async () => await PolicyStep.AddAsync(way, node, endpoint, TrafficDirection.Ingress, await CiliumStep.PeerAsync(way, node).ConfigureAwait(false)).ConfigureAwait(false)).ConfigureAwait(false);
            if (way.Trace.Stopped)
                return;
        }

        var hop = new PathHop { Kind = PathHopKind.DestinationInterface, Node = node.Node, Interface = port.Link?.Name, Summary = $"{node.Node} has no interface for {destination}", Packet = way.Packet.ToString(), Evidence = port.Evidence };
        if (port.Link is not { } link || (pod?.Managed == false && await port.IsOrphanAsync(way.Facts, node, destination).ConfigureAwait(false)))
        {
            var stale = StaleAddress.Of(pod);
            way.Trace.Stop(
                hop,
                stale?.Reason ?? (pod is null ? $"no pod has {destination}" : $"no interface of {node.Node} leads to pod {pod.Namespace}/{pod.Pod} ({destination})"),
                stale?.Remedy ?? (pod is null ? "See the pods' addresses: Get-LabPod" : $"Restart-LabWorkload -Namespace {pod.Namespace} -Pod {pod.Pod}"));
            return;
        }

        var programs = port.Endpoint is null ? [] : await SourceStep.ProgramsAsync(node, link.Name).ConfigureAwait(false);
        way.Trace.Add(hop with { Summary = $"{link.Name} of {node.Node} leads to the pod", Evidence = [.. port.Evidence, .. programs] });
        AddPod(way, node, pod, destination);
    }

    /// <summary>The way of the answer, from the receiver's node to the sender's.</summary>
    public static async Task ReturnAsync(PathWay way)
    {
        if (way.Trace.Stopped || way.Trace.DestinationNode is not { } name)
            return;
        var (node, sender) = (way.Facts.Node(name), way.Packet.Source);
        if (await node.HasAsync(sender).ConfigureAwait(false) || string.Equals(name, way.Source.Node, StringComparison.OrdinalIgnoreCase))
            return;
        if (way.Facts.Network.Cni == CniKind.Cilium && await node.AgentAsync().ConfigureAwait(false) is { Routing: CiliumRoutingMode.Tunnel }
            && await CiliumStep.LookupAsync(node, sender).ConfigureAwait(false) is { TunnelEndpoint: { } end } entry)
        {
            AddReturn(way, node, null, $"{name} sends the answer into the tunnel to {end}", [new($"{entry.Prefix}: tunnel endpoint {end}", $"Get-CiliumIpCache -Node {name}")]);
            return;
        }

        var next = await NextHop.FindAsync(way.Facts, node, sender).ConfigureAwait(false);
        if (next.Kind is NextHopKind.Wire or NextHopKind.Tunnel or NextHopKind.Pod or NextHopKind.Itself)
        {
            AddReturn(way, node, next.Link?.Name, $"{name} sends the answer to {next.Node ?? next.Gateway?.ToString()} through {next.Link?.Name}", next.Evidence);
            return;
        }

        var missing = next.Missing ?? $"{name} has no route of its own to {sender}, so the answer leaves by the route {next.Route!.Destination} through {next.Link!.Name}, where nobody knows that address";
        var stale = StaleAddress.Of(way.Source);
        var (reason, remedy) = stale ?? ForwardStep.Explain(way, node, missing);
        way.Trace.Stop(
            new PathHop { Kind = PathHopKind.ReturnRoute, Node = name, Interface = next.Link?.Name, Summary = "the answer does not get back", Packet = $"{way.Packet.Destination} > {sender}", Evidence = next.Evidence },
            reason,
            remedy);
    }

    private static void AddReturn(PathWay way, NodeFacts node, string? link, string summary, IReadOnlyList<PathEvidence> evidence) => way.Trace.Add(new PathHop
    {
        Kind = PathHopKind.ReturnRoute,
        Node = node.Node,
        Interface = link,
        Summary = summary,
        Packet = $"{way.Packet.Destination} > {way.Packet.Source}",
        Evidence = evidence,
    });

    private static void AddPod(PathWay way, NodeFacts node, LabPod? pod, IPAddress destination)
    {
        var hop = new PathHop
        {
            Kind = PathHopKind.Destination,
            Node = node.Node,
            Summary = pod is null ? $"{destination} gets the packet; the cluster knows no pod with that address" : $"{pod.Namespace}/{pod.Pod} gets the packet{(pod.Ready ? "" : $"; it is not ready: {pod.Reason ?? pod.Phase.ToString()}")}",
            Packet = way.Packet.ToString(),
            Evidence = pod is null ? [] : [new($"{pod.Phase}, {pod.ReadyContainers} of {pod.Containers} containers ready", $"Get-LabPod -Namespace {pod.Namespace} -Name {pod.Pod}")],
        };
        if (pod is null or { Phase: PodPhase.Running })
            way.Trace.Add(hop);
        else
            way.Trace.Stop(hop, $"pod {pod.Namespace}/{pod.Pod} does not run: {pod.Reason ?? pod.Phase.ToString()}", $"See why: Get-LabPod -Namespace {pod.Namespace} -Name {pod.Pod} | Format-List");
    }
}

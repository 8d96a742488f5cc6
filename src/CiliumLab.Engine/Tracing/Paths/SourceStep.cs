using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Paths;

/// <summary>The sender: the pod, and its interface on its node.</summary>
internal static class SourceStep
{
    /// <summary>Adds the pod.</summary>
    public static void AddPod(PathWay way)
    {
        var pod = way.Source;
        way.Trace.Add(new PathHop
        {
            Kind = PathHopKind.SourcePod,
            Node = pod.Node,
            Summary = pod.HostNetwork
                ? $"{pod.Namespace}/{pod.Pod} sends from its node's network, with {pod.Address}"
                : $"{pod.Namespace}/{pod.Pod} sends with its address {pod.Address}",
            Packet = way.Packet.ToString(),
            Evidence = [new($"{pod.Phase}, address {pod.Address}{(pod.Managed != false ? "" : pod.Cni == CniKind.None ? ", of a CNI that is gone" : $", which is none of {pod.Cni}")}", $"Get-LabPod -Namespace {pod.Namespace} -Name {pod.Pod}")],
        });
    }

    /// <summary>Adds its interface; a pod on its node's network has none of its own.</summary>
    public static Task AddInterfaceAsync(PathWay way)
    {
        var pod = way.Source;
        var hop = new PathHop { Kind = PathHopKind.SourceInterface, Node = pod.Node, Summary = "the pod's interface", Packet = way.Packet.ToString() };
        return pod.HostNetwork ? Task.CompletedTask : way.StepAsync(hop, () => AddInterfaceAsync(way, hop));
    }

    /// <summary>What Cilium's programs on an interface are.</summary>
    public static async Task<IReadOnlyList<PathEvidence>> ProgramsAsync(NodeFacts node, string name)
    {
        var attached = (await node.AttachmentsAsync().ConfigureAwait(false)).Where(one => one.Interface == name).ToList();
        return
        [
            .. attached.Select(one => new PathEvidence(
                $"{one.ProgramName} (program {one.ProgramId}) at {one.Point ?? one.Kind.ToString()}", $"Get-BpfAttachment -Node {node.Node} -Interface {name}")),
        ];
    }

    private static async Task AddInterfaceAsync(PathWay way, PathHop hop)
    {
        var (pod, node) = (way.Source, way.SourceNode);
        var port = way.Port = await PodPort.FindAsync(way.Facts, node, way.Packet.Source).ConfigureAwait(false);
        hop = hop with { Interface = port.Link?.Name, Evidence = port.Evidence };
        if (port.Link is not { } link)
        {
            var stale = StaleAddress.Of(pod);
            way.Trace.Stop(hop, stale?.Reason ?? $"no interface of {node.Node} leads to the pod", stale?.Remedy ?? $"See what the node has: Get-NodeInterface -Node {node.Node}");
            return;
        }

        if (link.State is InterfaceState.Down or InterfaceState.LowerLayerDown)
        {
            way.Trace.Stop(hop, $"interface {link.Name} of {node.Node} is down", $"Invoke-NodeCommand -Node {node.Node} -Sudo -Command ip, link, set, {link.Name}, up");
            return;
        }

        if (pod.Managed == false && await port.IsOrphanAsync(way.Facts, node, way.Packet.Source).ConfigureAwait(false))
        {
            var stale = StaleAddress.Of(pod)!.Value;
            way.Trace.Stop(hop with { Summary = $"{link.Name} belongs to no bridge" }, $"{stale.Reason}; the bridge that {link.Name} was a port of is gone", stale.Remedy);
            return;
        }

        var programs = port.Endpoint is null ? [] : await ProgramsAsync(node, link.Name).ConfigureAwait(false);
        way.Trace.Add(hop with
        {
            Summary = port.Endpoint is { } endpoint
                ? $"{link.Name} of {node.Node} takes the packet: endpoint {endpoint.EndpointId}, identity {endpoint.Identity}{(programs.Count == 0 ? "" : $", {programs.Count} program{(programs.Count == 1 ? "" : "s")}")}"
                : link.Master is { } bridge ? $"{link.Name} of {node.Node} takes the packet to bridge {bridge}" : $"{link.Name} of {node.Node} takes the packet",
            Evidence = [.. port.Evidence, .. programs],
        });
    }
}

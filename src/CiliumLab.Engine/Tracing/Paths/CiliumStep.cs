using System.Net;
using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Paths;

/// <summary>What Cilium's datapath does with a packet that leaves an endpoint: the ipcache, egress policy, and the way that it decides itself.</summary>
internal static class CiliumStep
{
    private const uint World = 2;
    private const uint Host = 1;

    /// <summary>Adds what the ipcache knows of the receiver and what egress policy says.</summary>
    /// <returns>The receiver's entry; null when there is none.</returns>
    public static async Task<CiliumIpCacheEntry?> LeaveAsync(PathWay way, CiliumEndpoint endpoint)
    {
        var (node, destination) = (way.SourceNode, way.Packet.Destination);
        var entry = await LookupAsync(node, destination).ConfigureAwait(false);
        var known = entry is not null && (entry.Prefix.PrefixLength > 0 || !way.Facts.IsInside(destination));
        var hop = new PathHop
        {
            Kind = PathHopKind.IpCache,
            Node = node.Node,
            Summary = known
                ? $"{destination} has identity {entry!.Identity}{(entry.TunnelEndpoint is { } end ? $", behind {end}" : "")}"
                : $"the ipcache of {node.Node} does not know {destination}, and takes it for the world outside",
            Packet = way.Packet.ToString(),
            Evidence = [new(entry is null ? $"no entry for {destination}" : $"{entry.Prefix}: identity {entry.IdentityId}, tunnel endpoint {entry.TunnelEndpoint?.ToString() ?? "none"}, flags {entry.Flags}", $"Get-CiliumIpCache -Node {node.Node}")],
        };
        var agent = await node.AgentAsync().ConfigureAwait(false);
        way.HostRoutingByBpf = agent.HostRouting == "BPF";
        if (!known && agent.Routing == CiliumRoutingMode.Tunnel && way.Facts.PodAt(destination) is { } pod)
        {
            var stale = StaleAddress.Of(pod);
            way.Trace.Stop(
                hop,
                stale?.Reason ?? $"the ipcache of {node.Node} has no entry for {destination} ({pod.Namespace}/{pod.Pod}), so its datapath does not know into which tunnel the packet goes",
                stale?.Remedy ?? $"See whether the agent follows the cluster: Get-CiliumStatus -Node {node.Node}; Get-CiliumEndpoint -Pod {pod.Pod}");
            return null;
        }

        way.Trace.Add(hop);
        await way.StepAsync(
            new PathHop { Kind = PathHopKind.EgressPolicy, Node = node.Node, Summary = "egress policy" },
            () => PolicyStep.AddAsync(way, node, endpoint, TrafficDirection.Egress, entry?.IdentityId ?? World)).ConfigureAwait(false);
        return entry;
    }

    /// <summary>The entry of the longest prefix that holds an address; null when there is none.</summary>
    public static async Task<CiliumIpCacheEntry?> LookupAsync(NodeFacts node, IPAddress address) =>
        (await node.IpCacheAsync().ConfigureAwait(false)).Where(entry => entry.Prefix.Contains(address)).MaxBy(entry => entry.Prefix.PrefixLength);

    /// <summary>The identity under which a node knows the sender of a packet.</summary>
    public static async Task<uint> PeerAsync(PathWay way, NodeFacts node)
    {
        if (way.Port?.Endpoint is { IdentityId: { } own } endpoint && way.Packet.Source.Equals(endpoint.IPv4))
            return own;
        return await node.HasAsync(way.Packet.Source).ConfigureAwait(false)
            ? Host
            : (await LookupAsync(node, way.Packet.Source).ConfigureAwait(false))?.IdentityId ?? World;
    }
}

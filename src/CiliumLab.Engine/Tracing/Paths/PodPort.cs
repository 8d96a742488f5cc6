using System.Net;
using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Paths;

/// <summary>Where a pod is plugged in on its node.</summary>
/// <param name="Link">The interface on the node; null when there is none.</param>
/// <param name="Endpoint">What Cilium's agent has there; null when it manages no such pod.</param>
/// <param name="Evidence">What that rests on.</param>
internal sealed record PodPort(NodeInterface? Link, CiliumEndpoint? Endpoint, IReadOnlyList<PathEvidence> Evidence)
{
    /// <summary>
    /// Finds it: Cilium's agent knows the interface of an endpoint; otherwise it is the peer of the interface that has the address in one of
    /// the node's network namespaces; and where those have no names, the bridge port behind which the address was last seen.
    /// </summary>
    public static async Task<PodPort> FindAsync(PathFacts facts, NodeFacts node, IPAddress address)
    {
        var evidence = new List<PathEvidence>();
        var links = await node.InterfacesAsync().ConfigureAwait(false);
        if (facts.Network.Cni == CniKind.Cilium && await EndpointAsync(node, address).ConfigureAwait(false) is { } endpoint)
        {
            evidence.Add(new($"endpoint {endpoint.EndpointId} has {address}, identity {endpoint.Identity}, interface {endpoint.Interface}", $"Get-CiliumEndpoint -Node {node.Node} -EndpointId {endpoint.EndpointId}"));
            return new PodPort(links.FirstOrDefault(link => link.Name == endpoint.Interface), endpoint, evidence);
        }

        var peer = await InNamespaceAsync(node, address).ConfigureAwait(false) is { } inside
            ? links.FirstOrDefault(link => link.Index == inside.PeerIndex)
            : await BehindBridgeAsync(node, address, links).ConfigureAwait(false);
        if (peer is not null)
            evidence.Add(new($"{peer.Name} is the node's end of the pod's interface", $"Get-NodeInterface -Node {node.Node} -Name {peer.Name}"));
        return new PodPort(peer, null, evidence);
    }

    /// <summary>
    /// Whether the interface hangs in the air: it belongs to no bridge, and the node has no route to the address through it. What a removed
    /// Cilium leaves has routes, and goes on working.
    /// </summary>
    public async Task<bool> IsOrphanAsync(PathFacts facts, NodeFacts node, IPAddress address)
    {
        if (Endpoint is not null || Link is not { Master: null })
            return false;
        var way = await NextHop.FindAsync(facts, node, address).ConfigureAwait(false);
        return way.Kind != NextHopKind.Pod || way.Link?.Name != Link.Name;
    }

    private static async Task<CiliumEndpoint?> EndpointAsync(NodeFacts node, IPAddress address) =>
        (await node.EndpointsAsync().ConfigureAwait(false)).FirstOrDefault(one => address.Equals(one.IPv4) || address.Equals(one.IPv6));

    private static async Task<NodeInterface?> InNamespaceAsync(NodeFacts node, IPAddress address)
    {
        foreach (var name in await node.NamespacesAsync().ConfigureAwait(false))
        {
            var links = await node.InsideAsync(name).ConfigureAwait(false);
            if (links.FirstOrDefault(link => link.Addresses.Any(own => own.Address.Equals(address))) is { PeerIndex: not null } found)
                return found;
        }

        return null;
    }

    private static async Task<NodeInterface?> BehindBridgeAsync(NodeFacts node, IPAddress address, IReadOnlyList<NodeInterface> links)
    {
        var neighbors = await node.NeighborsAsync().ConfigureAwait(false);
        if (neighbors.FirstOrDefault(one => address.Equals(one.Address) && one is { Table: NeighborTable.Arp, Mac: not null }) is not { } neighbor)
            return null;
        var port = neighbors.FirstOrDefault(one => one.Table == NeighborTable.Fdb && one.Master == neighbor.Interface && one.Mac == neighbor.Mac)?.Interface;
        return links.FirstOrDefault(link => link.Name == (port ?? neighbor.Interface));
    }
}

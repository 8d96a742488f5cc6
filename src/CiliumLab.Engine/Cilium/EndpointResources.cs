using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Cluster.Networks;
using CiliumLab.Engine.Cluster.Resources;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using k8s.Models;

namespace CiliumLab.Engine.Cilium;

/// <summary>The CiliumEndpoints of the cluster by their pods' nodes: what agents told the cluster of their endpoints.</summary>
public sealed class EndpointResources
{
    private readonly Dictionary<string, CiliumEndpointResource> _byPod;
    private readonly Dictionary<string, string> _nodes;

    private EndpointResources(Dictionary<string, CiliumEndpointResource> byPod, Dictionary<string, string> nodes) => (_byPod, _nodes) = (byPod, nodes);

    /// <summary>Reads them. A cluster whose agents make none has none.</summary>
    public static async Task<EndpointResources> ReadAsync(ClusterClient client, CancellationToken cancellationToken)
    {
        var byPod = new Dictionary<string, CiliumEndpointResource>(StringComparer.Ordinal);
        try
        {
            await foreach (var item in client.ListAsync<CiliumEndpointResource>(ResourceQuery.All, cancellationToken).ConfigureAwait(false))
                byPod[KeyOf(item.Metadata)] = item;
        }
        catch (LabException error) when (error.ErrorId == "ClusterKindNotFound")
        {
            return new EndpointResources([], []);
        }

        var nodes = new Dictionary<string, string>(StringComparer.Ordinal);
        await foreach (var pod in client.ListAsync<V1Pod>(ResourceQuery.All, cancellationToken).ConfigureAwait(false))
        {
            if (pod.Spec.NodeName is { } node)
                nodes[KeyOf(pod.Metadata)] = node;
        }

        return new EndpointResources(byPod, nodes);
    }

    /// <summary>An endpoint with what the cluster has of it.</summary>
    public CiliumEndpoint Join(CiliumEndpoint endpoint) => endpoint is { Namespace: { } ns, Pod: { } pod }
        ? endpoint with { HasResource = _byPod.ContainsKey($"{ns}/{pod}") }
        : endpoint;

    /// <summary>The endpoints of a node that its agent did not tell.</summary>
    /// <param name="node">The node.</param>
    /// <param name="told">Those that it told.</param>
    public IEnumerable<CiliumEndpoint> Others(string node, IReadOnlyCollection<CiliumEndpoint> told)
    {
        var known = told.Select(endpoint => $"{endpoint.Namespace}/{endpoint.Pod}").ToHashSet(StringComparer.Ordinal);
        return
        [
            .. from pair in _byPod
               where _nodes.TryGetValue(pair.Key, out var own) && string.Equals(own, node, StringComparison.OrdinalIgnoreCase) && !known.Contains(pair.Key)
               orderby pair.Key
               select View(node, pair.Value),
        ];
    }

    private static CiliumEndpoint View(string node, CiliumEndpointResource item)
    {
        var address = item.Status?.Networking?.Addressing?.FirstOrDefault();
        return new CiliumEndpoint
        {
            Node = node,
            EndpointId = item.Status?.Id ?? 0,
            Namespace = item.Metadata.NamespaceProperty,
            Pod = item.Metadata.Name,
            IdentityId = item.Status?.Identity?.Id,
            Labels = LabelDictionary.Of(item.Status?.Identity?.Labels ?? []),
            State = CiliumEndpointText.State(item.Status?.State ?? "") ?? CiliumEndpointState.Unknown,
            IPv4 = NetworkTexts.Address(address?.Ipv4),
            IPv6 = NetworkTexts.Address(address?.Ipv6),
            HasResource = true,
            OnlyResource = true,
        };
    }

    private static string KeyOf(V1ObjectMeta meta) => $"{meta.NamespaceProperty}/{meta.Name}";
}

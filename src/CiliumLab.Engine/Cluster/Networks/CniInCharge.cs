using System.Net;
using CiliumLab.Engine.Cluster.Connection;
using CiliumLab.Engine.Cluster.Resources;
using CiliumLab.Model;
using k8s.Models;

namespace CiliumLab.Engine.Cluster.Networks;

/// <summary>
/// Which CNI gives new pods their addresses, and which addresses are its own. Flannel gives addresses from the Node's pod CIDR; Cilium
/// from the CiliumNode's, and makes a CiliumEndpoint for every pod that it manages. Where the two networks are one, as in Cilium's
/// Kubernetes mode, an address alone says nothing, and the CiliumEndpoint decides.
/// </summary>
internal sealed class CniInCharge
{
    private static readonly string[] Others = ["calico-node", "weave-net", "kindnet", "antrea-agent", "kube-router", "canal", "aws-node", "ovnkube-node"];

    private static readonly IReadOnlyDictionary<string, IReadOnlyList<IPNetwork>> NoNetworks = new Dictionary<string, IReadOnlyList<IPNetwork>>();
    private static readonly ILookup<string, IPAddress> NoEndpoints = Array.Empty<IPAddress>().ToLookup(_ => "");

    private CniInCharge(CniKind kind, V1DaemonSet? daemonSet) => (Kind, DaemonSet) = (kind, daemonSet);

    /// <summary>Which one it is.</summary>
    public CniKind Kind { get; }

    /// <summary>Its DaemonSet; null when there is none.</summary>
    public V1DaemonSet? DaemonSet { get; }

    /// <summary>The networks that it gives addresses from.</summary>
    public IReadOnlyList<IPNetwork> PodCidrs => [.. Networks.Values.SelectMany(networks => networks).Distinct()];

    private IReadOnlyDictionary<string, IReadOnlyList<IPNetwork>> Networks { get; init; } = NoNetworks;

    private IReadOnlyDictionary<string, IReadOnlyList<IPNetwork>> Shared { get; init; } = NoNetworks;

    private ILookup<string, IPAddress> Endpoints { get; init; } = NoEndpoints;

    /// <summary>Finds out; one list of DaemonSets, and of what says whose addresses are whose.</summary>
    public static async Task<CniInCharge> ReadAsync(ClusterClient client, CancellationToken cancellationToken)
    {
        var sets = await client.ListAsync<V1DaemonSet>(ResourceQuery.All, cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
        var (kind, daemonSet) = Choose(sets);
        return kind switch
        {
            CniKind.Flannel => new CniInCharge(kind, daemonSet) { Networks = await NodeNetworksAsync(client, cancellationToken).ConfigureAwait(false) },
            CniKind.Cilium => await CiliumAsync(client, daemonSet, cancellationToken).ConfigureAwait(false),
            _ => new CniInCharge(kind, daemonSet),
        };
    }

    /// <summary>Whether a pod's address is this CNI's; null when the question does not arise.</summary>
    public bool? Manages(V1Pod pod)
    {
        if (pod.Spec?.HostNetwork == true || !IPAddress.TryParse(pod.Status?.PodIP, out var address))
            return null;
        return Kind switch
        {
            CniKind.Other => null,
            CniKind.None => false,
            CniKind.Cilium when Endpoints.Contains(KeyOf(pod.Metadata)) => Endpoints[KeyOf(pod.Metadata)].Contains(address),
            _ => pod.Spec?.NodeName is { } node && Contains(Networks, node, address) && !Contains(Shared, node, address),
        };
    }

    private static bool Contains(IReadOnlyDictionary<string, IReadOnlyList<IPNetwork>> networks, string node, IPAddress address) =>
        networks.TryGetValue(node, out var own) && own.Any(network => network.Contains(address));

    private static (CniKind Kind, V1DaemonSet? DaemonSet) Choose(IReadOnlyList<V1DaemonSet> all)
    {
        var cilium = all.FirstOrDefault(set => set.Metadata.Name == "cilium");
        var flannel = all.FirstOrDefault(set => set.Metadata.Name == "kube-flannel-ds");
        // Where both are, Cilium pushes the other's configuration aside as soon as an agent runs.
        if (cilium is not null && (flannel is null || cilium.Status?.NumberReady > 0))
            return (CniKind.Cilium, cilium);
        if (flannel is not null)
            return (CniKind.Flannel, flannel);
        var other = all.FirstOrDefault(set => Others.Contains(set.Metadata.Name));
        return (other is null ? CniKind.None : CniKind.Other, other);
    }

    private static async Task<CniInCharge> CiliumAsync(ClusterClient client, V1DaemonSet? daemonSet, CancellationToken cancellationToken)
    {
        try
        {
            var endpoints = await client.ListAsync<CiliumEndpointResource>(ResourceQuery.All, cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
            return new CniInCharge(CniKind.Cilium, daemonSet)
            {
                Networks = await NetworksAsync(
                    client.ListAsync<CiliumNodeResource>(ResourceQuery.All, cancellationToken),
                    node => (node.Metadata.Name, node.Spec?.Ipam?.PodCidrs),
                    cancellationToken).ConfigureAwait(false),
                Shared = await NodeNetworksAsync(client, cancellationToken).ConfigureAwait(false),
                Endpoints = endpoints.SelectMany(Addresses).ToLookup(pair => pair.Key, pair => pair.Address),
            };
        }
        catch (LabException error) when (error.ErrorId == ApiErrors.KindNotFound)
        {
            // The operator has not registered its kinds yet, so no address is Cilium's yet.
            return new CniInCharge(CniKind.Cilium, daemonSet);
        }
    }

    private static Task<Dictionary<string, IReadOnlyList<IPNetwork>>> NodeNetworksAsync(ClusterClient client, CancellationToken cancellationToken) =>
        NetworksAsync(
            client.ListAsync<V1Node>(ResourceQuery.All, cancellationToken), node => (node.Metadata.Name, node.Spec?.PodCIDRs), cancellationToken);

    private static IEnumerable<(string Key, IPAddress Address)> Addresses(CiliumEndpointResource endpoint) =>
        (endpoint.Status?.Networking?.Addressing ?? [])
            .SelectMany(pair => new[] { pair.Ipv4, pair.Ipv6 })
            .Where(text => IPAddress.TryParse(text, out _))
            .Select(text => (KeyOf(endpoint.Metadata), IPAddress.Parse(text!)));

    private static async Task<Dictionary<string, IReadOnlyList<IPNetwork>>> NetworksAsync<T>(
        IAsyncEnumerable<T> items, Func<T, (string Node, IList<string>? Networks)> read, CancellationToken cancellationToken)
    {
        var networks = new Dictionary<string, IReadOnlyList<IPNetwork>>(StringComparer.Ordinal);
        await foreach (var item in items.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            var (node, texts) = read(item);
            networks[node] = NetworkTexts.Networks(texts);
        }

        return networks;
    }

    private static string KeyOf(V1ObjectMeta meta) => $"{meta.NamespaceProperty}/{meta.Name}";
}

using System.Net;
using CiliumLab.Model;
using k8s.Models;

namespace CiliumLab.Engine.Cluster.Networks;

/// <summary>How a cluster's network is set up, from what runs in it.</summary>
public static class ClusterNetworks
{
    /// <summary>Looks.</summary>
    public static async Task<ClusterNetwork> ReadAsync(ClusterClient client, CancellationToken cancellationToken)
    {
        var cni = CniInCharge.ReadAsync(client, cancellationToken);
        var version = client.VersionAsync(cancellationToken);
        var dns = DnsAsync(client, cancellationToken);
        var proxy = client.FindAsync<V1DaemonSet>("kube-system", "kube-proxy", cancellationToken);
        var endpoint = EndpointAsync(client, cancellationToken);
        var flags = FlagsAsync(client, cancellationToken);
        await Task.WhenAll(cni, version, dns, proxy, endpoint, flags).ConfigureAwait(false);
        var given = flags.Result;
        return new ClusterNetwork
        {
            Lab = client.Address.Lab,
            ApiServer = client.Server,
            ApiEndpoint = endpoint.Result,
            KubernetesVersion = version.Result.TrimStart('v'),
            PodCidr = given.GetValueOrDefault("--cluster-cidr"),
            ServiceCidr = given.GetValueOrDefault("--service-cluster-ip-range"),
            DnsService = dns.Result,
            Cni = cni.Result.Kind,
            CniDaemonSet = cni.Result.DaemonSet is { } set ? $"{set.Metadata.NamespaceProperty}/{set.Metadata.Name}" : null,
            CniPodCidrs = cni.Result.PodCidrs,
            KubeProxy = proxy.Result is not null,
            KubeProxyReady = proxy.Result?.Status?.NumberReady ?? 0,
        };
    }

    private static async Task<IPAddress?> DnsAsync(ClusterClient client, CancellationToken cancellationToken)
    {
        var query = new ResourceQuery("kube-system") { Labels = "k8s-app=kube-dns" };
        var service = await client.ListAsync<V1Service>(query, cancellationToken).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        return NetworkTexts.Address(service?.Spec?.ClusterIP);
    }

    private static async Task<IPEndPoint?> EndpointAsync(ClusterClient client, CancellationToken cancellationToken)
    {
        var query = new ResourceQuery("default") { Labels = "kubernetes.io/service-name=kubernetes" };
        var slice = await client.ListAsync<V1EndpointSlice>(query, cancellationToken).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        return NetworkTexts.Address(slice?.Endpoints?.FirstOrDefault()?.Addresses?.FirstOrDefault()) is { } address && slice!.Ports?.FirstOrDefault()?.Port is { } port
            ? new IPEndPoint(address, port)
            : null;
    }

    // Where kubeadm runs them the control plane's programs are pods, and their arguments say what really holds.
    private static async Task<Dictionary<string, IPNetwork?>> FlagsAsync(ClusterClient client, CancellationToken cancellationToken)
    {
        var found = new Dictionary<string, IPNetwork?>(StringComparer.Ordinal);
        var query = new ResourceQuery("kube-system") { Labels = "component in (kube-apiserver,kube-controller-manager)" };
        await foreach (var pod in client.ListAsync<V1Pod>(query, cancellationToken).ConfigureAwait(false))
        {
            foreach (var word in pod.Spec.Containers.SelectMany(container => (container.Command ?? []).Concat(container.Args ?? [])))
            {
                if (word.Split('=', 2) is [("--cluster-cidr" or "--service-cluster-ip-range") and var flag, var value])
                    found[flag] = NetworkTexts.Network(value.Split(',')[0]);
            }
        }

        return found;
    }
}

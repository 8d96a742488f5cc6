using System.Net;

namespace CiliumLab.Model;

/// <summary>How a cluster's network is set up.</summary>
public sealed record ClusterNetwork
{
    /// <summary>The lab.</summary>
    public required string Lab { get; init; }

    /// <summary>The API server's address, as the kubeconfig names it.</summary>
    public required Uri ApiServer { get; init; }

    /// <summary>The address and port at which the API server advertises itself to pods and nodes; null when it does not.</summary>
    public IPEndPoint? ApiEndpoint { get; init; }

    /// <summary>The API server's version without the leading <c>v</c>.</summary>
    public string? KubernetesVersion { get; init; }

    /// <summary>The network that the cluster gives node networks from (<c>--cluster-cidr</c>); null when it does not, or does not show it.</summary>
    public IPNetwork? PodCidr { get; init; }

    /// <summary>The network of the services' addresses (<c>--service-cluster-ip-range</c>); null when the cluster does not show it.</summary>
    public IPNetwork? ServiceCidr { get; init; }

    /// <summary>The address of the cluster's DNS service; null when there is none.</summary>
    public IPAddress? DnsService { get; init; }

    /// <summary>The CNI that gives new pods their addresses.</summary>
    public CniKind Cni { get; init; }

    /// <summary>The CNI's DaemonSet, as <c>namespace/name</c>; null when there is none.</summary>
    public string? CniDaemonSet { get; init; }

    /// <summary>The networks that the CNI gives pods addresses from, one or more for each node.</summary>
    public IReadOnlyList<IPNetwork> CniPodCidrs { get; init; } = [];

    /// <summary>Whether kube-proxy's DaemonSet is there.</summary>
    public bool KubeProxy { get; init; }

    /// <summary>On how many nodes kube-proxy is ready.</summary>
    public int KubeProxyReady { get; init; }
}

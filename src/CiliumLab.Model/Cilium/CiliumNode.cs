using System.Net;

namespace CiliumLab.Model;

/// <summary>A node as Cilium's address management sees it, beside what Kubernetes says about it.</summary>
public sealed record CiliumNode
{
    /// <summary>The node.</summary>
    public required string Node { get; init; }

    /// <summary>The address by which the cluster knows the node; null when it does not say.</summary>
    public IPAddress? InternalIp { get; init; }

    /// <summary>The networks that Cilium gives pods of the node addresses from (CiliumNode, spec.ipam.podCIDRs).</summary>
    public IReadOnlyList<IPNetwork> PodCidrs { get; init; } = [];

    /// <summary>The networks that Kubernetes gave to the node (Node, spec.podCIDRs).</summary>
    public IReadOnlyList<IPNetwork> NodePodCidrs { get; init; } = [];

    /// <summary>How many IPv4 addresses are in use; null when the agent does not say.</summary>
    public int? Used { get; init; }

    /// <summary>How many IPv4 addresses are free; null when the agent does not say.</summary>
    public int? Free { get; init; }

    /// <summary>Pods on the node whose address is not Cilium's, as <c>namespace/name</c>.</summary>
    public IReadOnlyList<string> UnmanagedPods { get; init; } = [];

    /// <summary>Whether Cilium's networks and Kubernetes' are not the same.</summary>
    public bool Differs => !PodCidrs.SequenceEqual(NodePodCidrs);

    /// <summary>What a difference means; null when there is none.</summary>
    public string? Remark { get; init; }
}

using System.Net;

namespace CiliumLab.Model;

/// <summary>What a node is for.</summary>
public enum NodeRole
{
    /// <summary>Not known: neither the inventory nor the cluster says.</summary>
    Unknown,

    /// <summary>Runs the Kubernetes control plane.</summary>
    ControlPlane,

    /// <summary>Runs workloads only.</summary>
    Worker,
}

/// <summary>Whether a node answers.</summary>
public enum NodeState
{
    /// <summary>Nobody has tried yet.</summary>
    Unknown,

    /// <summary>The node answers over its shell.</summary>
    Reachable,

    /// <summary>The node could not be reached; <see cref="LabNode.Reason"/> says why.</summary>
    Unreachable,
}

/// <summary>A machine of a lab. Pipe it to any cmdlet that takes <c>-Node</c>.</summary>
public sealed record LabNode
{
    /// <summary>The node's name in the lab and, normally, in Kubernetes.</summary>
    public required string Node { get; init; }

    /// <summary>The lab that the node belongs to.</summary>
    public required string Lab { get; init; }

    /// <summary>What the node is for.</summary>
    public NodeRole Role { get; init; }

    /// <summary>Whether the node answers.</summary>
    public NodeState State { get; init; }

    /// <summary>Why the node is unreachable; null when it is not.</summary>
    public string? Reason { get; init; }

    /// <summary>Where its shell is, as <c>user@host:port</c>.</summary>
    public string? SshEndpoint { get; init; }

    /// <summary>The address that Kubernetes knows the node by; null when it is not known.</summary>
    public IPAddress? InternalIp { get; init; }

    /// <summary>Pod networks that Kubernetes gave to the node.</summary>
    public IReadOnlyList<IPNetwork> PodCidrs { get; init; } = [];

    /// <summary>The kubelet's version without the leading <c>v</c>; null when there is no kubelet.</summary>
    public string? KubernetesVersion { get; init; }

    /// <summary>The container runtime's version; null when there is none.</summary>
    public string? ContainerdVersion { get; init; }

    /// <summary>The running kernel's release, as <c>uname -r</c> prints it.</summary>
    public string? KernelVersion { get; init; }

    /// <summary>The operating system's name and version, from os-release.</summary>
    public string? OperatingSystem { get; init; }
}

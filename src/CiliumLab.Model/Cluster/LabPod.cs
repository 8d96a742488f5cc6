using System.Net;

namespace CiliumLab.Model;

/// <summary>Where a pod is in its life.</summary>
public enum PodPhase
{
    /// <summary>The cluster does not say.</summary>
    Unknown,

    /// <summary>Not all of its containers have started.</summary>
    Pending,

    /// <summary>It is on a node and its containers have started.</summary>
    Running,

    /// <summary>All of its containers ended well.</summary>
    Succeeded,

    /// <summary>All of its containers ended, one of them badly.</summary>
    Failed,
}

/// <summary>A pod of a lab's cluster. Pipe it to cmdlets that take <c>-Namespace</c> and <c>-Pod</c>, or <c>-Node</c>.</summary>
public sealed record LabPod
{
    /// <summary>Its namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>Its name.</summary>
    public required string Pod { get; init; }

    /// <summary>The node that it runs on; null while it has none.</summary>
    public string? Node { get; init; }

    /// <summary>Where it is in its life.</summary>
    public PodPhase Phase { get; init; }

    /// <summary>Whether all of its containers are ready.</summary>
    public bool Ready { get; init; }

    /// <summary>How many of its containers are ready.</summary>
    public int ReadyContainers { get; init; }

    /// <summary>How many containers it has.</summary>
    public int Containers { get; init; }

    /// <summary>How often its containers were started anew.</summary>
    public int Restarts { get; init; }

    /// <summary>Its address; null while it has none.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>All of its addresses; two on a dual-stack cluster.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];

    /// <summary>Whether it uses its node's network and so has the node's address.</summary>
    public bool HostNetwork { get; init; }

    /// <summary>The CNI in charge of the cluster.</summary>
    public CniKind Cni { get; init; }

    /// <summary>
    /// Whether its address belongs to the CNI in charge. False for a pod that still has an address of a CNI that was replaced; null when the
    /// question does not arise: no address yet, the node's network, or a CNI of which the cluster does not show whose addresses are its own.
    /// </summary>
    public bool? Managed { get; init; }

    /// <summary>Why it is not running or not ready; null when it is, or ended as it should.</summary>
    public string? Reason { get; init; }

    /// <summary>What keeps it alive, as <c>Deployment/webpod</c> or <c>DaemonSet/cilium</c>; null for a bare pod.</summary>
    public string? Owner { get; init; }

    /// <summary>Its labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>When it was made.</summary>
    public DateTimeOffset? Created { get; init; }

    /// <summary>The address of the pod that it took the place of; null unless a cmdlet just replaced one.</summary>
    public IPAddress? PreviousAddress { get; init; }

    /// <summary>Whether the cmdlet that returned it made or changed it.</summary>
    public bool Changed { get; init; }
}

using System.Net;

namespace CiliumLab.Model;

/// <summary>A CNI of a cluster: what is installed, and whether it is in charge.</summary>
public sealed record CniInstallation
{
    /// <summary>The lab.</summary>
    public required string Lab { get; init; }

    /// <summary>Which CNI.</summary>
    public required CniKind Name { get; init; }

    /// <summary>Whether it is the one that gives new pods their addresses.</summary>
    public bool InCharge { get; init; }

    /// <summary>The Helm release; null when it was not installed by Helm, or by a Helm that cannot be asked.</summary>
    public string? Release { get; init; }

    /// <summary>The namespace of its pods.</summary>
    public string? Namespace { get; init; }

    /// <summary>The version of its chart, without a leading <c>v</c>; null without a release.</summary>
    public string? Version { get; init; }

    /// <summary>The release's state; null without a release.</summary>
    public HelmReleaseStatus? Status { get; init; }

    /// <summary>On how many nodes its agent is ready.</summary>
    public int Ready { get; init; }

    /// <summary>On how many nodes its agent should run.</summary>
    public int Wanted { get; init; }

    /// <summary>The networks that it gives pods addresses from.</summary>
    public IReadOnlyList<IPNetwork> PodCidrs { get; init; } = [];

    /// <summary>What each node's CNI configuration says; a node that cannot be asked is missing.</summary>
    public IReadOnlyList<CniOfNode> Nodes { get; init; } = [];

    /// <summary>The custom resource definitions that it brought, by name; they stay when it is uninstalled without them.</summary>
    public IReadOnlyList<string> CustomResources { get; init; } = [];

    /// <summary>Whether the cmdlet that returned it installed or changed it.</summary>
    public bool Changed { get; init; }
}

/// <summary>The CNI that a node's container runtime uses.</summary>
public sealed record CniOfNode
{
    /// <summary>The node.</summary>
    public required string Node { get; init; }

    /// <summary>Which CNI its configuration in effect calls.</summary>
    public required CniKind Cni { get; init; }

    /// <summary>The configuration file in effect; null when there is none.</summary>
    public string? Path { get; init; }

    /// <summary>What is wrong with it; null when nothing is.</summary>
    public string? Failure { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Failure is null ? $"{Node}: {Cni}" : $"{Node}: {Cni} (!)";
}

using System.Net;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Nodes;

namespace CiliumLab.Simulator.Life;

/// <summary>What a cluster shall be.</summary>
internal sealed record SimulatedClusterSettings
{
    /// <summary>The API server's part.</summary>
    public ClusterSettings Api { get; init; } = new();

    /// <summary>The machines.</summary>
    public LabNodeOptions Nodes { get; init; } = new();

    /// <summary>What the controller manager shares out to the nodes.</summary>
    public IPNetwork PodCidr { get; init; } = IPNetwork.Parse("10.244.0.0/16");

    /// <summary>The prefix length of a node's part of <see cref="PodCidr"/>.</summary>
    public int NodeCidrLength { get; init; } = 24;

    /// <summary>The cluster's domain.</summary>
    public string Domain { get; init; } = "cluster.local";

    /// <summary>How long things take once the cluster is set up.</summary>
    public LifeTiming Timing { get; init; } = new();
}

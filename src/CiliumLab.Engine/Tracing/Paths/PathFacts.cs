using System.Collections.Concurrent;
using System.Net;
using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Cluster.Networks;
using CiliumLab.Engine.Cluster.Pods;
using CiliumLab.Engine.Cluster.Services;
using CiliumLab.Engine.Labs;
using CiliumLab.Model;
using k8s.Models;

namespace CiliumLab.Engine.Tracing.Paths;

/// <summary>What the cluster says: its pods, services, nodes and network; and what each of its nodes says.</summary>
internal sealed class PathFacts
{
    private readonly LabSession _session;
    private readonly CancellationToken _cancellationToken;
    private readonly ConcurrentDictionary<string, NodeFacts> _nodes = new(StringComparer.OrdinalIgnoreCase);

    private PathFacts(LabSession session, CancellationToken cancellationToken) => (_session, _cancellationToken) = (session, cancellationToken);

    /// <summary>The network.</summary>
    public required ClusterNetwork Network { get; init; }

    /// <summary>The pods of all namespaces.</summary>
    public required IReadOnlyList<LabPod> Pods { get; init; }

    /// <summary>The services of all namespaces.</summary>
    public required IReadOnlyList<LabService> Services { get; init; }

    /// <summary>The nodes that the cluster knows.</summary>
    public required IReadOnlyList<PathNode> Nodes { get; init; }

    /// <summary>Asks the cluster.</summary>
    public static async Task<PathFacts> ReadAsync(LabSession session, CancellationToken cancellationToken)
    {
        var client = session.Cluster;
        var network = ClusterNetworks.ReadAsync(client, cancellationToken);
        var pods = LabPods.ReadAsync(client, null, null, cancellationToken).ToListAsync(cancellationToken).AsTask();
        var services = LabServices.ReadAsync(client, null, null, cancellationToken).ToListAsync(cancellationToken).AsTask();
        var nodes = client.ListAsync<V1Node>(ResourceQuery.All, cancellationToken).Select(PathNode.Of).ToListAsync(cancellationToken).AsTask();
        await Task.WhenAll(network, pods, services, nodes).ConfigureAwait(false);
        return new PathFacts(session, cancellationToken)
        {
            Network = await network.ConfigureAwait(false),
            Pods = await pods.ConfigureAwait(false),
            Services = await services.ConfigureAwait(false),
            Nodes = await nodes.ConfigureAwait(false),
        };
    }

    /// <summary>What a node says.</summary>
    /// <exception cref="LabException"><c>PathNodeUnknown</c> when the lab has no such node.</exception>
    public NodeFacts Node(string node) =>
        _session.Nodes.Contains(node, StringComparer.OrdinalIgnoreCase)
            ? _nodes.GetOrAdd(node, name => new NodeFacts(_session.Shell(name), _session.Agents, _cancellationToken))
            : throw new LabException(
                "PathNodeUnknown",
                LabErrorKind.ObjectNotFound,
                $"Node '{node}' is not one of the nodes that lab '{_session.Description.Name}' knows how to reach, so its state cannot be read.",
                node,
                "Add it to the lab's inventory, and connect again: Connect-LabCluster -Inventory FILE");

    /// <summary>The pod that has an address; null when none has. Pods on the node's network have the node's.</summary>
    public LabPod? PodAt(IPAddress address) =>
        Pods.Where(pod => !pod.HostNetwork && pod.Phase is PodPhase.Running or PodPhase.Pending)
            .FirstOrDefault(pod => pod.Addresses.Contains(address) || address.Equals(pod.Address));

    /// <summary>The node that has an address: its InternalIP, or one of its interfaces' in the lab; null when none has.</summary>
    public async Task<string?> NodeAtAsync(IPAddress address)
    {
        if (Nodes.Where(node => node.InternalIps.Contains(address)).ToList() is [var only])
            return only.Node;
        foreach (var node in _session.Nodes)
        {
            try
            {
                if (await Node(node).HasAsync(address).ConfigureAwait(false))
                    return node;
            }
            catch (LabException)
            {
                // A node that does not answer is asked again, and told of, when the way leads there.
            }
        }

        return null;
    }

    /// <summary>Whether an address belongs to the cluster's pods or services, so that nobody outside can know it.</summary>
    public bool IsInside(IPAddress address) =>
        PodAt(address) is not null
        || Network.PodCidr?.Contains(address) == true
        || Network.ServiceCidr?.Contains(address) == true
        || Network.CniPodCidrs.Any(network => network.Contains(address))
        || Services.Any(service => address.Equals(service.ClusterIp));
}

/// <summary>A node as the cluster knows it.</summary>
/// <param name="Node">Its name.</param>
/// <param name="InternalIps">Its addresses.</param>
/// <param name="Ready">Whether its kubelet says that all is well.</param>
/// <param name="Reason">Why it is not ready; null when it is.</param>
internal sealed record PathNode(string Node, IReadOnlyList<IPAddress> InternalIps, bool Ready, string? Reason)
{
    /// <summary>Reads a Node object.</summary>
    public static PathNode Of(V1Node node)
    {
        var condition = node.Status?.Conditions?.FirstOrDefault(condition => condition.Type == "Ready");
        var addresses = node.Status?.Addresses?.Where(address => address.Type == "InternalIP").Select(address => address.Address);
        return new PathNode(
            node.Metadata.Name,
            NetworkTexts.Addresses(addresses),
            condition?.Status == "True",
            condition?.Status == "True" ? null : condition?.Message ?? "its kubelet has not reported");
    }
}

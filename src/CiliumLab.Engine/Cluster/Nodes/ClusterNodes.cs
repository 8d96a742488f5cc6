using System.Net;
using System.Net.Sockets;
using CiliumLab.Engine.Cluster.Networks;
using CiliumLab.Engine.Cluster.Watching;
using CiliumLab.Model;
using k8s.Models;

namespace CiliumLab.Engine.Cluster.Nodes;

/// <summary>What the cluster says about its nodes.</summary>
public sealed class ClusterNodes
{
    // A kubelet reports a changed address with its first status after the start.
    private static readonly TimeSpan ReportTime = TimeSpan.FromSeconds(60);

    private readonly Dictionary<string, V1Node> _nodes;

    private ClusterNodes(Dictionary<string, V1Node> nodes) => _nodes = nodes;

    /// <summary>Reads all nodes.</summary>
    public static async Task<ClusterNodes> ReadAsync(ClusterClient client, CancellationToken cancellationToken)
    {
        var nodes = new Dictionary<string, V1Node>(StringComparer.OrdinalIgnoreCase);
        await foreach (var node in client.ListAsync<V1Node>(ResourceQuery.All, cancellationToken).ConfigureAwait(false))
            nodes[node.Metadata.Name] = node;
        return new ClusterNodes(nodes);
    }

    /// <summary>A node with what the cluster says about it; as it is when the cluster does not know it.</summary>
    public LabNode Complete(LabNode node)
    {
        if (!_nodes.TryGetValue(node.Node, out var known))
            return node;
        var info = known.Status?.NodeInfo;
        return node with
        {
            Role = node.Role == NodeRole.Unknown ? Role(known) : node.Role,
            InternalIp = InternalIp(node.Node),
            PodCidrs = NetworkTexts.Networks(known.Spec?.PodCIDRs),
            KubernetesVersion = node.KubernetesVersion ?? info?.KubeletVersion?.TrimStart('v'),
            ContainerdVersion = node.ContainerdVersion ?? Version(info?.ContainerRuntimeVersion),
            KernelVersion = node.KernelVersion ?? info?.KernelVersion,
            OperatingSystem = node.OperatingSystem ?? info?.OsImage,
        };
    }

    /// <summary>The address that the cluster knows a node by; null when it does not.</summary>
    public IPAddress? InternalIp(string node) => _nodes.TryGetValue(node, out var known) && InternalIps(known) is [var first, ..] ? first : null;

    /// <summary>Waits until a Node object shows the addresses that its kubelet was told.</summary>
    /// <exception cref="LabException"><c>NodeIpNotReported</c>, with what it shows instead.</exception>
    public static async Task<IPAddress> WaitForInternalIpAsync(
        ClusterClient client, string node, IReadOnlyList<IPAddress> wanted, Func<string, Task> step, CancellationToken cancellationToken)
    {
        var wait = new ClusterWait($"Node '{node}' to report {string.Join(',', wanted)}", ReportTime)
        {
            ErrorId = "NodeIpNotReported",
            Target = node,
            RecommendedAction = $"Restart its kubelet: Invoke-NodeCommand -Node {node} -Sudo -Command 'systemctl', 'restart', 'kubelet'; and see what it says: journalctl -u kubelet",
            Step = step,
        };
        var shown = await client.WaitAsync<V1Node>(ResourceQuery.Named(null, node), wait, nodes => Missing(nodes.FirstOrDefault(), wanted), cancellationToken).ConfigureAwait(false);
        return InternalIps(shown.Single())[0];
    }

    private static string? Missing(V1Node? node, IReadOnlyList<IPAddress> wanted)
    {
        if (node is null)
            return "the cluster has no such node";
        var shown = InternalIps(node);
        return wanted.All(shown.Contains) ? null : $"it reports {(shown.Count == 0 ? "no address" : string.Join(',', shown))}";
    }

    private static IReadOnlyList<IPAddress> InternalIps(V1Node node) =>
        [.. NetworkTexts.Addresses(node.Status?.Addresses?.Where(address => address.Type == "InternalIP").Select(address => address.Address))
            .OrderBy(address => address.AddressFamily == AddressFamily.InterNetwork ? 0 : 1)];

    private static NodeRole Role(V1Node node) =>
        node.Metadata.Labels?.ContainsKey("node-role.kubernetes.io/control-plane") == true ? NodeRole.ControlPlane : NodeRole.Worker;

    // "containerd://1.7.27"; of another runtime nothing is said.
    private static string? Version(string? runtime) =>
        runtime?.Split("://") is ["containerd", var version] ? version : null;
}

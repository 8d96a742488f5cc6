using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Cluster.Networks;
using CiliumLab.Engine.Cluster.Pods;
using CiliumLab.Engine.Cluster.Resources;
using CiliumLab.Engine.Labs;
using CiliumLab.Model;
using k8s.Models;

namespace CiliumLab.Engine.Cilium;

/// <summary>Address management, node by node: CiliumNode and Node side by side, what the agent gave out, and who has an address of another CNI.</summary>
public static class CiliumNodes
{
    /// <summary>Reads the nodes.</summary>
    /// <param name="session">The lab.</param>
    /// <param name="report">Is told of an agent that cannot be asked; its node is returned without what only the agent knows.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <exception cref="LabException"><c>CiliumNotInstalled</c>.</exception>
    public static async Task<IReadOnlyList<CiliumNode>> ReadAsync(LabSession session, Func<LabException, ValueTask> report, CancellationToken cancellationToken)
    {
        var client = session.Cluster;
        var own = await ResourcesAsync(client, cancellationToken).ConfigureAwait(false);
        var nodes = await client.ListAsync<V1Node>(ResourceQuery.All, cancellationToken).ToDictionaryAsync(node => node.Metadata.Name, cancellationToken: cancellationToken).ConfigureAwait(false);
        var strangers = (await LabPods.ReadAsync(client, null, null, cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false))
            .Where(pod => pod.Managed == false).ToLookup(pod => pod.Node, pod => $"{pod.Namespace}/{pod.Pod}");
        return await Task.WhenAll(own.OrderBy(node => node.Metadata.Name, StringComparer.Ordinal).Select(async node =>
        {
            var name = node.Metadata.Name;
            var agent = await AgentAsync(session.Agents, name, report, cancellationToken).ConfigureAwait(false);
            var kubernetes = nodes.GetValueOrDefault(name);
            var item = new CiliumNode
            {
                Node = name,
                InternalIp = NetworkTexts.Address(kubernetes?.Status?.Addresses?.FirstOrDefault(address => address.Type == "InternalIP")?.Address),
                PodCidrs = NetworkTexts.Networks(node.Spec?.Ipam?.PodCidrs),
                NodePodCidrs = NetworkTexts.Networks(kubernetes?.Spec?.PodCIDRs),
                Used = agent?.AllocatedIPv4,
                Free = agent?.AvailableIPv4 is { } all && agent.AllocatedIPv4 is { } used ? all - used : null,
                UnmanagedPods = [.. strangers[name]],
            };
            return item with { Remark = RemarkOn(item) };
        })).ConfigureAwait(false);
    }

    private static async Task<IReadOnlyList<CiliumNodeResource>> ResourcesAsync(ClusterClient client, CancellationToken cancellationToken)
    {
        try
        {
            return await client.ListAsync<CiliumNodeResource>(ResourceQuery.All, cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (LabException error) when (error.ErrorId == "ClusterKindNotFound")
        {
            throw CiliumAbsence.Error(client.Address.Lab, "its cluster knows no CiliumNode");
        }
    }

    private static string? RemarkOn(CiliumNode node) =>
        !node.Differs ? null
        : node.PodCidrs.Count == 0 ? "Cilium's operator has not given the node a network yet, so its pods get no addresses."
        : "Pods get Cilium's addresses; the Node's network is kube-controller-manager's, and nobody uses it while Cilium has a pool of its own.";

    private static async Task<CiliumAgentStatus?> AgentAsync(CiliumAgents agents, string node, Func<LabException, ValueTask> report, CancellationToken cancellationToken)
    {
        try
        {
            return await agents.StatusAsync(node, static _ => { }, cancellationToken).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (LabException error)
        {
            await report(error).ConfigureAwait(false);
            return null;
        }
    }
}

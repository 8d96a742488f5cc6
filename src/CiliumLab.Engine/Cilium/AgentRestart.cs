using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Cluster.Pods;
using CiliumLab.Engine.Cluster.Watching;
using CiliumLab.Model;
using k8s.Models;

namespace CiliumLab.Engine.Cilium;

/// <summary>Starts agents anew, one after the other, so that at no time more than one node is without its agent.</summary>
/// <param name="client">The cluster.</param>
/// <param name="timeout">How long each may take.</param>
public sealed class AgentRestart(ClusterClient client, TimeSpan timeout)
{
    private const string Namespace = "kube-system";
    private const string Agents = "k8s-app=cilium";

    /// <summary>Restarts them.</summary>
    /// <param name="step">Is told the node, and what is waited for.</param>
    /// <param name="cancellationToken">Stops it between two agents.</param>
    /// <returns>The nodes in their order, each as soon as its new agent is ready.</returns>
    /// <exception cref="LabException"><c>CiliumAgentNotReady</c>: the new agent of a node did not get ready; the others keep their old ones.</exception>
    public async IAsyncEnumerable<string> RunAsync(Func<string, string, Task> step, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var pods = await client.ListAsync<V1Pod>(new ResourceQuery(Namespace) { Labels = Agents }, cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
        foreach (var pod in pods.Where(pod => pod.Spec.NodeName is not null).OrderBy(pod => pod.Spec.NodeName, StringComparer.Ordinal))
        {
            cancellationToken.ThrowIfCancellationRequested();
            var node = pod.Spec.NodeName;
            await step(node, "starting the agent anew").ConfigureAwait(false);
            await client.DeleteAsync<V1Pod>(Namespace, pod.Metadata.Name, cancellationToken).ConfigureAwait(false);
            await client.WaitAsync<V1Pod>(new ResourceQuery(Namespace) { Labels = Agents, Fields = $"spec.nodeName={node}" }, Wait(node, step), now => Missing(now, pod.Metadata.Uid), cancellationToken).ConfigureAwait(false);
            yield return node;
        }
    }

    private static string? Missing(IReadOnlyCollection<V1Pod> pods, string former) =>
        pods.FirstOrDefault(pod => pod.Metadata.Uid != former && pod.Metadata.DeletionTimestamp is null) is not { } fresh ? "there is no new agent yet"
        : LabPods.IsReady(fresh) ? null
        : PodReason.Of(fresh) ?? "the new agent is not ready";

    private ClusterWait Wait(string node, Func<string, string, Task> step) => new($"the new agent on node '{node}'", timeout)
    {
        ErrorId = "CiliumAgentNotReady",
        Target = node,
        Step = lacks => step(node, lacks),
        RecommendedAction = "The configuration is written, and agents of later nodes still go by the old one. See what is wrong: Get-CiliumStatus; then set the old value, or restart the rest with the same command and -Restart.",
    };
}

using System.Diagnostics;
using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Cluster.Watching;
using k8s;
using k8s.Models;

namespace CiliumLab.Engine.Cni;

/// <summary>When a CNI works: its pods run, the nodes are ready, and the cluster's DNS, which needs addresses from it, answers.</summary>
/// <param name="client">The cluster.</param>
/// <param name="release">The CNI.</param>
/// <param name="timeout">How long all of it may take.</param>
/// <param name="step">Is told what is waited for.</param>
internal sealed class CniReadiness(ClusterClient client, CniRelease release, TimeSpan timeout, Func<string, Task> step)
{
    private readonly long _start = Stopwatch.GetTimestamp();

    /// <summary>Waits for everything.</summary>
    /// <exception cref="CiliumLab.Model.LabException"><c>CniNotReady</c>, with what is missing.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        await WaitAsync<V1DaemonSet>(new ResourceQuery(release.Namespace), $"{release.Kind}'s agents", Missing, cancellationToken).ConfigureAwait(false);
        await WaitAsync<V1Deployment>(new ResourceQuery(release.Namespace), $"{release.Kind}'s deployments", Missing, cancellationToken).ConfigureAwait(false);
        await WaitAsync<V1Node>(ResourceQuery.All, "the nodes to be ready", Missing, cancellationToken).ConfigureAwait(false);
        await WaitAsync<V1Deployment>(new ResourceQuery("kube-system") { Labels = "k8s-app=kube-dns" }, "the cluster's DNS", MissingDns, cancellationToken).ConfigureAwait(false);
    }

    private async Task WaitAsync<T>(ResourceQuery query, string what, Func<IReadOnlyCollection<T>, string?> missing, CancellationToken cancellationToken)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var left = timeout - Stopwatch.GetElapsedTime(_start);
        await client.WaitAsync(
            query,
            new ClusterWait(what, left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1))
            {
                ErrorId = "CniNotReady",
                Target = release.Kind,
                Step = lacks => step($"waiting for {what}: {lacks}"),
                RecommendedAction = $"See why: Get-LabPod -Namespace {release.Namespace}; it may still get ready, and the same command again goes on waiting.",
            },
            missing,
            cancellationToken).ConfigureAwait(false);
    }

    private string? Missing(IReadOnlyCollection<V1DaemonSet> sets)
    {
        if (!sets.Any(set => set.Metadata.Name == release.Agent))
            return $"there is no DaemonSet {release.Agent} yet";
        return sets.Where(set => set.Metadata.Name == release.Agent || release.Companions.Contains(set.Metadata.Name)).Select(Missing).FirstOrDefault(lacks => lacks is not null);
    }

    private static string? Missing(V1DaemonSet set)
    {
        var (wanted, status) = (set.Status?.DesiredNumberScheduled ?? 0, set.Status);
        if (status?.ObservedGeneration < set.Metadata.Generation || wanted == 0)
            return $"{set.Metadata.Name} is not on the nodes yet";
        var ready = Math.Min(status!.NumberReady, status.UpdatedNumberScheduled ?? 0);
        return ready < wanted ? $"{set.Metadata.Name} is ready on {ready} of {wanted} nodes" : null;
    }

    private string? Missing(IReadOnlyCollection<V1Deployment> deployments) =>
        deployments.Where(deployment => release.Companions.Contains(deployment.Metadata.Name)).Select(MissingPods).FirstOrDefault(lacks => lacks is not null);

    private static string? MissingDns(IReadOnlyCollection<V1Deployment> deployments) => deployments.Select(MissingPods).FirstOrDefault(lacks => lacks is not null);

    private static string? MissingPods(V1Deployment deployment)
    {
        var wanted = deployment.Spec?.Replicas ?? 1;
        var ready = deployment.Status?.ReadyReplicas ?? 0;
        return ready < wanted || deployment.Status?.ObservedGeneration < deployment.Metadata.Generation ? $"{deployment.Metadata.Name} has {ready} of {wanted} pods ready" : null;
    }

    private static string? Missing(IReadOnlyCollection<V1Node> nodes)
    {
        var waiting = nodes.Where(node => node.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) != true).Select(node => node.Metadata.Name).ToList();
        return waiting.Count == 0 ? null : $"{string.Join(", ", waiting)} not ready";
    }
}

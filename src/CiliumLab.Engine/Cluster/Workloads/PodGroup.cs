using CiliumLab.Engine.Cluster.Pods;
using CiliumLab.Engine.Cluster.Watching;
using k8s.Models;

namespace CiliumLab.Engine.Cluster.Workloads;

/// <summary>Pods that one owner keeps alive, or one bare pod, and the wait until they are as they should be.</summary>
/// <param name="Namespace">Their namespace.</param>
/// <param name="Owner">Their owner as <see cref="LabPods.Owner"/> names it; null for a bare pod.</param>
/// <param name="Name">The bare pod's name, or the owner's for messages.</param>
internal sealed record PodGroup(string Namespace, string? Owner, string Name)
{
    /// <summary>The group that a pod belongs to.</summary>
    public static PodGroup Of(V1Pod pod) =>
        LabPods.Owner(pod) is { } owner
            ? new PodGroup(pod.Metadata.NamespaceProperty, owner, owner)
            : new PodGroup(pod.Metadata.NamespaceProperty, null, pod.Metadata.Name);

    /// <summary>Waits until enough pods of the group are ready and none of those that shall go is left.</summary>
    /// <param name="client">The cluster.</param>
    /// <param name="count">How many shall be ready.</param>
    /// <param name="leaving">The uids of the pods that shall go.</param>
    /// <param name="timeout">How long that may take.</param>
    /// <param name="step">Is told what is missing.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The group's ready pods.</returns>
    public async Task<IReadOnlyList<V1Pod>> WaitAsync(
        ClusterClient client, int count, IReadOnlySet<string> leaving, TimeSpan timeout, Func<string, Task>? step, CancellationToken cancellationToken)
    {
        var wait = new ClusterWait($"{Namespace}/{Name} to be ready", timeout)
        {
            ErrorId = "WorkloadNotReady",
            Target = $"{Namespace}/{Name}",
            RecommendedAction = $"See why: Get-LabPod -Namespace {Namespace} | Where-Object Reason | Format-List",
            Step = step,
        };
        var query = Owner is null ? ResourceQuery.Named(Namespace, Name) : new ResourceQuery(Namespace);
        var present = await client.WaitAsync<V1Pod>(query, wait, all => Missing(all, count, leaving), cancellationToken).ConfigureAwait(false);
        return [.. Members(present).Where(LabPods.IsReady)];
    }

    private IEnumerable<V1Pod> Members(IEnumerable<V1Pod> all) => all.Where(pod => Of(pod) == this);

    private string? Missing(IReadOnlyCollection<V1Pod> all, int count, IReadOnlySet<string> leaving)
    {
        var members = Members(all).ToList();
        var left = members.Count(pod => leaving.Contains(pod.Metadata.Uid));
        var ready = members.Count(pod => LabPods.IsReady(pod) && !leaving.Contains(pod.Metadata.Uid));
        if (left == 0 && ready >= count)
            return null;
        var waiting = members.Where(pod => !LabPods.IsReady(pod) && pod.Metadata.DeletionTimestamp is null)
            .Select(pod => $"; {pod.Metadata.Name}: {PodReason.Of(pod)}").FirstOrDefault();
        return $"{ready} of {count} pods are ready{(left > 0 ? $", {left} old ones are still there" : "")}{waiting}";
    }
}

using System.Runtime.CompilerServices;
using CiliumLab.Engine.Cluster.Networks;
using CiliumLab.Engine.Cluster.Pods;
using CiliumLab.Model;
using k8s.Models;

namespace CiliumLab.Engine.Cluster.Workloads;

/// <summary>Puts the sample application into a cluster and takes it away.</summary>
public static class LabWorkloads
{
    /// <summary>Installs it, waits until it is ready, and returns its pods. What is there already is left as it is.</summary>
    /// <param name="client">The cluster.</param>
    /// <param name="ns">The namespace; it must be there.</param>
    /// <param name="replicas">How many servers.</param>
    /// <param name="timeout">How long it may take to become ready.</param>
    /// <param name="step">Is told the step that the work is at.</param>
    /// <param name="cancellationToken">Stops it; what was made stays.</param>
    /// <exception cref="LabException"><c>NamespaceNotFound</c>, or <c>WorkloadNotReady</c> with what is missing.</exception>
    public static async IAsyncEnumerable<LabPod> InstallAsync(
        ClusterClient client, string ns, int replicas, TimeSpan timeout, Func<string, Task> step, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await LabPods.RequireNamespaceAsync(client, ns, cancellationToken).ConfigureAwait(false);
        await step("creating webpod and curl-pod").ConfigureAwait(false);
        var servers = await client.ApplyAsync(SampleWorkload.Servers(ns, replicas), cancellationToken).ConfigureAwait(false);
        await client.ApplyAsync(SampleWorkload.Service(ns), cancellationToken).ConfigureAwait(false);
        var clientIsNew = await AddClientAsync(client, ns, cancellationToken).ConfigureAwait(false);
        (PodGroup Group, int Count, bool Changed)[] parts =
        [
            (new PodGroup(ns, $"Deployment/{SampleWorkload.Web}", $"Deployment/{SampleWorkload.Web}"), replicas, servers.Changed),
            (new PodGroup(ns, null, SampleWorkload.Client), 1, clientIsNew),
        ];
        foreach (var (group, count, changed) in parts)
        {
            var pods = await group.WaitAsync(client, count, new HashSet<string>(), timeout, step, cancellationToken).ConfigureAwait(false);
            var cni = await CniInCharge.ReadAsync(client, cancellationToken).ConfigureAwait(false);
            foreach (var pod in pods)
                yield return LabPods.View(pod, cni) with { Changed = changed };
        }
    }

    /// <summary>Takes it away and waits until its pods are gone; returns the pods that there were.</summary>
    /// <exception cref="LabException"><c>NamespaceNotFound</c>, or <c>WorkloadNotGone</c>.</exception>
    public static async IAsyncEnumerable<LabPod> UninstallAsync(
        ClusterClient client, string ns, TimeSpan timeout, Func<string, Task> step, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await LabPods.RequireNamespaceAsync(client, ns, cancellationToken).ConfigureAwait(false);
        var cni = await CniInCharge.ReadAsync(client, cancellationToken).ConfigureAwait(false);
        var ours = await client.ListAsync<V1Pod>(new ResourceQuery(ns), cancellationToken).Where(IsOurs).ToListAsync(cancellationToken).ConfigureAwait(false);
        await step("deleting webpod and curl-pod").ConfigureAwait(false);
        await client.DeleteAsync<V1Service>(ns, SampleWorkload.Web, cancellationToken).ConfigureAwait(false);
        await client.DeleteAsync<V1Deployment>(ns, SampleWorkload.Web, cancellationToken).ConfigureAwait(false);
        await client.DeleteAsync<V1Pod>(ns, SampleWorkload.Client, cancellationToken).ConfigureAwait(false);
        var wait = new Watching.ClusterWait($"the sample application to leave namespace '{ns}'", timeout)
        {
            ErrorId = "WorkloadNotGone",
            Target = ns,
            Step = step,
        };
        await Watching.ClusterWaits.WaitAsync<V1Pod>(
            client,
            new ResourceQuery(ns),
            wait,
            all => all.Count(IsOurs) is > 0 and var left ? $"{left} pods are still there" : null,
            cancellationToken).ConfigureAwait(false);
        foreach (var pod in ours)
            yield return LabPods.View(pod, cni) with { Changed = true, Reason = "Deleted" };
    }

    private static bool IsOurs(V1Pod pod) =>
        LabPods.Owner(pod) is { } owner ? owner == $"Deployment/{SampleWorkload.Web}" : pod.Metadata.Name == SampleWorkload.Client;

    // A pod cannot be moved, so one that is there is taken as it is, wherever somebody put it.
    private static async Task<bool> AddClientAsync(ClusterClient client, string ns, CancellationToken cancellationToken)
    {
        if (await client.FindAsync<V1Pod>(ns, SampleWorkload.Client, cancellationToken).ConfigureAwait(false) is not null)
            return false;
        var query = ResourceQuery.All with { Labels = "node-role.kubernetes.io/control-plane" };
        var node = await client.ListAsync<V1Node>(query, cancellationToken).Select(item => item.Metadata.Name).FirstOrDefaultAsync(cancellationToken).ConfigureAwait(false);
        await client.CreateAsync(SampleWorkload.Curl(ns, node), cancellationToken).ConfigureAwait(false);
        return true;
    }
}

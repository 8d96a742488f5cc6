using System.Runtime.CompilerServices;
using CiliumLab.Engine.Cluster.Connectivity;
using CiliumLab.Engine.Cluster.Networks;
using CiliumLab.Engine.Cluster.Pods;
using CiliumLab.Engine.Cluster.Watching;
using CiliumLab.Model;
using k8s.Models;

namespace CiliumLab.Engine.Cluster.Workloads;

/// <summary>Puts the sample application into a cluster and takes it away.</summary>
public static class LabWorkloads
{
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan BetweenQuestions = TimeSpan.FromMilliseconds(100);

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

        await WaitForServiceAsync(client, ns, replicas, timeout, step, cancellationToken).ConfigureAwait(false);
        if (servers.Changed || clientIsNew)
            await WaitForAnswerAsync(client, ns, step, cancellationToken).ConfigureAwait(false);
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
        var wait = new ClusterWait($"the sample application to leave namespace '{ns}'", timeout)
        {
            ErrorId = "WorkloadNotGone",
            Target = ns,
            Step = step,
        };
        await client.WaitAsync<V1Pod>(
            new ResourceQuery(ns),
            wait,
            all => all.Count(IsOurs) is > 0 and var left ? $"{left} pods are still there" : null,
            cancellationToken).ConfigureAwait(false);
        foreach (var pod in ours)
            yield return LabPods.View(pod, cni) with { Changed = true, Reason = "Deleted" };
    }

    // A pod that is ready is not behind its service in the same moment.
    private static async Task WaitForServiceAsync(
        ClusterClient client, string ns, int replicas, TimeSpan timeout, Func<string, Task> step, CancellationToken cancellationToken)
    {
        var wait = new ClusterWait($"service '{ns}/{SampleWorkload.Web}' to have its endpoints", timeout)
        {
            ErrorId = "WorkloadNotReady",
            Target = $"{ns}/{SampleWorkload.Web}",
            RecommendedAction = $"See what it has: Get-LabService -Namespace {ns} -Name {SampleWorkload.Web} | Format-List",
            Step = step,
        };
        var query = new ResourceQuery(ns) { Labels = $"kubernetes.io/service-name={SampleWorkload.Web}" };
        await client.WaitAsync<V1EndpointSlice>(query, wait, Missing, cancellationToken).ConfigureAwait(false);

        string? Missing(IReadOnlyCollection<V1EndpointSlice> slices)
        {
            var ready = slices.Sum(slice => slice.Endpoints?.Count(endpoint => endpoint.Conditions?.Ready == true) ?? 0);
            return ready >= replicas ? null : $"{ready} of {replicas} endpoints are ready";
        }
    }

    // DNS and the nodes' rules follow the API a moment later, and nothing in it says when. Whoever does not answer by then has another
    // trouble, which is Test-PodConnectivity's to tell.
    private static async Task WaitForAnswerAsync(ClusterClient client, string ns, Func<string, Task> step, CancellationToken cancellationToken)
    {
        await step("asking webpod from curl-pod").ConfigureAwait(false);
        using var limit = new CancellationTokenSource(AnswerTime, client.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        var asking = new PodReachability(client, count: 1, AnswerTime);
        try
        {
            while (!(await asking.TestAsync(SampleWorkload.Client, ns, SampleWorkload.Web, _ => Task.CompletedTask, either.Token).ConfigureAwait(false)).Succeeded)
                await Task.Delay(BetweenQuestions, client.Clock, either.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is LabException or OperationCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
        }
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

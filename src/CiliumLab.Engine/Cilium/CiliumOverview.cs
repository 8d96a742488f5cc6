using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Cluster.Pods;
using CiliumLab.Engine.Cni.Helm;
using CiliumLab.Engine.Labs;
using CiliumLab.Model;
using k8s.Models;

namespace CiliumLab.Engine.Cilium;

/// <summary>How Cilium does as a whole: its workloads, its pods, and what its agents say, put together.</summary>
public static class CiliumOverview
{
    private const string Namespace = "kube-system";
    private const string Agent = "cilium";

    /// <summary>Reads it. An agent that cannot be asked is an error in what is returned.</summary>
    /// <param name="session">The lab.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="LabException"><c>CiliumNotInstalled</c>, or the cluster does not answer.</exception>
    public static async Task<CiliumStatus> ReadAsync(LabSession session, CancellationToken cancellationToken)
    {
        var client = session.Cluster;
        var parts = await PartsAsync(client, cancellationToken).ConfigureAwait(false);
        if (parts.All(part => part.Name != Agent))
            throw CiliumAbsence.Error(session.Description.Name, $"there is no DaemonSet {Agent} in {Namespace}");
        var pods = await LabPods.ReadAsync(client, null, null, cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
        var reports = await Task.WhenAll(NodesOf(pods, session).Select(node => AgentReport.ReadAsync(session.Agents, node, cancellationToken))).ConfigureAwait(false);
        var problems = new CiliumProblems();
        problems.AddWorkloads(parts, pods);
        foreach (var report in reports)
            problems.AddAgent(report);
        var unmanaged = pods.Where(pod => pod.Managed == false && pod.Phase is PodPhase.Running or PodPhase.Pending && !pod.HostNetwork).Select(pod => $"{pod.Namespace}/{pod.Pod}").Order(StringComparer.Ordinal).ToList();
        if (unmanaged.Count > 0)
            problems.Warn(new CiliumProblem("pods", null, $"{unmanaged.Count} {(unmanaged.Count == 1 ? "pod has" : "pods have")} an address of another CNI: {string.Join(", ", unmanaged)}. Restart-LabWorkload -UnmanagedOnly moves them."));
        var mesh = HealthMesh.Of(reports);
        problems.AddMesh(mesh);
        var differences = AgentDifferences.Between(reports).ToList();
        foreach (var difference in differences)
            problems.Warn(new CiliumProblem("agents", null, $"they differ in {difference}"));
        return new CiliumStatus
        {
            Lab = session.Description.Name,
            ChartVersion = await HelmReleaseSecret.ChartVersionAsync(client, Agent, Namespace, cancellationToken).ConfigureAwait(false),
            Versions = [.. reports.Select(report => report.Status?.Version).OfType<string>().Distinct().Order(StringComparer.Ordinal)],
            Components = parts,
            Pods = pods.Count(pod => pod.Managed is not null),
            ManagedPods = pods.Count(pod => pod.Managed == true),
            UnmanagedPods = unmanaged,
            ProbedPaths = mesh.Probed,
            ReachablePaths = mesh.Reachable,
            HealthMeshComplete = mesh.Complete,
            Differences = differences,
            Agents = [.. reports.Select(report => report.Status).OfType<CiliumAgentStatus>()],
            Errors = problems.Errors,
            Warnings = problems.Warnings,
        };
    }

    private static async Task<IReadOnlyList<CiliumComponent>> PartsAsync(ClusterClient client, CancellationToken cancellationToken)
    {
        var found = new List<CiliumComponent>();
        await foreach (var set in client.ListAsync<V1DaemonSet>(new ResourceQuery(Namespace), cancellationToken).ConfigureAwait(false))
        {
            if (IsPart(set.Metadata))
                found.Add(new CiliumComponent(set.Metadata.Name, "DaemonSet", set.Status?.DesiredNumberScheduled ?? 0, set.Status?.NumberReady ?? 0) { Images = Images(set.Spec.Template) });
        }

        await foreach (var deployment in client.ListAsync<V1Deployment>(new ResourceQuery(Namespace), cancellationToken).ConfigureAwait(false))
        {
            if (IsPart(deployment.Metadata))
                found.Add(new CiliumComponent(deployment.Metadata.Name, "Deployment", deployment.Spec.Replicas ?? 1, deployment.Status?.ReadyReplicas ?? 0) { Images = Images(deployment.Spec.Template) });
        }

        return found;
    }

    private static bool IsPart(V1ObjectMeta meta) =>
        meta.Name is Agent or "clustermesh-apiserver" || meta.Name.StartsWith("cilium-", StringComparison.Ordinal) || meta.Name.StartsWith("hubble-", StringComparison.Ordinal);

    private static IReadOnlyList<string> Images(V1PodTemplateSpec template) => [.. template.Spec.Containers.Select(container => container.Image).Distinct()];

    // Agents run on every node that the lab knows, and perhaps on others.
    private static IEnumerable<string> NodesOf(List<LabPod> pods, LabSession session) =>
        pods.Where(pod => pod.Owner == $"DaemonSet/{Agent}" && pod.Node is not null).Select(pod => pod.Node!).Union(session.Nodes, StringComparer.OrdinalIgnoreCase).Order(StringComparer.Ordinal);
}

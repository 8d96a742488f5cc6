using CiliumLab.Model;
using k8s.Models;

namespace CiliumLab.Engine.Cluster.Pods;

/// <summary>Finds a pod that commands are to run in.</summary>
internal static class RunningPod
{
    /// <summary>Finds it.</summary>
    /// <param name="client">The cluster.</param>
    /// <param name="pod">Its name, in the namespace, or <c>namespace/name</c>.</param>
    /// <param name="ns">The namespace of a pod that is named without one.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="LabException"><c>PodNotFound</c> with those that are, <c>NamespaceNotFound</c>, <c>PodNotRunning</c>.</exception>
    public static async Task<V1Pod> FindAsync(ClusterClient client, string pod, string ns, CancellationToken cancellationToken)
    {
        var (space, name) = pod.Split('/') is [var first, var second] ? (first, second) : (ns, pod);
        var found = await client.FindAsync<V1Pod>(space, name, cancellationToken).ConfigureAwait(false);
        if (found is null)
        {
            await LabPods.RequireNamespaceAsync(client, space, cancellationToken).ConfigureAwait(false);
            throw NotFound(space, name, await LabPods.NamesAsync(client, space, cancellationToken).ConfigureAwait(false));
        }

        return found.Status?.Phase == "Running"
            ? found
            : throw new LabException(
                "PodNotRunning",
                LabErrorKind.InvalidOperation,
                $"Pod '{space}/{name}' runs no command, because it does not run itself: {PodReason.Of(found) ?? found.Status?.Phase}.",
                name,
                $"See it with: Get-LabPod -Namespace {space} -Name {name} | Format-List");
    }

    /// <summary>Says that a namespace has no such pod, and which it has.</summary>
    /// <param name="ns">The namespace.</param>
    /// <param name="name">The name that no pod has.</param>
    /// <param name="known">The names that pods have.</param>
    /// <param name="with">How to name another, where that is not plain.</param>
    public static LabException NotFound(string ns, string name, IReadOnlyCollection<string> known, string with = "") =>
        new(
            "PodNotFound",
            LabErrorKind.ObjectNotFound,
            $"Namespace '{ns}' has no pod '{name}'. {(known.Count == 0 ? "It has none at all" : $"It has: {string.Join(", ", known)}")}.",
            name,
            $"Name one of them{with}, or bring the sample application: Install-LabWorkload");
}

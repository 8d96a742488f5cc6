using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Cluster.Watching;
using CiliumLab.Engine.Cni.Helm;
using CiliumLab.Engine.Labs;
using CiliumLab.Model;
using k8s.Models;

namespace CiliumLab.Engine.Cni;

/// <summary>Takes a CNI's release away, with its namespace and, when asked, its kinds. What it leaves on nodes stays: that is another job.</summary>
/// <param name="session">The lab.</param>
/// <param name="helm">Helm.</param>
/// <param name="step">Is told what is done, and what is waited for.</param>
internal sealed class CniUninstaller(LabSession session, HelmClient helm, Func<string, Task> step)
{
    /// <summary>Takes it away; what is not there is not missed.</summary>
    /// <param name="kind">Which CNI.</param>
    /// <param name="withDefinitions">Its custom resource definitions too, and so every object of its kinds.</param>
    /// <param name="timeout">How long its pods and its namespace may take to go.</param>
    /// <param name="confirm">Asks whether the change, which it is told, may be made.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>Whether anything was taken away; null when it was not confirmed.</returns>
    public async Task<bool?> UninstallAsync(
        CniKind kind, bool withDefinitions, TimeSpan timeout, Func<string, Task<bool>> confirm, CancellationToken cancellationToken)
    {
        var known = CniRelease.Of(kind);
        await step("looking what is there").ConfigureAwait(false);
        var release = (await helm.ListAsync(cancellationToken).ConfigureAwait(false)).FirstOrDefault(release => release.Chart == known.Chart.Chart);
        var ns = known.NamespaceLabels is null ? null : await session.Cluster.FindAsync<V1Namespace>(null, known.Namespace, cancellationToken).ConfigureAwait(false);
        var definitions = withDefinitions ? await DefinitionsAsync(known, cancellationToken).ConfigureAwait(false) : [];
        string[] parts =
        [
            .. release is null ? Array.Empty<string>() : [$"Helm release '{release.Name}' ({release.Chart} {release.ChartVersion}) in namespace {release.Namespace}"],
            .. ns is null ? Array.Empty<string>() : [$"namespace {known.Namespace}"],
            .. definitions.Count == 0 ? Array.Empty<string>() : [$"{definitions.Count} custom resource definitions of {known.Group} with every object of these kinds"],
        ];
        if (parts.Length == 0)
            return false;
        if (!await confirm($"Remove {string.Join(", ", parts)}").ConfigureAwait(false))
            return null;
        if (release is not null)
        {
            await step($"helm: uninstalling {release.Name}").ConfigureAwait(false);
            await helm.UninstallAsync(release.Name, release.Namespace, timeout, cancellationToken).ConfigureAwait(false);
        }

        if (ns is not null)
            await RemoveNamespaceAsync(known.Namespace, timeout, cancellationToken).ConfigureAwait(false);
        foreach (var definition in definitions)
            await session.Cluster.DeleteAsync<V1CustomResourceDefinition>(null, definition, cancellationToken).ConfigureAwait(false);
        return true;
    }

    private async Task<IReadOnlyList<string>> DefinitionsAsync(CniRelease known, CancellationToken cancellationToken) =>
        known.Group is null
            ? []
            : await session.Cluster.ListAsync<V1CustomResourceDefinition>(ResourceQuery.All, cancellationToken)
                .Where(known.Owns)
                .Select(definition => definition.Metadata.Name)
                .ToListAsync(cancellationToken).ConfigureAwait(false);

    private async Task RemoveNamespaceAsync(string name, TimeSpan timeout, CancellationToken cancellationToken)
    {
        await step($"removing namespace {name}").ConfigureAwait(false);
        await session.Cluster.DeleteAsync<V1Namespace>(null, name, cancellationToken).ConfigureAwait(false);
        await session.Cluster.WaitAsync<V1Namespace>(
            ResourceQuery.Named(null, name),
            new ClusterWait($"namespace '{name}' to be gone", timeout)
            {
                Target = name,
                Step = lacks => step(lacks),
                RecommendedAction = $"See what holds it: kubectl get namespace {name} -o yaml (status.conditions)",
            },
            present => present.Count == 0 ? null : $"namespace {name} is {present.First().Status?.Phase ?? "there"}",
            cancellationToken).ConfigureAwait(false);
    }
}

using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Cluster.Networks;
using CiliumLab.Engine.Cni.Helm;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;
using k8s.Models;

namespace CiliumLab.Engine.Cni;

/// <summary>Which CNIs a lab has: what Helm says, what runs, and what the nodes' configurations call.</summary>
public static class CniInstallations
{
    /// <summary>Reads them; those that have neither a release nor an agent are left out.</summary>
    /// <param name="session">The lab.</param>
    /// <param name="helmPath">The Helm of this computer to ask; null for the control plane's.</param>
    /// <param name="report">Is told of a node, or of a Helm, that cannot be asked; the others still answer.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    public static async Task<IReadOnlyList<CniInstallation>> ReadAsync(
        LabSession session, string? helmPath, Func<LabException, ValueTask> report, CancellationToken cancellationToken)
    {
        var releases = ReleasesAsync(session, helmPath, report, cancellationToken);
        var inCharge = CniInCharge.ReadAsync(session.Cluster, cancellationToken);
        var agents = session.Cluster.ListAsync<V1DaemonSet>(ResourceQuery.All, cancellationToken).ToListAsync(cancellationToken).AsTask();
        var definitions = session.Cluster.ListAsync<V1CustomResourceDefinition>(ResourceQuery.All, cancellationToken).ToListAsync(cancellationToken).AsTask();
        var nodes = Task.WhenAll(session.Nodes.Select(node => OfNodeAsync(session.Shell(node), report, cancellationToken)));
        await Task.WhenAll(releases, inCharge, agents, definitions, nodes).ConfigureAwait(false);
        var found = new List<CniInstallation>();
        foreach (var known in CniRelease.All)
        {
            var release = releases.Result.FirstOrDefault(release => release.Chart == known.Chart.Chart);
            var agent = agents.Result.FirstOrDefault(set => set.Metadata.Name == known.Agent);
            if (release is null && agent is null)
                continue;
            var isInCharge = inCharge.Result.Kind == known.Kind;
            found.Add(new CniInstallation
            {
                Lab = session.Description.Name,
                Name = known.Kind,
                InCharge = isInCharge,
                Release = release?.Name,
                Namespace = agent?.Metadata.NamespaceProperty ?? release?.Namespace,
                Version = release?.ChartVersion?.TrimStart('v'),
                Status = release?.Status,
                Ready = agent?.Status?.NumberReady ?? 0,
                Wanted = agent?.Status?.DesiredNumberScheduled ?? 0,
                PodCidrs = isInCharge ? inCharge.Result.PodCidrs : [],
                Nodes = [.. nodes.Result.OfType<CniOfNode>()],
                CustomResources = [.. definitions.Result.Where(known.Owns).Select(definition => definition.Metadata.Name)],
            });
        }

        return found;
    }

    /// <summary>Installs a CNI; see <see cref="CniInstaller"/>.</summary>
    /// <param name="session">The lab.</param>
    /// <param name="request">What is wanted.</param>
    /// <param name="confirm">Asks whether the change, which it is told, may be made.</param>
    /// <param name="step">Is told what is done, and what is waited for.</param>
    /// <param name="warn">Is told what may go wrong.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>Whether anything was changed; null when it was not confirmed.</returns>
    public static Task<bool?> InstallAsync(
        LabSession session, CniRequest request, Func<string, Task<bool>> confirm, Func<string, Task> step, Func<string, Task> warn, CancellationToken cancellationToken) =>
        new CniInstaller(session, HelmClient.Of(session, request.HelmPath), step, warn).InstallAsync(request, confirm, cancellationToken);

    /// <summary>Takes a CNI away; see <see cref="CniUninstaller"/>.</summary>
    /// <param name="session">The lab.</param>
    /// <param name="helmPath">The Helm of this computer to use; null for the control plane's.</param>
    /// <param name="kind">Which CNI.</param>
    /// <param name="withDefinitions">Its custom resource definitions too.</param>
    /// <param name="timeout">How long its pods and its namespace may take to go.</param>
    /// <param name="confirm">Asks whether the change, which it is told, may be made.</param>
    /// <param name="step">Is told what is done, and what is waited for.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    /// <returns>Whether anything was taken away; null when it was not confirmed.</returns>
    public static Task<bool?> UninstallAsync(
        LabSession session, string? helmPath, CniKind kind, bool withDefinitions, TimeSpan timeout, Func<string, Task<bool>> confirm, Func<string, Task> step, CancellationToken cancellationToken) =>
        new CniUninstaller(session, HelmClient.Of(session, helmPath), step).UninstallAsync(kind, withDefinitions, timeout, confirm, cancellationToken);

    private static async Task<IReadOnlyList<HelmRelease>> ReleasesAsync(LabSession session, string? helmPath, Func<LabException, ValueTask> report, CancellationToken cancellationToken)
    {
        try
        {
            return await HelmClient.Of(session, helmPath).ListAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (LabException error)
        {
            await report(error).ConfigureAwait(false);
            return [];
        }
    }

    private static async Task<CniOfNode?> OfNodeAsync(INodeShell shell, Func<LabException, ValueTask> report, CancellationToken cancellationToken)
    {
        try
        {
            var files = CniConfigs.ReadAsync(shell, cancellationToken);
            var first = await files.FirstOrDefaultAsync(file => file.Status is CniConfigStatus.InEffect or CniConfigStatus.Invalid, cancellationToken).ConfigureAwait(false);
            return new CniOfNode { Node = shell.Node, Cni = KindOf(first), Path = first?.Path, Failure = first?.Failure };
        }
        catch (LabException error)
        {
            await report(error).ConfigureAwait(false);
            return null;
        }
    }

    private static CniKind KindOf(CniConfig? config) =>
        config is null ? CniKind.None
        : CniRelease.All.FirstOrDefault(known => config.Plugins.Any(plugin => plugin.Type == known.Plugin))?.Kind ?? CniKind.Other;
}

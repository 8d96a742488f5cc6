using System.Runtime.CompilerServices;
using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cni;

/// <summary>Finds and removes what Flannel and kube-proxy leave on a node; neither of them takes it away when it ends.</summary>
public static class CniArtifacts
{
    /// <summary>Finds what is left, in the order in which it would be removed.</summary>
    /// <param name="shell">The node.</param>
    /// <param name="cluster">The cluster, which knows the node's annotations; null when it cannot be asked.</param>
    /// <param name="owners">Whose.</param>
    /// <param name="warn">Is told of lines that were not understood.</param>
    /// <param name="cancellationToken">Stops the search.</param>
    public static async IAsyncEnumerable<CniArtifact> FindAsync(
        INodeShell shell,
        ClusterClient? cluster,
        IReadOnlyCollection<CniArtifactOwner> owners,
        Action<TextWarning> warn,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var state = await NodeKernelState.ReadAsync(shell, warn, cancellationToken).ConfigureAwait(false);
        foreach (var owner in Enum.GetValues<CniArtifactOwner>().Where(owners.Contains))
        {
            await foreach (var group in GroupsAsync(shell, owner, state, warn, cancellationToken).ConfigureAwait(false))
            {
                foreach (var artifact in group.Artifacts)
                    yield return artifact;
            }
        }

        if (cluster is null || !owners.Contains(CniArtifactOwner.Flannel))
            yield break;
        foreach (var group in await AnnotationArtifacts.FindAsync(shell, cluster, cancellationToken).ConfigureAwait(false))
        {
            foreach (var artifact in group.Artifacts)
                yield return artifact;
        }
    }

    /// <summary>
    /// Removes what an owner has left: backs everything up on the node, then removes one sort of thing after the other, rules first. A
    /// run that was interrupted is finished by the next.
    /// </summary>
    /// <param name="shell">The node.</param>
    /// <param name="cluster">The cluster, which knows the node's annotations; null when it cannot be asked.</param>
    /// <param name="owner">Whose.</param>
    /// <param name="dialog">Is asked, and told what happens.</param>
    /// <param name="clock">Tells the time for the backup's name.</param>
    /// <param name="cancellationToken">Stops between two steps.</param>
    /// <returns>Whether there was anything.</returns>
    /// <exception cref="LabException"><c>FlannelStillRuns</c>, <c>KubeProxyStillRuns</c>, <c>NodeDiskFull</c>, <c>BackupFailed</c>,
    /// <c>IptablesNotChanged</c>, or what running commands throws.</exception>
    public static async Task<bool> RemoveAsync(
        INodeShell shell, ClusterClient? cluster, CniArtifactOwner owner, IArtifactDialog dialog, TimeProvider clock, CancellationToken cancellationToken)
    {
        await dialog.StepAsync("Looking for what is left").ConfigureAwait(false);
        var state = await NodeKernelState.ReadAsync(shell, dialog.Warn, cancellationToken).ConfigureAwait(false);
        var groups = await GroupsAsync(shell, owner, state, dialog.Warn, cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
        LabException? unasked = null;
        try
        {
            if (cluster is not null && owner == CniArtifactOwner.Flannel)
                groups.AddRange(await AnnotationArtifacts.FindAsync(shell, cluster, cancellationToken).ConfigureAwait(false));
        }
        catch (LabException error)
        {
            // What is on the node can go without the cluster's help; the error is told when that is done.
            unasked = error;
        }

        var found = await RemoveAsync(shell, owner, groups, dialog, clock, cancellationToken).ConfigureAwait(false);
        return unasked is null ? found : throw unasked;
    }

    private static async Task<bool> RemoveAsync(
        INodeShell shell, CniArtifactOwner owner, IReadOnlyList<IArtifactGroup> groups, IArtifactDialog dialog, TimeProvider clock, CancellationToken cancellationToken)
    {
        IReadOnlyList<CniArtifact> artifacts = [.. groups.SelectMany(group => group.Artifacts)];
        if (artifacts.Count == 0)
            return false;
        if (!await dialog.ConfirmAsync(artifacts).ConfigureAwait(false))
        {
            foreach (var artifact in artifacts)
                await dialog.ReportAsync(CniArtifactRemoval.Of(artifact, null)).ConfigureAwait(false);
            return true;
        }

        if (await RunningOwners.FindAsync(shell, owner, dialog.Warn, cancellationToken).ConfigureAwait(false) is { } running)
            throw running;
        await dialog.StepAsync("Backing up").ConfigureAwait(false);
        var backup = await ArtifactBackup.MakeAsync(shell, owner, groups, clock, cancellationToken).ConfigureAwait(false);
        foreach (var group in groups)
        {
            await dialog.StepAsync($"Removing {group.Artifacts[0].Kind}: {group.Artifacts[0].Name}").ConfigureAwait(false);
            await group.RemoveAsync(artifact => dialog.ReportAsync(CniArtifactRemoval.Of(artifact, backup.Folder)), cancellationToken).ConfigureAwait(false);
        }

        return true;
    }

    private static async IAsyncEnumerable<IArtifactGroup> GroupsAsync(
        INodeShell shell, CniArtifactOwner owner, NodeKernelState state, Action<TextWarning> warn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var files = owner == CniArtifactOwner.Flannel ? await FlannelFiles.FindAsync(shell, cancellationToken).ConfigureAwait(false) : null;
        foreach (var group in IptablesArtifacts.Find(shell, owner, state))
            yield return group;
        foreach (var group in NftArtifacts.Find(shell, owner, state))
            yield return group;
        foreach (var group in IpSetArtifacts.Find(shell, owner, state))
            yield return group;
        foreach (var group in await LinkArtifacts.FindAsync(shell, owner, state, files, warn, cancellationToken).ConfigureAwait(false))
            yield return group;
        if (files is { Artifacts.Count: > 0 })
            yield return files;
    }
}

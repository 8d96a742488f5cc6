using System.Globalization;
using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Cluster.Watching;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;
using k8s;
using k8s.Models;

namespace CiliumLab.Engine.Cni;

/// <summary>
/// kube-proxy's objects in the cluster as kubeadm makes them. Both must go: while the ConfigMap is there, kubeadm brings the DaemonSet
/// back when it upgrades the cluster.
/// </summary>
public static class KubeProxyObjects
{
    private const string Namespace = "kube-system";
    private const string Name = "kube-proxy";

    // A pod has 30 s to end by default, and a node that is slow gets some more.
    private static readonly TimeSpan EndTime = TimeSpan.FromSeconds(90);

    /// <summary>Finds the objects that are there.</summary>
    /// <exception cref="LabException">What asking the API throws.</exception>
    public static async Task<IReadOnlyList<CniArtifact>> FindAsync(ClusterClient cluster, CancellationToken cancellationToken) =>
        (await GroupAsync(cluster, step: null, cancellationToken).ConfigureAwait(false))?.Artifacts ?? [];

    /// <summary>Deletes the objects and waits until no pod of kube-proxy runs any more.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="controlPlane">The node that the backup is made on.</param>
    /// <param name="dialog">Is asked, and told what happens.</param>
    /// <param name="clock">Tells the time for the backup's name.</param>
    /// <param name="cancellationToken">Stops the wait; what was deleted stays deleted.</param>
    /// <exception cref="LabException"><c>KubeProxyPodsStillRun</c>, or what the API or the backup throws.</exception>
    public static async Task RemoveAsync(
        ClusterClient cluster, INodeShell controlPlane, IArtifactDialog dialog, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (await GroupAsync(cluster, dialog.StepAsync, cancellationToken).ConfigureAwait(false) is not { } group)
            return;
        if (!await dialog.ConfirmAsync(group.Artifacts).ConfigureAwait(false))
        {
            foreach (var artifact in group.Artifacts)
                await dialog.ReportAsync(CniArtifactRemoval.Of(artifact, null)).ConfigureAwait(false);
            return;
        }

        var backup = await ArtifactBackup.MakeAsync(controlPlane, CniArtifactOwner.KubeProxy, [group], clock, cancellationToken).ConfigureAwait(false);
        await group.RemoveAsync(artifact => dialog.ReportAsync(CniArtifactRemoval.Of(artifact, backup.Folder)), cancellationToken).ConfigureAwait(false);
    }

    private static async Task<Group?> GroupAsync(ClusterClient cluster, Func<string, ValueTask>? step, CancellationToken cancellationToken)
    {
        var daemonSet = await cluster.FindAsync<V1DaemonSet>(Namespace, Name, cancellationToken).ConfigureAwait(false);
        var configMap = await cluster.FindAsync<V1ConfigMap>(Namespace, Name, cancellationToken).ConfigureAwait(false);
        return daemonSet is null && configMap is null ? null : new Group(cluster, daemonSet, configMap, step);
    }

    private sealed class Group(ClusterClient cluster, V1DaemonSet? daemonSet, V1ConfigMap? configMap, Func<string, ValueTask>? step) : IArtifactGroup
    {
        /// <inheritdoc/>
        public IReadOnlyList<CniArtifact> Artifacts { get; } =
        [
            .. daemonSet is null ? Enumerable.Empty<CniArtifact>() : [Artifact(CniArtifactKind.DaemonSet)],
            .. configMap is null ? Enumerable.Empty<CniArtifact>() : [Artifact(CniArtifactKind.ConfigMap)],
        ];

        /// <inheritdoc/>
        public async Task BackUpAsync(ArtifactBackup backup, CancellationToken cancellationToken)
        {
            if (daemonSet is not null)
            {
                daemonSet.Status = null;
                await backup.WriteAsync("daemonset.json", Text(daemonSet), cancellationToken).ConfigureAwait(false);
            }

            if (configMap is not null)
                await backup.WriteAsync("configmap.json", Text(configMap), cancellationToken).ConfigureAwait(false);
        }

        /// <inheritdoc/>
        public async Task RemoveAsync(Func<CniArtifact, ValueTask> removed, CancellationToken cancellationToken)
        {
            if (daemonSet is not null)
            {
                await cluster.DeleteAsync<V1DaemonSet>(Namespace, Name, cancellationToken).ConfigureAwait(false);
                await WaitAsync(cancellationToken).ConfigureAwait(false);
                await removed(Artifact(CniArtifactKind.DaemonSet)).ConfigureAwait(false);
            }

            if (configMap is not null)
            {
                await cluster.DeleteAsync<V1ConfigMap>(Namespace, Name, cancellationToken).ConfigureAwait(false);
                await removed(Artifact(CniArtifactKind.ConfigMap)).ConfigureAwait(false);
            }
        }

        private async Task WaitAsync(CancellationToken cancellationToken)
        {
            var wait = new ClusterWait("kube-proxy's pods to end", EndTime)
            {
                ErrorId = "KubeProxyPodsStillRun",
                RecommendedAction = "See them with: Get-LabPod -Namespace kube-system kube-proxy-*; then run Remove-KubeProxy again",
                Step = missing => step is null ? Task.CompletedTask : step(missing).AsTask(),
            };
            await cluster.WaitAsync<V1Pod>(
                new ResourceQuery(Namespace) { Labels = $"k8s-app={Name}" },
                wait,
                pods => pods.Count == 0 ? null : string.Create(CultureInfo.InvariantCulture, $"waiting for {pods.Count} pods to end"),
                cancellationToken).ConfigureAwait(false);
        }

        // Without what the server adds by itself, kubectl create takes it.
        private static string Text<T>(T item)
            where T : IKubernetesObject<V1ObjectMeta>
        {
            (item.Metadata.ResourceVersion, item.Metadata.Uid, item.Metadata.CreationTimestamp, item.Metadata.ManagedFields) = (null, null, null, null);
            var kind = ResourceKind.Of<T>();
            (item.ApiVersion, item.Kind) = (kind.ApiVersion, kind.Kind);
            return KubernetesJson.Serialize(item) + "\n";
        }

        private static CniArtifact Artifact(CniArtifactKind kind) =>
            new() { Owner = CniArtifactOwner.KubeProxy, Kind = kind, Name = Name, Detail = $"in {Namespace}" };
    }
}

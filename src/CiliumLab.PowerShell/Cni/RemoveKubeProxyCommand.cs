using System.Collections.Concurrent;
using System.Management.Automation;
using CiliumLab.Engine.Cni;
using CiliumLab.Engine.Labs;
using CiliumLab.Model;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Cni;

/// <summary>Remove-KubeProxy: removes kube-proxy from the cluster, and what it keeps on the nodes and leaves there when it ends.</summary>
[Cmdlet(VerbsCommon.Remove, "KubeProxy", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(CniArtifactRemoval))]
public sealed class RemoveKubeProxyCommand : ArtifactRemovalCmdlet
{
    private readonly ConcurrentDictionary<LabSession, Lazy<Task>> _removed = [];

    private protected override CniArtifactOwner Owner => CniArtifactOwner.KubeProxy;

    private protected override Task PrepareAsync(LabSession session, WorkOutput output, CancellationToken cancellationToken) =>
        session.HasCluster
            ? _removed.GetOrAdd(session, lab => new(() => RemoveObjectsAsync(lab, output, cancellationToken))).Value
            : Task.CompletedTask;

    private async Task RemoveObjectsAsync(LabSession session, WorkOutput output, CancellationToken cancellationToken)
    {
        var controlPlane = session.Description.Nodes.FirstOrDefault(node => node.Role == NodeRole.ControlPlane) ?? session.Description.Nodes[0];
        var shell = session.Shell(controlPlane.Node);
        try
        {
            await KubeProxyObjects.RemoveAsync(
                session.Cluster, shell, DialogFor($"cluster of {session.Description.Name}", output, Warn(shell, output)), TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
        catch (LabException error)
        {
            // Each node finds out for itself whether kube-proxy still runs there.
            await output.ErrorAsync(error).ConfigureAwait(false);
        }
    }
}

using System.Management.Automation;
using CiliumLab.Engine.Cluster.Nodes;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;
using CiliumLab.PowerShell.Nodes;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Labs;

/// <summary>Get-LabNode: a lab's nodes, whether they answer, and what the cluster says about them.</summary>
[Cmdlet(VerbsCommon.Get, "LabNode")]
[OutputType(typeof(LabNode))]
public sealed class GetLabNodeCommand : ClusterNodeCmdlet
{
    private protected override async Task RunAsync(
        INodeShell shell, Task<ClusterNodes?> known, WorkOutput output, CancellationToken cancellationToken)
    {
        var node = await NodeSummary.ReadAsync(shell, cancellationToken).ConfigureAwait(false);
        var nodes = await known.ConfigureAwait(false);
        await output.WriteAsync(nodes?.Complete(node) ?? node).ConfigureAwait(false);
    }
}

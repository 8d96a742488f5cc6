using System.Management.Automation;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;
using CiliumLab.PowerShell.Nodes;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Labs;

/// <summary>Get-LabNode: a lab's nodes and whether they answer.</summary>
[Cmdlet(VerbsCommon.Get, "LabNode")]
[OutputType(typeof(LabNode))]
public sealed class GetLabNodeCommand : NodeCmdlet
{
    private protected override async Task RunAsync(INodeShell shell, WorkOutput output, CancellationToken cancellationToken) =>
        await output.WriteAsync(await NodeSummary.ReadAsync(shell, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
}

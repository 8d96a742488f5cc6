using System.Management.Automation;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;
using CiliumLab.PowerShell.Nodes;

namespace CiliumLab.PowerShell.Labs;

/// <summary>Clear-LabFault: mends what was broken in a simulated lab on purpose.</summary>
[Cmdlet(VerbsCommon.Clear, "LabFault", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(LabFault))]
public sealed class ClearLabFaultCommand : FaultCmdlet
{
    /// <summary>Only faults of these kinds.</summary>
    [Parameter(Position = 0)]
    public LabFaultKind[]? Kind { get; set; }

    /// <summary>Only faults of these nodes; wildcards work.</summary>
    [Parameter(Position = 1)]
    [SupportsWildcards]
    [NodeName]
    [ArgumentCompleter(typeof(NodeNameCompleter))]
    public string[]? Node { get; set; }

    /// <summary>Only the faults with these numbers, as Get-LabFault has them.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public int[]? Id { get; set; }

    /// <summary>Writes what was mended.</summary>
    [Parameter]
    public SwitchParameter PassThru { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (lab, folder, board) = Board();
        var (kinds, nodes, ids) = (Kind, Node, Id);
        var passThru = PassThru.IsPresent;
        Start(async (output, cancellationToken) =>
        {
            foreach (var fault in Select(await board.GetAsync(lab, folder, cancellationToken).ConfigureAwait(false), kinds, nodes))
            {
                if (ids is not null && !ids.Contains(fault.Id))
                    continue;
                if (!await output.ShouldProcessAsync($"{fault.Node ?? "API server"} of lab {lab.Name}", $"Mend {fault.Kind}").ConfigureAwait(false))
                    continue;
                await board.ClearAsync(lab, folder, fault.Id, cancellationToken).ConfigureAwait(false);
                if (passThru)
                    await output.WriteAsync(fault).ConfigureAwait(false);
            }
        });
    }
}

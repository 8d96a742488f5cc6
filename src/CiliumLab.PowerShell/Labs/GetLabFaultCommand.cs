using System.Management.Automation;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;
using CiliumLab.PowerShell.Nodes;

namespace CiliumLab.PowerShell.Labs;

/// <summary>Get-LabFault: what is broken in a simulated lab on purpose.</summary>
[Cmdlet(VerbsCommon.Get, "LabFault")]
[OutputType(typeof(LabFault))]
public sealed class GetLabFaultCommand : FaultCmdlet
{
    /// <summary>Only faults of these kinds.</summary>
    [Parameter(Position = 0)]
    public LabFaultKind[]? Kind { get; set; }

    /// <summary>Only faults of these nodes; wildcards work.</summary>
    [Parameter(Position = 1, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [NodeName]
    [ArgumentCompleter(typeof(NodeNameCompleter))]
    public string[]? Node { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (lab, folder, board) = Board();
        var (kinds, nodes) = (Kind, Node);
        Start(async (output, cancellationToken) =>
        {
            foreach (var fault in Select(await board.GetAsync(lab, folder, cancellationToken).ConfigureAwait(false), kinds, nodes))
                await output.WriteAsync(fault).ConfigureAwait(false);
        });
    }
}

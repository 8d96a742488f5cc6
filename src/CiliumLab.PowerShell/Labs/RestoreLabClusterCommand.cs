using System.Management.Automation;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;

namespace CiliumLab.PowerShell.Labs;

/// <summary>Restore-LabCluster: makes a lab what it was when a snapshot was taken.</summary>
[Cmdlet(VerbsData.Restore, "LabCluster", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(LabCluster))]
public sealed class RestoreLabClusterCommand : SnapshotCmdlet
{
    /// <summary>The snapshot.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(SnapshotNameCompleter))]
    public string Snapshot { get; set; } = "";

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var connections = RunspaceLabs.Here;
        var (lab, folder, shelf) = Shelf();
        var name = Snapshot;
        if (!ShouldProcess(lab.Name, $"Restore snapshot '{name}', and lose what was done since"))
            return;
        Start(async (output, cancellationToken) =>
        {
            await shelf.RestoreAsync(lab, folder, name, (step, node) => output.StepAsync(node ?? lab.Name, step).AsTask(), cancellationToken).ConfigureAwait(false);
            await LabClusters.WriteAsync(lab, connections, output, cancellationToken).ConfigureAwait(false);
        });
    }
}

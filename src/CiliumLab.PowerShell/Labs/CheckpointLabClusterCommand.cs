using System.Globalization;
using System.Management.Automation;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Labs;

/// <summary>Checkpoint-LabCluster: keeps a lab as it is now.</summary>
[Cmdlet(VerbsData.Checkpoint, "LabCluster", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(LabSnapshot))]
public sealed class CheckpointLabClusterCommand : SnapshotCmdlet
{
    /// <summary>The snapshot's name.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    public string? Snapshot { get; set; }

    /// <summary>A note about it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Description { get; set; }

    /// <summary>Replaces a snapshot of that name.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (lab, folder, shelf) = Shelf();
        var name = Snapshot ?? TimeProvider.System.GetLocalNow().ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);
        var (description, replace) = (Description, Force.IsPresent);
        if (!ShouldProcess(lab.Name, $"Take snapshot '{name}'"))
            return;
        Start(async (output, cancellationToken) => await output.WriteAsync(await shelf.CheckpointAsync(
            lab, folder, name, description, replace, (step, node) => output.StepAsync(node ?? lab.Name, step).AsTask(), cancellationToken).ConfigureAwait(false)).ConfigureAwait(false));
    }
}

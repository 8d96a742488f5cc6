using System.Management.Automation;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Providers;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Labs;

/// <summary>Stop-LabCluster: switches a lab's machines off.</summary>
[Cmdlet(VerbsLifecycle.Stop, "LabCluster", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(LabCluster))]
public sealed class StopLabClusterCommand : LabPowerCmdlet
{
    private protected override string Action => "Stop";

    private protected override LabPowerState Afterwards => LabPowerState.Stopped;

    private protected override async Task<LabDescription?> WorkAsync(
        LabLifecycle lifecycle, LabDescription lab, LabStep step, CancellationToken cancellationToken)
    {
        await lifecycle.StopAsync(lab, step, cancellationToken).ConfigureAwait(false);
        return lab;
    }
}

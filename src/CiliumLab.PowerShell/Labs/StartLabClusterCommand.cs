using System.Management.Automation;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Providers;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Labs;

/// <summary>Start-LabCluster: switches a lab's machines on.</summary>
[Cmdlet(VerbsLifecycle.Start, "LabCluster", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(LabCluster))]
public sealed class StartLabClusterCommand : LabPowerCmdlet
{
    private protected override string Action => "Start";

    private protected override LabPowerState Afterwards => LabPowerState.Running;

    private protected override async Task<LabDescription?> WorkAsync(
        LabLifecycle lifecycle, LabDescription lab, LabStep step, CancellationToken cancellationToken) =>
        await lifecycle.StartAsync(lab, step, cancellationToken).ConfigureAwait(false);
}

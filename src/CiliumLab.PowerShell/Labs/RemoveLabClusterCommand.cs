using System.Management.Automation;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Providers;

namespace CiliumLab.PowerShell.Labs;

/// <summary>Remove-LabCluster: destroys what New-LabCluster made, and forgets the lab.</summary>
[Cmdlet(VerbsCommon.Remove, "LabCluster", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
public sealed class RemoveLabClusterCommand : LabPowerCmdlet
{
    private protected override string Action => "Remove for good";

    private protected override LabPowerState Afterwards => LabPowerState.Missing;

    private protected override async Task<LabDescription?> WorkAsync(
        LabLifecycle lifecycle, LabDescription lab, LabStep step, CancellationToken cancellationToken)
    {
        await lifecycle.RemoveAsync(lab, step, cancellationToken).ConfigureAwait(false);
        return null;
    }
}

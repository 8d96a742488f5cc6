using System.Management.Automation;
using CiliumLab.Engine.Cilium;
using CiliumLab.Model;
using CiliumLab.PowerShell.Labs;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Cilium;

/// <summary>Wait-CiliumStatus: waits until Cilium is well everywhere.</summary>
[Cmdlet(VerbsLifecycle.Wait, "CiliumStatus")]
[OutputType(typeof(CiliumStatus))]
public sealed class WaitCiliumStatusCommand : LabScopedCmdlet
{
    /// <summary>How long that may take.</summary>
    [Parameter(Position = 0)]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (session, timeout) = (Session, Timeout);
        Start(async (output, cancellationToken) =>
        {
            await CiliumReadiness.WaitAsync(session, timeout, step => output.StepAsync(session.Description.Name, step).AsTask(), cancellationToken).ConfigureAwait(false);
            await output.WriteAsync(await CiliumOverview.ReadAsync(session, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
        });
    }
}

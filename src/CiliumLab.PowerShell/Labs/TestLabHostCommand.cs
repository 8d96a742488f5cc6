using System.Management.Automation;
using CiliumLab.Engine.Host;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Labs;

/// <summary>Test-LabHost: whether this computer has what a lab of virtual machines needs.</summary>
[Cmdlet(VerbsDiagnostic.Test, "LabHost")]
[OutputType(typeof(LabHostCheck), typeof(bool))]
public sealed class TestLabHostCommand : LabHostCmdlet
{
    /// <summary>Returns one Boolean: whether no check failed.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var needs = Needs();
        Start(async (output, cancellationToken) =>
        {
            var good = true;
            if (needs is not null)
            {
                await output.StepAsync("this computer", "checking").ConfigureAwait(false);
                await foreach (var finding in HostChecks.RunAsync(needs, cancellationToken).ConfigureAwait(false))
                {
                    good &= finding.Check.Status != LabHostCheckStatus.Failed;
                    if (!Quiet)
                        await output.WriteAsync(finding.Check).ConfigureAwait(false);
                }
            }

            if (Quiet)
                await output.WriteAsync(good).ConfigureAwait(false);
        });
    }
}

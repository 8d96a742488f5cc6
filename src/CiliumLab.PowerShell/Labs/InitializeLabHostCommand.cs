using System.Management.Automation;
using CiliumLab.Engine.Host;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Labs;

/// <summary>Initialize-LabHost: makes good what Test-LabHost finds, as far as this module may.</summary>
[Cmdlet(VerbsData.Initialize, "LabHost", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(LabHostCheck))]
public sealed class InitializeLabHostCommand : LabHostCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Needs() is not { } needs)
            return;
        Start(async (output, cancellationToken) =>
        {
            await output.StepAsync("this computer", "checking").ConfigureAwait(false);
            var changed = false;
            await foreach (var finding in HostChecks.RunAsync(needs, cancellationToken).ConfigureAwait(false))
            {
                if (finding.Change is not { } change || !await output.ShouldProcessAsync(change.Target, change.Action).ConfigureAwait(false))
                    continue;
                try
                {
                    await change.ApplyAsync(cancellationToken).ConfigureAwait(false);
                    changed = true;
                    await output.VerboseAsync($"{change.Action}: done.").ConfigureAwait(false);
                }
                catch (LabException error)
                {
                    await output.ErrorAsync(error).ConfigureAwait(false);
                }
            }

            await output.StepAsync("this computer", changed ? "checking again" : "checking").ConfigureAwait(false);
            await foreach (var finding in HostChecks.RunAsync(needs, cancellationToken).ConfigureAwait(false))
            {
                await output.WriteAsync(finding.Check).ConfigureAwait(false);
                if (finding.Check is { Status: LabHostCheckStatus.Failed, CanInitialize: false })
                    await output.WarningAsync($"{finding.Check.Name}: {finding.Check.Found}. To mend it: {finding.Check.Remedy}").ConfigureAwait(false);
            }
        });
    }
}

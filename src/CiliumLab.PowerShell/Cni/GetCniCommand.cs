using System.Management.Automation;
using CiliumLab.Engine.Cni;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Cni;

/// <summary>Get-Cni: which CNIs are installed, and which one is in charge.</summary>
[Cmdlet(VerbsCommon.Get, "Cni")]
[OutputType(typeof(CniInstallation))]
public sealed class GetCniCommand : HelmCmdlet
{
    /// <summary>The CNIs to look for; all when it is not given.</summary>
    [Parameter(Position = 0)]
    public CniKind[]? Name { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (session, names, helm) = (Session, Name, Helm);
        Start(async (output, cancellationToken) =>
        {
            await output.StepAsync(session.Description.Name, "asking the cluster and its nodes").ConfigureAwait(false);
            foreach (var found in await CniInstallations.ReadAsync(session, helm, output.ErrorAsync, cancellationToken).ConfigureAwait(false))
            {
                if (names is null || names.Contains(found.Name))
                    await output.WriteAsync(found).ConfigureAwait(false);
            }
        });
    }
}

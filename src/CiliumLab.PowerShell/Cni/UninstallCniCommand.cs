using System.Management.Automation;
using CiliumLab.Engine.Cni;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Cni;

/// <summary>Uninstall-Cni: takes a CNI's release and namespace away.</summary>
[Cmdlet(VerbsLifecycle.Uninstall, "Cni", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(CniInstallation))]
public sealed class UninstallCniCommand : HelmCmdlet
{
    /// <summary>Which CNI.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(CniNameCompleter))]
    public CniKind Name { get; set; }

    /// <summary>Its custom resource definitions too.</summary>
    [Parameter]
    public SwitchParameter IncludeCrd { get; set; }

    /// <summary>How long its pods and its namespace may take to go.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (session, helm, name, withDefinitions, timeout) = (Session, Helm, Name, IncludeCrd.IsPresent, Timeout);
        var lab = session.Description.Name;
        Start(async (output, cancellationToken) =>
        {
            var changed = await CniInstallations.UninstallAsync(
                session,
                helm,
                name,
                withDefinitions,
                timeout,
                change => output.ShouldProcessAsync(lab, change),
                step => output.StepAsync(lab, step).AsTask(),
                cancellationToken).ConfigureAwait(false);
            if (changed is { } done)
                await output.WriteAsync(new CniInstallation { Lab = lab, Name = name, Changed = done }).ConfigureAwait(false);
        });
    }
}

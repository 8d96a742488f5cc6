using System.Collections;
using System.Management.Automation;
using System.Net;
using CiliumLab.Engine.Cni;
using CiliumLab.Engine.Cni.Helm;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Cni;

/// <summary>Install-Cni: installs a CNI's chart and waits until pods can have addresses.</summary>
[Cmdlet(VerbsLifecycle.Install, "Cni", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(CniInstallation))]
public sealed class InstallCniCommand : HelmCmdlet
{
    /// <summary>Which CNI.</summary>
    [Parameter(Position = 0, Mandatory = true)]
    [ArgumentCompleter(typeof(CniNameCompleter))]
    public CniKind Name { get; set; }

    /// <summary>The chart's version.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Version { get; set; }

    /// <summary>The network that pods get addresses from.</summary>
    [Parameter]
    public IPNetwork? PodCidr { get; set; }

    /// <summary>The interface between the nodes.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(InterfaceNameCompleter))]
    public string? Interface { get; set; }

    /// <summary>The values to begin with; Cilium only.</summary>
    [Parameter]
    public CniPreset Preset { get; set; } = CniPreset.KubeProxyFree;

    /// <summary>Values that win over all others: dotted keys, nested hashtables, or both.</summary>
    [Parameter]
    public IDictionary? Value { get; set; }

    /// <summary>A YAML file of values; <see cref="Value"/> wins over it.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ValuesFile { get; set; }

    /// <summary>The chart: a name in the repository, an oci:// reference, or a path where Helm runs.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? Chart { get; set; }

    /// <summary>The chart's repository.</summary>
    [Parameter]
    public Uri? Repository { get; set; }

    /// <summary>Returns as soon as the chart is installed.</summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    /// <summary>How long the CNI may take to be ready.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Goes on where the module advises against it.</summary>
    [Parameter]
    public SwitchParameter Force { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var session = Session;
        var request = Require(Request);
        Start(async (output, cancellationToken) =>
        {
            var changed = await CniInstallations.InstallAsync(
                session,
                request,
                change => output.ShouldProcessAsync(session.Description.Name, change),
                step => output.StepAsync(session.Description.Name, step).AsTask(),
                warning => output.WarningAsync(warning).AsTask(),
                cancellationToken).ConfigureAwait(false);
            if (changed is null)
                return;
            var installed = await CniInstallations.ReadAsync(session, request.HelmPath, output.ErrorAsync, cancellationToken).ConfigureAwait(false);
            foreach (var one in installed.Where(one => one.Name == request.Name))
                await output.WriteAsync(one with { Changed = changed.Value }).ConfigureAwait(false);
        });
    }

    private CniRequest Request()
    {
        var values = ValuesFile is null ? HelmValues.None : HelmValues.ReadFile(GetUnresolvedProviderPathFromPSPath(ValuesFile));
        return new CniRequest
        {
            Name = Name,
            HelmPath = Helm,
            Version = Version,
            PodCidr = PodCidr,
            Interface = Interface,
            Preset = Preset,
            Values = Value is null ? values : values.With(HelmValues.Read(Value)),
            Chart = Chart,
            Repository = Repository,
            Wait = !NoWait,
            Timeout = Timeout,
            Force = Force,
        };
    }
}

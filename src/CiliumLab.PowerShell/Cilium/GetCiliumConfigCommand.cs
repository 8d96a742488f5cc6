using System.Management.Automation;
using CiliumLab.Engine.Cilium;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using CiliumLab.PowerShell.Cni;
using CiliumLab.PowerShell.Completion;
using CiliumLab.PowerShell.Nodes;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Cilium;

/// <summary>Get-CiliumConfig: the keys of Cilium's ConfigMap.</summary>
[Cmdlet(VerbsCommon.Get, "CiliumConfig")]
[OutputType(typeof(CiliumConfigEntry))]
public sealed class GetCiliumConfigCommand : HelmCmdlet
{
    /// <summary>Only these keys; wildcards work.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(CiliumConfigKeyCompleter))]
    public string[]? Key { get; set; }

    /// <summary>Only keys whose value differs from the chart's default.</summary>
    [Parameter]
    public SwitchParameter Changed { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (session, helm) = (Session, Helm);
        Start((output, cancellationToken) => ReadAsync(session, helm, output, cancellationToken));
    }

    private async Task ReadAsync(LabSession session, string? helm, WorkOutput output, CancellationToken cancellationToken)
    {
        var (entries, known) = await CiliumConfig.ReadAsync(session, helm, Changed, cancellationToken).ConfigureAwait(false);
        if (Changed && !known)
            await output.WarningAsync("What the chart writes by default is not known: Helm, or the chart of that version, cannot be had. All keys are returned.").ConfigureAwait(false);
        foreach (var entry in entries.Where(entry => Wildcards.Match(Key, entry.Key) && (!Changed || entry.IsChanged != false)))
            await output.WriteAsync(entry).ConfigureAwait(false);
        foreach (var key in (Key ?? []).Where(key => !NodePattern.IsWildcard(key) && !entries.Any(entry => Wildcards.Match([key], entry.Key))))
        {
            var near = Spelling.Nearest(key, entries.Select(entry => entry.Key));
            await output.ErrorAsync(new LabException(
                "CiliumConfigKeyNotSet",
                LabErrorKind.ObjectNotFound,
                $"Cilium's configuration has no key '{key}'{(near is null ? "" : $"; the nearest is '{near}'")}.",
                key,
                near is null ? "See the keys that are set: Get-CiliumConfig" : $"Get-CiliumConfig {near}")).ConfigureAwait(false);
        }
    }
}

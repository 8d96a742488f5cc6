using System.Management.Automation;
using CiliumLab.Engine.Cni;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;
using CiliumLab.PowerShell.Nodes;

namespace CiliumLab.PowerShell.Cni;

/// <summary>Get-CniValue: the values that a CNI's release was given, and the computed ones.</summary>
[Cmdlet(VerbsCommon.Get, "CniValue")]
[OutputType(typeof(CniValue))]
public sealed class GetCniValueCommand : HelmCmdlet
{
    /// <summary>The CNI; all that are installed when it is not given.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(CniNameCompleter))]
    public CniKind? Name { get; set; }

    /// <summary>The values' dotted keys; wildcards work.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    public string[]? Key { get; set; }

    /// <summary>The chart's defaults too.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (session, helm, name, all, keys) = (Session, Helm, Name, All.IsPresent, Key);
        Start(async (output, cancellationToken) =>
        {
            await foreach (var value in CniValues.ReadAsync(session, helm, name, all, cancellationToken).ConfigureAwait(false))
            {
                if (Wildcards.Match(keys, value.Key))
                    await output.WriteAsync(value).ConfigureAwait(false);
            }
        });
    }
}

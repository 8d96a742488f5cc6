using System.Management.Automation;
using CiliumLab.Engine.Labs;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Labs;

/// <summary>Get-LabCluster: the labs that are known on this computer.</summary>
[Cmdlet(VerbsCommon.Get, "LabCluster")]
[OutputType(typeof(LabCluster))]
public sealed class GetLabClusterCommand : LabCmdlet
{
    /// <summary>Only labs with these names; wildcards work.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(LabNameCompleter))]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var connections = RunspaceLabs.Here;
        var known = connections.Store.Names();
        var names = (Name ?? ["*"]).SelectMany(pattern => NodePattern.IsWildcard(pattern)
            ? known.Where(name => NodePattern.Matches(pattern, name))
            : [pattern]).ToList();
        Start(async (output, cancellationToken) =>
        {
            foreach (var name in names)
            {
                try
                {
                    await LabClusters.WriteAsync(connections.Store.Read(name), connections, output, cancellationToken).ConfigureAwait(false);
                }
                catch (LabException error)
                {
                    await output.ErrorAsync(error).ConfigureAwait(false);
                }
            }
        });
    }
}

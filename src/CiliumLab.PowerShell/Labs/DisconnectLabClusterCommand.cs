using System.Management.Automation;
using CiliumLab.Engine.Labs;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Labs;

/// <summary>Disconnect-LabCluster: closes a lab's connections.</summary>
[Cmdlet(VerbsCommunications.Disconnect, "LabCluster")]
public sealed class DisconnectLabClusterCommand : LabCmdlet
{
    /// <summary>The labs to close; wildcards work; the current lab when it is not given.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [LabName]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(LabNameCompleter))]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var connections = RunspaceLabs.Here;
        foreach (var pattern in Name ?? (connections.Current is { } current ? [current] : []))
        {
            var names = connections.Open.Where(name => NodePattern.Matches(pattern, name)).ToList();
            if (names.Count == 0 && !NodePattern.IsWildcard(pattern))
                WriteError(LabErrors.ToRecord(NotOpen(pattern)));
            foreach (var name in names)
                Require(_ => connections.CloseAsync(name));
        }
    }

    private static LabException NotOpen(string name) =>
        new("LabNotConnected", LabErrorKind.ObjectNotFound, $"Lab '{name}' is not connected in this session.", name, "See what is: Get-LabCluster");
}

using System.Management.Automation;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Providers;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Labs;

/// <summary>The base of cmdlets that switch labs on or off or take them away.</summary>
public abstract class LabPowerCmdlet : LabCmdlet
{
    /// <summary>The labs; wildcards work.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [LabName]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(LabNameCompleter))]
    public string[] Name { get; set; } = [];

    /// <summary>What is done, for the question whether to do it.</summary>
    private protected abstract string Action { get; }

    /// <summary>What the machines do afterwards.</summary>
    private protected abstract LabPowerState Afterwards { get; }

    /// <summary>Does it; returns what is to be written, or null for nothing.</summary>
    private protected abstract Task<LabDescription?> WorkAsync(
        LabLifecycle lifecycle, LabDescription lab, LabStep step, CancellationToken cancellationToken);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var connections = RunspaceLabs.Here;
        var known = connections.Store.Names();
        foreach (var pattern in Name)
        {
            var names = known.Where(name => NodePattern.Matches(pattern, name)).ToList();
            if (names.Count == 0 && !NodePattern.IsWildcard(pattern))
                names.Add(pattern);
            foreach (var name in names)
                StartOne(connections, name);
        }
    }

    private void StartOne(LabConnections connections, string name)
    {
        LabDescription lab;
        try
        {
            lab = connections.Store.Read(name);
        }
        catch (LabException error)
        {
            WriteError(LabErrors.ToRecord(error));
            return;
        }

        if (!ShouldProcess($"{lab.Name} ({lab.Provider}, {lab.Nodes.Count} nodes)", Action))
            return;
        Start(async (output, cancellationToken) =>
        {
            var after = await WorkAsync(
                new LabLifecycle(connections), lab, (step, node) => output.StepAsync(node ?? lab.Name, step).AsTask(), cancellationToken).ConfigureAwait(false);
            if (after is not null)
                await LabClusters.WriteAsync(after, connections, output, cancellationToken, new LabPower(Afterwards)).ConfigureAwait(false);
        });
    }
}

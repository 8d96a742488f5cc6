using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using CiliumLab.Engine.Providers;
using CiliumLab.Model;
using CiliumLab.PowerShell.Labs;

namespace CiliumLab.PowerShell.Completion;

/// <summary>Completes <c>-Snapshot</c> with the snapshots of the lab.</summary>
public sealed class SnapshotNameCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        try
        {
            var connections = RunspaceLabs.Here;
            var name = fakeBoundParameters["Lab"] as string ?? connections.Current;
            if (name is null)
                return [];
            var lab = connections.Store.Read(name);
            var snapshots = Task.Run(() => LabProviders.SnapshotsOf(lab).SnapshotsAsync(lab, connections.Store.Folder(lab.Name), CancellationToken.None)).GetAwaiter().GetResult();
            return Completions.Of(snapshots.Select(snapshot => snapshot.Snapshot), wordToComplete);
        }
        catch (LabException)
        {
            return [];
        }
    }
}

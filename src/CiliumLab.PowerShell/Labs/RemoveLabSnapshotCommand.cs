using System.Management.Automation;
using CiliumLab.Engine.Labs;
using CiliumLab.PowerShell.Completion;

namespace CiliumLab.PowerShell.Labs;

/// <summary>Remove-LabSnapshot: forgets snapshots of a lab.</summary>
[Cmdlet(VerbsCommon.Remove, "LabSnapshot", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
public sealed class RemoveLabSnapshotCommand : SnapshotCmdlet
{
    /// <summary>The snapshots; wildcards work.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SnapshotNameCompleter))]
    public string[] Snapshot { get; set; } = [];

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (lab, folder, shelf) = Shelf();
        var patterns = Snapshot;
        Start(async (output, cancellationToken) =>
        {
            var all = await shelf.SnapshotsAsync(lab, folder, cancellationToken).ConfigureAwait(false);
            var names = patterns.SelectMany(pattern => NodePattern.IsWildcard(pattern)
                ? all.Select(snapshot => snapshot.Snapshot).Where(name => NodePattern.Matches(pattern, name))
                : [pattern]).Distinct(StringComparer.OrdinalIgnoreCase);
            foreach (var name in names)
            {
                if (await output.ShouldProcessAsync($"{name} of lab {lab.Name}", "Remove snapshot").ConfigureAwait(false))
                    await shelf.RemoveSnapshotAsync(lab, folder, name, cancellationToken).ConfigureAwait(false);
            }
        });
    }
}

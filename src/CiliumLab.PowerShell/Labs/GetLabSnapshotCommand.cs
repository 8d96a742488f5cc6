using System.Management.Automation;
using CiliumLab.Engine.Labs;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;

namespace CiliumLab.PowerShell.Labs;

/// <summary>Get-LabSnapshot: the snapshots of a lab.</summary>
[Cmdlet(VerbsCommon.Get, "LabSnapshot")]
[OutputType(typeof(LabSnapshot))]
public sealed class GetLabSnapshotCommand : SnapshotCmdlet
{
    /// <summary>Only snapshots with these names; wildcards work.</summary>
    [Parameter(Position = 0)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(SnapshotNameCompleter))]
    public string[]? Snapshot { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (lab, folder, shelf) = Shelf();
        var patterns = Snapshot ?? ["*"];
        Start(async (output, cancellationToken) =>
        {
            var all = await shelf.SnapshotsAsync(lab, folder, cancellationToken).ConfigureAwait(false);
            foreach (var snapshot in all.Where(snapshot => patterns.Any(pattern => NodePattern.Matches(pattern, snapshot.Snapshot))))
                await output.WriteAsync(snapshot).ConfigureAwait(false);
            foreach (var name in patterns.Where(pattern => !NodePattern.IsWildcard(pattern) && !all.Any(snapshot => NodePattern.Matches(pattern, snapshot.Snapshot))))
            {
                await output.ErrorAsync(new LabException(
                    "SnapshotNotFound", LabErrorKind.ObjectNotFound, $"Lab '{lab.Name}' has no snapshot '{name}'.", name, $"See its snapshots with: Get-LabSnapshot -Lab {lab.Name}")).ConfigureAwait(false);
            }
        });
    }
}

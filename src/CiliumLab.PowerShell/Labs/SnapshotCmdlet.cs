using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Providers;

namespace CiliumLab.PowerShell.Labs;

/// <summary>The base of cmdlets that work on a lab's snapshots.</summary>
public abstract class SnapshotCmdlet : LabScopedCmdlet
{
    // Not the session: a lab that does not run has snapshots, too.
    private protected (LabDescription Lab, string Folder, ILabSnapshots Snapshots) Shelf()
    {
        var connections = RunspaceLabs.Here;
        var lab = Require(() => Lab is { } name ? connections.Store.Read(name)
            : connections.Current is { } current ? connections.Store.Read(current)
            : connections.Session(null).Description);
        return (lab, connections.Store.Folder(lab.Name), Require(() => LabProviders.SnapshotsOf(lab)));
    }
}

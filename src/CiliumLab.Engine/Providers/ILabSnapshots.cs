using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Model;

namespace CiliumLab.Engine.Providers;

/// <summary>A provider whose labs can be taken back to an earlier moment.</summary>
public interface ILabSnapshots
{
    /// <summary>Keeps a lab that runs as it is now.</summary>
    /// <param name="lab">The lab.</param>
    /// <param name="folder">Its folder.</param>
    /// <param name="name">The snapshot's name.</param>
    /// <param name="description">A note; null for none.</param>
    /// <param name="replace">Whether a snapshot of that name may be replaced.</param>
    /// <param name="step">Is told the step that the work is at.</param>
    /// <param name="cancellationToken">Gives up.</param>
    Task<LabSnapshot> CheckpointAsync(
        LabDescription lab, string folder, string name, string? description, bool replace, LabStep step, CancellationToken cancellationToken);

    /// <summary>Makes a lab what it was, whether it runs or not; it runs afterwards, and is reached as before.</summary>
    Task RestoreAsync(LabDescription lab, string folder, string name, LabStep step, CancellationToken cancellationToken);

    /// <summary>A lab's snapshots, the earliest first.</summary>
    Task<IReadOnlyList<LabSnapshot>> SnapshotsAsync(LabDescription lab, string folder, CancellationToken cancellationToken);

    /// <summary>Forgets a snapshot.</summary>
    Task RemoveSnapshotAsync(LabDescription lab, string folder, string name, CancellationToken cancellationToken);
}

using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Providers;
using CiliumLab.Model;
using CiliumLab.Simulator.Snapshots;

namespace CiliumLab.Simulator;

/// <content>Snapshots: one file each in the lab's folder.</content>
internal sealed partial class InProcessLabs
{
    private const string SnapshotFolder = "snapshots";
    private const string Suffix = ".lab";

    /// <inheritdoc/>
    public async Task<LabSnapshot> CheckpointAsync(
        LabDescription lab, string folder, string name, string? description, bool replace, LabStep step, CancellationToken cancellationToken)
    {
        var path = PathOf(folder, name);
        LabSnapshot? made = null;
        await AloneAsync(
            async () =>
            {
                var running = Require(lab, folder);
                if (!replace && File.Exists(path))
                    throw LabSnapshotName.Exists(lab.Name, name);

                await step("writing the snapshot").ConfigureAwait(false);
                var header = await running.WriteAsync(path, description).ConfigureAwait(false);
                made = Snapshot(path, header);
            },
            cancellationToken).ConfigureAwait(false);
        return made!;
    }

    /// <inheritdoc/>
    public Task RestoreAsync(LabDescription lab, string folder, string name, LabStep step, CancellationToken cancellationToken) =>
        AloneAsync(
            async () =>
            {
                var path = Existing(lab, folder, name);
                await step("reading the snapshot").ConfigureAwait(false);
                var image = SnapshotFile.Read(path, header => LabClock.From(TimeProvider.System, header.LabTime, lab.Topology?.Speed ?? 1));
                var seen = image.Cluster.Store.ResourceVersion;

                // The port must be free before the restored server can have it.
                await step("putting the lab back").ConfigureAwait(false);
                if (Running.TryRemove(folder, out var running))
                {
                    seen = Math.Max(seen, running.Cluster.Store.ResourceVersion);
                    await running.DisposeAsync().ConfigureAwait(false);
                }

                Running[folder] = await SimulatedLab.ResumeAsync(lab.Name, folder, image, seen, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<LabSnapshot>> SnapshotsAsync(LabDescription lab, string folder, CancellationToken cancellationToken)
    {
        var all = Path.Combine(folder, SnapshotFolder);
        return Task.FromResult<IReadOnlyList<LabSnapshot>>(Directory.Exists(all)
            ? [.. Directory.EnumerateFiles(all, "*" + Suffix).Select(static path => Snapshot(path, SnapshotFile.ReadHeader(path))).OrderBy(static snapshot => snapshot.CreatedAt)]
            : []);
    }

    /// <inheritdoc/>
    public Task RemoveSnapshotAsync(LabDescription lab, string folder, string name, CancellationToken cancellationToken) =>
        AloneAsync(
            () =>
            {
                File.Delete(Existing(lab, folder, name));
                return Task.CompletedTask;
            },
            cancellationToken);

    private static LabSnapshot Snapshot(string path, SnapshotHeader header) => new()
    {
        Lab = header.Lab,
        Snapshot = Path.GetFileName(path)[..^Suffix.Length],
        Description = header.Description,
        CreatedAt = header.CreatedAt,
        Size = (ulong)new FileInfo(path).Length,
    };

    private static string PathOf(string folder, string name) => Path.Combine(folder, SnapshotFolder, LabSnapshotName.Checked(name) + Suffix);

    private static string Existing(LabDescription lab, string folder, string name)
    {
        var path = PathOf(folder, name);
        return File.Exists(path) ? path : throw LabSnapshotName.NotFound(lab.Name, name);
    }
}

using System.Text.Json;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Providers.Vagrant;

/// <summary>
/// The snapshots of a lab's machines. Vagrant knows them by name only; when each was taken, and what was noted about it, is in a file of
/// the lab's folder.
/// </summary>
/// <param name="machines">The lab's machines.</param>
/// <param name="lab">The lab's name.</param>
/// <param name="folder">The lab's folder.</param>
internal sealed class VagrantSnapshots(VagrantMachines machines, string lab, string folder)
{
    private static readonly LabStep Quiet = static (_, _) => Task.CompletedTask;

    private string NotesFile => Path.Combine(folder, "snapshots.json");

    /// <summary>The snapshots that every machine has: those that were taken in another way come first, the others in their order.</summary>
    public async Task<IReadOnlyList<LabSnapshot>> ReadAsync(CancellationToken cancellationToken)
    {
        var names = Names(await machines.RunAsync(["snapshot", "list"], Quiet, cancellationToken).ConfigureAwait(false));
        var notes = Notes();
        return
        [
            .. names.Select(name => new LabSnapshot
                {
                    Lab = lab,
                    Snapshot = name,
                    Description = notes.GetValueOrDefault(name)?.Description,
                    CreatedAt = notes.GetValueOrDefault(name)?.CreatedAt,
                })
                .OrderBy(snapshot => snapshot.CreatedAt),
        ];
    }

    /// <summary>Takes a snapshot of every machine.</summary>
    public async Task<LabSnapshot> TakeAsync(string name, string? description, bool replace, LabStep step, CancellationToken cancellationToken)
    {
        LabSnapshotName.Checked(name);
        if (!replace && (await ReadAsync(cancellationToken).ConfigureAwait(false)).Any(snapshot => snapshot.Snapshot == name))
            throw LabSnapshotName.Exists(lab, name);
        // An attempt that was stopped may have left one on some of the machines.
        await machines.RunAsync(["snapshot", "save", "--force", name], step, cancellationToken).ConfigureAwait(false);
        var note = new Note(description, DateTimeOffset.Now);
        Change(notes => notes[name] = note);
        return new LabSnapshot { Lab = lab, Snapshot = name, Description = description, CreatedAt = note.CreatedAt };
    }

    /// <summary>Puts every machine back; they run afterwards.</summary>
    public async Task RestoreAsync(string name, LabStep step, CancellationToken cancellationToken)
    {
        await RequireAsync(name, cancellationToken).ConfigureAwait(false);
        await machines.RunAsync(["snapshot", "restore", "--no-provision", name], step, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Forgets a snapshot of every machine.</summary>
    public async Task RemoveAsync(string name, CancellationToken cancellationToken)
    {
        await RequireAsync(name, cancellationToken).ConfigureAwait(false);
        await machines.RunAsync(["snapshot", "delete", name], Quiet, cancellationToken).ConfigureAwait(false);
        Change(notes => notes.Remove(name));
    }

    /// <summary>
    /// The names that all machines list. A machine's list begins with an empty line of its own, and its names have no prefix; one that has none
    /// says so in words (plugins/commands/snapshot/command/list.rb).
    /// </summary>
    internal static IReadOnlyList<string> Names(IEnumerable<VagrantLine> lines)
    {
        var lists = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        var listing = new HashSet<string>(StringComparer.Ordinal);
        foreach (var line in lines.Where(line => line.Target.Length > 0))
        {
            if (!lists.TryGetValue(line.Target, out var names))
                lists[line.Target] = names = [];
            if (line.Said is ("output", var heading) && heading.Trim() == $"==> {line.Target}:")
                listing.Add(line.Target);
            else if (line.Said is ("detail", var name) && listing.Contains(line.Target))
                names.Add(name.Trim());
        }

        return lists.Count == 0 ? [] : [.. lists.Values.Aggregate<IEnumerable<string>>(static (all, list) => all.Intersect(list, StringComparer.Ordinal))];
    }

    private async Task RequireAsync(string name, CancellationToken cancellationToken)
    {
        LabSnapshotName.Checked(name);
        if ((await ReadAsync(cancellationToken).ConfigureAwait(false)).All(snapshot => snapshot.Snapshot != name))
            throw LabSnapshotName.NotFound(lab, name);
    }

    private Dictionary<string, Note> Notes() => File.Exists(NotesFile) ? Notes(File.ReadAllText(NotesFile)) : [];

    private static Dictionary<string, Note> Notes(string text)
    {
        try
        {
            return text.Length == 0 ? [] : JsonSerializer.Deserialize<Dictionary<string, Note>>(text) ?? [];
        }
        catch (JsonException)
        {
            // Only times and notes are lost; the snapshots are Vagrant's.
            return [];
        }
    }

    private void Change(Action<Dictionary<string, Note>> change) =>
        PrivateFile.Change(NotesFile, text =>
        {
            var notes = Notes(text);
            change(notes);
            return JsonSerializer.Serialize(notes);
        });

    private sealed record Note(string? Description, DateTimeOffset CreatedAt);
}

namespace CiliumLab.Simulator.Nodes.Files;

/// <summary>Something with a path.</summary>
internal abstract class FileEntry(string name)
{
    private static long _lastInode = 131072;

    /// <summary>The last part of its path; empty for the root.</summary>
    public string Name { get; set; } = name;

    /// <summary>Permission bits.</summary>
    public int Mode { get; set; }

    /// <summary>Who owns it.</summary>
    public string Owner { get; set; } = "root";

    /// <summary>The owning group.</summary>
    public string Group { get; set; } = "root";

    /// <summary>When its content was last changed.</summary>
    public DateTimeOffset ModifiedAt { get; set; }

    /// <summary>Its number on the disk.</summary>
    public long Inode { get; } = Interlocked.Increment(ref _lastInode);

    /// <summary>The first letter of <c>ls -l</c>.</summary>
    public abstract char TypeLetter { get; }
}

/// <summary>A file, or something that reads and writes like one.</summary>
internal sealed class RegularFile(string name) : FileEntry(name)
{
    private byte[] _content = [];

    /// <inheritdoc/>
    public override char TypeLetter => '-';

    /// <summary>Makes the content at each reading, as /proc does; null for a file that keeps what was written.</summary>
    public Func<byte[]>? Generate { get; init; }

    /// <summary>Takes what is written to a file that keeps nothing; null when that is refused.</summary>
    public Action<byte[]>? Accept { get; init; }

    /// <summary>Its bytes.</summary>
    public byte[] Content
    {
        get => Generate?.Invoke() ?? _content;
        set
        {
            if (Accept is { } accept)
                accept(value);
            else if (Generate is not null)
                throw new KernelException(Errno.PermissionDenied);
            else
                _content = value;
        }
    }

    /// <summary>Its size; kernel files say 0.</summary>
    public long Size => Generate is null ? _content.Length : 0;
}

/// <summary>A folder.</summary>
internal sealed class Folder(string name) : FileEntry(name)
{
    private readonly SortedDictionary<string, FileEntry> _entries = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public override char TypeLetter => 'd';

    /// <summary>Makes the entries at each reading, as /proc does; null for a folder that keeps them.</summary>
    public Func<IEnumerable<FileEntry>>? Generate { get; init; }

    /// <summary>Asked when an entry of a generated folder shall go; null when that is refused.</summary>
    public Action<string>? Unlink { get; init; }

    /// <summary>Loses the files in it and below it; its folders and what is made at each reading stay.</summary>
    public void Forget()
    {
        foreach (var entry in _entries.Values.ToList())
        {
            if (entry is Folder folder)
                folder.Forget();
            else if (entry is not RegularFile { Generate: not null })
                _entries.Remove(entry.Name);
        }
    }

    /// <summary>What is in it, by name.</summary>
    public IEnumerable<FileEntry> Entries => Generate is null ? _entries.Values : Generate().Concat(_entries.Values).OrderBy(entry => entry.Name, StringComparer.Ordinal);

    /// <summary>An entry; null when there is none.</summary>
    public FileEntry? Find(string name) => _entries.GetValueOrDefault(name) ?? Generate?.Invoke().FirstOrDefault(entry => entry.Name == name);

    /// <summary>Puts an entry in.</summary>
    public void Add(FileEntry entry) => _entries[entry.Name] = entry;

    /// <summary>Takes an entry out.</summary>
    public void Remove(string name)
    {
        if (_entries.Remove(name) || Generate is null)
            return;
        (Unlink ?? throw new KernelException(Errno.NotPermitted))(name);
    }
}

/// <summary>A name that stands for another path.</summary>
internal sealed class SymbolicLink(string name, string target) : FileEntry(name)
{
    /// <inheritdoc/>
    public override char TypeLetter => 'l';

    /// <summary>The path that it stands for.</summary>
    public string Target { get; } = target;
}

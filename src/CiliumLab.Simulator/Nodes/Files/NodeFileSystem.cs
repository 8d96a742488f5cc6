using System.Text;

namespace CiliumLab.Simulator.Nodes.Files;

/// <summary>
/// The files of a node: a tree in memory with owners and permissions. The disk has a size, so that it can be full. Members throw
/// <see cref="KernelException"/> with the number that the system call would give.
/// </summary>
internal sealed class NodeFileSystem
{
    private const int DeepestLink = 40;

    private readonly Lock _gate;
    private readonly TimeProvider _clock;
    private readonly Folder _root;

    /// <param name="gate">Guards the tree; the node's.</param>
    /// <param name="clock">Where times of change come from.</param>
    public NodeFileSystem(Lock gate, TimeProvider clock)
    {
        _gate = gate;
        _clock = clock;
        _root = new Folder("") { Mode = 0b111_101_101, ModifiedAt = clock.GetUtcNow() };
    }

    /// <summary>How many bytes the disk holds.</summary>
    public long Capacity { get; set; } = 31_063_187_456;

    /// <summary>How many bytes are taken by what is not in the tree: the system, images, logs.</summary>
    public long OtherUse { get; set; } = 7_684_300_800;

    /// <summary>Whether the disk behaves as if it were full.</summary>
    public Func<bool> IsFull { get; set; } = static () => false;

    /// <summary>Asked before something is written; true refuses it for want of room. Faults use it.</summary>
    public Func<bool> RefusesWrite { get; set; } = static () => false;

    /// <summary>How many bytes are taken.</summary>
    public long Used
    {
        get
        {
            lock (_gate)
                return IsFull() ? Capacity : Math.Min(Capacity, OtherUse + Measure(_root));
        }
    }

    /// <summary>An entry; null when there is none, or no way to it.</summary>
    /// <param name="path">An absolute path.</param>
    /// <param name="follow">Whether a symbolic link at its end is followed.</param>
    public FileEntry? Find(string path, bool follow = true)
    {
        lock (_gate)
        {
            try
            {
                return Walk(path, follow).Entry;
            }
            catch (KernelException)
            {
                return null;
            }
        }
    }

    /// <summary>An entry that must be there.</summary>
    public FileEntry Get(string path, bool follow = true)
    {
        lock (_gate)
            return Walk(path, follow).Entry ?? throw new KernelException(Errno.NoSuchFile);
    }

    /// <summary>The path without symbolic links, as <c>readlink -f</c> gives it: the last part need not be there.</summary>
    public string Resolve(string path)
    {
        lock (_gate)
            return Walk(path, true).Path;
    }

    /// <summary>A file's bytes.</summary>
    public byte[] Read(string path, NodeUser user)
    {
        lock (_gate)
        {
            return Get(path) switch
            {
                Folder => throw new KernelException(Errno.IsDirectory),
                RegularFile file when user.MayRead(file) => file.Content,
                RegularFile => throw new KernelException(Errno.PermissionDenied),
                _ => throw new KernelException(Errno.NoSuchFile),
            };
        }
    }

    /// <summary>A file's text.</summary>
    public string ReadText(string path) => Encoding.UTF8.GetString(Read(path, NodeUser.Root));

    /// <summary>Writes a file, making it when there is none.</summary>
    /// <param name="path">Where.</param>
    /// <param name="content">The bytes.</param>
    /// <param name="user">Who writes.</param>
    /// <param name="append">Whether what is there stays before it.</param>
    public void Write(string path, byte[] content, NodeUser user, bool append = false)
    {
        lock (_gate)
        {
            var (entry, parent, name, _) = Walk(path, true);
            switch (entry)
            {
                case Folder:
                    throw new KernelException(Errno.IsDirectory);
                case RegularFile file:
                    if (!user.MayWrite(file))
                        throw new KernelException(Errno.PermissionDenied);
                    if (append)
                        content = [.. file.Content, .. content];
                    Reserve(content.Length - file.Size, file.Generate is not null);
                    file.Content = content;
                    file.ModifiedAt = _clock.GetUtcNow();
                    break;
                default:
                    if (!user.MayWrite(parent))
                        throw new KernelException(Errno.PermissionDenied);
                    Reserve(content.Length, false);
                    Insert(parent, new RegularFile(name) { Mode = 0b110_100_100, Content = content }, user);
                    break;
            }
        }
    }

    /// <summary>Writes a text file of the system, folders on the way included.</summary>
    public void Put(string path, string text, int mode = 0b110_100_100, string owner = "root")
    {
        lock (_gate)
        {
            MakeFolders(path[..path.LastIndexOf('/')]);
            var (_, parent, name, _) = Walk(path, true);
            Insert(parent, new RegularFile(name) { Mode = mode, Content = Encoding.UTF8.GetBytes(text) }, NodeUser.Root);
            parent.Find(name)!.Owner = parent.Find(name)!.Group = owner;
        }
    }

    /// <summary>Puts an entry that the caller made into the tree, folders on the way included.</summary>
    public void Put(string folder, FileEntry entry)
    {
        lock (_gate)
            Insert(MakeFolders(folder), entry, NodeUser.Root);
    }

    /// <summary>Makes a folder and those above it, where they are not.</summary>
    public Folder MakeFolders(string path)
    {
        lock (_gate)
        {
            var folder = _root;
            foreach (var part in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                var next = folder.Find(part);
                if (next is SymbolicLink)
                    next = Walk(PathOf(folder, part), true).Entry;
                if (next is null)
                {
                    next = new Folder(part) { Mode = 0b111_101_101 };
                    Insert(folder, next, NodeUser.Root);
                }

                folder = next as Folder ?? throw new KernelException(Errno.NotDirectory);
            }

            return folder;

            string PathOf(Folder of, string last) => (of == _root ? "" : path[..path.IndexOf(last, StringComparison.Ordinal)].TrimEnd('/')) + "/" + last;
        }
    }

    /// <summary>Makes one folder.</summary>
    public void MakeFolder(string path, NodeUser user, int mode = 0b111_101_101)
    {
        lock (_gate)
        {
            var (entry, parent, name, _) = Walk(path, false);
            if (entry is not null)
                throw new KernelException(Errno.Exists);
            if (!user.MayWrite(parent))
                throw new KernelException(Errno.PermissionDenied);
            Reserve(4096, false);
            Insert(parent, new Folder(name) { Mode = mode }, user);
        }
    }

    /// <summary>Makes a symbolic link.</summary>
    public void MakeLink(string path, string target, NodeUser user)
    {
        lock (_gate)
        {
            var (entry, parent, name, _) = Walk(path, false);
            if (entry is not null)
                throw new KernelException(Errno.Exists);
            if (!user.MayWrite(parent))
                throw new KernelException(Errno.PermissionDenied);
            Insert(parent, new SymbolicLink(name, target) { Mode = 0b111_111_111 }, user);
        }
    }

    /// <summary>Removes an entry; a folder must be empty.</summary>
    public void Remove(string path, NodeUser user)
    {
        lock (_gate)
        {
            var (entry, parent, name, _) = Walk(path, false);
            if (entry is null)
                throw new KernelException(Errno.NoSuchFile);
            if (!user.MayWrite(parent))
                throw new KernelException(Errno.PermissionDenied);
            if (entry is Folder folder && folder.Entries.Any())
                throw new KernelException(Errno.NotEmpty);
            parent.Remove(name);
            parent.ModifiedAt = _clock.GetUtcNow();
        }
    }

    /// <summary>Gives an entry another path; what was there is gone.</summary>
    public void Rename(string from, string to, NodeUser user)
    {
        lock (_gate)
        {
            var (entry, parent, name, _) = Walk(from, false);
            if (entry is null)
                throw new KernelException(Errno.NoSuchFile);
            var (old, target, newName, _) = Walk(to, false);
            if (!user.MayWrite(parent) || !user.MayWrite(target))
                throw new KernelException(Errno.PermissionDenied);
            if (old == entry)
                return;
            if (old is Folder && entry is not Folder)
                throw new KernelException(Errno.IsDirectory);
            if (old is Folder full && full.Entries.Any())
                throw new KernelException(Errno.NotEmpty);
            parent.Remove(name);
            entry.Name = newName;
            target.Add(entry);
            parent.ModifiedAt = target.ModifiedAt = _clock.GetUtcNow();
        }
    }

    /// <summary>Normalises a path: absolute, without <c>.</c>, <c>..</c> and doubled slashes.</summary>
    public static string Combine(string folder, string path)
    {
        var parts = new List<string>();
        foreach (var part in (path.StartsWith('/') ? path : folder + "/" + path).Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (part == "..")
            {
                if (parts.Count > 0)
                    parts.RemoveAt(parts.Count - 1);
            }
            else if (part != ".")
            {
                parts.Add(part);
            }
        }

        return "/" + string.Join('/', parts);
    }

    /// <summary>How many bytes an entry takes, with all that is in it.</summary>
    public static long Measure(FileEntry entry) => entry switch
    {
        Folder { Generate: null } folder => 4096 + folder.Entries.Sum(Measure),
        RegularFile file => (file.Size + 4095) / 4096 * 4096,
        _ => 0,
    };

    private (FileEntry? Entry, Folder Parent, string Name, string Path) Walk(string path, bool follow, int depth = 0)
    {
        if (depth > DeepestLink)
            throw new KernelException(Errno.TooManyLinks);
        var parts = Combine("/", path).Split('/', StringSplitOptions.RemoveEmptyEntries);
        var folder = _root;
        var walked = "";
        for (var index = 0; index < parts.Length; index++)
        {
            var last = index == parts.Length - 1;
            var entry = folder.Find(parts[index]);
            if (entry is SymbolicLink link && (!last || follow))
            {
                var rest = string.Join('/', parts[(index + 1)..]);
                return Walk(Combine(walked.Length == 0 ? "/" : walked, link.Target) + (rest.Length == 0 ? "" : "/" + rest), follow, depth + 1);
            }

            walked += "/" + parts[index];
            if (last)
            {
                return path.EndsWith('/') && entry is not Folder and not null
                    ? throw new KernelException(Errno.NotDirectory)
                    : (entry, folder, parts[index], walked);
            }

            folder = entry switch
            {
                Folder next => next,
                null => throw new KernelException(Errno.NoSuchFile),
                _ => throw new KernelException(Errno.NotDirectory),
            };
        }

        return (_root, _root, "", "/");
    }

    private void Insert(Folder parent, FileEntry entry, NodeUser user)
    {
        entry.ModifiedAt = parent.ModifiedAt = _clock.GetUtcNow();
        (entry.Owner, entry.Group) = (user.Name, user.Name);
        parent.Add(entry);
    }

    private void Reserve(long more, bool generated)
    {
        if (more > 0 && !generated && (RefusesWrite() || Used + more > Capacity))
            throw new KernelException(Errno.NoSpace);
    }
}

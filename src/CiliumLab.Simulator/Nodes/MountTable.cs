namespace CiliumLab.Simulator.Nodes;

/// <summary>A mounted file system.</summary>
internal sealed record NodeMount(string Source, string Target, string Type, string Options)
{
    /// <summary>Its size in bytes; 0 for file systems without blocks.</summary>
    public long Size { get; init; }

    /// <summary>How much of it is taken.</summary>
    public long Used { get; init; }
}

/// <summary>The mounted file systems of a node, the earliest first.</summary>
internal sealed class MountTable(Lock gate)
{
    private readonly List<NodeMount> _mounts = [];

    /// <summary>All of them.</summary>
    public IReadOnlyList<NodeMount> All
    {
        get
        {
            lock (gate)
                return [.. _mounts];
        }
    }

    /// <summary>What is mounted at a path; null for nothing.</summary>
    public NodeMount? At(string target)
    {
        lock (gate)
            return _mounts.FindLast(mount => mount.Target == target);
    }

    /// <summary>The file system that a path lies on.</summary>
    public NodeMount Of(string path)
    {
        lock (gate)
        {
            return _mounts
                .Where(mount => mount.Target == "/" || path == mount.Target || path.StartsWith(mount.Target + "/", StringComparison.Ordinal))
                .MaxBy(mount => mount.Target.Length)!;
        }
    }

    /// <summary>Mounts.</summary>
    public void Add(NodeMount mount)
    {
        lock (gate)
            _mounts.Add(mount);
    }

    /// <summary>Forgets all of them, as when the machine goes down.</summary>
    public void Clear()
    {
        lock (gate)
            _mounts.Clear();
    }

    /// <summary>Unmounts the latest at a path.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Remove(string target)
    {
        lock (gate)
        {
            var at = _mounts.FindLastIndex(mount => mount.Target == target);
            if (at < 0)
                return false;
            _mounts.RemoveAt(at);
            return true;
        }
    }
}

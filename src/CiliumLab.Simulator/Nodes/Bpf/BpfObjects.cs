namespace CiliumLab.Simulator.Nodes.Bpf;

/// <summary>An eBPF program in the kernel.</summary>
internal sealed record BpfProgramObject(uint Id, string Type, string Name)
{
    public string Tag { get; init; } = "";

    public DateTimeOffset LoadedAt { get; init; }

    public uint TranslatedBytes { get; init; }

    public uint JitedBytes { get; init; }

    public uint LockedBytes { get; init; }

    public IReadOnlyList<uint> MapIds { get; init; } = [];

    public uint? BtfId { get; init; }
}

/// <summary>An eBPF map in the kernel.</summary>
internal sealed record BpfMapObject(uint Id, string Type, string Name)
{
    public uint Flags { get; init; }

    public uint KeyBytes { get; init; }

    public uint ValueBytes { get; init; }

    public uint MaximumEntries { get; init; }

    public ulong LockedBytes { get; init; }

    public uint? BtfId { get; init; }
}

/// <summary>A program's place on an interface or a cgroup.</summary>
/// <param name="Point">Where, as bpftool names it: <c>tcx/ingress</c>, <c>netkit/peer</c>, <c>cgroup/connect4</c>.</param>
/// <param name="ProgramId">The program.</param>
internal sealed record BpfAttachmentObject(string Point, uint ProgramId)
{
    /// <summary>The interface; null for a cgroup.</summary>
    public Network.Link? Link { get; init; }

    /// <summary>The cgroup's path; null for an interface.</summary>
    public string? Cgroup { get; init; }

    /// <summary>The link object's number; null for an attachment without one.</summary>
    public uint? LinkId { get; init; }
}

/// <summary>Programs and maps in the kernel, where they are attached, and where they are pinned under /sys/fs/bpf. Cilium fills it.</summary>
internal sealed class BpfObjects
{
    private readonly SimulatedKernel _kernel;
    private readonly SortedDictionary<uint, BpfProgramObject> _programs = [];
    private readonly SortedDictionary<uint, BpfMapObject> _maps = [];
    private readonly List<BpfAttachmentObject> _attachments = [];
    private readonly SortedDictionary<string, object?> _pins = new(StringComparer.Ordinal);
    private uint _lastProgram;
    private uint _lastMap;

    internal BpfObjects(SimulatedKernel kernel) => _kernel = kernel;

    /// <summary>Loses everything.</summary>
    internal void Reset()
    {
        _programs.Clear();
        _maps.Clear();
        _attachments.Clear();
        _pins.Clear();
        (_lastProgram, _lastMap) = (0, 0);
    }

    /// <summary>The programs by number.</summary>
    public IReadOnlyList<BpfProgramObject> Programs => Read(() => _programs.Values.ToArray());

    /// <summary>The maps by number.</summary>
    public IReadOnlyList<BpfMapObject> Maps => Read(() => _maps.Values.ToArray());

    /// <summary>The attachments in the order in which they were made.</summary>
    public IReadOnlyList<BpfAttachmentObject> Attachments => Read(() => _attachments.ToArray());

    /// <summary>
    /// Paths below the bpf file system's root, as <c>tc/globals/cilium_lxc</c>, with what is pinned there: a program, a map, an
    /// attachment, or null for a folder.
    /// </summary>
    public IReadOnlyList<KeyValuePair<string, object?>> Pins => Read(() => _pins.ToArray());

    /// <summary>Loads a program; the number is given by the kernel when it is 0.</summary>
    public BpfProgramObject Add(BpfProgramObject program)
    {
        lock (_kernel.Gate)
        {
            if (program.Id == 0)
                program = program with { Id = ++_lastProgram };
            _lastProgram = Math.Max(_lastProgram, program.Id);
            return _programs[program.Id] = program;
        }
    }

    /// <summary>Makes a map; the number is given by the kernel when it is 0.</summary>
    public BpfMapObject Add(BpfMapObject map)
    {
        lock (_kernel.Gate)
        {
            if (map.Id == 0)
                map = map with { Id = ++_lastMap };
            _lastMap = Math.Max(_lastMap, map.Id);
            return _maps[map.Id] = map;
        }
    }

    /// <summary>Unloads a program with its attachments and pins.</summary>
    public void RemoveProgram(uint id)
    {
        lock (_kernel.Gate)
        {
            _programs.Remove(id);
            _attachments.RemoveAll(attachment => attachment.ProgramId == id);
            Unpin(pinned => pinned is BpfProgramObject program && program.Id == id || pinned is BpfAttachmentObject attachment && attachment.ProgramId == id);
        }
    }

    /// <summary>Removes a map with its pins.</summary>
    public void RemoveMap(uint id)
    {
        lock (_kernel.Gate)
        {
            _maps.Remove(id);
            Unpin(pinned => pinned is BpfMapObject map && map.Id == id);
        }
    }

    /// <summary>Attaches a program.</summary>
    public void Attach(BpfAttachmentObject attachment)
    {
        lock (_kernel.Gate)
            _attachments.Add(attachment);
    }

    /// <summary>Detaches the programs that fit.</summary>
    public void Detach(Func<BpfAttachmentObject, bool> fits)
    {
        lock (_kernel.Gate)
        {
            _attachments.RemoveAll(attachment => fits(attachment));
            Unpin(pinned => pinned is BpfAttachmentObject attachment && fits(attachment));
        }
    }

    /// <summary>Pins an object at a path below the bpf file system's root, making the folders on the way; null makes a folder.</summary>
    public void Pin(string path, object? pinned)
    {
        lock (_kernel.Gate)
        {
            for (var slash = path.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = path.IndexOf('/', slash + 1))
                _pins.TryAdd(path[..slash], null);
            _pins[path] = pinned;
        }
    }

    /// <summary>Removes a pin or a folder with all pins below it.</summary>
    /// <returns>Whether there was one.</returns>
    public bool Unpin(string path)
    {
        lock (_kernel.Gate)
        {
            var gone = _pins.Keys.Where(key => key == path || key.StartsWith(path + "/", StringComparison.Ordinal)).ToArray();
            foreach (var key in gone)
                _pins.Remove(key);
            return gone.Length > 0;
        }
    }

    private void Unpin(Func<object?, bool> fits)
    {
        foreach (var key in _pins.Where(pin => fits(pin.Value)).Select(pin => pin.Key).ToArray())
            _pins.Remove(key);
    }

    private T[] Read<T>(Func<T[]> read)
    {
        lock (_kernel.Gate)
            return read();
    }
}

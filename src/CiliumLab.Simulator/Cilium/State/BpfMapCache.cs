using System.Collections.Frozen;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Cilium;

/// <summary>One change of a map as <c>cilium-dbg map events</c> shows it.</summary>
internal sealed record MapEvent(DateTimeOffset Time, string Key, string? Value, string Action, string DesiredState)
{
    /// <summary>As the command's text.</summary>
    public string Text => $"key=\"{Key}\" value=\"{Value ?? "<nil>"}\" time={GoText.Seconds(Time)} action={Action} desiredState={DesiredState} lastError=\"<nil>\"";

    /// <summary>As models.MapEvent.</summary>
    public JsonObject ToJson() => new JsonObject()
        .With("action", Action).With("desired-action", DesiredState).With("key", Key).With("timestamp", GoText.Milliseconds(Time)).With("value", Value ?? "<nil>");
}

/// <summary>What the running agent knows of a map: the entries that it wrote itself since its start, and its changes of them.</summary>
/// <param name="name">The map's name.</param>
/// <param name="isCached">Whether the agent keeps what it wrote.</param>
/// <param name="clock">What time it is.</param>
internal sealed class BpfMapCache(string name, bool isCached, TimeProvider clock)
{
    // What agents keep changes of unless they are told otherwise, and how many (pkg/defaults, BPFEventBufferConfigs).
    private static readonly FrozenDictionary<string, int> Buffers = new Dictionary<string, int>
    {
        ["cilium_lxc"] = 128,
        ["cilium_ipcache"] = 1024,
        ["cilium_lb_affinity_match"] = 128,
        ["cilium_lb4_services_v2"] = 128,
        ["cilium_lb4_backends_v3"] = 128,
        ["cilium_lb4_reverse_nat"] = 128,
        ["cilium_lb4_source_range"] = 128,
        ["cilium_lb6_services_v2"] = 128,
        ["cilium_lb6_backends_v3"] = 128,
        ["cilium_lb6_reverse_nat"] = 128,
        ["cilium_lb6_source_range"] = 128,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private readonly int _remembered = Buffers.GetValueOrDefault(name);
    private readonly Dictionary<string, string> _entries = new(StringComparer.Ordinal);
    private readonly List<string> _order = [];
    private readonly Queue<MapEvent> _events = new();

    /// <summary>The map's name.</summary>
    public string Name { get; } = name;

    /// <summary>Whether the agent keeps what it wrote.</summary>
    public bool IsCached { get; } = isCached;

    /// <summary>Whether the agent remembers how it changed the map.</summary>
    public bool KeepsEvents => _remembered > 0;

    /// <summary>How many entries <c>map list</c> counts.</summary>
    public int Count => IsCached ? Math.Max(_entries.Count, FixedCount) : 0;

    /// <summary>The length of an array, whose entries are all there from the beginning; 0 for other maps.</summary>
    public int FixedCount { get; init; }

    /// <summary>The entries in the order in which they came.</summary>
    public IEnumerable<(string Key, string Value)> Entries => FixedCount > 0
        ? Enumerable.Range(0, FixedCount).Select(index => (index.ToString(null, null), _entries.GetValueOrDefault(index.ToString(null, null), "0")))
        : _order.Select(key => (key, _entries[key]));

    /// <summary>The changes that are remembered, the oldest first.</summary>
    public IReadOnlyList<MapEvent> Events => [.. _events];

    /// <summary>Tells of each change.</summary>
    public event Action<MapEvent>? Changed;

    /// <summary>Writes an entry.</summary>
    public void Update(string key, string value)
    {
        if (!IsCached)
            return;
        if (_entries.TryAdd(key, value))
            _order.Add(key);
        _entries[key] = value;
        Remember(new MapEvent(clock.GetUtcNow(), key, value, "update", "sync"));
    }

    /// <summary>Removes an entry.</summary>
    public void Delete(string key)
    {
        if (!IsCached)
            return;
        if (_entries.Remove(key))
            _order.Remove(key);
        Remember(new MapEvent(clock.GetUtcNow(), key, null, "delete", "to-be-deleted"));
    }

    private void Remember(MapEvent change)
    {
        if (!KeepsEvents)
            return;
        if (_events.Count == _remembered)
            _events.Dequeue();
        _events.Enqueue(change);
        Changed?.Invoke(change);
    }
}

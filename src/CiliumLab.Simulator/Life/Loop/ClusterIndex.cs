using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>Objects by node, by owner and by identifier, kept up with the changes that the loop has seen.</summary>
internal sealed class ClusterIndex
{
    private readonly Dictionary<string, StoredObject> _byUid = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _dependents = new(StringComparer.Ordinal);
    private readonly Dictionary<string, HashSet<string>> _onNode = new(StringComparer.Ordinal);

    /// <summary>Every object, in no order.</summary>
    public IEnumerable<StoredObject> All => _byUid.Values;

    /// <summary>An object by its identifier; null when there is none.</summary>
    public StoredObject? ByUid(string uid) => _byUid.GetValueOrDefault(uid);

    /// <summary>The pods that are bound to a node, by namespace and name.</summary>
    public IReadOnlyList<StoredObject> PodsOn(string node) => Get(_onNode, node);

    /// <summary>The objects with an owner reference to an object, by namespace and name.</summary>
    public IReadOnlyList<StoredObject> OwnedBy(string uid) => Get(_dependents, uid);

    /// <summary>The objects of a type that an object controls, by namespace and name.</summary>
    public IReadOnlyList<StoredObject> ControlledBy(string uid, ResourceType type) =>
        [.. OwnedBy(uid).Where(o => o.Type == type && o.Controller()?.Uid == uid)];

    /// <summary>Takes a change in.</summary>
    public void Apply(ResourceEvent change)
    {
        if (change.Object.Type == ResourceTypes.Events)
            return;
        if (_byUid.Remove(change.Object.Uid, out var before))
            Unlink(before);
        if (change.Type == ResourceEventType.Deleted)
            return;
        var obj = change.Object;
        _byUid[obj.Uid] = obj;
        foreach (var owner in obj.Owners())
            Put(_dependents, owner.Uid, obj.Uid);
        if (NodeOf(obj) is { } node)
            Put(_onNode, node, obj.Uid);
    }

    private static string? NodeOf(StoredObject obj) =>
        obj.Type == ResourceTypes.Pods && obj.Json.Text("spec", "nodeName") is { Length: > 0 } node ? node : null;

    private void Unlink(StoredObject obj)
    {
        foreach (var owner in obj.Owners())
            Take(_dependents, owner.Uid, obj.Uid);
        if (NodeOf(obj) is { } node)
            Take(_onNode, node, obj.Uid);
    }

    private static void Put(Dictionary<string, HashSet<string>> map, string key, string uid)
    {
        if (!map.TryGetValue(key, out var set))
            map[key] = set = new(StringComparer.Ordinal);
        set.Add(uid);
    }

    private static void Take(Dictionary<string, HashSet<string>> map, string key, string uid)
    {
        if (map.TryGetValue(key, out var set) && set.Remove(uid) && set.Count == 0)
            map.Remove(key);
    }

    private IReadOnlyList<StoredObject> Get(Dictionary<string, HashSet<string>> map, string key) => map.TryGetValue(key, out var set)
        ? [.. set.Select(uid => _byUid[uid]).OrderBy(static o => o.Namespace, StringComparer.Ordinal).ThenBy(static o => o.Name, StringComparer.Ordinal)]
        : [];
}

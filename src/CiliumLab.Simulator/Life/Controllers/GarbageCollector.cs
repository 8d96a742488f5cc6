using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>Follows owner references: deletes what lost its owners, waits for dependents in the foreground, and frees orphans.</summary>
/// <param name="loop">The loop.</param>
internal sealed class GarbageCollector(ControlLoop loop) : Controller(loop)
{
    private const string Foreground = "foregroundDeletion";
    private const string Orphan = "orphan";


    /// <inheritdoc/>
    public override void Changed(ResourceEvent change)
    {
        if (change.Object.Type == ResourceTypes.Events)
            return;
        var obj = change.Object;
        if (change.Type == ResourceEventType.Deleted)
        {
            foreach (var dependent in Index.OwnedBy(obj.Uid))
                Enqueue(dependent.Uid);
            foreach (var owner in obj.Owners())
                Enqueue(owner.Uid);
            return;
        }
        if (obj.IsTerminating || change.Type == ResourceEventType.Added || HasNewOwners(change))
            Enqueue(obj.Uid);
    }

    /// <inheritdoc/>
    public override void Reconcile(string key)
    {
        if (Index.ByUid(key) is not { } known || Store.Find(known.Type, known.Namespace, known.Name) is not { } obj || obj.Uid != key)
            return;
        if (obj.IsTerminating)
        {
            Finish(obj);
            return;
        }
        var owners = obj.Owners().ToList();
        if (owners.Count == 0)
            return;
        var solid = owners.Where(o => Find(o) is { } owner && !IsWaiting(owner)).ToList();
        var waiting = owners.Where(o => Find(o) is { } owner && IsWaiting(owner)).ToList();
        if (solid.Count > 0)
        {
            if (solid.Count < owners.Count)
                Keep(obj, solid);
            return;
        }
        // Whoever's owner waits in the foreground and has dependents of its own makes them go first too.
        var deep = waiting.Count > 0 && Index.OwnedBy(obj.Uid).Count > 0;
        Store.Delete(obj.Type, obj.Namespace, obj.Name, new() { Uid = obj.Uid, Propagation = deep ? Propagation.Foreground : Propagation.Background });
    }

    private static bool HasNewOwners(ResourceEvent change) => change.Previous is { } before
        && !JsonNode.DeepEquals(before.Json.At("metadata", "ownerReferences"), change.Object.Json.At("metadata", "ownerReferences"));

    private static bool IsWaiting(StoredObject owner) => owner.IsTerminating && Has(owner, Foreground);

    private static bool Has(StoredObject obj, string finalizer) => obj.Json.Texts("metadata", "finalizers").Contains(finalizer);

    private StoredObject? Find(OwnerReference owner) => Index.ByUid(owner.Uid) is { } known
        && Store.Find(known.Type, known.Namespace, known.Name) is { } now && now.Uid == owner.Uid ? now : null;

    private void Finish(StoredObject obj)
    {
        var dependents = Index.OwnedBy(obj.Uid);
        if (Has(obj, Orphan))
        {
            foreach (var dependent in dependents)
                Keep(dependent, [.. dependent.Owners().Where(o => o.Uid != obj.Uid)]);
            Remove(obj, Orphan);
        }
        else if (Has(obj, Foreground))
        {
            foreach (var dependent in dependents.Where(static d => !d.IsTerminating))
                Enqueue(dependent.Uid);
            if (!dependents.Any(d => d.Owners().Any(o => o.Uid == obj.Uid && o.Blocks)))
                Remove(obj, Foreground);
        }
    }

    private void Keep(StoredObject obj, List<OwnerReference> owners)
    {
        var uids = owners.Select(static o => o.Uid).ToHashSet(StringComparer.Ordinal);
        Store.TryEdit(obj.Type, obj.Namespace, obj.Name, o =>
        {
            var references = o.Array("metadata", "ownerReferences");
            foreach (var reference in references?.OfType<JsonObject>().Where(r => !uids.Contains(r.Text("uid") ?? "")).ToList() ?? [])
                references!.Remove(reference);
            if (references is { Count: 0 })
                o.Ensure("metadata").Remove("ownerReferences");
        });
    }

    private void Remove(StoredObject obj, string finalizer) => Store.TryEdit(obj.Type, obj.Namespace, obj.Name, o =>
    {
        var finalizers = o.Array("metadata", "finalizers");
        foreach (var item in finalizers?.Where(f => f.AsText() == finalizer).ToList() ?? [])
            finalizers!.Remove(item);
    });
}

using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>Which pods belong to a workload: those it controls and still selects, and orphans that it selects, which it adopts.</summary>
internal static class PodOwnership
{
    /// <summary>Adopts and releases, and gives the pods that belong to the workload.</summary>
    public static IReadOnlyList<StoredObject> Claim(ControlLoop loop, StoredObject owner)
    {
        var selector = LabelSelector.OfObject(owner.Json.Object("spec", "selector"));
        var mine = new List<StoredObject>();
        foreach (var pod in loop.Index.ControlledBy(owner.Uid, ResourceTypes.Pods))
        {
            if (loop.Store.Find(ResourceTypes.Pods, pod.Namespace, pod.Name) is not { } now || now.Uid != pod.Uid)
                continue;
            if (selector.Matches(now.Labels))
                mine.Add(now);
            else if (!owner.IsTerminating)
                Release(loop.Store, owner, now);
        }
        if (owner.IsTerminating)
            return mine;
        foreach (var orphan in loop.Store.List(ResourceTypes.Pods, owner.Namespace, selector).Items)
        {
            if (orphan.Controller() is not null || !orphan.IsActive())
                continue;
            mine.Add(loop.Store.Edit(ResourceTypes.Pods, orphan.Namespace, orphan.Name, p =>
                p.Ensure("metadata").EnsureArray("ownerReferences").Add((JsonNode)owner.AsController())));
        }
        return mine;
    }

    private static void Release(ObjectStore store, StoredObject owner, StoredObject pod) => store.TryEdit(ResourceTypes.Pods, pod.Namespace, pod.Name, p =>
    {
        var references = p.Array("metadata", "ownerReferences")!;
        foreach (var reference in references.OfType<JsonObject>().Where(r => r.Text("uid") == owner.Uid).ToList())
            references.Remove(reference);
    });

    /// <summary>Tells a controller which of its workloads a pod's change is about.</summary>
    public static IEnumerable<StoredObject> WorkloadsOf(ControlLoop loop, ResourceEvent change, ResourceType type)
    {
        foreach (var version in (ReadOnlySpan<StoredObject?>)[change.Object, change.Previous])
        {
            if (version?.Controller() is { } owner && loop.Index.ByUid(owner.Uid) is { } workload && workload.Type == type)
                return [workload];
        }
        if (change.Object.Controller() is not null || change.Object.Labels.Count == 0 || change.Type == ResourceEventType.Deleted)
            return [];
        return loop.Store.List(type, change.Object.Namespace).Items
            .Where(w => LabelSelector.OfObject(w.Json.Object("spec", "selector")).Matches(change.Object.Labels));
    }
}

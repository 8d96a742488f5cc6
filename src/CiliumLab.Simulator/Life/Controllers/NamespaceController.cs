using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>Empties namespaces that are being deleted, and lets them go when nothing is left.</summary>
/// <param name="loop">The loop.</param>
internal sealed class NamespaceController(ControlLoop loop) : Controller(loop)
{
    /// <inheritdoc/>
    public override void Changed(ResourceEvent change)
    {
        if (change.Object.Type == ResourceTypes.Namespaces)
            Enqueue(change.Object.Name);
        else if (change.Type == ResourceEventType.Deleted && change.Object.Namespace.Length > 0 && Store.Find(ResourceTypes.Namespaces, null, change.Object.Namespace) is { IsTerminating: true })
            Enqueue(change.Object.Namespace);
    }

    /// <inheritdoc/>
    public override void Reconcile(string key)
    {
        if (Store.Find(ResourceTypes.Namespaces, null, key) is not { IsTerminating: true } ns)
            return;
        var left = new List<StoredObject>();
        foreach (var type in Store.Catalog.Types.Where(static t => t.Namespaced && t != ResourceTypes.NewEvents))
        {
            foreach (var obj in Store.List(type, key).Items)
            {
                if (!obj.IsTerminating)
                    Store.Delete(type, key, obj.Name, new() { Propagation = Propagation.Background });
                if (Store.Find(type, key, obj.Name) is { } still)
                    left.Add(still);
            }
        }
        Store.EditStatus(ResourceTypes.Namespaces, null, key, n => Describe(n.Ensure("status"), left, Store.Timestamp));
        if (left.Count == 0)
            Store.TryEdit(ResourceTypes.Namespaces, null, key, static n => n.Ensure("spec")["finalizers"] = new JsonArray(), new() { Subresource = "finalize" });
    }

    private static void Describe(JsonObject status, List<StoredObject> left, string now)
    {
        status["phase"] = "Terminating";
        status.SetCondition("NamespaceDeletionDiscoveryFailure", "False", "ResourcesDiscovered", "All resources successfully discovered", now);
        status.SetCondition("NamespaceDeletionGroupVersionParsingFailure", "False", "ParsedGroupVersions", "All legacy kube types successfully parsed", now);
        status.SetCondition("NamespaceDeletionContentFailure", "False", "ContentDeleted",
            left.Count == 0 ? "All content successfully deleted" : "All content successfully deleted, may be waiting on finalization", now);
        var counts = left.GroupBy(static o => o.Type.QualifiedName + (o.Type.Group.Length == 0 ? "." : "")).Select(static g => $"{g.Key} has {g.Count()} resource instances").Order(StringComparer.Ordinal).ToList();
        status.SetCondition("NamespaceContentRemaining", counts.Count == 0 ? "False" : "True", counts.Count == 0 ? "ContentRemoved" : "SomeResourcesRemain",
            counts.Count == 0 ? "All content successfully removed" : "Some resources are remaining: " + string.Join(", ", counts), now);
        var held = left.SelectMany(static o => o.Json.Texts("metadata", "finalizers")).GroupBy(static f => f, StringComparer.Ordinal)
            .Select(static g => $"{g.Key} in {g.Count()} resource instances").Order(StringComparer.Ordinal).ToList();
        status.SetCondition("NamespaceFinalizersRemaining", held.Count == 0 ? "False" : "True", held.Count == 0 ? "ContentHasNoFinalizers" : "SomeFinalizersRemain",
            held.Count == 0 ? "All content-preserving finalizers finished" : "Some content in the namespace has finalizers remaining: " + string.Join(", ", held), now);
    }
}

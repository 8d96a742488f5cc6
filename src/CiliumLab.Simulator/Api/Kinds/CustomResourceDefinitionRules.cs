using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>Definitions of custom kinds: they are established at once, and take their objects with them when they go.</summary>
internal sealed class CustomResourceDefinitionRules : ResourceRules
{
    private const string Cleanup = "customresourcecleanup.apiextensions.k8s.io";

    /// <inheritdoc/>
    public override void Default(JsonObject obj, RuleContext context)
    {
        var spec = obj.Ensure("spec");
        var names = spec.Ensure("names");
        var kind = names.Text("kind") ?? "";
        names.Default("singular", kind.ToLowerInvariant());
        names.Default("listKind", kind + "List");
        spec.Ensure("conversion").Default("strategy", "None");
    }

    /// <inheritdoc/>
    public override void OnCreate(JsonObject obj, RuleContext context)
    {
        var finalizers = obj.Ensure("metadata").EnsureArray("finalizers");
        if (!finalizers.Any(static f => f.AsText() == Cleanup))
            finalizers.Add(Cleanup);
        var now = ObjectStore.Time(context.Now);
        obj["status"] = new JsonObject
        {
            ["conditions"] = new JsonArray(
                Condition("NamesAccepted", "NoConflicts", "no conflicts found", now),
                Condition("Established", "InitialNamesAccepted", "the initial names have been accepted", now)),
            ["acceptedNames"] = obj.At("spec", "names")?.DeepClone(),
            ["storedVersions"] = new JsonArray([.. obj.Objects("spec", "versions").Where(static v => v.Flag("storage")).Select(static v => (JsonNode?)v.Text("name"))]),
        };
    }

    /// <inheritdoc/>
    public override void OnUpdate(JsonObject obj, JsonObject old, RuleContext context)
    {
        if (context.Subresource != "status")
            obj.Ensure("status")["acceptedNames"] = obj.At("spec", "names")?.DeepClone();
    }

    /// <inheritdoc/>
    public override void Validate(JsonObject obj, RuleContext context, FieldErrors errors)
    {
        var spec = obj.Object("spec")!;
        var group = spec.Text("group") ?? "";
        var plural = spec.Text("names", "plural") ?? "";
        if (group.Length == 0)
            errors.Required("spec.group");
        if (plural.Length == 0)
            errors.Required("spec.names.plural");
        if (spec.Text("names", "kind") is not { Length: > 0 })
            errors.Required("spec.names.kind");
        if (obj.Text("metadata", "name") != $"{plural}.{group}")
            errors.Invalid("metadata.name", obj.Text("metadata", "name"), "must be spec.names.plural+\".\"+spec.group");
        if (spec.Text("scope") is var scope and not ("Cluster" or "Namespaced"))
            errors.NotSupported("spec.scope", scope ?? "", "Cluster", "Namespaced");
        if (!spec.Objects("versions").Any())
        {
            errors.InvalidGo("spec.versions", "[]apiextensions.CustomResourceDefinitionVersion{}", "must have exactly one version marked as storage version");
            errors.InvalidGo("status.storedVersions", "[]string(nil)", "must have at least one stored version");
        }
        else if (spec.Objects("versions").Count(static v => v.Flag("storage")) != 1)
        {
            errors.Invalid("spec.versions", spec["versions"]?.DeepClone(), "must have exactly one version marked as storage version");
        }
        foreach (var (version, at) in PodSpecChecks.Indexed(spec.Array("versions"), "spec.versions"))
        {
            if (version.Object("schema", "openAPIV3Schema") is null)
                errors.Required(at + ".schema.openAPIV3Schema", "schemas are required");
        }
    }

    /// <inheritdoc/>
    public override void Stored(StoredObject obj, RuleContext context)
    {
        if (obj.IsTerminating)
        {
            if (TypeOf(context.Store, obj.Json) is { } dying)
            {
                foreach (var item in context.Store.List(dying).Items)
                    context.Store.Delete(dying, item.Namespace, item.Name);
            }
            Finish(context.Store, obj.Name);
        }
        else if (CustomResource.TypeOf(obj.Json) is { } type)
        {
            context.Store.Catalog.Install(type);
        }
    }

    /// <inheritdoc/>
    public override void Removed(StoredObject obj, RuleContext context) =>
        context.Store.Catalog.Uninstall(obj.Json.Text("spec", "group") ?? "", obj.Json.Text("spec", "names", "plural") ?? "");

    /// <summary>Lets a definition go that is being deleted and has no objects left.</summary>
    public static void Finish(ObjectStore store, string name)
    {
        if (store.Find(ResourceTypes.CustomResourceDefinitions, null, name) is not { IsTerminating: true } definition)
            return;
        if (TypeOf(store, definition.Json) is { } type && store.List(type).Items.Count > 0)
            return;
        store.TryEdit(ResourceTypes.CustomResourceDefinitions, null, name, static d =>
        {
            var finalizers = d.Array("metadata", "finalizers");
            foreach (var finalizer in finalizers?.Where(static f => f.AsText() == Cleanup).ToList() ?? [])
                finalizers!.Remove(finalizer);
        });
    }

    private static ResourceType? TypeOf(ObjectStore store, JsonObject definition) =>
        store.Catalog.Find(definition.Text("spec", "group") ?? "", null, definition.Text("spec", "names", "plural") ?? "");

    private static JsonObject Condition(string type, string reason, string message, string now) => new()
    {
        ["type"] = type,
        ["status"] = "True",
        ["lastTransitionTime"] = now,
        ["reason"] = reason,
        ["message"] = message,
    };
}

using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>What the server does with metadata, whatever the kind.</summary>
internal static class ObjectMetadata
{
    private static readonly string[] Immutable = ["creationTimestamp", "uid", "deletionTimestamp", "deletionGracePeriodSeconds", "namespace", "name"];

    /// <summary>Makes a new object's metadata complete.</summary>
    public static JsonObject Prepare(ResourceType type, JsonObject obj, RuleContext context)
    {
        CheckType(type, obj);
        var metadata = obj.Ensure("metadata");
        if (type.Namespaced)
            metadata.Default("namespace", "default");
        else
            metadata.Remove("namespace");
        if (metadata.Text("name") is not { Length: > 0 } && metadata.Text("generateName") is { Length: > 0 } prefix)
            metadata["name"] = GenerateName(type, metadata, prefix, context);
        if (metadata.Text("name") is not { Length: > 0 })
        {
            throw ApiException.Invalid(type, "", FieldErrors.Of(static e => e.Required("metadata.name", "name or generateName is required")));
        }
        if (metadata.Text("resourceVersion") is { Length: > 0 })
            throw new ApiException(500, "", "resourceVersion should not be set on objects to be created");
        metadata["uid"] = context.Seed.NextUuid();
        metadata["creationTimestamp"] = ObjectStore.Time(context.Now);
        metadata.Remove("deletionTimestamp");
        metadata.Remove("deletionGracePeriodSeconds");
        metadata.Remove("selfLink");
        metadata.Remove("generation");
        if (type.HasGeneration)
            metadata["generation"] = 1;
        DropEmpty(metadata);
        return metadata;
    }

    /// <summary>What an update may change, on top of what it may not.</summary>
    public static JsonObject ForUpdate(ResourceType type, JsonObject obj, JsonObject before, string? subresource)
    {
        CheckType(type, obj);
        if (subresource == "status")
        {
            var status = obj["status"]?.DeepClone();
            var next = before.Copy();
            if (status is null)
                next.Remove("status");
            else
                next["status"] = status;
            if (type.StatusKeepsMetadata)
                KeepImmutable(obj, before, next.Ensure("metadata"));
            else if (obj.At("metadata", "managedFields") is { } fields)
                next.Ensure("metadata")["managedFields"] = fields.DeepClone();
            return next;
        }
        if (type.HasStatus)
        {
            if (before["status"] is { } status)
                obj["status"] = status.DeepClone();
            else
                obj.Remove("status");
        }
        KeepImmutable(obj, before, obj.Ensure("metadata"));
        return obj;
    }

    /// <summary>Counts the generation up when something other than metadata and status changed.</summary>
    public static void CountGeneration(ResourceType type, JsonObject obj, JsonObject before, string? subresource)
    {
        var metadata = obj.Ensure("metadata");
        if (before.At("metadata", "generation") is { } generation)
            metadata["generation"] = generation.DeepClone();
        else
            metadata.Remove("generation");
        if (!type.HasGeneration || subresource == "status")
            return;
        var changed = type.Custom is not null
            ? obj.Any(f => f.Key is not ("metadata" or "status") && !JsonNode.DeepEquals(f.Value, before[f.Key]))
                || before.Any(f => f.Key is not ("metadata" or "status") && f.Value is not null && obj[f.Key] is null)
            : obj.Any(f => f.Key is not ("metadata" or "status" or "apiVersion" or "kind") && !JsonNode.DeepEquals(f.Value, before[f.Key]));
        if (changed)
            metadata["generation"] = (before.Number("metadata", "generation") ?? 0) + 1;
    }

    /// <summary>Records what shall become of dependents, as finalizers.</summary>
    public static void SetPropagation(JsonObject metadata, Propagation propagation)
    {
        var finalizers = metadata.Texts("finalizers").Where(static f => f is not ("orphan" or "foregroundDeletion")).ToList();
        if (propagation == Propagation.Foreground)
            finalizers.Add("foregroundDeletion");
        else if (propagation == Propagation.Orphan)
            finalizers.Add("orphan");
        if (finalizers.Count == 0)
            metadata.Remove("finalizers");
        else
            metadata["finalizers"] = new JsonArray([.. finalizers.Select(static f => (JsonNode)f)]);
    }

    /// <summary>Rules that hold for every kind.</summary>
    public static void Validate(ResourceType type, JsonObject obj, JsonObject? before, FieldErrors errors)
    {
        var metadata = obj.Object("metadata")!;
        var name = metadata.Text("name") ?? "";
        if (before is null && type.Rules.CheckName(name) is { } complaint)
            errors.Invalid("metadata.name", name, complaint);
        foreach (var (key, value) in metadata.Object("labels") ?? [])
        {
            if (NameRules.Qualified(key) is { } wrong)
                errors.Invalid("metadata.labels", key, wrong);
            if (NameRules.LabelValue(value.AsText() ?? "") is { } bad)
                errors.Invalid("metadata.labels", value.AsText() ?? "", bad);
        }
        foreach (var (key, _) in metadata.Object("annotations") ?? [])
        {
            if (NameRules.Qualified(key) is { } wrong)
                errors.Invalid("metadata.annotations", key, wrong);
        }
        ValidateFinalizers(metadata, before, errors);
        ValidateOwners(metadata, errors);
    }

    private static void ValidateFinalizers(JsonObject metadata, JsonObject? before, FieldErrors errors)
    {
        foreach (var finalizer in metadata.Texts("finalizers"))
        {
            if (NameRules.Qualified(finalizer) is { } wrong)
                errors.Invalid("metadata.finalizers", finalizer, wrong);
        }
        if (before?.At("metadata", "deletionTimestamp") is null)
            return;
        var added = metadata.Texts("finalizers").Except(before.Texts("metadata", "finalizers")).ToList();
        if (added.Count > 0)
        {
            errors.Forbidden("metadata.finalizers", "no new finalizers can be added if the object is being deleted, found new finalizers []string{" +
                string.Join(", ", added.Select(static f => $"\"{f}\"")) + "}");
        }
    }

    private static void ValidateOwners(JsonObject metadata, FieldErrors errors)
    {
        var index = 0;
        var controllers = 0;
        foreach (var owner in metadata.Objects("ownerReferences"))
        {
            foreach (var field in (ReadOnlySpan<string>)["apiVersion", "kind", "name", "uid"])
            {
                if (owner.Text(field) is not { Length: > 0 })
                    errors.Invalid($"metadata.ownerReferences[{index}].{field}", "", field is "apiVersion" ? "version must not be empty" : "must not be empty");
            }
            if (owner.Flag("controller") && ++controllers == 2)
                errors.Invalid("metadata.ownerReferences", metadata["ownerReferences"], "Only one reference can have Controller set to true");
            index++;
        }
    }

    private static string GenerateName(ResourceType type, JsonObject metadata, string prefix, RuleContext context)
    {
        const int longest = 63 - 5;
        var start = prefix.Length > longest ? prefix[..longest] : prefix;
        for (var tries = 0; ; tries++)
        {
            var name = start + context.Seed.NextSuffix();
            if (tries == 8 || context.Store.Find(type, type.Namespaced ? metadata.Text("namespace") : null, name) is null)
                return name;
        }
    }

    private static void CheckType(ResourceType type, JsonObject obj)
    {
        obj.Default("kind", type.Kind);
        obj["apiVersion"] = type.ApiVersion;
        if (obj.Text("kind") != type.Kind)
            throw ApiException.BadRequest($"the object provided is unrecognized (kind {obj.Text("kind")}, expected {type.Kind})");
    }

    private static void KeepImmutable(JsonObject obj, JsonObject before, JsonObject target)
    {
        var given = obj.Ensure("metadata");
        if (!ReferenceEquals(given, target))
        {
            foreach (var field in (ReadOnlySpan<string>)["labels", "annotations", "finalizers", "managedFields"])
            {
                if (given[field] is { } value)
                    target[field] = value.DeepClone();
                else
                    target.Remove(field);
            }
        }
        foreach (var field in Immutable)
        {
            if (before.At("metadata", field) is { } value)
                target[field] = value.DeepClone();
            else
                target.Remove(field);
        }
        if (before.At("metadata", "generateName") is { } generateName)
            target["generateName"] = generateName.DeepClone();
        target["resourceVersion"] = before.Text("metadata", "resourceVersion");
        target.Remove("selfLink");
        if (given["managedFields"] is null && before.At("metadata", "managedFields") is { } managed)
            target["managedFields"] = managed.DeepClone();
        DropEmpty(target);
    }

    private static void DropEmpty(JsonObject metadata)
    {
        foreach (var field in (ReadOnlySpan<string>)["labels", "annotations", "finalizers", "ownerReferences", "managedFields", "generateName"])
        {
            if (metadata.ContainsKey(field) && metadata[field] is null or JsonObject { Count: 0 } or JsonArray { Count: 0 })
                metadata.Remove(field);
        }
        foreach (var map in (ReadOnlySpan<string>)["labels", "annotations"])
        {
            foreach (var (key, value) in metadata.Object(map)?.ToArray() ?? [])
            {
                if (value is null)
                    metadata[map]![key] = "";
            }
        }
    }
}

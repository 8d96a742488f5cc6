using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>Server-side apply: merges what one manager wants, and refuses what another one owns.</summary>
internal static class ServerSideApply
{
    /// <summary>Applies a configuration.</summary>
    /// <param name="live">The present object, or null; altered.</param>
    /// <param name="wanted">What the manager wants, whole.</param>
    /// <param name="schema">The kind's fields.</param>
    /// <param name="mine">The manager, with no fields yet.</param>
    /// <param name="force">Take fields from other managers.</param>
    /// <returns>The next object, with managedFields.</returns>
    /// <exception cref="ApiException">Other managers own what would change (409).</exception>
    public static JsonObject Apply(JsonObject? live, JsonObject wanted, FieldSchema schema, ManagedFields.Entry mine, bool force)
    {
        wanted = wanted.Copy();
        wanted.Object("metadata")?.Remove("managedFields");
        wanted.Object("metadata")?.Remove("resourceVersion");
        var fields = new FieldSet();
        FieldSteps.Collect(wanted, schema, fields);
        ManagedFields.Strip(fields);
        var managed = ManagedFields.Of(live);
        var before = live?.Copy() ?? [];
        before.Object("metadata")?.Remove("managedFields");
        var next = (JsonObject)Merge(before.Copy(), wanted, schema)!;
        var changes = FieldChanges.Between(before, next, schema);
        ManagedFields.Strip(changes.Changed);
        if (live is not null)
            Resolve(managed, mine, changes.Changed, fields, force);
        var former = managed.Entries.FirstOrDefault(e => e.IsOf(mine.Manager, mine.Operation, mine.ApiVersion, mine.Subresource))?.Fields;
        managed.Set(mine with { Fields = fields });
        if (former is not null)
        {
            var orphaned = former.Difference(fields);
            foreach (var entry in managed.Entries)
                orphaned = orphaned.Difference(entry.Fields);
            Prune(next, schema, orphaned);
        }
        managed.WriteTo(next);
        return next;
    }

    private static void Resolve(ManagedFields managed, ManagedFields.Entry mine, FieldSet changed, FieldSet wanted, bool force)
    {
        var conflicts = new List<(ManagedFields.Entry Other, string Path)>();
        foreach (var other in managed.Entries)
        {
            if (other.IsOf(mine.Manager, mine.Operation, mine.ApiVersion, mine.Subresource))
                continue;
            conflicts.AddRange(other.Fields.Intersection(changed).Intersection(wanted.Union(changed)).Paths().Select(p => (other, p)));
        }
        if (conflicts.Count == 0)
            return;
        if (force)
        {
            managed.TakeFromOthers(mine, changed);
            return;
        }
        var causes = new JsonArray();
        foreach (var (other, path) in conflicts)
            causes.Add((JsonNode)new JsonObject { ["reason"] = "FieldManagerConflict", ["message"] = "conflict with " + Shown(other), ["field"] = path });
        throw new ApiException(409, "Conflict", Message(conflicts)) { Details = new JsonObject { ["causes"] = causes } };
    }

    private static string Message(List<(ManagedFields.Entry Other, string Path)> conflicts)
    {
        if (conflicts.Count == 1)
            return $"Apply failed with 1 conflict: conflict with {Shown(conflicts[0].Other)}: {conflicts[0].Path}";
        var lines = conflicts.GroupBy(static c => Shown(c.Other)).OrderBy(static g => g.Key, StringComparer.Ordinal)
            .SelectMany(static g => g.Select(static c => "- " + c.Path).Prepend($"conflicts with {g.Key}:"));
        return $"Apply failed with {conflicts.Count} conflicts: {string.Join('\n', lines)}";
    }

    private static string Shown(ManagedFields.Entry entry)
    {
        var text = $"\"{entry.Manager}\"";
        if (entry.Subresource.Length > 0)
            text += $" with subresource \"{entry.Subresource}\"";
        return entry.Operation == "Update" ? $"{text} using {entry.ApiVersion}" : text;
    }

    private static JsonNode? Merge(JsonNode? live, JsonNode? wanted, FieldSchema schema)
    {
        if (wanted is JsonObject change && !schema.Atomic)
        {
            var target = live as JsonObject ?? [];
            foreach (var (name, value) in change)
            {
                var merged = Merge(target[name], value, FieldSteps.Of(schema, name));
                if (merged is null || !ReferenceEquals(merged.Parent, target))
                    target[name] = merged;
            }
            return target;
        }
        if (wanted is JsonArray list && live is JsonArray present && schema is { Shape: FieldShape.List, Sharing: not ListKind.Atomic })
        {
            var items = FieldSteps.Items(present, schema);
            foreach (var (step, item) in FieldSteps.Items(list, schema))
                items[step] = items.TryGetValue(step, out var old) ? Merge(old?.DeepClone(), item, schema.Items ?? FieldSchema.Unknown) : item?.DeepClone();
            return new JsonArray([.. items.Values.Select(static i => i?.Parent is null ? i : i.DeepClone())]);
        }
        return wanted?.DeepClone();
    }

    /// <summary>Removes what the manager had applied before, applies no more, and nobody else owns.</summary>
    private static void Prune(JsonNode? node, FieldSchema schema, FieldSet gone)
    {
        if (node is JsonObject obj)
        {
            foreach (var (step, child) in gone.Children)
            {
                var name = step[2..];
                if (!step.StartsWith("f:", StringComparison.Ordinal) || !obj.ContainsKey(name))
                    continue;
                if (child.IsMember && (obj[name] is not (JsonObject or JsonArray) || !child.Children.Any()))
                {
                    obj.Remove(name);
                    continue;
                }
                Prune(obj[name], FieldSteps.Of(schema, name), child);
                if (obj[name] is JsonObject { Count: 0 } or JsonArray { Count: 0 })
                    obj.Remove(name);
            }
        }
        else if (node is JsonArray array)
        {
            foreach (var (step, child) in gone.Children)
            {
                if (!FieldSteps.Items(array, schema).TryGetValue(step, out var item))
                    continue;
                if (child.IsMember)
                    array.Remove(item);
                else
                    Prune(item, schema.Items ?? FieldSchema.Unknown, child);
            }
        }
    }
}

using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>What differs between two states of an object.</summary>
internal sealed class FieldChanges
{
    /// <summary>Structs that are always there upstream, so that nobody is said to have added them.</summary>
    private static readonly HashSet<string> AlwaysThere =
        ["metadata", "spec", "status", "template", "strategy", "updateStrategy", "containers", "resources", "nodeInfo", "daemonEndpoints", "kubeletEndpoint", "names"];

    /// <summary>Fields that came or changed.</summary>
    public FieldSet Changed { get; } = new();

    /// <summary>Fields that went.</summary>
    public FieldSet Removed { get; } = new();

    /// <summary>Compares two states.</summary>
    public static FieldChanges Between(JsonObject before, JsonObject after, FieldSchema schema)
    {
        var changes = new FieldChanges();
        Compare(before, after, schema, changes.Changed, changes.Removed);
        return changes;
    }

    private static void Compare(JsonNode? before, JsonNode? after, FieldSchema schema, FieldSet changed, FieldSet removed)
    {
        if (before is JsonObject or null && after is JsonObject or null && (before ?? after) is JsonObject)
        {
            CompareObjects(before as JsonObject, after as JsonObject, schema, changed, removed);
        }
        else if (before is JsonArray or null && after is JsonArray or null && schema is { Shape: FieldShape.List, Sharing: not ListKind.Atomic })
        {
            CompareLists(before as JsonArray, after as JsonArray, schema, changed, removed);
        }
        else if (after is null && before is not null)
        {
            removed.IsMember = true;
        }
        else if (!JsonNode.DeepEquals(before, after))
        {
            changed.IsMember = true;
        }
    }

    private static void CompareObjects(JsonObject? before, JsonObject? after, FieldSchema schema, FieldSet changed, FieldSet removed)
    {
        if (schema.Atomic || (before is null or { Count: 0 } && after is null or { Count: 0 }))
        {
            if (after is null)
                removed.IsMember = true;
            else if (!JsonNode.DeepEquals(before, after))
                changed.IsMember = true;
            return;
        }
        foreach (var name in (before ?? []).Select(static p => p.Key).Union((after ?? []).Select(static p => p.Key)).ToList())
        {
            var old = before?[name];
            var now = after?[name];
            if (JsonNode.DeepEquals(old, now))
                continue;
            var step = "f:" + name;
            var child = changed.Step(step);
            var lost = removed.Step(step);
            Compare(old, now, FieldSteps.Of(schema, name), child, lost);
            if (now is null)
                lost.IsMember = true;
            else if (old is null && now is JsonObject or JsonArray && !AlwaysThere.Contains(name))
                child.IsMember = true;
        }
    }

    private static void CompareLists(JsonArray? before, JsonArray? after, FieldSchema schema, FieldSet changed, FieldSet removed)
    {
        if (after is null or { Count: 0 } && before is null or { Count: 0 })
        {
            if (after is not null)
                changed.IsMember = true;
            return;
        }
        var olds = FieldSteps.Items(before, schema);
        var news = FieldSteps.Items(after, schema);
        foreach (var step in olds.Keys.Union(news.Keys).ToList())
        {
            var had = olds.TryGetValue(step, out var old);
            var has = news.TryGetValue(step, out var now);
            if (had && has && JsonNode.DeepEquals(old, now))
                continue;
            var child = changed.Step(step);
            var lost = removed.Step(step);
            if (old is JsonObject || now is JsonObject)
                Compare(old, now, schema.Items ?? FieldSchema.Unknown, child, lost);
            if (!has)
                lost.IsMember = true;
            else if (!had)
                child.IsMember = true;
        }
    }
}

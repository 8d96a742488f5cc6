using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>Kubernetes' own patch: like a merge patch, and lists merge by their keys as the kind's fields say.</summary>
internal static class StrategicMergePatch
{
    private const string Directive = "$patch";
    private const string Retain = "$retainKeys";
    private const string Order = "$setElementOrder/";
    private const string DeleteFrom = "$deleteFromPrimitiveList/";

    /// <summary>Applies a patch; the target is altered and returned.</summary>
    /// <exception cref="ApiException">A directive makes no sense (400).</exception>
    public static JsonObject Apply(JsonObject target, JsonObject patch, FieldSchema schema)
    {
        switch (patch.Text(Directive))
        {
            case null or "merge":
                break;
            case "replace":
                var replaced = patch.Copy();
                replaced.Remove(Directive);
                return replaced;
            case "delete":
                return [];
            case var other:
                throw ApiException.BadRequest($"unknown patch type: {other}");
        }
        if (patch.Array(Retain) is { } kept)
        {
            var keys = kept.Select(static k => k.AsText()).ToHashSet();
            foreach (var name in target.Select(static p => p.Key).Where(k => !keys.Contains(k)).ToList())
                target.Remove(name);
        }
        foreach (var (name, value) in patch)
        {
            if (name is Directive or Retain || name.StartsWith(Order, StringComparison.Ordinal))
                continue;
            if (name.StartsWith(DeleteFrom, StringComparison.Ordinal))
                DeletePrimitives(target.Array(name[DeleteFrom.Length..]), value as JsonArray);
            else
                ApplyField(target, name, value, patch, FieldSteps.Of(schema, name));
        }
        foreach (var (name, order) in patch)
        {
            // an order without a list of changes: only the order changed
            if (name.StartsWith(Order, StringComparison.Ordinal) && !patch.ContainsKey(name[Order.Length..]) && target.Array(name[Order.Length..]) is { } list)
                target[name[Order.Length..]] = Sort([.. list], [.. list], order as JsonArray, FieldSteps.Of(schema, name[Order.Length..]));
        }
        return target;
    }

    private static void ApplyField(JsonObject target, string name, JsonNode? value, JsonObject patch, FieldSchema field)
    {
        switch (value)
        {
            case null:
                target.Remove(name);
                break;
            case JsonObject change:
                var current = target[name] as JsonObject ?? [];
                var next = Apply(current, change, field);
                if (change.Text(Directive) == "delete")
                    target.Remove(name);
                else if (!ReferenceEquals(next.Parent, target))
                    target[name] = next;
                break;
            case JsonArray list when field is { Shape: FieldShape.List, PatchMerges: true }:
                target[name] = MergeList(target[name] as JsonArray, list, patch[Order + name] as JsonArray, field);
                break;
            default:
                target[name] = value.DeepClone();
                break;
        }
    }

    private static JsonArray MergeList(JsonArray? target, JsonArray patch, JsonArray? order, FieldSchema field)
    {
        List<JsonNode?> before = [.. target ?? []];
        List<JsonNode?> items = [.. before];
        if (field.PatchKey is not { } key)
        {
            foreach (var value in patch)
            {
                if (!items.Any(i => JsonNode.DeepEquals(i, value)))
                    items.Add(value?.DeepClone());
            }
            return Sort(items, before, order, field);
        }
        if (patch.OfType<JsonObject>().Any(static p => p.Text(Directive) == "replace"))
            return new JsonArray([.. patch.OfType<JsonObject>().Where(static p => p.Text(Directive) != "replace").Select(static p => p.DeepClone())]);
        foreach (var change in patch.OfType<JsonObject>())
        {
            if (change[key] is not { } identity)
                throw ApiException.BadRequest($"map: {change.ToJsonString()} does not contain declared merge key: {key}");
            var index = items.FindIndex(i => i is JsonObject o && JsonNode.DeepEquals(o[key], identity));
            if (change.Text(Directive) == "delete")
            {
                items.RemoveAll(i => i is JsonObject o && JsonNode.DeepEquals(o[key], identity));
            }
            else if (index >= 0)
            {
                items[index] = Apply(((JsonObject)items[index]!).Copy(), change, field.Items ?? FieldSchema.Unknown);
                before[before.FindIndex(b => b is JsonObject o && JsonNode.DeepEquals(o[key], identity))] = items[index];
            }
            else
            {
                items.Add(Apply([], change, field.Items ?? FieldSchema.Unknown));
            }
        }
        return Sort(items, before, order, field);
    }

    /// <summary>Items named by the order come in that order; others keep their place among those that were there before.</summary>
    private static JsonArray Sort(List<JsonNode?> items, List<JsonNode?> before, JsonArray? order, FieldSchema field)
    {
        if (order is not null)
        {
            int Rank(JsonNode? item) => order.ToList().FindIndex(o => field.PatchKey is { } key
                ? JsonNode.DeepEquals((o as JsonObject)?[key], (item as JsonObject)?[key])
                : JsonNode.DeepEquals(o, item));
            var named = new Queue<JsonNode?>(items.Where(i => Rank(i) >= 0).OrderBy(Rank));
            var others = new Queue<JsonNode?>(items.Where(i => Rank(i) < 0));
            items = [];
            while (named.Count > 0 && others.Count > 0)
            {
                var place = before.IndexOf(named.Peek());
                items.Add(place < 0 || place < before.IndexOf(others.Peek()) ? named.Dequeue() : others.Dequeue());
            }
            items.AddRange(named);
            items.AddRange(others);
        }
        return new JsonArray([.. items.Select(static i => i?.Parent is null ? i : i.DeepClone())]);
    }

    private static void DeletePrimitives(JsonArray? list, JsonArray? values)
    {
        foreach (var value in values ?? [])
        {
            foreach (var item in list?.Where(i => JsonNode.DeepEquals(i, value)).ToList() ?? [])
                list!.Remove(item);
        }
    }
}

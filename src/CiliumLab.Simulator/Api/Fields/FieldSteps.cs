using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>How a field's value divides into parts that can have different owners.</summary>
internal static class FieldSteps
{
    /// <summary>Whether the value is owned as a whole.</summary>
    public static bool IsLeaf(JsonNode? value, FieldSchema schema) => value switch
    {
        JsonObject obj => schema.Atomic || obj.Count == 0,
        JsonArray array => schema.Shape != FieldShape.List || schema.Sharing == ListKind.Atomic || array.Count == 0,
        _ => true,
    };

    /// <summary>Whether the field is a struct's own, rather than a key that somebody made up.</summary>
    public static bool IsNamed(FieldSchema schema, string name) => schema.Type?.Fields.ContainsKey(name) == true;

    /// <summary>The schema of an object's property.</summary>
    public static FieldSchema Of(FieldSchema schema, string name) => schema.Shape switch
    {
        FieldShape.Object => schema.Type?.Fields.GetValueOrDefault(name) ?? FieldSchema.Unknown,
        FieldShape.Map => schema.Items ?? FieldSchema.Unknown,
        _ => FieldSchema.Unknown,
    };

    /// <summary>The step that leads to a list's item.</summary>
    public static string ToItem(JsonNode? item, FieldSchema list)
    {
        if (list.Sharing == ListKind.Set || item is not JsonObject obj)
            return "v:" + (item?.ToJsonString(JsonFields.Plain) ?? "null");
        var keys = new JsonObject();
        foreach (var key in list.Keys.Order(StringComparer.Ordinal))
        {
            if (obj[key] is { } value)
                keys[key] = value.DeepClone();
            else if (key == "protocol")
                keys[key] = "TCP";
        }
        return "k:" + keys.ToJsonString(JsonFields.Plain);
    }

    /// <summary>A list's items by their steps; of two with the same keys the later counts.</summary>
    public static OrderedDictionary<string, JsonNode?> Items(JsonArray? array, FieldSchema list)
    {
        var items = new OrderedDictionary<string, JsonNode?>();
        foreach (var item in array ?? [])
            items[ToItem(item, list)] = item;
        return items;
    }

    /// <summary>All fields of a value, as the applier of it owns them.</summary>
    public static void Collect(JsonNode? value, FieldSchema schema, FieldSet into)
    {
        if (IsLeaf(value, schema))
        {
            into.IsMember = true;
        }
        else if (value is JsonObject obj)
        {
            foreach (var (name, child) in obj)
            {
                var step = into.Step("f:" + name);
                if (!IsNamed(schema, name) && schema.Shape == FieldShape.Map)
                    step.IsMember = true;
                Collect(child, Of(schema, name), step);
            }
        }
        else
        {
            foreach (var (step, item) in Items((JsonArray)value!, schema))
            {
                var child = into.Step(step);
                child.IsMember = true;
                if (item is JsonObject)
                    Collect(item, schema.Items ?? FieldSchema.Unknown, child);
            }
        }
    }
}

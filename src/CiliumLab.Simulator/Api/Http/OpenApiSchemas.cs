using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>Writes field schemas as OpenAPI definitions, with upstream's extensions for merging.</summary>
/// <param name="prefix">Where definitions lie in the document.</param>
/// <param name="wrapReferences">Whether a reference needs allOf to have a description beside it (OpenAPI 3.0).</param>
internal sealed class OpenApiSchemas(string prefix, bool wrapReferences)
{
    /// <summary>What was written.</summary>
    public JsonObject Schemas { get; } = [];

    /// <summary>Adds a ready definition.</summary>
    public void Add(string name, JsonObject schema, JsonObject kind)
    {
        schema["x-kubernetes-group-version-kind"] = new JsonArray(kind);
        Schemas[name] = schema;
    }

    /// <summary>Adds a kind's definition and everything that it refers to.</summary>
    public void Add(TypeSchema type, JsonObject kind)
    {
        Add(type);
        Schemas[type.Name]!["x-kubernetes-group-version-kind"] = new JsonArray(kind);
    }

    /// <summary>A field's schema.</summary>
    public JsonObject Of(FieldSchema field)
    {
        var schema = new JsonObject();
        if (field.Description.Length > 0)
            schema["description"] = field.Description;
        switch (field.Shape)
        {
            case FieldShape.Object when field.Type is { } type:
                Add(type);
                var reference = new JsonObject { ["$ref"] = prefix + type.Name };
                if (!wrapReferences)
                    return reference;
                schema["allOf"] = new JsonArray(reference);
                break;
            case FieldShape.Map:
                schema["type"] = "object";
                schema["additionalProperties"] = Of(field.Items ?? FieldSchema.Unknown);
                break;
            case FieldShape.List:
                schema["type"] = "array";
                schema["items"] = Of(field.Items ?? FieldSchema.Unknown);
                AddMerging(schema, field);
                break;
            case FieldShape.IntOrString when wrapReferences:
                schema["oneOf"] = new JsonArray(new JsonObject { ["type"] = "integer" }, new JsonObject { ["type"] = "string" });
                schema["format"] = "int-or-string";
                break;
            case FieldShape.Quantity when wrapReferences:
                schema["oneOf"] = new JsonArray(new JsonObject { ["type"] = "string" }, new JsonObject { ["type"] = "number" });
                break;
            case FieldShape.Any when wrapReferences:
                // an empty schema would do, but kubectl explain stumbles over it
                schema["x-kubernetes-preserve-unknown-fields"] = true;
                break;
            case FieldShape.Any:
                schema["type"] = "object";
                break;
            default:
                schema["type"] = field.Shape switch
                {
                    FieldShape.Integer => "integer",
                    FieldShape.Number => "number",
                    FieldShape.Truth => "boolean",
                    _ => "string",
                };
                if (field.Format is { } format)
                    schema["format"] = format;
                break;
        }
        if (field.RetainsKeys && field.Shape == FieldShape.Object)
            schema["x-kubernetes-patch-strategy"] = "retainKeys";
        return schema;
    }

    private static void AddMerging(JsonObject schema, FieldSchema field)
    {
        schema["x-kubernetes-list-type"] = field.Sharing switch { ListKind.Map => "map", ListKind.Set => "set", _ => "atomic" };
        if (field.Keys.Length > 0)
            schema["x-kubernetes-list-map-keys"] = new JsonArray([.. field.Keys.Select(static k => (JsonNode)k)]);
        if (!field.PatchMerges)
            return;
        schema["x-kubernetes-patch-strategy"] = field.RetainsKeys ? "merge,retainKeys" : "merge";
        if (field.PatchKey is { } key)
            schema["x-kubernetes-patch-merge-key"] = key;
    }

    private void Add(TypeSchema type)
    {
        if (Schemas.ContainsKey(type.Name))
            return;
        var schema = new JsonObject { ["type"] = "object" };
        Schemas[type.Name] = schema;
        if (type.Description.Length > 0)
            schema["description"] = type.Description;
        var required = new JsonArray();
        var properties = new JsonObject();
        foreach (var (name, field) in type.Fields)
        {
            properties[name] = Of(field);
            if (field.Required)
                required.Add((JsonNode)name);
        }
        if (properties.Count > 0)
            schema["properties"] = properties;
        if (required.Count > 0)
            schema["required"] = required;
    }
}

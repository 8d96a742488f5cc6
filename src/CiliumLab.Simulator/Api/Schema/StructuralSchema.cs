using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CiliumLab.Simulator.Api;

/// <summary>The OpenAPI schema of one version of a custom kind: prunes, defaults and validates as apiextensions does.</summary>
internal sealed class StructuralSchema
{
    private readonly Lazy<FieldSchema> _fields;

    /// <summary>Reads a schema.</summary>
    public StructuralSchema(JsonObject json)
    {
        json.Materialize();
        Json = json;
        _fields = new(() => ToFields(json, "", required: true));
    }

    /// <summary>The schema as it was given.</summary>
    public JsonObject Json { get; }

    /// <summary>The fields as patches and field ownership need them.</summary>
    public FieldSchema Fields => _fields.Value;

    /// <summary>Drops fields that the schema does not know.</summary>
    public void Prune(JsonObject obj)
    {
        foreach (var (name, value) in obj.ToArray())
        {
            if (name is "apiVersion" or "kind" or "metadata")
                continue;
            if (Json.Object("properties", name) is { } schema)
                PruneValue(value, schema);
            else if (!Keeps(Json))
                obj.Remove(name);
        }
    }

    /// <summary>Names fields that the schema does not know.</summary>
    public IEnumerable<string> Unknown(JsonObject obj) => UnknownIn(obj, Json, "", root: true);

    /// <summary>Fills in defaults.</summary>
    public void Default(JsonObject obj) => DefaultValue(obj, Json);

    /// <summary>Finds what breaks the schema.</summary>
    public void Validate(JsonObject obj, FieldErrors errors) => ValidateValue(obj, Json, "", errors);

    private static bool Keeps(JsonObject schema) => schema.Flag("x-kubernetes-preserve-unknown-fields");

    private static void PruneValue(JsonNode? value, JsonObject schema)
    {
        if (value is JsonObject obj)
        {
            var properties = schema.Object("properties");
            var additional = schema["additionalProperties"];
            foreach (var (name, child) in obj.ToArray())
            {
                if (schema.Flag("x-kubernetes-embedded-resource") && name is "apiVersion" or "kind" or "metadata")
                    continue;
                if (properties.Object(name) is { } known)
                    PruneValue(child, known);
                else if (additional is JsonObject values)
                    PruneValue(child, values);
                else if (!Keeps(schema) && additional?.GetValueKind() != JsonValueKind.True)
                    obj.Remove(name);
            }
        }
        else if (value is JsonArray array && schema.Object("items") is { } items)
        {
            foreach (var item in array)
                PruneValue(item, items);
        }
    }

    private static IEnumerable<string> UnknownIn(JsonNode? value, JsonObject schema, string path, bool root = false)
    {
        if (value is JsonObject obj)
        {
            foreach (var (name, child) in obj)
            {
                var at = path.Length == 0 ? name : $"{path}.{name}";
                if (root && name is "apiVersion" or "kind" or "metadata")
                    continue;
                if (schema.Object("properties", name) is { } known)
                {
                    foreach (var found in UnknownIn(child, known, at))
                        yield return found;
                }
                else if (schema["additionalProperties"] is null && !Keeps(schema))
                {
                    yield return at;
                }
            }
        }
        else if (value is JsonArray array && schema.Object("items") is { } items)
        {
            for (var i = 0; i < array.Count; i++)
            {
                foreach (var found in UnknownIn(array[i], items, $"{path}[{i}]"))
                    yield return found;
            }
        }
    }

    private static void DefaultValue(JsonNode? value, JsonObject schema)
    {
        if (value is JsonObject obj)
        {
            foreach (var (name, property) in schema.Object("properties") ?? [])
            {
                if (property is not JsonObject known)
                    continue;
                if (obj[name] is null && known["default"] is { } standard && !(obj.ContainsKey(name) && known.Flag("nullable")))
                    obj[name] = standard.DeepClone();
                DefaultValue(obj[name], known);
            }
            if (schema["additionalProperties"] is JsonObject values)
            {
                foreach (var (_, child) in obj)
                    DefaultValue(child, values);
            }
        }
        else if (value is JsonArray array && schema.Object("items") is { } items)
        {
            foreach (var item in array)
                DefaultValue(item, items);
        }
    }

    private static void ValidateValue(JsonNode? value, JsonObject schema, string path, FieldErrors errors)
    {
        if (value is null)
        {
            if (!schema.Flag("nullable") && schema.Text("type") is { } wanted && path.Length > 0)
                errors.WrongType(path, "null", $"{path} in body must be of type {wanted}: \"null\"");
            return;
        }
        if (!IsOfType(value, schema))
        {
            var found = NameOf(value);
            errors.WrongType(path, found, $"{path} in body must be of type {schema.Text("type")}: \"{found}\"");
            return;
        }
        if (schema.Array("enum") is { } allowed && !allowed.Any(a => JsonNode.DeepEquals(a, value)))
            errors.NotSupported(path, value.DeepClone(), [.. allowed.Select(static a => a.AsDisplay())]);
        switch (value)
        {
            case JsonObject obj:
                ValidateObject(obj, schema, path, errors);
                break;
            case JsonArray array:
                if (schema.Number("minItems") is { } fewest && array.Count < fewest)
                    errors.Invalid(path, array.Count, $"{path} in body should have at least {fewest} items");
                if (schema.Number("maxItems") is { } most && array.Count > most)
                    errors.Invalid(path, array.Count, $"{path} in body should have at most {most} items");
                for (var i = 0; schema.Object("items") is { } items && i < array.Count; i++)
                    ValidateValue(array[i], items, $"{path}[{i}]", errors);
                break;
            default:
                ValidateScalar(value, schema, path, errors);
                break;
        }
    }

    private static void ValidateObject(JsonObject obj, JsonObject schema, string path, FieldErrors errors)
    {
        foreach (var name in schema.Texts("required"))
        {
            if (!obj.ContainsKey(name) && !(path.Length == 0 && name is "apiVersion" or "kind" or "metadata"))
                errors.Required(path.Length == 0 ? name : $"{path}.{name}");
        }
        foreach (var (name, child) in obj)
        {
            if (path.Length == 0 && name is "apiVersion" or "kind" or "metadata")
                continue;
            var at = path.Length == 0 ? name : $"{path}.{name}";
            if (schema.Object("properties", name) is { } known)
                ValidateValue(child, known, at, errors);
            else if (schema["additionalProperties"] is JsonObject values)
                ValidateValue(child, values, at, errors);
        }
    }

    private static void ValidateScalar(JsonNode value, JsonObject schema, string path, FieldErrors errors)
    {
        if (value.AsText() is { } text)
        {
            if (schema.Number("minLength") is { } shortest && text.Length < shortest)
                errors.Invalid(path, text, $"{path} in body should be at least {shortest} chars long");
            if (schema.Number("maxLength") is { } longest && text.Length > longest)
                errors.Invalid(path, text, $"{path} in body should be at most {longest} chars long");
            if (schema.Text("pattern") is { } pattern && !Matches(text, pattern))
                errors.Invalid(path, text, $"{path} in body should match '{pattern}'");
        }
        else if (value.AsNumber() is { } number)
        {
            if (schema.Number("minimum") is { } least && number < least)
                errors.Invalid(path, number, $"{path} in body should be greater than or equal to {least}");
            if (schema.Number("maximum") is { } greatest && number > greatest)
                errors.Invalid(path, number, $"{path} in body should be less than or equal to {greatest}");
        }
    }

    private static bool Matches(string text, string pattern)
    {
        try
        {
            return Regex.IsMatch(text, pattern, RegexOptions.None, TimeSpan.FromSeconds(1));
        }
        catch (ArgumentException)
        {
            // Go's syntax and .NET's differ in corners; what cannot be read here refuses nothing
            return true;
        }
    }

    private static bool IsOfType(JsonNode value, JsonObject schema)
    {
        var kind = value.GetValueKind();
        if (schema.Flag("x-kubernetes-int-or-string"))
            return kind is JsonValueKind.Number or JsonValueKind.String;
        return schema.Text("type") switch
        {
            "object" => value is JsonObject,
            "array" => value is JsonArray,
            "string" => kind == JsonValueKind.String,
            "boolean" => kind is JsonValueKind.True or JsonValueKind.False,
            "integer" => value.AsNumber() is not null,
            "number" => kind == JsonValueKind.Number,
            _ => true,
        };
    }

    private static string NameOf(JsonNode value) => value.GetValueKind() switch
    {
        JsonValueKind.Object => "object",
        JsonValueKind.Array => "array",
        JsonValueKind.String => "string",
        JsonValueKind.True or JsonValueKind.False => "boolean",
        _ => value.AsNumber() is null ? "number" : "integer",
    };

    private static FieldSchema ToFields(JsonObject schema, string name, bool required)
    {
        var description = schema.Text("description") ?? "";
        if (schema.Flag("x-kubernetes-int-or-string"))
            return new() { Shape = FieldShape.IntOrString, Description = description, Required = required };
        switch (schema.Text("type"))
        {
            case "object" when schema["additionalProperties"] is JsonObject values:
                return new() { Shape = FieldShape.Map, Items = ToFields(values, name, false), Description = description, Required = required };
            case "object":
                var type = new TypeSchema(name) { Description = description, IsOpen = Keeps(schema) || schema.Object("properties") is null };
                var musts = schema.Texts("required").ToHashSet();
                foreach (var (field, property) in schema.Object("properties") ?? [])
                {
                    if (property is JsonObject known)
                        type.Fields[field] = name.Length == 0 && field == "metadata" ? SchemaTable.Metadata : ToFields(known, field, musts.Contains(field));
                }
                if (name.Length == 0)
                    type.Fields["metadata"] = SchemaTable.Metadata;
                return new()
                {
                    Shape = FieldShape.Object,
                    Type = type,
                    Description = description,
                    Required = required,
                    Atomic = schema.Text("x-kubernetes-map-type") == "atomic",
                };
            case "array":
                return new()
                {
                    Shape = FieldShape.List,
                    Items = schema.Object("items") is { } items ? ToFields(items, name, false) : FieldSchema.Unknown,
                    Sharing = schema.Text("x-kubernetes-list-type") switch { "map" => ListKind.Map, "set" => ListKind.Set, _ => ListKind.Atomic },
                    Keys = [.. schema.Texts("x-kubernetes-list-map-keys")],
                    Description = description,
                    Required = required,
                };
            case "string":
                return new() { Shape = FieldShape.Text, Format = schema.Text("format"), Description = description, Required = required };
            case "integer":
                return new() { Shape = FieldShape.Integer, Format = schema.Text("format"), Description = description, Required = required };
            case "number":
                return new() { Shape = FieldShape.Number, Format = schema.Text("format"), Description = description, Required = required };
            case "boolean":
                return new() { Shape = FieldShape.Truth, Description = description, Required = required };
            default:
                return new() { Shape = FieldShape.Any, Description = description, Required = required };
        }
    }
}

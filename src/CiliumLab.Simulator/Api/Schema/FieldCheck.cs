using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace CiliumLab.Simulator.Api;

/// <summary>Compares an object with the fields of its kind, as upstream's strict decoding does.</summary>
internal static partial class FieldCheck
{
    /// <summary>The paths of fields that the kind does not have.</summary>
    public static IEnumerable<string> Unknown(JsonNode? node, FieldSchema schema, string path = "")
    {
        if (node is JsonObject obj && schema.Shape == FieldShape.Object && schema.Type is { IsOpen: false } type)
        {
            foreach (var (name, value) in obj)
            {
                var at = path.Length == 0 ? name : $"{path}.{name}";
                if (!type.Fields.TryGetValue(name, out var field))
                {
                    yield return at;
                }
                else
                {
                    foreach (var found in Unknown(value, field, at))
                        yield return found;
                }
            }
        }
        else if (node is JsonObject map && schema.Shape == FieldShape.Map)
        {
            foreach (var found in map.SelectMany(p => Unknown(p.Value, schema.Items!, $"{path}.{p.Key}")))
                yield return found;
        }
        else if (node is JsonArray array && schema.Shape == FieldShape.List)
        {
            for (var i = 0; i < array.Count; i++)
            {
                foreach (var found in Unknown(array[i], schema.Items!, $"{path}[{i}]"))
                    yield return found;
            }
        }
    }

    /// <summary>The first value of a type that the field cannot hold, in the words of Go's decoder; or null.</summary>
    public static string? Mismatch(JsonNode? node, FieldSchema schema, string owner = "", string path = "")
    {
        if (node is null)
            return null;
        var kind = node.GetValueKind();
        var fits = schema.Shape switch
        {
            FieldShape.Text or FieldShape.Bytes => kind == JsonValueKind.String,
            FieldShape.Time => kind == JsonValueKind.String,
            FieldShape.Integer => kind == JsonValueKind.Number && node.AsNumber() is not null,
            FieldShape.Number => kind == JsonValueKind.Number,
            FieldShape.Truth => kind is JsonValueKind.True or JsonValueKind.False,
            FieldShape.IntOrString or FieldShape.Quantity => kind is JsonValueKind.Number or JsonValueKind.String,
            FieldShape.Object or FieldShape.Map => kind == JsonValueKind.Object,
            FieldShape.List => kind == JsonValueKind.Array,
            _ => true,
        };
        if (!fits)
            return $"json: cannot unmarshal {Json(node)} into Go struct field {owner}{path} of type {Go(schema)}";
        if (schema.Shape == FieldShape.Quantity && !Quantity().IsMatch(node.AsDisplay()))
            return "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";
        if (schema.Shape == FieldShape.Bytes && !Convert.TryFromBase64String(node.AsText()!, new byte[node.AsText()!.Length], out _))
            return $"illegal base64 data at input byte {node.AsText()!.TakeWhile(static c => char.IsAsciiLetterOrDigit(c) || c is '+' or '/').Count()}";
        return node switch
        {
            JsonObject obj when schema.Shape == FieldShape.Object => obj
                .Select(p => Mismatch(p.Value, FieldSteps.Of(schema, p.Key), Short(schema.Type!.Name), $"{path}.{p.Key}")).FirstOrDefault(static m => m is not null),
            JsonObject map when schema.Shape == FieldShape.Map => map
                .Select(p => Mismatch(p.Value, schema.Items!, owner, path)).FirstOrDefault(static m => m is not null),
            JsonArray array when schema.Shape == FieldShape.List => array
                .Select(i => Mismatch(i, schema.Items!, owner, path)).FirstOrDefault(static m => m is not null),
            _ => null,
        };
    }

    private static string Short(string name) => name[(name.LastIndexOf('.') + 1)..];

    private static string Json(JsonNode node) => node.GetValueKind() switch
    {
        JsonValueKind.String => "string",
        JsonValueKind.Number when node.AsNumber() is null => "number " + node.ToJsonString(),
        JsonValueKind.Number => "number",
        JsonValueKind.True or JsonValueKind.False => "bool",
        JsonValueKind.Array => "array",
        _ => "object",
    };

    private static string Go(FieldSchema schema) => schema.Shape switch
    {
        FieldShape.Integer => schema.Format ?? "int64",
        FieldShape.Number => "float64",
        FieldShape.Truth => "bool",
        FieldShape.List => "[]" + Go(schema.Items!),
        FieldShape.Map => "map[string]" + Go(schema.Items!),
        FieldShape.Object when schema.Type is { } type => "v1." + Short(type.Name),
        FieldShape.Bytes => "[]uint8",
        _ => "string",
    };

    [GeneratedRegex(@"^[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([KMGTPE]i|[numkMGTPE]|[eE][+-]?[0-9]+)?\z")]
    private static partial Regex Quantity();
}

using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>Reading and writing fields of a JSON object by path, with the leniency that stored objects need: what is absent is null.</summary>
internal static class JsonFields
{
    /// <summary>Kubernetes escapes only what HTML needs; plain output is nearest to it and smallest.</summary>
    public static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonWriterOptions Writing = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The node at a path of property names, or null.</summary>
    public static JsonNode? At(this JsonNode? node, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (node is not JsonObject obj || !obj.TryGetPropertyValue(name, out node))
                return null;
        }
        return node;
    }

    /// <summary>The object at a path, or null when there is none or it is something else.</summary>
    public static JsonObject? Object(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) as JsonObject;

    /// <summary>The array at a path, or null when there is none or it is something else.</summary>
    public static JsonArray? Array(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path) as JsonArray;

    /// <summary>The objects of the array at a path; empty when there is none.</summary>
    public static IEnumerable<JsonObject> Objects(this JsonNode? node, params ReadOnlySpan<string> path) =>
        (node.At(path) as JsonArray)?.OfType<JsonObject>() ?? [];

    /// <summary>The strings of the array at a path; empty when there is none.</summary>
    public static IEnumerable<string> Texts(this JsonNode? node, params ReadOnlySpan<string> path) =>
        (node.At(path) as JsonArray)?.Select(static item => item.AsText()).OfType<string>() ?? [];

    /// <summary>The string at a path, or null.</summary>
    public static string? Text(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path).AsText();

    /// <summary>The whole number at a path, or null.</summary>
    public static long? Number(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path).AsNumber();

    /// <summary>The truth at a path; false when absent.</summary>
    public static bool Flag(this JsonNode? node, params ReadOnlySpan<string> path) => node.At(path)?.GetValueKind() == JsonValueKind.True;

    /// <summary>A node's string, or null when it is not one.</summary>
    public static string? AsText(this JsonNode? node) =>
        node is JsonValue value && value.GetValueKind() == JsonValueKind.String ? value.GetValue<string>() : null;

    /// <summary>A node's whole number whatever CLR type carries it, or null when it is not one.</summary>
    public static long? AsNumber(this JsonNode? node)
    {
        if (node is not JsonValue value || value.GetValueKind() != JsonValueKind.Number)
            return null;
        if (value.TryGetValue(out long whole))
            return whole;
        if (value.TryGetValue(out int small))
            return small;
        return long.TryParse(value.ToJsonString(), out whole) ? whole : null;
    }

    /// <summary>A scalar as text, as a table or a path expression shows it.</summary>
    public static string AsDisplay(this JsonNode? node) => node switch
    {
        null => "",
        JsonValue value when value.GetValueKind() == JsonValueKind.String => value.GetValue<string>(),
        _ => node.ToJsonString(Plain),
    };

    /// <summary>The object at a path, made when absent.</summary>
    public static JsonObject Ensure(this JsonObject obj, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (obj[name] is not JsonObject child)
                obj[name] = child = [];
            obj = child;
        }
        return obj;
    }

    /// <summary>The array of a property, made when absent.</summary>
    public static JsonArray EnsureArray(this JsonObject obj, string name)
    {
        if (obj[name] is not JsonArray array)
            obj[name] = array = [];
        return array;
    }

    /// <summary>Sets a property only when it is absent or null.</summary>
    public static void Default(this JsonObject obj, string name, JsonNode? value)
    {
        if (obj[name] is null)
            obj[name] = value;
    }

    /// <summary>A copy that shares nothing with the original.</summary>
    public static JsonObject Copy(this JsonObject obj) => (JsonObject)obj.DeepClone();

    /// <summary>An object as UTF-8 JSON.</summary>
    public static byte[] ToUtf8(this JsonNode node)
    {
        using var stream = new MemoryStream(1024);
        using (var writer = new Utf8JsonWriter(stream, Writing))
        {
            node.WriteTo(writer, Plain);
        }
        return stream.ToArray();
    }

    /// <summary>Visits every node once: a parsed tree builds itself lazily, and doing that from two threads at once is not safe.</summary>
    public static void Materialize(this JsonNode? node)
    {
        if (node is JsonObject obj)
        {
            foreach (var (_, child) in obj)
                child.Materialize();
        }
        else if (node is JsonArray array)
        {
            foreach (var child in array)
                child.Materialize();
        }
    }
}

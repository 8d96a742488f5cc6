using System.Text;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>The short hash of a pod template that names ReplicaSets and revisions.</summary>
internal static class TemplateHash
{
    private const string Letters = "bcdfghjklmnpqrstvwxz2456789";

    /// <summary>FNV-1a of the template, written in the letters of <c>rand.SafeEncodeString</c>.</summary>
    public static string Of(JsonNode? template, long collisions = 0)
    {
        var hash = 2166136261u;
        var text = new StringBuilder();
        Write(template, text);
        text.Append(collisions);
        foreach (var one in Encoding.UTF8.GetBytes(text.ToString()))
            hash = (hash ^ one) * 16777619;
        return string.Concat(hash.ToString(null, null).Select(static digit => Letters[digit % Letters.Length]));
    }

    /// <summary>Two templates are the same when they differ in nothing but the hash that a controller put in.</summary>
    public static bool Same(JsonObject? one, JsonObject? other)
    {
        var (left, right) = (new StringBuilder(), new StringBuilder());
        Write(Without(one), left);
        Write(Without(other), right);
        return left.Equals(right);
    }

    private static JsonObject Without(JsonObject? template)
    {
        var copy = template?.Copy() ?? [];
        copy.Object("metadata", "labels")?.Remove("pod-template-hash");
        return copy;
    }

    /// <summary>Fields in one order, whatever order they came in.</summary>
    private static void Write(JsonNode? node, StringBuilder text)
    {
        switch (node)
        {
            case JsonObject obj:
                text.Append('{');
                foreach (var (name, value) in obj.OrderBy(static p => p.Key, StringComparer.Ordinal))
                {
                    if (value is null or JsonObject { Count: 0 } or JsonArray { Count: 0 })
                        continue;
                    text.Append(name).Append(':');
                    Write(value, text);
                    text.Append(',');
                }
                text.Append('}');
                break;
            case JsonArray array:
                text.Append('[');
                foreach (var item in array)
                {
                    Write(item, text);
                    text.Append(',');
                }
                text.Append(']');
                break;
            default:
                text.Append(node?.ToJsonString(JsonFields.Plain));
                break;
        }
    }
}

using System.Globalization;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>The JSONPath that printer columns use: fields, indexes, <c>[*]</c>, quoted keys and <c>[?(@.a=="b")]</c>.</summary>
internal static class SimpleJsonPath
{
    /// <summary>What a path finds.</summary>
    public static IEnumerable<JsonNode?> Find(JsonNode? root, string path)
    {
        IEnumerable<JsonNode?> found = [root];
        var rest = path.AsSpan();
        while (!rest.IsEmpty)
        {
            if (rest[0] == '.')
            {
                rest = rest[1..];
                var end = rest.IndexOfAny('.', '[');
                var name = (end < 0 ? rest : rest[..end]).ToString().Replace("\\", "", StringComparison.Ordinal);
                rest = rest[(end < 0 ? rest.Length : end)..];
                // a dot that was escaped belongs to the name
                while (end > 0 && path[path.Length - rest.Length - 1] == '\\')
                {
                    rest = rest[1..];
                    var more = rest.IndexOfAny('.', '[');
                    name += "." + (more < 0 ? rest : rest[..more]).ToString().Replace("\\", "", StringComparison.Ordinal);
                    rest = rest[(more < 0 ? rest.Length : more)..];
                }
                if (name.Length > 0)
                    found = found.Select(n => n.At(name));
            }
            else if (rest[0] == '[')
            {
                var end = rest.IndexOf(']');
                if (end < 0)
                    return [];
                var inner = rest[1..end].ToString();
                rest = rest[(end + 1)..];
                found = Bracket(found, inner);
            }
            else
            {
                return [];
            }
        }
        return found.Where(static n => n is not null);
    }

    private static IEnumerable<JsonNode?> Bracket(IEnumerable<JsonNode?> nodes, string inner)
    {
        if (inner == "*")
            return nodes.SelectMany(static n => n as JsonArray ?? (IEnumerable<JsonNode?>)((n as JsonObject)?.Select(static p => p.Value) ?? []));
        if (int.TryParse(inner, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var index))
            return nodes.Select(n => n is JsonArray array && (index < 0 ? array.Count + index : index) is var at && at >= 0 && at < array.Count ? array[at] : null);
        if (inner.StartsWith("?(@.", StringComparison.Ordinal) && inner.IndexOf("==", StringComparison.Ordinal) is var equals and > 0)
        {
            var field = inner[4..equals].Trim();
            var value = inner[(equals + 2)..].TrimEnd(')').Trim().Trim('"', '\'');
            return nodes.SelectMany(static n => n as JsonArray ?? []).Where(i => i.At(field).AsDisplay() == value);
        }
        var name = inner.Trim('\'', '"');
        return nodes.Select(n => n.At(name));
    }
}

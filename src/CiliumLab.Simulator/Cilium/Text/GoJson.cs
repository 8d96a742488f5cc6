using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Cilium;

/// <summary>Writes JSON as Go's encoding/json does: HTML letters escaped, two blanks for each level when it is indented.</summary>
internal static class GoJson
{
    /// <summary>As json.MarshalIndent with two blanks.</summary>
    public static string Indented(JsonNode? node)
    {
        var text = new StringBuilder();
        Write(text, node, 0);
        return text.ToString();
    }

    /// <summary>As json.Marshal: in one line.</summary>
    public static string Compact(JsonNode? node)
    {
        var text = new StringBuilder();
        Write(text, node, -1);
        return text.ToString();
    }

    /// <summary>A string with its quotes.</summary>
    public static string Quote(string value)
    {
        var text = new StringBuilder("\"");
        foreach (var letter in value)
        {
            switch (letter)
            {
                case '"' or '\\':
                    text.Append('\\').Append(letter);
                    break;
                case '\n':
                    text.Append("\\n");
                    break;
                case '\r':
                    text.Append("\\r");
                    break;
                case '\t':
                    text.Append("\\t");
                    break;
                case < ' ' or '<' or '>' or '&' or '\u2028' or '\u2029':
                    text.Append(CultureInfo.InvariantCulture, $"\\u{(int)letter:x4}");
                    break;
                default:
                    text.Append(letter);
                    break;
            }
        }

        return text.Append('"').ToString();
    }

    /// <summary>A field that is there only when its value is not Go's zero value (omitempty).</summary>
    public static JsonObject With(this JsonObject obj, string name, JsonNode? value)
    {
        var empty = value switch
        {
            null => true,
            JsonValue scalar => scalar.GetValueKind() switch
            {
                JsonValueKind.False or JsonValueKind.Null => true,
                JsonValueKind.String => scalar.AsText() is "",
                JsonValueKind.Number => scalar.AsNumber() == 0,
                _ => false,
            },
            _ => false,
        };
        if (!empty)
            obj[name] = value;
        return obj;
    }

    /// <summary>An array of strings.</summary>
    public static JsonArray Array(IEnumerable<string> values) => [.. values.Select(static value => (JsonNode?)value)];

    private static void Write(StringBuilder text, JsonNode? node, int level)
    {
        switch (node)
        {
            case null:
                text.Append("null");
                break;
            case JsonObject obj:
                List(text, '{', '}', obj.ToList(), level, static (text, field, level) =>
                {
                    text.Append(Quote(field.Key)).Append(level < 0 ? ":" : ": ");
                    Write(text, field.Value, level);
                });
                break;
            case JsonArray array:
                List(text, '[', ']', array.ToList(), level, Write);
                break;
            default:
                text.Append(node.AsText() is { } value ? Quote(value) : node.ToJsonString());
                break;
        }
    }

    private static void List<T>(StringBuilder text, char open, char close, List<T> items, int level, Action<StringBuilder, T, int> write)
    {
        text.Append(open);
        for (var index = 0; index < items.Count; index++)
        {
            if (index > 0)
                text.Append(',');
            Break(text, level < 0 ? -1 : level + 1);
            write(text, items[index], level < 0 ? -1 : level + 1);
        }

        if (items.Count > 0)
            Break(text, level);
        text.Append(close);
    }

    private static void Break(StringBuilder text, int level)
    {
        if (level >= 0)
            text.Append('\n').Append(' ', 2 * level);
    }
}

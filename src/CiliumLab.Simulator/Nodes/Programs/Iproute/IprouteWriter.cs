using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Nodes.Programs.Iproute;

/// <summary>The colours of iproute2 on a dark or unknown background (lib/color.c).</summary>
internal enum IprouteColor
{
    None = 0,
    Interface = 36,
    Mac = 33,
    Inet = 35,
    Inet6 = 34,
    Up = 32,
    Down = 31,
}

/// <summary>
/// Prints as iproute2 does: one sequence of calls makes the text or the JSON, with the formats of lib/json_print.c. What is given
/// to <see cref="Text"/> is for the text alone; a member without a format is for the JSON alone.
/// </summary>
internal sealed class IprouteWriter(bool json, bool pretty, bool color)
{
    private static readonly JsonSerializerOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly StringBuilder _text = new();
    private readonly Stack<JsonNode> _open = new();
    private JsonNode? _root;

    /// <summary>Whether JSON is made.</summary>
    public bool IsJson => json;

    /// <summary>Text that JSON does not have.</summary>
    public void Text(string text, IprouteColor shade = IprouteColor.None)
    {
        if (!json)
            Append(text, shade);
    }

    /// <summary>A member of an object, and its text.</summary>
    public void Any(string key, JsonNode? value, string text, IprouteColor shade = IprouteColor.None)
    {
        if (json)
            Add(key, value);
        else
            Append(text, shade);
    }

    /// <summary>A member that the text does not have.</summary>
    public void Json(string key, JsonNode? value)
    {
        if (json)
            Add(key, value);
    }

    /// <summary>Begins an object; without a key it is an element of the array that is open.</summary>
    public void OpenObject(string? key = null) => Open(key, new JsonObject());

    /// <summary>Begins an array.</summary>
    public void OpenArray(string? key = null) => Open(key, new JsonArray());

    /// <summary>Ends the object or array that was begun last.</summary>
    public void Close()
    {
        if (json)
            _open.Pop();
    }

    /// <summary>All that was printed.</summary>
    public override string ToString()
    {
        if (!json)
            return _text.ToString();
        var result = new StringBuilder();
        if (pretty)
            Pretty(result, _root!, 1);
        else
            result.Append(_root!.ToJsonString(Plain));
        return result.Append('\n').ToString();
    }

    /// <summary>A number with two decimals, as timers are printed.</summary>
    public static JsonNode Decimal(decimal value) => JsonValue.Create(Math.Round(value, 2) + 0.00m);

    private void Append(string text, IprouteColor shade)
    {
        if (color && shade != IprouteColor.None)
            _text.Append(CultureInfo.InvariantCulture, $"\e[{(int)shade}m{text}\e[0m");
        else
            _text.Append(text);
    }

    private void Open(string? key, JsonNode node)
    {
        if (!json)
            return;
        if (_root is null)
            _root = node;
        else
            Add(key, node);
        _open.Push(node);
    }

    private void Add(string? key, JsonNode? value)
    {
        if (_open.Peek() is JsonArray array)
            array.Add(value);
        else
            ((JsonObject)_open.Peek()).Add(key!, value);
    }

    // jsonw_pretty of lib/json_writer.c: objects inside arrays stand on one line with the brackets around them.
    private static void Pretty(StringBuilder text, JsonNode? node, int depth)
    {
        switch (node)
        {
            case JsonArray { Count: 0 }:
                text.Append("[ ]");
                break;
            case JsonArray array:
                text.Append("[ ");
                for (var index = 0; index < array.Count; index++)
                {
                    if (index > 0)
                        text.Append(',');
                    Pretty(text, array[index], depth + 1);
                }

                text.Append(" ]");
                break;
            case JsonObject map:
                text.Append('{');
                var first = true;
                foreach (var (key, value) in map)
                {
                    text.Append(first ? "\n" : ",\n").Append(' ', depth * 4).Append('"').Append(key).Append("\": ");
                    Pretty(text, value, depth + 1);
                    first = false;
                }

                text.Append('\n').Append(' ', (depth - 1) * 4).Append('}');
                break;
            default:
                text.Append(node?.ToJsonString(Plain) ?? "null");
                break;
        }
    }
}

using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Cilium;

/// <summary>A template in Kubernetes' JSONPath: text, <c>{.a.b[0]}</c>, <c>{[*]}</c>, <c>{..name}</c>, filters, and <c>{range}</c> to <c>{end}</c>.</summary>
internal sealed partial class JsonPathTemplate
{
    private readonly List<(string Text, bool IsExpression)> _parts = [];

    /// <param name="template">The template.</param>
    /// <exception cref="FormatException">It is none.</exception>
    public JsonPathTemplate(string template)
    {
        var position = 0;
        while (position < template.Length)
        {
            var open = template.IndexOf('{', position);
            if (open < 0)
            {
                _parts.Add((template[position..], false));
                break;
            }

            if (open > position)
                _parts.Add((template[position..open], false));
            var close = template.IndexOf('}', open);
            if (close < 0)
                throw new FormatException("unclosed action");
            _parts.Add((template[(open + 1)..close].Trim(), true));
            position = close + 1;
        }
    }

    /// <summary>What the template makes of a document.</summary>
    /// <exception cref="FormatException">A field of it is missing.</exception>
    public string Apply(JsonNode? document)
    {
        var text = new StringBuilder();
        Apply(text, document, 0, _parts.Count);
        return text.ToString();
    }

    private void Apply(StringBuilder text, JsonNode? node, int first, int end)
    {
        for (var index = first; index < end; index++)
        {
            var (part, isExpression) = _parts[index];
            if (!isExpression)
            {
                text.Append(part);
            }
            else if (part is ['"', .., '"'])
            {
                text.Append(Regex.Unescape(part[1..^1]));
            }
            else if (part.StartsWith("range ", StringComparison.Ordinal))
            {
                var close = EndOf(index);
                foreach (var item in Select(node, part[6..].Trim()))
                    Apply(text, item, index + 1, close);
                index = close;
            }
            else if (part != "end")
            {
                text.AppendJoin(' ', Select(node, part).Select(static found => found is JsonObject or JsonArray ? GoJson.Compact(found) : found.AsDisplay()));
            }
        }
    }

    private int EndOf(int range)
    {
        var depth = 0;
        for (var index = range; index < _parts.Count; index++)
        {
            if (!_parts[index].IsExpression)
                continue;
            if (_parts[index].Text.StartsWith("range ", StringComparison.Ordinal))
                depth++;
            else if (_parts[index].Text == "end" && --depth == 0)
                return index;
        }

        throw new FormatException("unexpected end of range");
    }

    private static List<JsonNode?> Select(JsonNode? node, string path)
    {
        List<JsonNode?> found = [node];
        var rest = path.TrimStart('$', '@');
        while (rest.Length > 0)
        {
            var match = Step().Match(rest);
            if (!match.Success)
                throw new FormatException($"unrecognized character in action: {rest}");
            rest = rest[match.Length..];
            if (match.Groups["all"].Success)
                found = [.. found.SelectMany(Children)];
            else if (match.Groups["filter"].Success)
                found = [.. found.SelectMany(Children).Where(item => Fits(item, match.Groups["field"].Value, match.Groups["op"].Value, match.Groups["value"].Value))];
            else if (match.Groups["index"].Success)
                found = [.. found.OfType<JsonArray>().Where(array => array.Count > 0).Select(array => array[Index(array, int.Parse(match.Groups["index"].Value, null))])];
            else if (match.Groups["deep"].Success)
                found = [.. found.SelectMany(item => Deep(item, match.Groups["deep"].Value))];
            else
                found = [.. found.Select(item => Field(item, match.Groups["name"].Value.Replace("\\.", ".", StringComparison.Ordinal)))];
        }

        return found;
    }

    private static int Index(JsonArray array, int index) => index < -array.Count || index >= array.Count
        ? throw new FormatException($"array index out of bounds: index {index}, length {array.Count}")
        : index < 0 ? array.Count + index : index;

    private static JsonNode? Field(JsonNode? node, string name) =>
        node is JsonObject obj && obj.TryGetPropertyValue(name, out var value) ? value : throw new FormatException($"{name} is not found");

    private static IEnumerable<JsonNode?> Children(JsonNode? node) => node switch
    {
        JsonArray array => array,
        JsonObject obj => obj.Select(static field => field.Value),
        _ => [],
    };

    private static IEnumerable<JsonNode?> Deep(JsonNode? node, string name) => Children(node)
        .SelectMany(child => Deep(child, name))
        .Concat(node is JsonObject obj && obj.TryGetPropertyValue(name, out var value) ? [value] : []);

    private static bool Fits(JsonNode? item, string field, string op, string value)
    {
        var actual = field.Split('.', StringSplitOptions.RemoveEmptyEntries).Aggregate(item, static (node, name) => node.At(name));
        if (op.Length == 0)
            return actual is not null;
        var wanted = value.Trim('"', '\'');
        return (op == "==") == (actual.AsDisplay() == wanted);
    }

    [GeneratedRegex("""^(?:(?<all>\[\*\]|\.\*)|\[\?\(@(?<filter>(?<field>[^=!)\s]*)\s*(?<op>==|!=)?\s*(?<value>[^)]*))\)\]|\[(?<index>-?\d+)\]|\['(?<name>[^']+)'\]|\.\.(?<deep>[\w-]+)|\.?(?<name>(?:[\w/-]|\\\.)+))""")]
    private static partial Regex Step();
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace CiliumLab.Simulator.Charts;

/// <summary>Writes JSON as YAML the way sigs.k8s.io/yaml does: two blanks, lists level with their key, keys in order.</summary>
internal static class YamlText
{
    /// <summary>Writes a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="sort">Whether keys are sorted, as Go does with maps; templates keep theirs.</param>
    public static string Write(JsonNode? node, bool sort = true)
    {
        var text = new StringBuilder();
        switch (node)
        {
            case JsonObject { Count: > 0 } or JsonArray { Count: > 0 }:
                WriteBlock(text, node, 0, sort, atKey: false);
                break;
            default:
                text.Append(Scalar(node, 0)).Append('\n');
                break;
        }

        return text.ToString();
    }

    /// <summary>Reads one document; null for nothing.</summary>
    /// <exception cref="YamlException">It is none.</exception>
    public static JsonNode? Read(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        if (stream.Documents.Count == 0)
            return null;
        try
        {
            return RequestBody.Parse(Encoding.UTF8.GetBytes(text.TrimStart().StartsWith("---", StringComparison.Ordinal) ? text : "---\n" + text));
        }
        catch (ApiException error)
        {
            throw new YamlException(error.Message);
        }
    }

    private static void WriteBlock(StringBuilder text, JsonNode node, int indent, bool sort, bool atKey)
    {
        if (node is JsonArray list)
        {
            foreach (var item in list)
            {
                text.Append(' ', indent).Append("- ");
                WriteItem(text, item, indent + 2, sort);
            }

            return;
        }

        var first = atKey;
        IEnumerable<KeyValuePair<string, JsonNode?>> members = (JsonObject)node;
        foreach (var (key, value) in sort ? members.OrderBy(static member => member.Key, StringComparer.Ordinal) : members)
        {
            if (!first)
                text.Append(' ', indent);
            first = false;
            text.Append(Plain(key) ? key : Quote(key)).Append(':');
            switch (value)
            {
                case JsonArray { Count: > 0 }:
                    text.Append('\n');
                    WriteBlock(text, value, indent, sort, false);
                    break;
                case JsonObject { Count: > 0 }:
                    text.Append('\n');
                    WriteBlock(text, value, indent + 2, sort, false);
                    break;
                default:
                    text.Append(' ').Append(Scalar(value, indent + 2)).Append('\n');
                    break;
            }
        }
    }

    private static void WriteItem(StringBuilder text, JsonNode? item, int indent, bool sort)
    {
        switch (item)
        {
            case JsonObject { Count: > 0 }:
                WriteBlock(text, item, indent, sort, atKey: true);
                break;
            case JsonArray { Count: > 0 } inner:
                var nested = new StringBuilder();
                WriteBlock(nested, inner, indent, sort, false);
                text.Append(nested.ToString().AsSpan(indent));
                break;
            default:
                text.Append(Scalar(item, indent)).Append('\n');
                break;
        }
    }

    private static string Scalar(JsonNode? node, int indent) => node switch
    {
        null => "null",
        JsonObject => "{}",
        JsonArray => "[]",
        _ when node.GetValueKind() == JsonValueKind.String => Text(node.GetValue<string>(), indent),
        _ => node.ToJsonString(JsonFields.Plain),
    };

    private static string Text(string value, int indent)
    {
        if (value.Contains('\n', StringComparison.Ordinal) && !value.StartsWith(' ') && !value.Contains('\t', StringComparison.Ordinal))
        {
            var blanks = new string(' ', indent);
            var body = value.EndsWith('\n') ? value[..^1] : value;
            return (value.EndsWith('\n') ? "|\n" : "|-\n") + string.Join('\n', body.Split('\n').Select(line => line.Length == 0 ? "" : blanks + line));
        }

        return Plain(value) ? value : Quote(value);
    }

    private static string Quote(string value) => Resembles(value) || value.Any(static letter => letter < ' ')
        ? JsonValue.Create(value).ToJsonString(JsonFields.Plain)
        : $"'{value.Replace("'", "''", StringComparison.Ordinal)}'";

    // What a reader would take for something else than a string gets double quotes.
    private static bool Resembles(string value) => value.Length == 0
        || value is "null" or "~" or "true" or "false" or "yes" or "no" or "on" or "off" or "y" or "n" or "Y" or "N" or "True" or "False" or "Yes" or "No"
        || double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _);

    private static bool Plain(string value) => !Resembles(value)
        && !value.Any(static letter => letter < ' ')
        && "-?:,[]{}#&*!|>'\"%@` ".IndexOf(value[0], StringComparison.Ordinal) < 0
        && value[^1] is not (' ' or ':')
        && !value.Contains(": ", StringComparison.Ordinal)
        && !value.Contains(" #", StringComparison.Ordinal);
}

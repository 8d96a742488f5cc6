using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Cilium;

/// <summary>Writes YAML as sigs.k8s.io/yaml does: through JSON, keys sorted, lists not indented.</summary>
internal static partial class GoYaml
{
    /// <summary>The whole document.</summary>
    public static string Write(JsonNode? node)
    {
        var text = new StringBuilder();
        Value(text, node, 0, inList: false);
        return text.ToString().TrimStart('\n') + (text is [.., '\n'] ? "" : "\n");
    }

    private static void Value(StringBuilder text, JsonNode? node, int indent, bool inList)
    {
        switch (node)
        {
            case JsonObject { Count: > 0 } obj:
                var first = inList;
                foreach (var (key, value) in obj.OrderBy(static field => field.Key, StringComparer.Ordinal))
                {
                    if (!first)
                        text.Append('\n').Append(' ', indent);
                    first = false;
                    text.Append(Scalar(key)).Append(':');
                    if (value is JsonObject { Count: > 0 })
                        Value(text, value, indent + 2, inList: false);
                    else if (value is JsonArray { Count: > 0 })
                        Value(text, value, indent, inList: false);
                    else
                        Value(text.Append(' '), value, indent, inList: false);
                }

                break;
            case JsonArray { Count: > 0 } array:
                var isFirst = inList;
                foreach (var item in array)
                {
                    if (!isFirst)
                        text.Append('\n').Append(' ', indent);
                    isFirst = false;
                    Value(text.Append("- "), item, indent + 2, inList: true);
                }

                break;
            case JsonObject:
                text.Append("{}");
                break;
            case JsonArray:
                text.Append("[]");
                break;
            case null:
                text.Append("null");
                break;
            default:
                text.Append(node.AsText() is { } value2 ? Scalar(value2) : node.ToJsonString());
                break;
        }
    }

    private static string Scalar(string value) => Plain().IsMatch(value) && !Other().IsMatch(value) && !double.TryParse(value, CultureInfo.InvariantCulture, out _)
        ? value
        : value.Contains('\n', StringComparison.Ordinal) || value.Contains('\'', StringComparison.Ordinal) ? GoJson.Quote(value)
        : Quoted().IsMatch(value) ? $"\"{value}\"" : $"'{value}'";

    [GeneratedRegex(@"^[A-Za-z0-9_./(][^\n]*(?<!\s)$")]
    private static partial Regex Plain();

    [GeneratedRegex(@"(: |:$| #|^(true|false|yes|no|on|off|null|y|n|~)$|^\d{4}-\d\d-\d\d)", RegexOptions.IgnoreCase)]
    private static partial Regex Other();

    // go-yaml puts what would be read as another type into double quotes, and what has YAML's own letters into single ones.
    [GeneratedRegex(@"^$|^(true|false|yes|no|on|off|null|y|n|~)$|^[-+.\d][-+.\d_eEx:TZ]*$", RegexOptions.IgnoreCase)]
    private static partial Regex Quoted();
}

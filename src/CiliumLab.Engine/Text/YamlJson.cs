using System.Globalization;
using System.Text.Json.Nodes;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace CiliumLab.Engine.Text;

/// <summary>YAML as the JSON that Kubernetes and Helm make of it: plain scalars get the type that they look like.</summary>
internal static class YamlJson
{
    /// <summary>Reads the first document; null for none.</summary>
    /// <exception cref="YamlException">It is not YAML.</exception>
    public static JsonNode? Read(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents.Count == 0 ? null : Convert(stream.Documents[0].RootNode);
    }

    /// <summary>Reads all documents; empty ones are left out.</summary>
    /// <exception cref="YamlException">It is not YAML.</exception>
    public static IEnumerable<JsonNode> ReadAll(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents.Select(document => Convert(document.RootNode)).OfType<JsonNode>();
    }

    private static JsonNode? Convert(YamlNode node) => node switch
    {
        YamlMappingNode map => new JsonObject(map.Children.Select(static p => KeyValuePair.Create(p.Key.ToString(), Convert(p.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Convert)]),
        YamlScalarNode { Style: not ScalarStyle.Plain } quoted => quoted.Value,
        YamlScalarNode scalar => scalar.Value switch
        {
            null or "" or "~" or "null" => null,
            "true" or "True" or "yes" or "on" => true,
            "false" or "False" or "no" or "off" => false,
            var value when long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var whole) => whole,
            var value when double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var real) && double.IsFinite(real) => real,
            var value => value,
        },
        _ => null,
    };
}

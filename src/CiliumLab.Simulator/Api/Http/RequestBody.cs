using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace CiliumLab.Simulator.Api;

/// <summary>Reads bodies: JSON, and YAML where a client prefers it.</summary>
internal static class RequestBody
{
    /// <summary>The body as bytes.</summary>
    public static async Task<byte[]> ReadAsync(HttpContext context)
    {
        using var buffer = new MemoryStream();
        await context.Request.Body.CopyToAsync(buffer, context.RequestAborted).ConfigureAwait(false);
        return buffer.ToArray();
    }

    /// <summary>The body as an object.</summary>
    public static async Task<JsonObject> ReadObjectAsync(HttpContext context)
    {
        var body = await ReadAsync(context).ConfigureAwait(false);
        return context.Request.ContentType is { } type && type.Contains("protobuf", StringComparison.Ordinal) && body.Length > 0
            ? ProtobufObject.Read(body)
            : ParseObject(body);
    }

    /// <summary>JSON or YAML as an object.</summary>
    public static JsonObject ParseObject(byte[] body) => Parse(body) as JsonObject
        ?? throw ApiException.BadRequest("the object provided is unrecognized (must be of type object)");

    /// <summary>JSON or YAML.</summary>
    public static JsonNode? Parse(byte[] body)
    {
        var text = Encoding.UTF8.GetString(body).TrimStart();
        try
        {
            return text.Length == 0 || text[0] is '{' or '[' ? JsonNode.Parse(text.Length == 0 ? "{}" : text) : FromYaml(text);
        }
        catch (JsonException error)
        {
            throw ApiException.BadRequest($"error decoding the request: {error.Message}");
        }
        catch (YamlException error)
        {
            throw ApiException.BadRequest($"error converting YAML to JSON: yaml: {error.Message}");
        }
    }

    private static JsonNode? FromYaml(string text)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(text));
        return stream.Documents.Count == 0 ? null : Convert(stream.Documents[0].RootNode);
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

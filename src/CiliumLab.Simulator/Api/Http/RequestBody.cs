using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CiliumLab.Engine.Text;
using Microsoft.AspNetCore.Http;
using YamlDotNet.Core;

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
            return text.Length == 0 || text[0] is '{' or '[' ? JsonNode.Parse(text.Length == 0 ? "{}" : text) : YamlJson.Read(text);
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
}

using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace CiliumLab.Simulator.Api;

/// <summary>Writes answers.</summary>
internal static class ApiReply
{
    /// <summary>Answers with JSON.</summary>
    public static Task WriteJsonAsync(this HttpContext context, int code, JsonNode body) => context.WriteBytesAsync(code, body.ToUtf8(), "application/json");

    /// <summary>Answers with a refusal.</summary>
    public static Task WriteErrorAsync(this HttpContext context, ApiException error)
    {
        if (context.Response.HasStarted)
        {
            context.Abort();
            return Task.CompletedTask;
        }
        if (error.RetryAfter is { } seconds)
            context.Response.Headers.RetryAfter = seconds.ToString(null, null);
        return context.WriteJsonAsync(error.Code, error.ToStatus());
    }

    /// <summary>Answers with text.</summary>
    public static Task WriteTextAsync(this HttpContext context, int code, string text) =>
        context.WriteBytesAsync(code, System.Text.Encoding.UTF8.GetBytes(text), "text/plain; charset=utf-8");

    /// <summary>Answers with bytes.</summary>
    public static async Task WriteBytesAsync(this HttpContext context, int code, ReadOnlyMemory<byte> body, string contentType)
    {
        context.Response.StatusCode = code;
        context.Response.ContentType = contentType;
        context.Response.Headers.CacheControl = "no-cache, private";
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Adds a Warning header, which kubectl shows.</summary>
    public static void Warn(this HttpContext context, string text) =>
        context.Response.Headers.Append("Warning", $"299 - \"{text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)}\"");
}

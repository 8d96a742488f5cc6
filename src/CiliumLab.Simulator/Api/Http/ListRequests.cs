using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>Lists and watches.</summary>
internal sealed class ListRequests(ApiServer server)
{
    private const string TooOldToContinue =
        "The provided continue parameter is too old to display a consistent list result. You can start a new list without the continue parameter.";

    /// <summary>Answers a GET of a collection.</summary>
    public async Task AnswerAsync(ObjectRequest request, ApiFault? fault)
    {
        if (request.Query("watch") is "true" or "1")
        {
            await new WatchRequest(server, request, fault).RunAsync().ConfigureAwait(false);
            return;
        }
        if (request.Query("sendInitialEvents") is { Length: > 0 })
            throw Invalid(static e => e.Forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list"));
        var match = request.Query("resourceVersionMatch");
        if (match is { Length: > 0 } and not ("Exact" or "NotOlderThan"))
            throw Invalid(e => e.NotSupported("resourceVersionMatch", match, "Exact", "NotOlderThan", ""));
        if (match is { Length: > 0 } && request.Query("resourceVersion") is null or "")
            throw Invalid(static e => e.Forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden unless resourceVersion is provided"));
        var (start, at) = Continue(request);
        var list = Select(request, at ?? (match == "Exact" ? Version(request) : null), at is not null);
        if (match != "Exact" && at is null && Version(request) is { } least && least > list.ResourceVersion)
            request.Store.ListAt(request.Stored, least, null, null, null);
        var items = start is null ? list.Items : [.. list.Items.Where(i => string.CompareOrdinal(i.Key, start) > 0)];
        var limit = int.TryParse(request.Query("limit"), NumberStyles.None, CultureInfo.InvariantCulture, out var wanted) && wanted > 0 ? wanted : int.MaxValue;
        string? token = null;
        var remaining = items.Count - limit;
        if (remaining > 0)
        {
            items = [.. items.Take(limit)];
            var json = new JsonObject { ["v"] = "meta.k8s.io/v1", ["rv"] = list.ResourceVersion, ["start"] = items[^1].Key };
            token = Convert.ToBase64String(json.ToUtf8()).TrimEnd('=').Replace('+', '-').Replace('/', '_');
        }
        await WriteListAsync(request, new(list.ResourceVersion, items), token, Math.Max(remaining, 0)).ConfigureAwait(false);
    }

    /// <summary>What the request's path and selectors select.</summary>
    public static ObjectList Select(ObjectRequest request, long? at = null, bool continued = false)
    {
        var labels = LabelSelector.Parse(request.Query("labelSelector"));
        var fields = FieldSelector.Parse(request.Query("fieldSelector"), request.Stored);
        if (at is null)
            return request.Store.List(request.Stored, request.Path.Namespace, labels, fields);
        try
        {
            return request.Store.ListAt(request.Stored, at.Value, request.Path.Namespace, labels, fields);
        }
        catch (ApiException error) when (error.Code == 410 && continued)
        {
            throw ApiException.Expired(TooOldToContinue);
        }
    }

    /// <summary>Writes a list.</summary>
    public static async Task WriteListAsync(ObjectRequest request, ObjectList list, string? token, int remaining)
    {
        var metadata = new JsonObject { ["resourceVersion"] = list.ResourceVersion.ToString(CultureInfo.InvariantCulture) };
        if (token is not null)
            metadata["continue"] = token;
        if (remaining > 0 && request.Query("labelSelector") is null or "" && request.Query("fieldSelector") is null or "")
            metadata["remainingItemCount"] = remaining;
        using var body = new MemoryStream();
        await request.Representation.WriteListAsync(body, list.Items, metadata, request.Context.RequestAborted).ConfigureAwait(false);
        await request.Context.WriteBytesAsync(200, body.GetBuffer().AsMemory(0, (int)body.Length), request.Representation.ContentType).ConfigureAwait(false);
    }

    private static (string? Start, long? At) Continue(ObjectRequest request)
    {
        if (request.Query("continue") is not { Length: > 0 } token)
            return (null, null);
        if (request.Query("resourceVersion") is { Length: > 0 } and not "0")
            throw ApiException.BadRequest("specifying resource version is not allowed when using continue");
        try
        {
            var padded = token.Replace('-', '+').Replace('_', '/');
            padded = padded.PadRight((padded.Length + 3) / 4 * 4, '=');
            var json = JsonNode.Parse(Encoding.UTF8.GetString(Convert.FromBase64String(padded)));
            return (json.Text("start"), json.Number("rv"));
        }
        catch (Exception error) when (error is FormatException or JsonException)
        {
            throw ApiException.BadRequest($"continue key is not valid: {error.Message}");
        }
    }

    private static long? Version(ObjectRequest request) => request.Query("resourceVersion") switch
    {
        null or "" or "0" => null,
        var text when long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version) => version,
        var text => throw ApiException.BadRequest($"resourceVersion: Invalid value: \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax"),
    };

    private static ApiException Invalid(Action<FieldErrors> find) => ApiException.InvalidOptions("ListOptions", FieldErrors.Of(find));
}

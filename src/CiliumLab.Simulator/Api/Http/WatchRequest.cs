using System.Globalization;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>
/// One watch. Its time limit and its bookmarks go by the machine's clock, not by the lab's: they concern the connection of a real client.
/// </summary>
internal sealed class WatchRequest(ApiServer server, ObjectRequest request, ApiFault? fault)
{
    private static readonly TimeSpan BookmarkInterval = TimeSpan.FromMinutes(1);

    private readonly LabelSelector _labels = LabelSelector.Parse(request.Query("labelSelector"));
    private readonly FieldSelector _fields = FieldSelector.Parse(request.Query("fieldSelector"), request.Stored);
    private readonly bool _bookmarks = request.Query("allowWatchBookmarks") is "true" or "1";
    private int _sent;

    /// <summary>Sends changes until the time is up, the client goes, or the server stops.</summary>
    public async Task RunAsync()
    {
        var context = request.Context;
        var (since, streamsList) = Start();
        ChangeReader reader;
        IReadOnlyList<StoredObject> present;
        try
        {
            reader = request.Store.OpenWatch(request.Stored, request.Path.Namespace, since, out present);
        }
        catch (ApiException error) when (error.Code == 410)
        {
            // upstream begins the stream and reports inside it
            await BeginAsync().ConfigureAwait(false);
            await SendErrorAsync(error, context.RequestAborted).ConfigureAwait(false);
            return;
        }
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, server.Stopping);
        end.CancelAfter(TimeLimit());
        await BeginAsync().ConfigureAwait(false);
        try
        {
            foreach (var obj in present.Where(IsMine))
                await SendAsync("ADDED", obj, end.Token).ConfigureAwait(false);
            if (streamsList && _bookmarks)
                await SendBookmarkAsync(reader.StartedAt, true, end.Token).ConfigureAwait(false);
            await context.Response.Body.FlushAsync(end.Token).ConfigureAwait(false);
            await FollowAsync(reader, end.Token).ConfigureAwait(false);
        }
        catch (ApiException error)
        {
            await SendErrorAsync(error, context.RequestAborted).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            // the time is up: the stream ends as it should
        }
    }

    private async Task FollowAsync(ChangeReader reader, CancellationToken end)
    {
        var store = request.Store;
        while (true)
        {
            // read the count first: whatever is read afterwards is at least as new
            var version = store.ResourceVersion;
            var changes = reader.Read(out var more);
            foreach (var change in changes)
                await SendAsync(change, end).ConfigureAwait(false);
            if (changes.Count > 0)
            {
                await request.Context.Response.Body.FlushAsync(end).ConfigureAwait(false);
                continue;
            }
            if (!_bookmarks)
            {
                await more.WaitAsync(end).ConfigureAwait(false);
                continue;
            }
            try
            {
                await more.WaitAsync(BookmarkInterval, end).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                await SendBookmarkAsync(version, false, end).ConfigureAwait(false);
                await request.Context.Response.Body.FlushAsync(end).ConfigureAwait(false);
            }
        }
    }

    private (long? Since, bool StreamsList) Start()
    {
        var text = request.Query("resourceVersion");
        var initial = request.Query("sendInitialEvents");
        var match = request.Query("resourceVersionMatch");
        if (initial is { Length: > 0 } && match != "NotOlderThan")
            throw Invalid(static e => e.Forbidden("resourceVersionMatch", "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"));
        if (initial is null or "" && match is { Length: > 0 })
            throw Invalid(static e => e.Forbidden("resourceVersionMatch", "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"));
        if (initial == "true")
            return (null, true);
        if (text is null or "" or "0")
            return initial == "false" ? (request.Store.ResourceVersion, false) : (null, false);
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? (version, false)
            : throw ApiException.BadRequest($"resourceVersion: Invalid value: \"{text}\": strconv.ParseUint: parsing \"{text}\": invalid syntax");
    }

    private TimeSpan TimeLimit()
    {
        if (int.TryParse(request.Query("timeoutSeconds"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds > 0)
            return TimeSpan.FromSeconds(seconds);
        // upstream spreads the ends of watches over half an hour to an hour
        return TimeSpan.FromMinutes(30 + Random.Shared.Next(30));
    }

    private async Task BeginAsync()
    {
        _ = request.Representation;
        var response = request.Context.Response;
        response.StatusCode = 200;
        response.ContentType = request.Representation.ContentType;
        response.Headers.CacheControl = "no-cache, private";
        await response.Body.FlushAsync(request.Context.RequestAborted).ConfigureAwait(false);
    }

    private bool IsMine(StoredObject obj) =>
        (request.Path.Name is null || obj.Name == request.Path.Name) && _labels.Matches(obj.Labels) && _fields.Matches(obj);

    private Task SendAsync(ResourceEvent change, CancellationToken end)
    {
        var was = change.Previous is { } previous && IsMine(previous);
        var isNow = change.Type != ResourceEventType.Deleted && IsMine(change.Object);
        return (was, isNow) switch
        {
            (false, true) => SendAsync("ADDED", change.Object, end),
            (true, true) => SendAsync("MODIFIED", change.Object, end),
            // an object that is selected no longer is gone for this watch
            (true, false) => SendAsync("DELETED", change.Object, end),
            _ => Task.CompletedTask,
        };
    }

    private async Task SendAsync(string type, StoredObject obj, CancellationToken end)
    {
        if (fault?.CutWatchAfter is { } most && _sent >= most)
        {
            // a reset can overtake what was sent: give that a moment to arrive
            await request.Context.Response.Body.FlushAsync(end).ConfigureAwait(false);
            await Task.Delay(TimeSpan.FromMilliseconds(50), TimeProvider.System, end).ConfigureAwait(false);
            request.Context.Abort();
            throw new OperationCanceledException();
        }
        var body = request.Context.Response.Body;
        await body.WriteAsync(System.Text.Encoding.UTF8.GetBytes($"{{\"type\":\"{type}\",\"object\":"), end).ConfigureAwait(false);
        await body.WriteAsync(request.Representation.Event(obj, _sent == 0), end).ConfigureAwait(false);
        await body.WriteAsync("}\n"u8.ToArray(), end).ConfigureAwait(false);
        _sent++;
    }

    private Task SendBookmarkAsync(long version, bool endsInitialEvents, CancellationToken end) =>
        SendLineAsync("BOOKMARK", request.Representation.Bookmark(version, endsInitialEvents), end);

    private async Task SendErrorAsync(ApiException error, CancellationToken end)
    {
        await SendLineAsync("ERROR", error.ToStatus(), end).ConfigureAwait(false);
        await request.Context.Response.Body.FlushAsync(end).ConfigureAwait(false);
    }

    private async Task SendLineAsync(string type, JsonObject obj, CancellationToken end)
    {
        var line = new JsonObject { ["type"] = type, ["object"] = obj }.ToUtf8();
        await request.Context.Response.Body.WriteAsync(line, end).ConfigureAwait(false);
        await request.Context.Response.Body.WriteAsync("\n"u8.ToArray(), end).ConfigureAwait(false);
    }

    private static ApiException Invalid(Action<FieldErrors> find) => ApiException.InvalidOptions("ListOptions", FieldErrors.Of(find));
}

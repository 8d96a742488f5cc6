using System.Text.Json;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace CiliumLab.Simulator.Api;

/// <summary>Takes every request: who sent it, whether a fault is to happen, and who answers it.</summary>
internal sealed class ApiRequests(ApiServer server)
{
    private readonly Discovery _discovery = new(server.Store);
    private readonly OpenApi _openApi = new(server.Store);
    private readonly ObjectRequests _objects = new(server);
    private readonly AccessReviews _reviews = new(server.Access, server.Authentication);

    /// <summary>Answers a request.</summary>
    public async Task HandleAsync(HttpContext context)
    {
        context.Response.Headers["Audit-Id"] = Guid.NewGuid().ToString();
        try
        {
            await AnswerAsync(context).ConfigureAwait(false);
        }
        catch (ApiException error)
        {
            await context.WriteErrorAsync(error).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // the client went away, or the server stops
            context.Abort();
        }
        catch (Exception error) when (error is IOException or ConnectionResetException)
        {
            context.Abort();
        }
        catch (Exception error) when (error is JsonException or FormatException or InvalidOperationException)
        {
            await context.WriteErrorAsync(ApiException.BadRequest(error.Message)).ConfigureAwait(false);
        }
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value?.TrimEnd('/') ?? "";
        if (path is "/healthz" or "/livez" or "/readyz" or "/version" || path.StartsWith("/healthz/", StringComparison.Ordinal)
            || path.StartsWith("/livez/", StringComparison.Ordinal) || path.StartsWith("/readyz/", StringComparison.Ordinal))
        {
            await OpenAsync(context, path).ConfigureAwait(false);
            return;
        }
        var user = server.Authentication.Of(context)
            ?? throw new ApiException(401, "Unauthorized", "Unauthorized");
        var fault = server.Interceptor?.Before(new(context.Request.Method, path, context.Request.QueryString.Value ?? "", user.Name));
        if (fault is not null)
            await SufferAsync(context, fault).ConfigureAwait(false);
        user = Impersonation.Of(context, user, server.Access);
        var target = RequestPath.Parse(path);
        var request = AccessRequest.Of(
            context.Request.Method, path.Length == 0 ? "/" : path, target, context.Request.Query["watch"].ToString() is "true" or "1", context.Request.Query["fieldSelector"]);
        if (server.Access.Allow(user, request) is null)
            throw request.Refuse(user);
        if (_discovery.Answer(context, path) is { } document)
        {
            await document.ConfigureAwait(false);
            return;
        }
        if (path.StartsWith("/openapi/", StringComparison.Ordinal))
        {
            await _openApi.AnswerAsync(context, path).ConfigureAwait(false);
            return;
        }
        if (target is null)
            throw ApiException.NoSuchResource();
        if (AccessReviews.Answers(target))
            await _reviews.AnswerAsync(context, target, user).ConfigureAwait(false);
        else
            await _objects.AnswerAsync(context, target, user, fault).ConfigureAwait(false);
    }

    private async Task SufferAsync(HttpContext context, ApiFault fault)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, server.Stopping);
        if (fault.Delay > TimeSpan.Zero)
            await Task.Delay(fault.Delay, TimeProvider.System, end.Token).ConfigureAwait(false);
        if (fault.Hang)
            await Task.Delay(Timeout.Infinite, end.Token).ConfigureAwait(false);
        if (fault.Answer is { } answer)
            throw answer;
    }

    private Task OpenAsync(HttpContext context, string path)
    {
        if (path == "/version")
            return context.WriteJsonAsync(200, Discovery.Version(server.Store.Settings));
        string[] checks = ["ping", "log", "etcd", "poststarthook/start-apiextensions-informers", "poststarthook/crd-informer-synced", "informer-sync"];
        var verbose = context.Request.Query.ContainsKey("verbose");
        var parts = path.Split('/', 3, StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length > 1)
            return checks.Contains(string.Join('/', parts[1..])) ? context.WriteTextAsync(200, "ok") : throw ApiException.NoSuchResource();
        if (!verbose)
            return context.WriteTextAsync(200, "ok");
        return context.WriteTextAsync(200, string.Concat(checks.Select(static c => $"[+]{c} ok\n")) + $"{parts[0]} check passed\n");
    }
}

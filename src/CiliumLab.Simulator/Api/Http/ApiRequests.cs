using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;

namespace CiliumLab.Simulator.Api;

/// <summary>Takes every request: who sent it, whether a fault is to happen, and who answers it.</summary>
internal sealed class ApiRequests(ApiServer server)
{
    private readonly Discovery _discovery = new(server.Store);
    private readonly OpenApi _openApi = new(server.Store);
    private readonly ObjectRequests _objects = new(server);

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
        var target = RequestPath.Parse(path) ?? throw ApiException.NoSuchResource();
        if (AccessReviews.Answers(target))
            await AccessReviews.AnswerAsync(context, target, user).ConfigureAwait(false);
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

/// <summary>Answers to "may I": whoever has a certificate or a token of this lab may do everything in it.</summary>
internal static class AccessReviews
{
    /// <summary>Whether a path is one of the reviews.</summary>
    public static bool Answers(RequestPath path) => path.Version == "v1" && path.Resource switch
    {
        "selfsubjectaccessreviews" or "selfsubjectrulesreviews" or "subjectaccessreviews" or "localsubjectaccessreviews" => path.Group == "authorization.k8s.io",
        "selfsubjectreviews" => path.Group == "authentication.k8s.io",
        _ => false,
    };

    /// <summary>Answers a review.</summary>
    public static async Task AnswerAsync(HttpContext context, RequestPath path, ApiUser user)
    {
        if (context.Request.Method != "POST")
            throw ApiException.MethodNotAllowed();
        var review = await RequestBody.ReadObjectAsync(context).ConfigureAwait(false);
        review["status"] = path.Resource switch
        {
            "selfsubjectreviews" => new JsonObject
            {
                ["userInfo"] = new JsonObject
                {
                    ["username"] = user.Name,
                    ["groups"] = new JsonArray([.. user.Groups.Select(static g => (JsonNode)g)]),
                },
            },
            "selfsubjectrulesreviews" => new JsonObject
            {
                ["resourceRules"] = new JsonArray(Rule("apiGroups", "resources")),
                ["nonResourceRules"] = new JsonArray(Rule("nonResourceURLs")),
                ["incomplete"] = false,
            },
            _ => new JsonObject { ["allowed"] = true },
        };
        review.Default("kind", path.Resource switch
        {
            "selfsubjectreviews" => "SelfSubjectReview",
            "selfsubjectrulesreviews" => "SelfSubjectRulesReview",
            "selfsubjectaccessreviews" => "SelfSubjectAccessReview",
            "subjectaccessreviews" => "SubjectAccessReview",
            _ => "LocalSubjectAccessReview",
        });
        review["apiVersion"] = $"{path.Group}/{path.Version}";
        review.Ensure("metadata")["creationTimestamp"] = null;
        await context.WriteJsonAsync(201, review).ConfigureAwait(false);
    }

    private static JsonObject Rule(params ReadOnlySpan<string> scopes)
    {
        var rule = new JsonObject { ["verbs"] = new JsonArray("*") };
        foreach (var scope in scopes)
            rule[scope] = new JsonArray("*");
        return rule;
    }
}

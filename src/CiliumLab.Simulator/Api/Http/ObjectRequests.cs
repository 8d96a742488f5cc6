using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace CiliumLab.Simulator.Api;

/// <summary>Answers requests for stored objects: decides the verb, checks what was sent, and writes what came of it.</summary>
internal sealed class ObjectRequests(ApiServer server)
{
    private readonly ListRequests _lists = new(server);
    private readonly PatchRequests _patches = new(server.Store);
    private readonly PodRequests _pods = new(server);

    private ObjectStore Store => server.Store;

    /// <summary>Answers a request.</summary>
    public async Task AnswerAsync(HttpContext context, RequestPath path, ApiUser user, ApiFault? fault)
    {
        if (Store.Catalog.Find(path.Group, path.Version, path.Resource) is not { } type)
        {
            if (Store.Catalog.Types.Any(t => t.Group == path.Group && t.Versions.Contains(path.Version)))
                throw ApiException.NoSuchResource();
            // nobody serves the group: the answer is no object
            await context.WriteTextAsync(404, "404 page not found\n").ConfigureAwait(false);
            return;
        }
        var request = new ObjectRequest(context, path, type, user, Store);
        if (type.Namespaced && path.Namespace is null && path.Name is not null)
            throw ApiException.NoSuchResource();
        if (!type.Namespaced && path.Namespace is not null)
            throw ApiException.NoSuchResource();
        if (type == ResourceTypes.Endpoints)
            context.Warn("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice");
        if (path.Name is null)
            await CollectionAsync(request, fault).ConfigureAwait(false);
        else if (path.Subresource is null)
            await ObjectAsync(request, fault).ConfigureAwait(false);
        else if (await _pods.TryAnswerAsync(request, fault).ConfigureAwait(false))
            return;
        else
            await SubresourceAsync(request).ConfigureAwait(false);
    }

    private Task CollectionAsync(ObjectRequest request, ApiFault? fault) => request.Method switch
    {
        "GET" => _lists.AnswerAsync(request, fault),
        "POST" => CreateAsync(request),
        "DELETE" => DeleteCollectionAsync(request),
        _ => throw ApiException.MethodNotAllowed(),
    };

    private Task ObjectAsync(ObjectRequest request, ApiFault? fault) => request.Method switch
    {
        "GET" when request.Query("watch") is "true" or "1" => _lists.AnswerAsync(request, fault),
        "GET" => request.WriteAsync(200, Store.Get(request.Stored, request.Path.Namespace, request.Path.Name!)),
        "PUT" => UpdateAsync(request),
        "PATCH" => _patches.AnswerAsync(request),
        "DELETE" => DeleteAsync(request),
        _ => throw ApiException.MethodNotAllowed(),
    };

    private Task SubresourceAsync(ObjectRequest request)
    {
        switch (request.Path.Subresource)
        {
            case "status" when request.Type.HasStatus:
                return request.Method == "POST" || request.Method == "DELETE" ? throw ApiException.MethodNotAllowed() : ObjectAsync(request, null);
            case "scale" when request.Type.Scale is not null:
                return ScaleAsync(request);
            case "finalize" when request.Type == ResourceTypes.Namespaces && request.Method == "PUT":
                return UpdateAsync(request);
            case "ephemeralcontainers" or "resize" when request.Type == ResourceTypes.Pods:
                return ObjectAsync(request, null);
            case "token" when request.Type == ResourceTypes.ServiceAccounts && request.Method == "POST":
                return TokenAsync(request);
            default:
                throw ApiException.NoSuchResource();
        }
    }

    private async Task CreateAsync(ObjectRequest request)
    {
        var obj = await request.ReadObjectAsync().ConfigureAwait(false);
        if (request.Type.Namespaced)
        {
            var ns = request.Path.Namespace ?? obj.Text("metadata", "namespace") ?? "default";
            if (obj.Text("metadata", "namespace") is { Length: > 0 } given && given != ns)
                throw ApiException.BadRequest("the namespace of the provided object does not match the namespace sent on the request");
            obj.Ensure("metadata")["namespace"] = ns;
        }
        var created = Store.Create(request.Stored, request.ToStored(obj), request.WriteOptions());
        await request.WriteAsync(201, created).ConfigureAwait(false);
    }

    private async Task UpdateAsync(ObjectRequest request)
    {
        var obj = await request.ReadObjectAsync().ConfigureAwait(false);
        var metadata = obj.Ensure("metadata");
        if (metadata.Text("name") is { Length: > 0 } name && name != request.Path.Name)
        {
            throw ApiException.BadRequest(
                $"the name of the object ({name}) does not match the name on the URL ({request.Path.Name})");
        }
        if (metadata.Text("namespace") is { Length: > 0 } ns && request.Path.Namespace is { } expected && ns != expected)
            throw ApiException.BadRequest($"the namespace of the object ({ns}) does not match the namespace on the request ({expected})");
        metadata["name"] = request.Path.Name;
        if (request.Path.Namespace is not null)
            metadata["namespace"] = request.Path.Namespace;
        var updated = Store.Update(request.Stored, request.ToStored(obj), request.WriteOptions());
        await request.WriteAsync(200, updated).ConfigureAwait(false);
    }

    private async Task DeleteAsync(ObjectRequest request)
    {
        var options = await request.ReadDeleteOptionsAsync().ConfigureAwait(false);
        var result = Store.Delete(request.Stored, request.Path.Namespace, request.Path.Name!, options);
        if (!result.Gone || request.Type.ReturnsDeleted)
        {
            await request.WriteAsync(200, result.Object).ConfigureAwait(false);
            return;
        }
        var details = ApiException.About(request.Type, result.Object.Name);
        details["uid"] = result.Object.Uid;
        await request.Context.WriteJsonAsync(200, new JsonObject
        {
            ["kind"] = "Status",
            ["apiVersion"] = "v1",
            ["metadata"] = new JsonObject(),
            ["status"] = "Success",
            ["details"] = details,
        }).ConfigureAwait(false);
    }

    private async Task DeleteCollectionAsync(ObjectRequest request)
    {
        var options = await request.ReadDeleteOptionsAsync().ConfigureAwait(false);
        var selected = ListRequests.Select(request);
        foreach (var item in selected.Items)
        {
            try
            {
                Store.Delete(request.Stored, item.Namespace, item.Name, options);
            }
            catch (ApiException error) when (error.Code == 404)
            {
                // somebody else was quicker
            }
        }
        await ListRequests.WriteListAsync(request, selected, null, 0).ConfigureAwait(false);
    }

    private async Task ScaleAsync(ObjectRequest request)
    {
        var current = Store.Get(request.Stored, request.Path.Namespace, request.Path.Name!);
        if (request.Method == "GET")
        {
            await request.Context.WriteJsonAsync(200, ScaleView.Of(current)).ConfigureAwait(false);
            return;
        }
        if (request.Method is not ("PUT" or "PATCH"))
            throw ApiException.MethodNotAllowed();
        var body = await RequestBody.ReadAsync(request.Context).ConfigureAwait(false);
        var updated = Store.Edit(request.Stored, request.Path.Namespace, request.Path.Name!, obj =>
        {
            var view = ScaleView.Of(new StoredObject(request.Stored, obj.Copy(), current.ResourceVersion));
            var next = request.Method == "PUT" ? RequestBody.ParseObject(body) : PatchRequests.ApplyPlain(request, view, body, FieldSchema.Unknown);
            ScaleView.Write(obj, next, request.Stored);
        }, request.WriteOptions() with { Subresource = "scale" });
        await request.Context.WriteJsonAsync(200, ScaleView.Of(updated)).ConfigureAwait(false);
    }

    private async Task TokenAsync(ObjectRequest request)
    {
        var account = Store.Get(request.Stored, request.Path.Namespace, request.Path.Name!);
        var body = await RequestBody.ReadObjectAsync(request.Context).ConfigureAwait(false);
        var seconds = body.Number("spec", "expirationSeconds") ?? 3600;
        if (seconds < 600)
        {
            throw ApiException.Invalid("authentication.k8s.io", "TokenRequest", "",
                FieldErrors.Of(e => e.Invalid("spec.expirationSeconds", seconds, "may not specify a duration less than 10 minutes")));
        }
        body["kind"] = "TokenRequest";
        body["apiVersion"] = "authentication.k8s.io/v1";
        var expires = Store.Clock.GetUtcNow().AddSeconds(seconds);
        body["status"] = new JsonObject
        {
            ["token"] = server.Authentication.ServiceAccounts.Issue(account, [.. body.Texts("spec", "audiences")], expires),
            ["expirationTimestamp"] = ObjectStore.Time(expires),
        };
        await request.Context.WriteJsonAsync(201, body).ConfigureAwait(false);
    }
}

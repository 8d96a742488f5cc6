using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>The four kinds of patches.</summary>
internal sealed class PatchRequests(ObjectStore store)
{
    private const string Accepted = "application/json-patch+json, application/merge-patch+json, application/apply-patch+yaml";

    /// <summary>Answers a PATCH of an object or its status.</summary>
    public async Task AnswerAsync(ObjectRequest request)
    {
        var body = await RequestBody.ReadAsync(request.Context).ConfigureAwait(false);
        if (MediaType(request).StartsWith("application/apply-patch", StringComparison.Ordinal))
        {
            await ApplyAsync(request, body).ConfigureAwait(false);
            return;
        }
        if (request.Query("force") is { Length: > 0 })
            throw ApiException.InvalidOptions("PatchOptions", FieldErrors.Of(static e => e.Forbidden("force", "may not be specified for non-apply patch")));
        var schema = store.Catalog.SchemaOf(request.Stored);
        var updated = store.Transform(request.Stored, request.Path.Namespace, request.Path.Name!, live =>
        {
            if (live is null)
                throw ApiException.NotFound(request.Type, request.Path.Name!);
            var version = live.Text("metadata", "resourceVersion");
            var next = ApplyPlain(request, request.Type == ResourceTypes.NewEvents ? EventConversion.ToNew(live) : live, body, schema);
            request.CheckFields(next, why => new ApiException(422, "Invalid", $" \"\" is invalid: patch: Invalid value: {JsonValue.Create(System.Text.Encoding.UTF8.GetString(body)).ToJsonString(JsonFields.Plain)}: {why}")
            {
                Details = new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["reason"] = "FieldValueInvalid", ["message"] = why, ["field"] = "patch" }) },
            });
            if (next.Text("metadata", "name") != request.Path.Name)
                throw ApiException.BadRequest($"the name of the object ({next.Text("metadata", "name")}) does not match the name on the URL ({request.Path.Name})");
            if (next.Text("metadata", "resourceVersion") is { Length: > 0 } given && given != version)
                throw ApiException.Stale(request.Type, request.Path.Name!);
            // a patch changes what it found; the version is its own business only when it names one
            next.Ensure("metadata")["resourceVersion"] = version;
            return request.ToStored(next);
        }, request.WriteOptions(), tracked: false, out _);
        await request.WriteAsync(200, updated).ConfigureAwait(false);
    }

    /// <summary>Applies a patch of any kind but server-side apply.</summary>
    public static JsonObject ApplyPlain(ObjectRequest request, JsonObject target, byte[] body, FieldSchema schema)
    {
        switch (MediaType(request))
        {
            case "application/json-patch+json":
                return JsonPatch.Apply(target, RequestBody.Parse(body) as JsonArray
                    ?? throw ApiException.BadRequest("error decoding patch: json: cannot unmarshal object into Go value of type jsonpatch.Patch"));
            case "application/merge-patch+json":
                return MergePatch.Apply(target, RequestBody.ParseObject(body));
            case "application/strategic-merge-patch+json" when request.Type.Custom is null:
                return StrategicMergePatch.Apply(target, RequestBody.ParseObject(body), schema);
            default:
                throw ApiException.UnsupportedMediaType(request.Type.Custom is null ? Accepted.Replace("application/merge-patch+json, ", "application/merge-patch+json, application/strategic-merge-patch+json, ", StringComparison.Ordinal) : Accepted);
        }
    }

    private static string MediaType(ObjectRequest request) => (request.Context.Request.ContentType ?? "").Split(';')[0].Trim();

    private async Task ApplyAsync(ObjectRequest request, byte[] body)
    {
        var options = request.WriteOptions();
        if (request.Query("fieldManager") is not { Length: > 0 })
            throw ApiException.InvalidOptions("PatchOptions", FieldErrors.Of(static e => e.Required("fieldManager", "is required for apply patch")));
        var wanted = RequestBody.ParseObject(body);
        var apiVersion = request.Type.ApiVersionOf(request.Path.Version);
        if (wanted.Text("apiVersion") != apiVersion || wanted.Text("kind") != request.Type.Kind)
        {
            throw ApiException.BadRequest($"Incorrect version specified in apply patch. Specified patch version: {wanted.Text("apiVersion")}, expected: {apiVersion}");
        }
        if (wanted.At("metadata", "managedFields") is JsonArray { Count: > 0 })
            throw ApiException.BadRequest("metadata.managedFields must be nil");
        var metadata = wanted.Ensure("metadata");
        metadata.Default("name", request.Path.Name);
        if (request.Path.Namespace is not null)
            metadata["namespace"] = request.Path.Namespace;
        var schema = store.Catalog.SchemaOf(request.Stored);
        CheckDeclared(request, wanted, schema);
        wanted = request.ToStored(wanted);
        var mine = new ManagedFields.Entry(options.FieldManager!, "Apply", apiVersion, options.Subresource ?? "", ObjectStore.Time(store.Clock.GetUtcNow()), new());
        var force = request.Query("force") is "true" or "1";
        var result = store.Transform(request.Stored, request.Path.Namespace, request.Path.Name!, live =>
        {
            if (live is null && options.Subresource is not null)
                throw ApiException.NotFound(request.Type, request.Path.Name!);
            if (live is not null && wanted.Text("metadata", "resourceVersion") is { Length: > 0 } version && version != live.Text("metadata", "resourceVersion"))
                throw ApiException.Stale(request.Type, request.Path.Name!);
            var next = ServerSideApply.Apply(live, wanted, schema, mine, force);
            if (live is null)
                next.Ensure("metadata").Remove("resourceVersion");
            return next;
        }, options, tracked: true, out var created);
        await request.WriteAsync(created ? 201 : 200, result).ConfigureAwait(false);
    }

    private static void CheckDeclared(ObjectRequest request, JsonObject wanted, FieldSchema schema)
    {
        if (request.Type.Custom is null && FieldCheck.Mismatch(wanted, schema) is { } mismatch)
            throw ApiException.BadRequest($"{request.Type.Kind} in version \"{request.Path.Version}\" cannot be handled as a {request.Type.Kind}: {mismatch}");
        var unknown = (request.Type.Custom is { } custom ? custom.Schema(request.Path.Version)?.Unknown(wanted) ?? [] : FieldCheck.Unknown(wanted, schema)).FirstOrDefault();
        if (unknown is null)
            return;
        var kind = request.Type.ApiVersionOf(request.Path.Version);
        throw new ApiException(500, "", $"failed to create typed patch object ({request.Path.Namespace}/{request.Path.Name}; {kind}, Kind={request.Type.Kind}): .{unknown}: field not declared in schema");
    }
}

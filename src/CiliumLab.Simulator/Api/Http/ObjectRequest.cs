using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace CiliumLab.Simulator.Api;

/// <summary>One request for stored objects: its path, its options, and how its answer is to look.</summary>
internal sealed class ObjectRequest(HttpContext context, RequestPath path, ResourceType type, ApiUser user, ObjectStore store)
{
    /// <summary>The HTTP side.</summary>
    public HttpContext Context { get; } = context;

    /// <summary>What the path means.</summary>
    public RequestPath Path { get; } = path;

    /// <summary>The type that the path names.</summary>
    public ResourceType Type { get; } = type;

    /// <summary>The sender.</summary>
    public ApiUser User { get; } = user;

    /// <summary>The store.</summary>
    public ObjectStore Store { get; } = store;

    /// <summary>The type under which the objects are stored.</summary>
    public ResourceType Stored => Type == ResourceTypes.NewEvents ? ResourceTypes.Events : Type;

    /// <summary>The HTTP method.</summary>
    public string Method => Context.Request.Method;

    /// <summary>How the answer is to look.</summary>
    public Representation Representation => field ??= Representation.Of(this);

    /// <summary>A query parameter; null when absent.</summary>
    public string? Query(string name) => Context.Request.Query.TryGetValue(name, out var value) ? value.ToString() : null;

    /// <summary>How to write, from the query.</summary>
    public WriteOptions WriteOptions() => new()
    {
        FieldManager = Query("fieldManager") is { Length: > 0 } manager ? manager : DefaultManager(),
        Subresource = Path.Subresource,
        DryRun = IsDryRun(Query("dryRun")),
        ApiVersion = Type.ApiVersionOf(Path.Version),
        Warn = Context.Warn,
    };

    /// <summary>The body as an object of this type, strictly decoded when the sender asked for it.</summary>
    public async Task<JsonObject> ReadObjectAsync()
    {
        var obj = await RequestBody.ReadObjectAsync(Context).ConfigureAwait(false);
        var apiVersion = Type.ApiVersionOf(Path.Version);
        if (obj.Text("apiVersion") is { Length: > 0 } given && given != apiVersion)
            throw ApiException.BadRequest($"the API version in the data ({given}) does not match the expected API version ({apiVersion})");
        if (obj.Text("kind") is { Length: > 0 } kind && kind != Type.Kind)
        {
            throw ApiException.BadRequest(
                $"{kind} in version \"{Path.Version}\" cannot be handled as a {Type.Kind}: no kind \"{kind}\" is registered for version \"{apiVersion}\"");
        }
        obj["apiVersion"] = apiVersion;
        obj["kind"] = Type.Kind;
        CheckFields(obj, why => ApiException.BadRequest($"{Type.Kind} in version \"{Path.Version}\" cannot be handled as a {Type.Kind}: {why}"));
        return obj;
    }

    /// <summary>Refuses or reports fields that the kind does not have, as the query asks.</summary>
    public void CheckFields(JsonObject obj, Func<string, ApiException> refuse)
    {
        var schema = SchemaTable.OfKind(Type.Group, Path.Version, Type.Kind);
        if (Type.Custom is null && FieldCheck.Mismatch(obj, schema) is { } mismatch)
            throw refuse(mismatch);
        var validation = Query("fieldValidation") is { Length: > 0 } asked ? asked : "Warn";
        if (validation is not ("Ignore" or "Warn" or "Strict"))
        {
            throw ApiException.InvalidOptions(OptionsKind, FieldErrors.Of(e => e.NotSupported("fieldValidation", validation, "Ignore", "Warn", "Strict")));
        }
        if (validation == "Ignore")
            return;
        var unknown = (Type.Custom is { } custom ? custom.Schema(Path.Version)?.Unknown(obj) ?? [] : FieldCheck.Unknown(obj, schema)).Select(static f => $"unknown field \"{f}\"").ToList();
        if (unknown.Count == 0)
            return;
        if (validation == "Strict")
            throw refuse("strict decoding error: " + string.Join(", ", unknown));
        foreach (var warning in unknown)
            Context.Warn(warning);
    }

    /// <summary>How to delete, from the body and the query.</summary>
    public async Task<DeleteOptions> ReadDeleteOptionsAsync()
    {
        var body = await RequestBody.ReadObjectAsync(Context).ConfigureAwait(false);
        var policy = body.Text("propagationPolicy") ?? Query("propagationPolicy");
        var orphan = body["orphanDependents"] is not null ? body.Flag("orphanDependents") ? "Orphan" : "Background" : null;
        return new DeleteOptions
        {
            GracePeriodSeconds = body.Number("gracePeriodSeconds") ?? (long.TryParse(Query("gracePeriodSeconds"), out var seconds) ? seconds : null),
            Propagation = (policy ?? orphan) switch
            {
                null or "" => null,
                "Background" => Propagation.Background,
                "Foreground" => Propagation.Foreground,
                "Orphan" => Propagation.Orphan,
                var other => throw ApiException.InvalidOptions("DeleteOptions", FieldErrors.Of(e => e.NotSupported("propagationPolicy", other, "Foreground", "Background", "Orphan", "nil"))),
            },
            Uid = body.Text("preconditions", "uid"),
            ResourceVersion = body.Text("preconditions", "resourceVersion"),
            DryRun = IsDryRun(body.Texts("dryRun").FirstOrDefault() ?? Query("dryRun")),
        };
    }

    /// <summary>The stored form of what was sent.</summary>
    public JsonObject ToStored(JsonObject obj)
    {
        if (Type == ResourceTypes.NewEvents)
            return EventConversion.ToCore(obj);
        obj["apiVersion"] = Type.ApiVersion;
        return obj;
    }

    /// <summary>Writes one object.</summary>
    public Task WriteAsync(int code, StoredObject obj) => Context.WriteBytesAsync(code, Representation.One(obj), Representation.ContentType);

    private string OptionsKind => Method switch { "POST" => "CreateOptions", "PATCH" => "PatchOptions", "DELETE" => "DeleteOptions", _ => "UpdateOptions" };

    private bool IsDryRun(string? value) => value switch
    {
        null or "" => false,
        "All" => true,
        _ => throw ApiException.InvalidOptions(OptionsKind, FieldErrors.Of(e => e.NotSupportedGo("dryRun", $"[]string{{\"{value}\"}}", "All"))),
    };

    private string DefaultManager()
    {
        var agent = Context.Request.Headers.UserAgent.ToString();
        var end = agent.IndexOf('/', StringComparison.Ordinal);
        var name = end < 0 ? agent : agent[..end];
        return name.Length is > 0 and <= 128 ? name : "unknown";
    }
}

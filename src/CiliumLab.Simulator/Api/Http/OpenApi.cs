using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace CiliumLab.Simulator.Api;

/// <summary>OpenAPI documents, built from the table of fields: enough for apply, validation and explain.</summary>
internal sealed class OpenApi(ObjectStore store)
{
    private readonly ConcurrentDictionary<(string GroupVersion, int Generation), byte[]> _documents = new();

    /// <summary>Answers <c>/openapi/v3</c>, one of its documents, or <c>/openapi/v2</c>.</summary>
    public Task AnswerAsync(HttpContext context, string path)
    {
        var generation = store.Catalog.Generation;
        if (path == "/openapi/v3")
        {
            var paths = new JsonObject();
            foreach (var (group, version) in GroupVersions())
            {
                var name = group.Length == 0 ? $"api/{version}" : $"apis/{group}/{version}";
                paths[name] = new JsonObject { ["serverRelativeURL"] = $"/openapi/v3/{name}?hash={generation:X8}" };
            }
            return context.WriteJsonAsync(200, new JsonObject { ["paths"] = paths });
        }
        if (path == "/openapi/v2")
        {
            var accept = context.Request.Headers.Accept.ToString();
            if (accept.Length > 0 && !accept.Contains("json", StringComparison.Ordinal) && !accept.Contains("*/*", StringComparison.Ordinal))
                throw ApiException.NotAcceptable("application/json");
            return context.WriteBytesAsync(200, _documents.GetOrAdd(("v2", generation), _ => Swagger().ToUtf8()), "application/json");
        }
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        var (wantedGroup, wantedVersion) = parts switch
        {
            ["openapi", "v3", "api", var v] => ("", v),
            ["openapi", "v3", "apis", var g, var v] => (g, v),
            _ => throw ApiException.NoSuchResource(),
        };
        if (!GroupVersions().Contains((wantedGroup, wantedVersion)))
            throw ApiException.NoSuchResource();
        var document = _documents.GetOrAdd(($"{wantedGroup}/{wantedVersion}", generation), _ => Document(wantedGroup, wantedVersion).ToUtf8());
        return context.WriteBytesAsync(200, document, "application/json");
    }

    private IEnumerable<(string Group, string Version)> GroupVersions() =>
        store.Catalog.Types.SelectMany(static t => t.Versions.Select(v => (t.Group, v))).Distinct();

    private JsonObject Document(string group, string version)
    {
        var writer = new OpenApiSchemas("#/components/schemas/", wrapReferences: true);
        var paths = new JsonObject();
        foreach (var type in store.Catalog.Types.Where(t => t.Group == group && t.Versions.Contains(version)))
        {
            AddKind(writer, type, version);
            AddPaths(paths, type, version);
        }
        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = store.Settings.Version },
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = writer.Schemas },
        };
    }

    private JsonObject Swagger()
    {
        var writer = new OpenApiSchemas("#/definitions/", wrapReferences: false);
        var paths = new JsonObject();
        foreach (var type in store.Catalog.Types)
        {
            foreach (var version in type.Versions)
            {
                AddKind(writer, type, version);
                AddPaths(paths, type, version);
            }
        }
        return new JsonObject
        {
            ["swagger"] = "2.0",
            ["info"] = new JsonObject { ["title"] = "Kubernetes", ["version"] = store.Settings.Version },
            ["paths"] = paths,
            ["definitions"] = writer.Schemas,
        };
    }

    private static void AddKind(OpenApiSchemas writer, ResourceType type, string version)
    {
        var gvk = new JsonObject { ["group"] = type.Group, ["kind"] = type.Kind, ["version"] = version };
        if (type.Custom is { } custom)
        {
            var name = string.Join('.', type.Group.Split('.').Reverse()) + $".{version}.{type.Kind}";
            var schema = custom.Schema(version)?.Json.Copy() ?? new JsonObject { ["type"] = "object", ["x-kubernetes-preserve-unknown-fields"] = true };
            var properties = schema.Ensure("properties");
            properties["apiVersion"] = new JsonObject { ["type"] = "string" };
            properties["kind"] = new JsonObject { ["type"] = "string" };
            properties["metadata"] = writer.Of(SchemaTable.Metadata);
            writer.Add(name, schema, gvk);
        }
        else if (SchemaTable.Kinds.TryGetValue((type.Group, version, type.Kind), out var fields))
        {
            writer.Add(fields, gvk);
        }
    }

    private static void AddPaths(JsonObject paths, ResourceType type, string version)
    {
        var root = type.Group.Length == 0 ? $"/api/{version}" : $"/apis/{type.Group}/{version}";
        var collection = type.Namespaced ? $"{root}/namespaces/{{namespace}}/{type.Resource}" : $"{root}/{type.Resource}";
        paths[collection] = new JsonObject
        {
            ["get"] = Operation(type, version, "list"),
            ["post"] = Operation(type, version, "post"),
            ["delete"] = Operation(type, version, "deletecollection"),
        };
        paths[collection + "/{name}"] = new JsonObject
        {
            ["get"] = Operation(type, version, "get"),
            ["put"] = Operation(type, version, "put"),
            ["patch"] = Operation(type, version, "patch"),
            ["delete"] = Operation(type, version, "delete"),
        };
    }

    private static JsonObject Operation(ResourceType type, string version, string action)
    {
        var operation = new JsonObject
        {
            ["x-kubernetes-action"] = action,
            ["x-kubernetes-group-version-kind"] = new JsonObject { ["group"] = type.Group, ["kind"] = type.Kind, ["version"] = version },
            ["responses"] = new JsonObject { ["200"] = new JsonObject { ["description"] = "OK" } },
        };
        if (action is "post" or "put" or "patch")
            operation["parameters"] = new JsonArray(Parameter("dryRun"), Parameter("fieldManager"), Parameter("fieldValidation"));
        return operation;
    }

    private static JsonObject Parameter(string name) =>
        new() { ["name"] = name, ["in"] = "query", ["schema"] = new JsonObject { ["type"] = "string", ["uniqueItems"] = true } };
}

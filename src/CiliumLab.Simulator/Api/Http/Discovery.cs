using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace CiliumLab.Simulator.Api;

/// <summary>Tells clients which kinds there are: the old documents per group version, and the aggregated one that kubectl prefers.</summary>
internal sealed class Discovery(ObjectStore store)
{
    private const string Aggregated = "g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";

    private static readonly string[] Verbs = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    /// <summary>The kinds that exist only in requests.</summary>
    private static readonly (string Group, string Resource, string Kind, bool Namespaced)[] Reviews =
    [
        ("authentication.k8s.io", "selfsubjectreviews", "SelfSubjectReview", false),
        ("authentication.k8s.io", "tokenreviews", "TokenReview", false),
        ("authorization.k8s.io", "localsubjectaccessreviews", "LocalSubjectAccessReview", true),
        ("authorization.k8s.io", "selfsubjectaccessreviews", "SelfSubjectAccessReview", false),
        ("authorization.k8s.io", "selfsubjectrulesreviews", "SelfSubjectRulesReview", false),
        ("authorization.k8s.io", "subjectaccessreviews", "SubjectAccessReview", false),
    ];

    /// <summary>The answer to a discovery path; null when it is none.</summary>
    public Task? Answer(HttpContext context, string path)
    {
        var parts = path.Split('/', StringSplitOptions.RemoveEmptyEntries);
        switch (parts)
        {
            case ["api" or "apis"] when context.Request.Headers.Accept.ToString().Contains(Aggregated, StringComparison.Ordinal):
                return context.WriteBytesAsync(200, AggregatedList(parts[0] == "api").ToUtf8(), "application/json;" + Aggregated);
            case ["api"]:
                return context.WriteJsonAsync(200, new JsonObject
                {
                    ["kind"] = "APIVersions",
                    ["versions"] = new JsonArray("v1"),
                    ["serverAddressByClientCIDRs"] = new JsonArray(new JsonObject { ["clientCIDR"] = "0.0.0.0/0", ["serverAddress"] = context.Request.Host.Value }),
                });
            case ["apis"]:
                return context.WriteJsonAsync(200, new JsonObject
                {
                    ["kind"] = "APIGroupList",
                    ["apiVersion"] = "v1",
                    ["groups"] = new JsonArray([.. Groups().Where(static g => g.Length > 0).Select(g => (JsonNode)Group(g))]),
                });
            case ["apis", var group]:
                if (!Groups().Contains(group))
                    throw ApiException.NoSuchResource();
                var one = Group(group);
                one["kind"] = "APIGroup";
                one["apiVersion"] = "v1";
                return context.WriteJsonAsync(200, one);
            case ["api", var version]:
                return context.WriteJsonAsync(200, Resources("", version));
            case ["apis", var group, var version]:
                return context.WriteJsonAsync(200, Resources(group, version));
            case []:
                var paths = new JsonArray("/api", "/api/v1", "/apis");
                foreach (var name in Groups().Where(static g => g.Length > 0))
                    paths.Add((JsonNode)("/apis/" + name));
                foreach (var other in (ReadOnlySpan<string>)["/healthz", "/livez", "/openapi/v2", "/openapi/v3", "/readyz", "/version"])
                    paths.Add((JsonNode)other);
                return context.WriteJsonAsync(200, new JsonObject { ["paths"] = paths });
            default:
                return null;
        }
    }

    /// <summary>/version.</summary>
    public static JsonObject Version(ClusterSettings settings)
    {
        var parts = settings.Version.TrimStart('v').Split('.');
        return new JsonObject
        {
            ["major"] = parts[0],
            ["minor"] = parts[1],
            ["gitVersion"] = settings.Version,
            ["gitCommit"] = "0000000000000000000000000000000000000000",
            ["gitTreeState"] = "clean",
            ["buildDate"] = "1970-01-01T00:00:00Z",
            ["goVersion"] = "none",
            ["compiler"] = "ciliumlab-simulator",
            ["platform"] = "linux/amd64",
        };
    }

    private IEnumerable<string> Groups() => store.Catalog.Types.Select(static t => t.Group).Concat(Reviews.Select(static r => r.Group)).Distinct();

    private List<string> VersionsOf(string group)
    {
        var versions = store.Catalog.Types.Where(t => t.Group == group).SelectMany(static t => t.Versions).Distinct().ToList();
        return versions.Count == 0 ? ["v1"] : versions;
    }

    private JsonObject Group(string group)
    {
        JsonObject[] versions = [.. VersionsOf(group).Select(v => new JsonObject { ["groupVersion"] = $"{group}/{v}", ["version"] = v })];
        return new JsonObject { ["name"] = group, ["versions"] = new JsonArray([.. versions]), ["preferredVersion"] = versions[0].DeepClone() };
    }

    private JsonObject Resources(string group, string version)
    {
        var list = new JsonArray();
        foreach (var type in store.Catalog.Types.Where(t => t.Group == group && t.Versions.Contains(version)))
        {
            list.Add((JsonNode)Resource(type, type.Resource, type.Kind, Verbs, type.Singular, type.ShortNames, type.Categories));
            foreach (var (name, kind, verbs) in Subresources(type))
                list.Add((JsonNode)Resource(type, $"{type.Resource}/{name}", kind, verbs, "", [], []));
        }
        foreach (var review in Reviews.Where(r => r.Group == group && version == "v1"))
        {
            list.Add((JsonNode)new JsonObject
            {
                ["name"] = review.Resource,
                ["singularName"] = review.Kind.ToLowerInvariant(),
                ["namespaced"] = review.Namespaced,
                ["kind"] = review.Kind,
                ["verbs"] = new JsonArray("create"),
            });
        }
        if (list.Count == 0)
            throw ApiException.NoSuchResource();
        return new JsonObject
        {
            ["kind"] = "APIResourceList",
            ["apiVersion"] = "v1",
            ["groupVersion"] = group.Length == 0 ? version : $"{group}/{version}",
            ["resources"] = list,
        };
    }

    private static JsonObject Resource(
        ResourceType type, string name, string kind, IEnumerable<string> verbs, string singular, IReadOnlyCollection<string> shortNames, IReadOnlyCollection<string> categories)
    {
        var resource = new JsonObject
        {
            ["name"] = name,
            ["singularName"] = singular,
            ["namespaced"] = type.Namespaced,
            ["kind"] = kind,
            ["verbs"] = Strings(verbs),
        };
        if (kind == "Scale")
        {
            resource["group"] = "autoscaling";
            resource["version"] = "v1";
        }
        else if (kind == "Eviction")
        {
            resource["group"] = "policy";
            resource["version"] = "v1";
        }
        if (shortNames.Count > 0)
            resource["shortNames"] = Strings(shortNames);
        if (categories.Count > 0)
            resource["categories"] = Strings(categories);
        return resource;
    }

    private static IEnumerable<(string Name, string Kind, string[] Verbs)> Subresources(ResourceType type)
    {
        foreach (var name in type.Subresources)
        {
            yield return name switch
            {
                "attach" => (name, "PodAttachOptions", ["create", "get"]),
                "exec" => (name, "PodExecOptions", ["create", "get"]),
                "portforward" => (name, "PodPortForwardOptions", ["create", "get"]),
                "proxy" => (name, "PodProxyOptions", ["create", "delete", "get", "patch", "update"]),
                "binding" => (name, "Binding", ["create"]),
                "eviction" => (name, "Eviction", ["create"]),
                "token" => (name, "TokenRequest", ["create"]),
                "log" => (name, type.Kind, ["get"]),
                "finalize" => (name, type.Kind, ["update"]),
                _ => (name, type.Kind, ["get", "patch", "update"]),
            };
        }
        if (type.Scale is not null)
            yield return ("scale", "Scale", ["get", "patch", "update"]);
        if (type.HasStatus)
            yield return ("status", type.Kind, ["get", "patch", "update"]);
    }

    private JsonObject AggregatedList(bool core)
    {
        var items = new JsonArray();
        foreach (var group in Groups().Where(g => (g.Length == 0) == core))
        {
            var versions = new JsonArray();
            foreach (var version in VersionsOf(group))
            {
                var resources = new JsonArray();
                foreach (var type in store.Catalog.Types.Where(t => t.Group == group && t.Versions.Contains(version)))
                    resources.Add((JsonNode)AggregatedResource(type, version));
                foreach (var review in Reviews.Where(r => r.Group == group))
                {
                    resources.Add((JsonNode)new JsonObject
                    {
                        ["resource"] = review.Resource,
                        ["responseKind"] = Kind(review.Group, "v1", review.Kind),
                        ["scope"] = review.Namespaced ? "Namespaced" : "Cluster",
                        ["singularResource"] = review.Kind.ToLowerInvariant(),
                        ["verbs"] = new JsonArray("create"),
                    });
                }
                versions.Add((JsonNode)new JsonObject { ["version"] = version, ["resources"] = resources, ["freshness"] = "Current" });
            }
            items.Add((JsonNode)new JsonObject
            {
                ["metadata"] = group.Length == 0 ? new JsonObject { ["creationTimestamp"] = null } : new JsonObject { ["name"] = group, ["creationTimestamp"] = null },
                ["versions"] = versions,
            });
        }
        return new JsonObject
        {
            ["kind"] = "APIGroupDiscoveryList",
            ["apiVersion"] = "apidiscovery.k8s.io/v2",
            ["metadata"] = new JsonObject(),
            ["items"] = items,
        };
    }

    private static JsonObject AggregatedResource(ResourceType type, string version)
    {
        var resource = new JsonObject
        {
            ["resource"] = type.Resource,
            ["responseKind"] = Kind(type.Group, version, type.Kind),
            ["scope"] = type.Namespaced ? "Namespaced" : "Cluster",
            ["singularResource"] = type.Singular,
            ["verbs"] = Strings(Verbs),
        };
        if (type.ShortNames.Length > 0)
            resource["shortNames"] = Strings(type.ShortNames);
        if (type.Categories.Length > 0)
            resource["categories"] = Strings(type.Categories);
        var subresources = new JsonArray();
        foreach (var (name, kind, verbs) in Subresources(type))
        {
            subresources.Add((JsonNode)new JsonObject
            {
                ["subresource"] = name,
                ["responseKind"] = kind switch
                {
                    "Scale" => Kind("autoscaling", "v1", kind),
                    "Eviction" => Kind("policy", "v1", kind),
                    "TokenRequest" => Kind("authentication.k8s.io", "v1", kind),
                    _ => Kind(type.Group, version, kind),
                },
                ["verbs"] = Strings(verbs),
            });
        }
        if (subresources.Count > 0)
            resource["subresources"] = subresources;
        return resource;
    }

    private static JsonObject Kind(string group, string version, string kind) => new() { ["group"] = group, ["version"] = version, ["kind"] = kind };

    private static JsonArray Strings(IEnumerable<string> values) => new([.. values.Select(static v => (JsonNode)v)]);
}

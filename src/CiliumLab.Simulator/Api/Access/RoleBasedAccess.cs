using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>Decides from roles and bindings, as they are in the store, who may do what.</summary>
/// <param name="store">Where they are.</param>
internal sealed class RoleBasedAccess(ObjectStore store)
{
    /// <summary>The group that may do everything, whatever the roles say.</summary>
    public const string Masters = "system:masters";

    /// <summary>Why a request is allowed; null when it is not.</summary>
    public string? Allow(ApiUser user, AccessRequest request)
    {
        if (user.Groups.Contains(Masters))
            return "";
        foreach (var (binding, role, rules, subject) in Grants(user, request.Namespace))
        {
            if (!rules.Any(rule => Covers(rule, request)))
                continue;
            var scope = binding.Namespace.Length == 0 ? $"\"{binding.Name}\"" : $"\"{binding.Name}/{binding.Namespace}\"";
            return $"RBAC: allowed by {binding.Type.Kind} {scope} of {role.Text("kind")} \"{role.Text("name")}\" to {subject}";
        }
        return null;
    }

    /// <summary>Every rule that holds for somebody in a namespace, cluster-wide ones first.</summary>
    public IEnumerable<JsonObject> RulesOf(ApiUser user, string ns) => user.Groups.Contains(Masters)
        ? [Everything("apiGroups", "resources"), Everything("nonResourceURLs")]
        : Grants(user, ns).SelectMany(static g => g.Rules);

    private static JsonObject Everything(params ReadOnlySpan<string> scopes)
    {
        var rule = new JsonObject { ["verbs"] = new JsonArray("*") };
        foreach (var scope in scopes)
            rule[scope] = new JsonArray("*");
        return rule;
    }

    private IEnumerable<(StoredObject Binding, JsonObject Role, IEnumerable<JsonObject> Rules, string Subject)> Grants(ApiUser user, string ns)
    {
        var bindings = store.List(ResourceTypes.ClusterRoleBindings).Items;
        foreach (var binding in ns.Length == 0 ? bindings : bindings.Concat(store.List(ResourceTypes.RoleBindings, ns).Items))
        {
            var subject = binding.Json.Objects("subjects").FirstOrDefault(s => IsMeant(user, s, binding.Namespace));
            if (subject is null || binding.Json.Object("roleRef") is not { } reference)
                continue;
            var role = reference.Text("kind") == "Role"
                ? store.Find(ResourceTypes.Roles, binding.Namespace, reference.Text("name") ?? "")
                : store.Find(ResourceTypes.ClusterRoles, null, reference.Text("name") ?? "");
            if (role is not null)
                yield return (binding, reference, role.Json.Objects("rules"), Describe(subject, binding.Namespace));
        }
    }

    private static bool IsMeant(ApiUser user, JsonObject subject, string ns) => subject.Text("kind") switch
    {
        "User" => subject.Text("name") == user.Name,
        "Group" => user.Groups.Contains(subject.Text("name") ?? ""),
        "ServiceAccount" => user.Name == ServiceAccountTokens.UserName(subject.Text("namespace") ?? ns, subject.Text("name") ?? ""),
        _ => false,
    };

    private static string Describe(JsonObject subject, string ns) => subject.Text("kind") == "ServiceAccount"
        ? $"ServiceAccount \"{subject.Text("name")}/{subject.Text("namespace") ?? ns}\""
        : $"{subject.Text("kind")} \"{subject.Text("name")}\"";

    private static bool Covers(JsonObject rule, AccessRequest request)
    {
        if (!Has(rule, "verbs", request.Verb))
            return false;
        if (request.Resource.Length == 0)
        {
            return rule.Texts("nonResourceURLs").Any(url =>
                url == request.Path || (url.EndsWith('*') && request.Path.StartsWith(url[..^1], StringComparison.Ordinal)));
        }
        var names = rule.Texts("resourceNames").ToList();
        return Has(rule, "apiGroups", request.Group)
            && (Has(rule, "resources", request.QualifiedResource)
                || (request.Subresource.Length > 0 && rule.Texts("resources").Contains("*/" + request.Subresource)))
            && (names.Count == 0 || (request.Name.Length > 0 && names.Contains(request.Name)));
    }

    private static bool Has(JsonObject rule, string list, string value) => rule.Texts(list).Any(v => v == "*" || v == value);
}

using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>The roles and bindings that an API server makes for itself: those that people use, and those without which nobody finds their way.</summary>
internal static class DefaultRoles
{
    private const string Read = """["get","list","watch"]""";
    private const string Write = """["create","delete","deletecollection","patch","update"]""";

    private const string CoreWritable =
        "configmaps,events,persistentvolumeclaims,pods,replicationcontrollers,replicationcontrollers/scale,secrets,serviceaccounts,services,services/proxy";

    private const string CoreReadable =
        "configmaps,endpoints,persistentvolumeclaims,persistentvolumeclaims/status,pods,replicationcontrollers,replicationcontrollers/scale,serviceaccounts,services,services/status,"
        + "bindings,events,limitranges,namespaces,namespaces/status,pods/log,pods/status,replicationcontrollers/status,resourcequotas,resourcequotas/status";

    private const string Apps =
        "daemonsets,deployments,deployments/scale,replicasets,replicasets/scale,statefulsets,statefulsets/scale";

    /// <summary>All of them.</summary>
    public static IEnumerable<(ResourceType Type, string Name, JsonObject Object)> All()
    {
        var everything = $"{Rule("*", "*", """["*"]""")},{Paths("*", """["*"]""")}";
        var view = string.Join(',',
            Rule("", CoreReadable, Read), Rule("discovery.k8s.io", "endpointslices", Read),
            Rule("apps", Apps + ",controllerrevisions,daemonsets/status,deployments/status,replicasets/status,statefulsets/status", Read),
            Rule("batch", "cronjobs,cronjobs/status,jobs,jobs/status", Read), Rule("policy", "poddisruptionbudgets,poddisruptionbudgets/status", Read),
            Rule("networking.k8s.io", "ingresses,ingresses/status,networkpolicies", Read));
        var edit = string.Join(',',
            view, Rule("", "pods/attach,pods/exec,pods/portforward,pods/proxy,secrets,services/proxy", Read), Rule("", "serviceaccounts", """["impersonate"]"""),
            Rule("", CoreWritable + ",pods/attach,pods/exec,pods/portforward,pods/proxy", Write), Rule("", "pods/eviction,serviceaccounts/token", """["create"]"""),
            Rule("apps", Apps + ",deployments/rollback", Write), Rule("batch", "cronjobs,jobs", Write),
            Rule("policy", "poddisruptionbudgets", Write), Rule("networking.k8s.io", "ingresses,networkpolicies", Write),
            Rule("coordination.k8s.io", "leases", """["create","delete","deletecollection","get","list","patch","update","watch"]"""));
        var admin = string.Join(',',
            edit, Rule("rbac.authorization.k8s.io", "rolebindings,roles", """["create","delete","deletecollection","get","list","patch","update","watch"]"""),
            Rule("authorization.k8s.io", "localsubjectaccessreviews", """["create"]"""));
        yield return Role("cluster-admin", everything);
        yield return Role("admin", admin);
        yield return Role("edit", edit);
        yield return Role("view", view);
        yield return Role("system:basic-user", $"{Rule("authorization.k8s.io", "selfsubjectaccessreviews,selfsubjectrulesreviews", """["create"]""")},{Rule("authentication.k8s.io", "selfsubjectreviews", """["create"]""")}");
        yield return Role("system:discovery", Paths("/api,/api/*,/apis,/apis/*,/healthz,/livez,/openapi,/openapi/*,/readyz,/version,/version/", """["get"]"""));
        yield return Role("system:public-info-viewer", Paths("/healthz,/livez,/readyz,/version,/version/", """["get"]"""));
        yield return Role("system:node", string.Join(',',
            Rule("", "nodes,nodes/status,pods,pods/status,services,secrets,configmaps,events", """["*"]"""),
            Rule("coordination.k8s.io", "leases", """["create","delete","get","patch","update"]""")));
        yield return Role("system:node-proxier", $"{Rule("", "endpoints,services,nodes", Read)},{Rule("discovery.k8s.io", "endpointslices", """["list","watch"]""")}");
        yield return Role("system:auth-delegator", $"{Rule("authentication.k8s.io", "tokenreviews", """["create"]""")},{Rule("authorization.k8s.io", "subjectaccessreviews", """["create"]""")}");
        yield return Binding("cluster-admin", "Group", RoleBasedAccess.Masters);
        yield return Binding("system:basic-user", "Group", ApiUser.Authenticated);
        yield return Binding("system:discovery", "Group", ApiUser.Authenticated);
        yield return Binding("system:public-info-viewer", "Group", ApiUser.Authenticated);
        yield return Binding("system:node-proxier", "User", "system:kube-proxy");
    }

    private static string Rule(string group, string resources, string verbs) =>
        $$"""{"apiGroups":["{{group}}"],"resources":{{List(resources)}},"verbs":{{verbs}}}""";

    private static string Paths(string paths, string verbs) => $$"""{"nonResourceURLs":{{List(paths)}},"verbs":{{verbs}}}""";

    private static string List(string words) => "[\"" + words.Replace(",", "\",\"", StringComparison.Ordinal) + "\"]";

    private static (ResourceType, string, JsonObject) Role(string name, string rules) => (ResourceTypes.ClusterRoles, name, new JsonObject
    {
        ["metadata"] = Metadata(),
        ["rules"] = JsonNode.Parse($"[{rules}]"),
    });

    private static (ResourceType, string, JsonObject) Binding(string name, string kind, string subject) => (ResourceTypes.ClusterRoleBindings, name, new JsonObject
    {
        ["metadata"] = Metadata(),
        ["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = name },
        ["subjects"] = new JsonArray(new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = kind, ["name"] = subject }),
    });

    private static JsonObject Metadata() => new()
    {
        ["annotations"] = new JsonObject { ["rbac.authorization.kubernetes.io/autoupdate"] = "true" },
        ["labels"] = new JsonObject { ["kubernetes.io/bootstrapping"] = "rbac-defaults" },
    };
}

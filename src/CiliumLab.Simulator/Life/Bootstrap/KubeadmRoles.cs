using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>The roles and bindings that people look at first.</summary>
internal static class KubeadmRoles
{
    /// <summary>All of them.</summary>
    public static IEnumerable<(ResourceType Type, JsonObject Object)> All()
    {
        yield return Role("cluster-admin", """[{"apiGroups":["*"],"resources":["*"],"verbs":["*"]},{"nonResourceURLs":["*"],"verbs":["*"]}]""");
        yield return Role("admin", """[{"apiGroups":["","apps","batch","discovery.k8s.io","networking.k8s.io","policy","rbac.authorization.k8s.io"],"resources":["*"],"verbs":["*"]}]""");
        yield return Role("edit", """[{"apiGroups":["","apps","batch","networking.k8s.io","policy"],"resources":["*"],"verbs":["create","delete","deletecollection","patch","update","get","list","watch"]}]""");
        yield return Role("view", """[{"apiGroups":["","apps","batch","discovery.k8s.io","networking.k8s.io","policy"],"resources":["*"],"verbs":["get","list","watch"]}]""");
        yield return Role("system:basic-user", """[{"apiGroups":["authorization.k8s.io"],"resources":["selfsubjectaccessreviews","selfsubjectrulesreviews"],"verbs":["create"]},{"apiGroups":["authentication.k8s.io"],"resources":["selfsubjectreviews"],"verbs":["create"]}]""");
        yield return Role("system:discovery", """[{"nonResourceURLs":["/api","/api/*","/apis","/apis/*","/healthz","/livez","/openapi","/openapi/*","/readyz","/version","/version/"],"verbs":["get"]}]""");
        yield return Role("system:node", """[{"apiGroups":[""],"resources":["nodes","nodes/status","pods","pods/status","services","secrets","configmaps","events"],"verbs":["*"]},{"apiGroups":["coordination.k8s.io"],"resources":["leases"],"verbs":["create","delete","get","patch","update"]}]""");
        yield return Role("system:node-proxier", """[{"apiGroups":[""],"resources":["endpoints","services","nodes"],"verbs":["get","list","watch"]},{"apiGroups":["discovery.k8s.io"],"resources":["endpointslices"],"verbs":["list","watch"]}]""");
        yield return Role("system:coredns", """[{"apiGroups":[""],"resources":["endpoints","services","pods","namespaces"],"verbs":["list","watch"]},{"apiGroups":["discovery.k8s.io"],"resources":["endpointslices"],"verbs":["list","watch"]}]""");
        yield return Binding("cluster-admin", "cluster-admin", "Group", "system:masters");
        yield return Binding("kubeadm:cluster-admins", "cluster-admin", "Group", "kubeadm:cluster-admins");
        yield return Binding("system:basic-user", "system:basic-user", "Group", "system:authenticated");
        yield return Binding("system:discovery", "system:discovery", "Group", "system:authenticated");
        yield return Binding("system:node-proxier", "system:node-proxier", "User", "system:kube-proxy");
        yield return Binding("kubeadm:node-proxier", "system:node-proxier", "ServiceAccount", "kube-proxy");
        yield return Binding("system:coredns", "system:coredns", "ServiceAccount", "coredns");
    }

    private static (ResourceType, JsonObject) Role(string name, string rules) => (ResourceTypes.ClusterRoles, new JsonObject
    {
        ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = new JsonObject { ["kubernetes.io/bootstrapping"] = "rbac-defaults" } },
        ["rules"] = JsonNode.Parse(rules),
    });

    private static (ResourceType, JsonObject) Binding(string name, string role, string kind, string subject)
    {
        var who = new JsonObject { ["kind"] = kind, ["name"] = subject };
        if (kind == "ServiceAccount")
            who["namespace"] = "kube-system";
        return (ResourceTypes.ClusterRoleBindings, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = name },
            ["roleRef"] = new JsonObject { ["apiGroup"] = "rbac.authorization.k8s.io", ["kind"] = "ClusterRole", ["name"] = role },
            ["subjects"] = new JsonArray(who),
        });
    }
}

using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>The roles and bindings that kubeadm adds to those of the API server.</summary>
internal static class KubeadmRoles
{
    /// <summary>All of them.</summary>
    public static IEnumerable<(ResourceType Type, JsonObject Object)> All()
    {
        yield return Role("system:coredns", """[{"apiGroups":[""],"resources":["endpoints","services","pods","namespaces"],"verbs":["list","watch"]},{"apiGroups":["discovery.k8s.io"],"resources":["endpointslices"],"verbs":["list","watch"]}]""");
        yield return Binding("kubeadm:cluster-admins", "cluster-admin", "Group", "kubeadm:cluster-admins");
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

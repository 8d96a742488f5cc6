using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Charts.Cilium;

/// <summary>The chart's accounts, roles and namespace of secrets.</summary>
internal static class CiliumAccess
{
    private const string AgentRules = """
        - {apiGroups: [networking.k8s.io], resources: [networkpolicies], verbs: [get, list, watch]}
        - {apiGroups: [discovery.k8s.io], resources: [endpointslices], verbs: [get, list, watch]}
        - {apiGroups: [""], resources: [namespaces, services, pods, endpoints, nodes], verbs: [get, list, watch]}
        - {apiGroups: [apiextensions.k8s.io], resources: [customresourcedefinitions], verbs: [list, watch, get]}
        - {apiGroups: [cilium.io], resources: [ciliumloadbalancerippools, ciliumbgppeeringpolicies, ciliumbgpnodeconfigs, ciliumbgpadvertisements, ciliumbgppeerconfigs, ciliumclusterwideenvoyconfigs, ciliumclusterwidenetworkpolicies, ciliumegressgatewaypolicies, ciliumendpoints, ciliumendpointslices, ciliumenvoyconfigs, ciliumidentities, ciliumlocalredirectpolicies, ciliumnetworkpolicies, ciliumnodes, ciliumnodeconfigs, ciliumcidrgroups, ciliuml2announcementpolicies, ciliumpodippools], verbs: [list, watch]}
        - {apiGroups: [cilium.io], resources: [ciliumidentities, ciliumendpoints, ciliumnodes], verbs: [create]}
        - {apiGroups: [cilium.io], resources: [ciliumidentities], verbs: [update]}
        - {apiGroups: [cilium.io], resources: [ciliumendpoints], verbs: [delete, get]}
        - {apiGroups: [cilium.io], resources: [ciliumnodes, ciliumnodes/status], verbs: [get, update]}
        - {apiGroups: [cilium.io], resources: [ciliumendpoints/status, ciliumendpoints, ciliuml2announcementpolicies/status, ciliumbgpnodeconfigs/status], verbs: [patch]}
        """;

    private const string OperatorRules = """
        - {apiGroups: [""], resources: [pods], verbs: [get, list, watch, delete]}
        - {apiGroups: [""], resources: [configmaps], resourceNames: [cilium-config], verbs: [patch]}
        - {apiGroups: [""], resources: [nodes], verbs: [list, watch]}
        - {apiGroups: [""], resources: [nodes, nodes/status], verbs: [patch]}
        - {apiGroups: [discovery.k8s.io], resources: [endpointslices], verbs: [get, list, watch]}
        - {apiGroups: [""], resources: [services/status], verbs: [update, patch]}
        - {apiGroups: [""], resources: [namespaces, secrets, services, endpoints], verbs: [get, list, watch]}
        - {apiGroups: [cilium.io], resources: [ciliumnetworkpolicies, ciliumclusterwidenetworkpolicies], verbs: [create, update, deletecollection, patch, get, list, watch]}
        - {apiGroups: [cilium.io], resources: [ciliumnetworkpolicies/status, ciliumclusterwidenetworkpolicies/status], verbs: [patch, update]}
        - {apiGroups: [cilium.io], resources: [ciliumendpoints, ciliumidentities], verbs: [delete, list, watch]}
        - {apiGroups: [cilium.io], resources: [ciliumidentities], verbs: [update]}
        - {apiGroups: [cilium.io], resources: [ciliumnodes], verbs: [create, update, get, list, watch, delete]}
        - {apiGroups: [cilium.io], resources: [ciliumnodes/status], verbs: [update]}
        - {apiGroups: [apiextensions.k8s.io], resources: [customresourcedefinitions], verbs: [create, get, list, watch]}
        - {apiGroups: [apiextensions.k8s.io], resources: [customresourcedefinitions], verbs: [update]}
        - {apiGroups: [cilium.io], resources: [ciliumloadbalancerippools, ciliumpodippools], verbs: [get, list, watch, create]}
        - {apiGroups: [coordination.k8s.io], resources: [leases], verbs: [create, get, update]}
        """;

    /// <summary>Makes the objects.</summary>
    public static IEnumerable<ChartObject> Render(ChartContext context)
    {
        var values = context.Values;
        var ns = context.Namespace;
        var (agent, operators, envoy) = (values.Word("serviceAccounts.cilium.name"), values.Word("serviceAccounts.operator.name"), values.Word("serviceAccounts.envoy.name"));
        if (values.IsOn("tls.secretsNamespace.create"))
            yield return CiliumChart.Made("cilium-secrets-namespace.yaml", $"apiVersion: v1\nkind: Namespace\nmetadata:\n  name: {values.Word("tls.secretsNamespace.name")}\n  labels: {{app.kubernetes.io/part-of: cilium}}\n");
        yield return Account("cilium-agent", agent, ns);
        yield return Account("cilium-operator", operators, ns);
        if (CiliumChart.HasEnvoy(values))
            yield return Account("cilium-envoy", envoy, ns);
        if (!values.IsOn("rbac.create"))
            yield break;
        yield return ClusterRole("cilium-agent", "cilium", AgentRules);
        yield return ClusterRole("cilium-operator", "cilium-operator", OperatorRules);
        yield return Binding("cilium-agent", "ClusterRoleBinding", "cilium", null, "ClusterRole", "cilium", agent, ns);
        yield return Binding("cilium-operator", "ClusterRoleBinding", "cilium-operator", null, "ClusterRole", "cilium-operator", operators, ns);
        yield return Role("cilium-agent", "cilium-config-agent", ns, "{apiGroups: [\"\"], resources: [configmaps], verbs: [get, list, watch]}");
        yield return Binding("cilium-agent", "RoleBinding", "cilium-config-agent", ns, "Role", "cilium-config-agent", agent, ns);
        if (!values.IsOn("tls.secretsNamespace.create"))
            yield break;
        var secrets = values.Word("tls.secretsNamespace.name");
        yield return Role("cilium-agent", "cilium-tlsinterception-secrets", secrets, "{apiGroups: [\"\"], resources: [secrets], verbs: [get, list, watch]}");
        yield return Binding("cilium-agent", "RoleBinding", "cilium-tlsinterception-secrets", secrets, "Role", "cilium-tlsinterception-secrets", agent, ns);
        yield return Role("cilium-operator", "cilium-operator-tlsinterception-secrets", secrets, "{apiGroups: [\"\"], resources: [secrets], verbs: [create, delete, update, patch]}");
        yield return Binding("cilium-operator", "RoleBinding", "cilium-operator-tlsinterception-secrets", secrets, "Role", "cilium-operator-tlsinterception-secrets", operators, ns);
    }

    private static ChartObject Account(string folder, string name, string ns) =>
        CiliumChart.Made(folder + "/serviceaccount.yaml", $"apiVersion: v1\nkind: ServiceAccount\nmetadata:\n  name: {name}\n  namespace: {ns}\n");

    private static ChartObject ClusterRole(string folder, string name, string rules) => CiliumChart.Made(
        folder + "/clusterrole.yaml",
        $"apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: {name}\n  labels: {{app.kubernetes.io/part-of: cilium}}\nrules:\n{rules}\n");

    private static ChartObject Role(string folder, string name, string ns, string rule) => CiliumChart.Made(
        folder + "/role.yaml",
        $"apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata:\n  name: {name}\n  namespace: {ns}\n  labels: {{app.kubernetes.io/part-of: cilium}}\nrules:\n- {rule}\n");

    private static ChartObject Binding(string folder, string kind, string name, string? ns, string roleKind, string role, string account, string accountNamespace)
    {
        var made = CiliumChart.Made(
            $"{folder}/{kind.ToLowerInvariant()}.yaml",
            $"apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata:\n  name: {name}\n  labels: {{app.kubernetes.io/part-of: cilium}}\n"
            + $"roleRef: {{apiGroup: rbac.authorization.k8s.io, kind: {roleKind}, name: {role}}}\nsubjects:\n- {{kind: ServiceAccount, name: {account}, namespace: {accountNamespace}}}\n");
        if (ns is not null)
            made.Object.Ensure("metadata")["namespace"] = (JsonNode)ns;
        return made;
    }
}

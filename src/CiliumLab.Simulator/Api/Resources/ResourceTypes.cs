using System.Collections.Immutable;

namespace CiliumLab.Simulator.Api;

/// <summary>The built-in types, in the order in which discovery lists their groups.</summary>
internal static class ResourceTypes
{
    private static readonly ScalePaths Replicas = new("spec.replicas", "status.replicas", "spec.selector");
    private static readonly ImmutableArray<string> All = ["all"];

    private static readonly ImmutableArray<string> EventFields =
        ["involvedObject.kind", "involvedObject.namespace", "involvedObject.name", "involvedObject.uid", "involvedObject.apiVersion",
         "involvedObject.resourceVersion", "involvedObject.fieldPath", "reason", "reportingComponent", "source", "type"];

    /// <summary>v1 Namespace.</summary>
    public static readonly ResourceType Namespaces = Core("namespaces", "Namespace", "ns") with
    {
        Namespaced = false,
        HasStatus = true,
        SelectableFields = ["status.phase"],
        Subresources = ["finalize"],
        Rules = new NamespaceRules(),
    };

    /// <summary>v1 Node.</summary>
    public static readonly ResourceType Nodes = Core("nodes", "Node", "no") with
    {
        Namespaced = false,
        HasStatus = true,
        StatusKeepsMetadata = true,
        SelectableFields = ["spec.unschedulable"],
        Rules = new NodeRules(),
    };

    /// <summary>v1 Pod.</summary>
    public static readonly ResourceType Pods = Core("pods", "Pod", "po") with
    {
        HasStatus = true,
        HasGeneration = true,
        StatusKeepsMetadata = true,
        ReturnsDeleted = true,
        Categories = All,
        SelectableFields = ["spec.nodeName", "spec.restartPolicy", "spec.schedulerName", "spec.serviceAccountName", "spec.hostNetwork",
            "status.phase", "status.podIP", "status.nominatedNodeName"],
        Subresources = ["attach", "binding", "ephemeralcontainers", "eviction", "exec", "log", "portforward", "proxy", "resize"],
        Rules = new PodRules(),
    };

    /// <summary>v1 Service.</summary>
    public static readonly ResourceType Services = Core("services", "Service", "svc") with
    {
        HasStatus = true,
        ReturnsDeleted = true,
        Categories = All,
        SelectableFields = ["spec.clusterIP", "spec.type"],
        Rules = new ServiceRules(),
    };

    /// <summary>v1 Endpoints.</summary>
    public static readonly ResourceType Endpoints = Core("endpoints", "Endpoints", "ep") with { Singular = "endpoints", Rules = new EndpointsRules() };

    /// <summary>v1 ConfigMap.</summary>
    public static readonly ResourceType ConfigMaps = Core("configmaps", "ConfigMap", "cm") with { Rules = new ConfigMapRules() };

    /// <summary>v1 Secret.</summary>
    public static readonly ResourceType Secrets = Core("secrets", "Secret") with { SelectableFields = ["type"], Rules = new SecretRules() };

    /// <summary>v1 ServiceAccount.</summary>
    public static readonly ResourceType ServiceAccounts = Core("serviceaccounts", "ServiceAccount", "sa") with
    {
        ReturnsDeleted = true,
        Subresources = ["token"],
    };

    /// <summary>v1 Event.</summary>
    public static readonly ResourceType Events = Core("events", "Event", "ev") with
    {
        TimeToLive = TimeSpan.FromHours(1),
        SelectableFields = EventFields,
    };

    /// <summary>v1 ReplicationController.</summary>
    public static readonly ResourceType ReplicationControllers = Core("replicationcontrollers", "ReplicationController", "rc") with
    {
        HasStatus = true,
        HasGeneration = true,
        Categories = All,
        Scale = new("spec.replicas", "status.replicas", "spec.selector"),
        SelectableFields = ["status.replicas"],
    };

    /// <summary>v1 PersistentVolume.</summary>
    public static readonly ResourceType PersistentVolumes = Core("persistentvolumes", "PersistentVolume", "pv") with { Namespaced = false, HasStatus = true, ReturnsDeleted = true };

    /// <summary>v1 PersistentVolumeClaim.</summary>
    public static readonly ResourceType PersistentVolumeClaims = Core("persistentvolumeclaims", "PersistentVolumeClaim", "pvc") with { HasStatus = true, ReturnsDeleted = true };

    /// <summary>v1 LimitRange.</summary>
    public static readonly ResourceType LimitRanges = Core("limitranges", "LimitRange", "limits");

    /// <summary>v1 ResourceQuota.</summary>
    public static readonly ResourceType ResourceQuotas = Core("resourcequotas", "ResourceQuota", "quota") with { HasStatus = true };

    /// <summary>v1 PodTemplate.</summary>
    public static readonly ResourceType PodTemplates = Core("podtemplates", "PodTemplate");

    /// <summary>apps/v1 Deployment.</summary>
    public static readonly ResourceType Deployments = Workload("deployments", "Deployment", "deploy") with { Scale = Replicas, Rules = new DeploymentRules() };

    /// <summary>apps/v1 ReplicaSet.</summary>
    public static readonly ResourceType ReplicaSets = Workload("replicasets", "ReplicaSet", "rs") with
    {
        Scale = Replicas,
        SelectableFields = ["status.replicas"],
        Rules = new ReplicaSetRules(),
    };

    /// <summary>apps/v1 DaemonSet.</summary>
    public static readonly ResourceType DaemonSets = Workload("daemonsets", "DaemonSet", "ds") with { Rules = new DaemonSetRules() };

    /// <summary>apps/v1 StatefulSet.</summary>
    public static readonly ResourceType StatefulSets = Workload("statefulsets", "StatefulSet", "sts") with { Scale = Replicas, Rules = new StatefulSetRules() };

    /// <summary>apps/v1 ControllerRevision.</summary>
    public static readonly ResourceType ControllerRevisions = Of("apps", "v1", "controllerrevisions", "ControllerRevision");

    /// <summary>batch/v1 Job.</summary>
    public static readonly ResourceType Jobs = Of("batch", "v1", "jobs", "Job") with
    {
        HasStatus = true,
        HasGeneration = true,
        Categories = All,
        SelectableFields = ["status.successful"],
        Rules = new JobRules(),
    };

    /// <summary>batch/v1 CronJob.</summary>
    public static readonly ResourceType CronJobs = Of("batch", "v1", "cronjobs", "CronJob", "cj") with { HasStatus = true, HasGeneration = true, Categories = All };

    /// <summary>discovery.k8s.io/v1 EndpointSlice.</summary>
    public static readonly ResourceType EndpointSlices = Of("discovery.k8s.io", "v1", "endpointslices", "EndpointSlice") with
    {
        HasGeneration = true,
        Rules = new EndpointSliceRules(),
    };

    /// <summary>events.k8s.io/v1 Event: the core events under their new field names.</summary>
    public static readonly ResourceType NewEvents = Of("events.k8s.io", "v1", "events", "Event", "ev") with { SelectableFields = EventFields };

    /// <summary>coordination.k8s.io/v1 Lease.</summary>
    public static readonly ResourceType Leases = Of("coordination.k8s.io", "v1", "leases", "Lease");

    /// <summary>networking.k8s.io/v1 NetworkPolicy.</summary>
    public static readonly ResourceType NetworkPolicies = Of("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy", "netpol") with { Singular = "networkpolicy", HasGeneration = true };

    /// <summary>networking.k8s.io/v1 Ingress.</summary>
    public static readonly ResourceType Ingresses = Of("networking.k8s.io", "v1", "ingresses", "Ingress", "ing") with { HasStatus = true, HasGeneration = true };

    /// <summary>networking.k8s.io/v1 IngressClass.</summary>
    public static readonly ResourceType IngressClasses = Of("networking.k8s.io", "v1", "ingressclasses", "IngressClass") with { Namespaced = false, HasGeneration = true };

    /// <summary>policy/v1 PodDisruptionBudget.</summary>
    public static readonly ResourceType PodDisruptionBudgets = Of("policy", "v1", "poddisruptionbudgets", "PodDisruptionBudget", "pdb") with { HasStatus = true, HasGeneration = true };

    /// <summary>rbac.authorization.k8s.io/v1 Role.</summary>
    public static readonly ResourceType Roles = Rbac("roles", "Role", true);

    /// <summary>rbac.authorization.k8s.io/v1 RoleBinding.</summary>
    public static readonly ResourceType RoleBindings = Rbac("rolebindings", "RoleBinding", true);

    /// <summary>rbac.authorization.k8s.io/v1 ClusterRole.</summary>
    public static readonly ResourceType ClusterRoles = Rbac("clusterroles", "ClusterRole", false);

    /// <summary>rbac.authorization.k8s.io/v1 ClusterRoleBinding.</summary>
    public static readonly ResourceType ClusterRoleBindings = Rbac("clusterrolebindings", "ClusterRoleBinding", false);

    /// <summary>scheduling.k8s.io/v1 PriorityClass.</summary>
    public static readonly ResourceType PriorityClasses = Of("scheduling.k8s.io", "v1", "priorityclasses", "PriorityClass", "pc") with { Namespaced = false, HasGeneration = true, Rules = new PriorityClassRules() };

    /// <summary>storage.k8s.io/v1 StorageClass.</summary>
    public static readonly ResourceType StorageClasses = Of("storage.k8s.io", "v1", "storageclasses", "StorageClass", "sc") with { Namespaced = false };

    /// <summary>apiextensions.k8s.io/v1 CustomResourceDefinition.</summary>
    public static readonly ResourceType CustomResourceDefinitions = Of("apiextensions.k8s.io", "v1", "customresourcedefinitions", "CustomResourceDefinition", "crd", "crds") with
    {
        Namespaced = false,
        HasStatus = true,
        HasGeneration = true,
        Categories = ["api-extensions"],
        Rules = new CustomResourceDefinitionRules(),
    };

    /// <summary>Every built-in type.</summary>
    public static readonly ImmutableArray<ResourceType> BuiltIn =
    [
        ConfigMaps, Endpoints, Events, LimitRanges, Namespaces, Nodes, PersistentVolumeClaims, PersistentVolumes, Pods, PodTemplates,
        ReplicationControllers, ResourceQuotas, Secrets, ServiceAccounts, Services,
        ControllerRevisions, DaemonSets, Deployments, ReplicaSets, StatefulSets,
        NewEvents, CronJobs, Jobs, Ingresses, IngressClasses, NetworkPolicies, PodDisruptionBudgets,
        ClusterRoleBindings, ClusterRoles, RoleBindings, Roles, StorageClasses, CustomResourceDefinitions, PriorityClasses, Leases, EndpointSlices,
    ];

    private static ResourceType Core(string resource, string kind, params ImmutableArray<string> shortNames) => Of("", "v1", resource, kind, shortNames);

    private static ResourceType Workload(string resource, string kind, string shortName) =>
        Of("apps", "v1", resource, kind, shortName) with { HasStatus = true, HasGeneration = true, Categories = All };

    private static ResourceType Rbac(string resource, string kind, bool namespaced) =>
        Of("rbac.authorization.k8s.io", "v1", resource, kind) with { Namespaced = namespaced, Rules = new RbacRules() };

    private static ResourceType Of(string group, string version, string resource, string kind, params ImmutableArray<string> shortNames) => new()
    {
        Group = group,
        Versions = [version],
        Resource = resource,
        Singular = kind.ToLowerInvariant(),
        Kind = kind,
        ShortNames = shortNames,
    };
}

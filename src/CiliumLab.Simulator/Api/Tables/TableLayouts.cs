using System.Globalization;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>The columns that upstream prints for each built-in kind.</summary>
internal static class TableLayouts
{
    private static readonly TableLayout Simple = new(TableLayout.Name, TableLayout.Age);

    private static readonly TableColumn Containers = TableLayout.Text("Containers", static o => List(Templates(o), "name"), 1);
    private static readonly TableColumn Images = TableLayout.Text("Images", static o => List(Templates(o), "image"), 1);
    private static readonly TableColumn Selector = TableLayout.Text("Selector", static o => LabelSelector.OfObject(o.Object("spec", "selector")).ToString(), 1);

    private static readonly Dictionary<(string Group, string Kind), TableLayout> Layouts = new()
    {
        [("", "Pod")] = PodTable.Layout,
        [("", "Node")] = new(
            TableLayout.Name,
            new("Status", 0, static (o, _) => NodeStatus(o)),
            TableLayout.Text("Roles", Roles),
            TableLayout.Age,
            new("Version", 0, static (o, _) => o.Text("status", "nodeInfo", "kubeletVersion") ?? ""),
            TableLayout.Text("Internal-IP", static o => Address(o, "InternalIP"), 1),
            TableLayout.Text("External-IP", static o => Address(o, "ExternalIP"), 1),
            Unknown("OS-Image", static o => o.Text("status", "nodeInfo", "osImage")),
            Unknown("Kernel-Version", static o => o.Text("status", "nodeInfo", "kernelVersion")),
            Unknown("Container-Runtime", static o => o.Text("status", "nodeInfo", "containerRuntimeVersion"))),
        [("", "Namespace")] = new(TableLayout.Name, new("Status", 0, static (o, _) => o.Text("status", "phase") ?? ""), TableLayout.Age),
        [("", "Service")] = new(
            TableLayout.Name,
            new("Type", 0, static (o, _) => o.Text("spec", "type")),
            TableLayout.Text("Cluster-IP", static o => o.Text("spec", "clusterIP")),
            TableLayout.Text("External-IP", ExternalIp),
            TableLayout.Text("Port(s)", Ports),
            TableLayout.Age,
            TableLayout.Text("Selector", static o => LabelSelector.OfLabels(o.Object("spec", "selector")).ToString(), 1)),
        [("", "Endpoints")] = new(TableLayout.Name, TableLayout.Text("Endpoints", Endpoints), TableLayout.Age),
        [("", "ConfigMap")] = new(TableLayout.Name, TableLayout.Count("Data", static o => (o.Object("data")?.Count ?? 0) + (o.Object("binaryData")?.Count ?? 0)), TableLayout.Age),
        [("", "Secret")] = new(
            TableLayout.Name, new("Type", 0, static (o, _) => o.Text("type")), TableLayout.Count("Data", static o => o.Object("data")?.Count), TableLayout.Age),
        [("", "ServiceAccount")] = new(TableLayout.Name, TableLayout.Count("Secrets", static o => o.Array("secrets")?.Count), TableLayout.Age),
        [("", "LimitRange")] = CreatedAt(),
        [("", "ResourceQuota")] = new(
            TableLayout.Name,
            TableLayout.Age,
            new("Request", 0, static (o, _) => Quota(o, limits: false)),
            new("Limit", 0, static (o, _) => Quota(o, limits: true))),
        [("", "PersistentVolume")] = new(
            TableLayout.Name,
            new("Capacity", 0, static (o, _) => o.Text("spec", "capacity", "storage") ?? ""),
            new("Access Modes", 0, static (o, _) => AccessModes(o.Texts("spec", "accessModes"))),
            new("Reclaim Policy", 0, static (o, _) => o.Text("spec", "persistentVolumeReclaimPolicy") ?? ""),
            new("Status", 0, static (o, _) => PhaseOf(o)),
            new("Claim", 0, static (o, _) => o.Object("spec", "claimRef") is { } claim ? $"{claim.Text("namespace")}/{claim.Text("name")}" : ""),
            new("StorageClass", 0, static (o, _) => o.Text("spec", "storageClassName") ?? ""),
            new("VolumeAttributesClass", 0, static (o, _) => o.Text("spec", "volumeAttributesClassName") ?? "<unset>"),
            new("Reason", 0, static (o, _) => o.Text("status", "reason") ?? ""),
            TableLayout.Age,
            new("VolumeMode", 1, static (o, _) => o.Text("spec", "volumeMode") ?? "<unset>")),
        [("", "PersistentVolumeClaim")] = new(
            TableLayout.Name,
            new("Status", 0, static (o, _) => PhaseOf(o)),
            new("Volume", 0, static (o, _) => o.Text("spec", "volumeName") ?? ""),
            new("Capacity", 0, static (o, _) => o.Text("status", "capacity", "storage") ?? ""),
            new("Access Modes", 0, static (o, _) => AccessModes(o.Texts("status", "accessModes"))),
            new("StorageClass", 0, static (o, _) => o.Text("spec", "storageClassName") ?? ""),
            new("VolumeAttributesClass", 0, static (o, _) => o.Text("spec", "volumeAttributesClassName") ?? "<unset>"),
            TableLayout.Age,
            new("VolumeMode", 1, static (o, _) => o.Text("spec", "volumeMode") ?? "<unset>")),
        [("", "PodTemplate")] = new(
            TableLayout.Name,
            new("Containers", 0, static (o, _) => List(o.Objects("template", "spec", "containers"), "name")),
            new("Images", 0, static (o, _) => List(o.Objects("template", "spec", "containers"), "image")),
            TableLayout.Text("Pod Labels", static o => LabelSelector.OfLabels(o.Object("template", "metadata", "labels")).ToString())),
        [("", "ReplicationController")] = new(
            TableLayout.Name,
            TableLayout.Number("Desired", static o => o.Number("spec", "replicas")),
            TableLayout.Number("Current", static o => o.Number("status", "replicas")),
            TableLayout.Number("Ready", static o => o.Number("status", "readyReplicas")),
            TableLayout.Age, Containers, Images, TableLayout.Text("Selector", static o => LabelSelector.OfLabels(o.Object("spec", "selector")).ToString(), 1)),
        [("", "Event")] = EventTable("involvedObject"),
        [("events.k8s.io", "Event")] = EventTable("involvedObject"),
        [("apps", "Deployment")] = new(
            TableLayout.Name,
            new("Ready", 0, static (o, _) => $"{o.Number("status", "readyReplicas") ?? 0}/{o.Number("spec", "replicas") ?? 0}"),
            TableLayout.Count("Up-to-date", static o => o.Number("status", "updatedReplicas")),
            TableLayout.Count("Available", static o => o.Number("status", "availableReplicas")),
            TableLayout.Age, Containers, Images, Selector),
        [("apps", "ReplicaSet")] = new(
            TableLayout.Name,
            TableLayout.Number("Desired", static o => o.Number("spec", "replicas")),
            TableLayout.Number("Current", static o => o.Number("status", "replicas")),
            TableLayout.Number("Ready", static o => o.Number("status", "readyReplicas")),
            TableLayout.Age, Containers, Images, Selector),
        [("apps", "DaemonSet")] = new(
            TableLayout.Name,
            TableLayout.Number("Desired", static o => o.Number("status", "desiredNumberScheduled")),
            TableLayout.Number("Current", static o => o.Number("status", "currentNumberScheduled")),
            TableLayout.Number("Ready", static o => o.Number("status", "numberReady")),
            TableLayout.Number("Up-to-date", static o => o.Number("status", "updatedNumberScheduled")),
            TableLayout.Number("Available", static o => o.Number("status", "numberAvailable")),
            TableLayout.Text("Node Selector", static o => LabelSelector.OfLabels(o.Object("spec", "template", "spec", "nodeSelector")).ToString()),
            TableLayout.Age, Containers, Images, Selector),
        [("apps", "StatefulSet")] = new(
            TableLayout.Name,
            new("Ready", 0, static (o, _) => $"{o.Number("status", "readyReplicas") ?? 0}/{o.Number("spec", "replicas") ?? 0}"),
            TableLayout.Age, Containers, Images),
        [("apps", "ControllerRevision")] = new(
            TableLayout.Name,
            TableLayout.Text("Controller", static o => o.Objects("metadata", "ownerReferences").Where(static r => r.Flag("controller")).Select(static r => $"{r.Text("kind")?.ToLowerInvariant()}.apps/{r.Text("name")}").FirstOrDefault()),
            TableLayout.Count("Revision", static o => o.Number("revision")),
            TableLayout.Age),
        [("batch", "Job")] = new(
            TableLayout.Name,
            new("Status", 0, static (o, _) => o.Objects("status", "conditions").LastOrDefault(static c => c.Text("status") == "True").Text("type") ?? "Running"),
            new("Completions", 0, static (o, _) => $"{o.Number("status", "succeeded") ?? 0}/{o.Number("spec", "completions") ?? 1}"),
            new("Duration", 0, static (o, now) => Duration(o, now)),
            TableLayout.Age, Containers, Images, Selector),
        [("batch", "CronJob")] = new(
            TableLayout.Name,
            TableLayout.Text("Schedule", static o => o.Text("spec", "schedule")),
            TableLayout.Text("Timezone", static o => o.Text("spec", "timeZone")),
            new("Suspend", 0, static (o, _) => o.Flag("spec", "suspend") ? "True" : "False"),
            TableLayout.Number("Active", static o => o.Array("status", "active")?.Count),
            new("Last Schedule", 0, static (o, now) => o.Text("status", "lastScheduleTime") is { } time ? TableLayout.AgeOf(time, now) : "<none>"),
            TableLayout.Age),
        [("discovery.k8s.io", "EndpointSlice")] = new(
            TableLayout.Name,
            new("AddressType", 0, static (o, _) => o.Text("addressType")),
            new("Ports", 0, static (o, _) => SlicePorts(o)),
            new("Endpoints", 0, static (o, _) => Shorten([.. o.Objects("endpoints").SelectMany(static e => e.Texts("addresses"))], "<unset>")),
            TableLayout.Age),
        [("coordination.k8s.io", "Lease")] = new(TableLayout.Name, new("Holder", 0, static (o, _) => o.Text("spec", "holderIdentity") ?? ""), TableLayout.Age),
        [("apiextensions.k8s.io", "CustomResourceDefinition")] = new(
            TableLayout.Name, new("Created At", 0, static (o, _) => o.Text("metadata", "creationTimestamp")) { Type = "date" }),
        [("rbac.authorization.k8s.io", "Role")] = CreatedAt(),
        [("rbac.authorization.k8s.io", "ClusterRole")] = CreatedAt(),
        [("rbac.authorization.k8s.io", "RoleBinding")] = Binding(),
        [("rbac.authorization.k8s.io", "ClusterRoleBinding")] = Binding(),
        [("networking.k8s.io", "Ingress")] = new(
            TableLayout.Name,
            TableLayout.Text("Class", static o => o.Text("spec", "ingressClassName")),
            new("Hosts", 0, static (o, _) => Hosts(o)),
            new("Address", 0, static (o, _) => string.Join(',', o.Objects("status", "loadBalancer", "ingress").Select(static i => i.Text("ip") ?? i.Text("hostname")))),
            new("Ports", 0, static (o, _) => o.Objects("spec", "tls").Any() ? "80, 443" : "80"),
            TableLayout.Age),
        [("networking.k8s.io", "IngressClass")] = new(
            TableLayout.Name,
            new("Controller", 0, static (o, _) => o.Text("spec", "controller") ?? ""),
            TableLayout.Text("Parameters", static o => o.Object("spec", "parameters") is { } p ? $"{p.Text("kind")}{(p.Text("apiGroup") is { } g ? "." + g : "")}/{p.Text("name")}" : null),
            TableLayout.Age),
        [("storage.k8s.io", "StorageClass")] = new(
            TableLayout.Name,
            new("Provisioner", 0, static (o, _) => o.Text("provisioner") ?? ""),
            new("ReclaimPolicy", 0, static (o, _) => o.Text("reclaimPolicy") ?? "Delete"),
            new("VolumeBindingMode", 0, static (o, _) => o.Text("volumeBindingMode") ?? "Immediate"),
            new("AllowVolumeExpansion", 0, static (o, _) => o.Flag("allowVolumeExpansion") ? "true" : "false"),
            TableLayout.Age),
        [("networking.k8s.io", "NetworkPolicy")] = new(
            TableLayout.Name, TableLayout.Text("Pod-Selector", static o => LabelSelector.OfObject(o.Object("spec", "podSelector")).ToString()), TableLayout.Age),
        [("policy", "PodDisruptionBudget")] = new(
            TableLayout.Name,
            new("Min Available", 0, static (o, _) => o.At("spec", "minAvailable") is { } least ? least.AsDisplay() : "N/A"),
            new("Max Unavailable", 0, static (o, _) => o.At("spec", "maxUnavailable") is { } most ? most.AsDisplay() : "N/A"),
            TableLayout.Number("Allowed Disruptions", static o => o.Number("status", "disruptionsAllowed")),
            TableLayout.Age),
        [("scheduling.k8s.io", "PriorityClass")] = new(
            TableLayout.Name,
            TableLayout.Number("Value", static o => o.Number("value")),
            new("Global-Default", 0, static (o, _) => o.Flag("globalDefault")) { Type = "boolean" },
            TableLayout.Age,
            new("PreemptionPolicy", 0, static (o, _) => o.Text("preemptionPolicy") ?? "PreemptLowerPriority")),
    };

    /// <summary>The layout of a kind.</summary>
    public static TableLayout Of(ResourceType type, string version) =>
        type.Custom is { } custom ? TableLayout.OfCustom(custom, version) : Layouts.GetValueOrDefault((type.Group, type.Kind), Simple);

    private static TableLayout CreatedAt() => new(TableLayout.Name, new("Created At", 0, static (o, _) => o.Text("metadata", "creationTimestamp")) { Type = "date" });

    private static TableLayout Binding() => new(
        TableLayout.Name,
        new("Role", 0, static (o, _) => $"{o.Text("roleRef", "kind")}/{o.Text("roleRef", "name")}"),
        TableLayout.Age,
        new("Users", 1, static (o, _) => Subjects(o, "User")),
        new("Groups", 1, static (o, _) => Subjects(o, "Group")),
        new("ServiceAccounts", 1, static (o, _) => string.Join(", ", o.Objects("subjects").Where(static s => s.Text("kind") == "ServiceAccount").Select(static s => $"{s.Text("namespace")}/{s.Text("name")}"))));

    private static TableLayout EventTable(string involved) => new(
        new("Last Seen", 0, (o, now) => EventAge(o, now)),
        new("Type", 0, static (o, _) => o.Text("type") ?? ""),
        new("Reason", 0, static (o, _) => o.Text("reason") ?? ""),
        new("Object", 0, (o, _) => o.Text(involved, "name") is { Length: > 0 } name ? $"{o.Text(involved, "kind")?.ToLowerInvariant()}/{name}" : o.Text(involved, "kind")?.ToLowerInvariant()),
        new("Subobject", 1, (o, _) => o.Text(involved, "fieldPath") ?? ""),
        new("Source", 1, static (o, _) => string.Join(", ", new[] { o.Text("source", "component") ?? o.Text("reportingComponent"), o.Text("source", "host") }.Where(static t => t is { Length: > 0 }))),
        new("Message", 0, static (o, _) => o.Text("message")?.Trim() ?? ""),
        new("First Seen", 1, static (o, now) => TableLayout.AgeOf(o.Text("firstTimestamp") ?? o.Text("eventTime") ?? o.Text("metadata", "creationTimestamp"), now)),
        new("Count", 1, static (o, _) => o.Number("series", "count") ?? o.Number("count") ?? 1),
        new("Name", 1, static (o, _) => o.Text("metadata", "name")) { Format = "name" });

    private static string EventAge(JsonObject o, DateTimeOffset now) =>
        TableLayout.AgeOf(o.Text("series", "lastObservedTime") ?? o.Text("lastTimestamp") ?? o.Text("eventTime") ?? o.Text("firstTimestamp") ?? o.Text("metadata", "creationTimestamp"), now);

    private static TableColumn Unknown(string name, Func<JsonObject, string?> cell) => new(name, 1, (o, _) => cell(o) is { Length: > 0 } text ? text : "<unknown>");

    private static IEnumerable<JsonObject> Templates(JsonObject o) => o.Objects("spec", "template", "spec", "containers");

    private static string List(IEnumerable<JsonObject> containers, string field) => string.Join(',', containers.Select(c => c.Text(field)));

    private static string Subjects(JsonObject o, string kind) => string.Join(", ", o.Objects("subjects").Where(s => s.Text("kind") == kind).Select(static s => s.Text("name")));

    private static string NodeStatus(JsonObject node)
    {
        var status = node.Objects("status", "conditions").FirstOrDefault(static c => c.Text("type") == "Ready") switch
        {
            null => "Unknown",
            var ready => ready.Text("status") == "True" ? "Ready" : "NotReady",
        };
        return node.Flag("spec", "unschedulable") ? status + ",SchedulingDisabled" : status;
    }

    private static string Roles(JsonObject node)
    {
        const string prefix = "node-role.kubernetes.io/";
        var roles = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (key, value) in node.Object("metadata", "labels") ?? [])
        {
            if (key.StartsWith(prefix, StringComparison.Ordinal) && key.Length > prefix.Length)
                roles.Add(key[prefix.Length..]);
            else if (key == "kubernetes.io/role" && value.AsText() is { Length: > 0 } role)
                roles.Add(role);
        }
        return string.Join(',', roles);
    }

    private static string? Address(JsonObject node, string type) => node.Objects("status", "addresses").FirstOrDefault(a => a.Text("type") == type).Text("address");

    private static string? ExternalIp(JsonObject service) => service.Text("spec", "type") switch
    {
        "ExternalName" => service.Text("spec", "externalName"),
        "LoadBalancer" => string.Join(',', service.Objects("status", "loadBalancer", "ingress").Select(static i => i.Text("ip") ?? i.Text("hostname")).Concat(service.Texts("spec", "externalIPs"))) is { Length: > 0 } text ? text : "<pending>",
        _ => string.Join(',', service.Texts("spec", "externalIPs")),
    };

    private static string Ports(JsonObject service) => string.Join(',', service.Objects("spec", "ports").Select(static p =>
        p.Number("nodePort") is { } node and > 0 ? $"{p.Number("port")}:{node}/{p.Text("protocol")}" : $"{p.Number("port")}/{p.Text("protocol")}"));

    private static string Endpoints(JsonObject endpoints)
    {
        var list = new List<string>();
        foreach (var subset in endpoints.Objects("subsets"))
        {
            var addresses = subset.Objects("addresses").Select(static a => a.Text("ip") ?? "").ToList();
            var ports = subset.Objects("ports").ToList();
            if (ports.Count == 0)
                list.AddRange(addresses);
            foreach (var port in ports)
                list.AddRange(addresses.Select(a => $"{a}:{port.Number("port")}"));
        }
        return Shorten(list, "<none>");
    }

    private static string SlicePorts(JsonObject slice) =>
        Shorten([.. slice.Objects("ports").Select(static p => p.Number("port")?.ToString(CultureInfo.InvariantCulture) ?? "*")], "<unset>");

    private static string Shorten(List<string> list, string nothing) => list.Count switch
    {
        0 => nothing,
        > 3 => $"{string.Join(',', list.Take(3))} + {list.Count - 3} more...",
        _ => string.Join(',', list),
    };

    private static string PhaseOf(JsonObject o) => o.At("metadata", "deletionTimestamp") is not null ? "Terminating" : o.Text("status", "phase") ?? "";

    private static string AccessModes(IEnumerable<string> modes) => string.Join(',', modes.Select(static m => m switch
    {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        "ReadWriteOncePod" => "RWOP",
        _ => m,
    }));

    private static string Quota(JsonObject quota, bool limits) => string.Join(", ", (quota.Object("status", "hard") ?? [])
        .Where(h => h.Key.StartsWith("limits.", StringComparison.Ordinal) == limits).OrderBy(static h => h.Key, StringComparer.Ordinal)
        .Select(h => $"{h.Key}: {quota.At("status", "used", h.Key)?.AsDisplay() ?? "0"}/{h.Value?.AsDisplay()}"));

    private static string Hosts(JsonObject ingress)
    {
        var hosts = ingress.Objects("spec", "rules").Select(static r => r.Text("host") ?? "").Where(static h => h.Length > 0).ToList();
        return hosts.Count == 0 ? "*" : Shorten(hosts, "*");
    }

    private static string Duration(JsonObject job, DateTimeOffset now)
    {
        if (!DateTimeOffset.TryParse(job.Text("status", "startTime"), CultureInfo.InvariantCulture, out var start))
            return "";
        return TableLayout.HumanDuration((DateTimeOffset.TryParse(job.Text("status", "completionTime"), CultureInfo.InvariantCulture, out var end) ? end : now) - start);
    }
}

using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>Keeps EndpointSlices and Endpoints of services with a selector.</summary>
/// <param name="loop">The loop.</param>
/// <param name="seed">Names of slices.</param>
internal sealed class EndpointController(ControlLoop loop, Seed seed) : Controller(loop)
{
    private const string ServiceName = "kubernetes.io/service-name";
    private const string ManagedBy = "endpointslice.kubernetes.io/managed-by";
    private const string Manager = "endpointslice-controller.k8s.io";
    private const int SliceLength = 100;
    private const int EndpointsLength = 1000;

    /// <inheritdoc/>
    public override void Changed(ResourceEvent change)
    {
        if (change.Object.Type == ResourceTypes.Services)
        {
            Enqueue(change.Object);
        }
        else if (change.Object.Type == ResourceTypes.EndpointSlices && change.Object.Labels.GetValueOrDefault(ManagedBy) == Manager)
        {
            if (change.Type != ResourceEventType.Added && change.Object.Labels.TryGetValue(ServiceName, out var service))
                Enqueue($"{change.Object.Namespace}/{service}");
        }
        else if (change.Object.Type == ResourceTypes.Pods)
        {
            foreach (var service in Store.List(ResourceTypes.Services, change.Object.Namespace).Items)
            {
                if (service.Json.Object("spec", "selector") is { Count: > 0 } selector
                    && (LabelSelector.OfLabels(selector).Matches(change.Object.Labels) || (change.Previous is { } old && LabelSelector.OfLabels(selector).Matches(old.Labels))))
                {
                    Enqueue(service);
                }
            }
        }
    }

    /// <inheritdoc/>
    public override void Reconcile(string key)
    {
        var (ns, name) = (key[..key.IndexOf('/', StringComparison.Ordinal)], key[(key.IndexOf('/', StringComparison.Ordinal) + 1)..]);
        if (Store.Find(ResourceTypes.Services, ns, name) is not { IsTerminating: false } service)
        {
            if (Store.Find(ResourceTypes.Endpoints, ns, name) is not null)
                Store.Delete(ResourceTypes.Endpoints, ns, name);
            return;
        }
        if (service.Json.Object("spec", "selector") is not { Count: > 0 } selector || service.Json.Text("spec", "type") == "ExternalName"
            || Store.Find(ResourceTypes.Namespaces, null, ns) is not { IsTerminating: false })
        {
            return;
        }
        var publishAll = service.Json.Flag("spec", "publishNotReadyAddresses");
        var backends = Store.List(ResourceTypes.Pods, ns, LabelSelector.OfLabels(selector)).Items
            .Where(static p => p.Address() is not null && !p.IsFinished() && p.NodeName() is not null)
            .Select(p => new Backend(p, publishAll)).ToList();
        WriteSlices(service, backends);
        WriteEndpoints(service, backends);
    }

    private void WriteSlices(StoredObject service, List<Backend> backends)
    {
        var present = Index.OwnedBy(service.Uid)
            .Where(static o => o.Type == ResourceTypes.EndpointSlices && o.Labels.GetValueOrDefault(ManagedBy) == Manager)
            .Select(o => Store.Find(ResourceTypes.EndpointSlices, o.Namespace, o.Name)).OfType<StoredObject>().ToList();
        // Pods whose ports have other numbers for the same name are in other slices.
        var wanted = backends.GroupBy(b => Ports(service, b.Pod).ToJsonString(JsonFields.Plain), StringComparer.Ordinal)
            .SelectMany(static g => g.Chunk(SliceLength).Select(chunk => (Ports: g.Key, Backends: chunk))).ToList();
        if (wanted.Count == 0)
            wanted.Add((new JsonArray().ToJsonString(), []));
        foreach (var (ports, members) in wanted)
        {
            var slice = present.Find(s => (s.Json["ports"]?.ToJsonString(JsonFields.Plain) ?? "[]") == ports)
                ?? present.Find(static s => s.Json.Array("endpoints") is null or { Count: 0 }) ?? present.FirstOrDefault();
            var endpoints = Arrange(slice, members);
            if (slice is null)
            {
                Create(service, ports, endpoints);
                continue;
            }
            present.Remove(slice);
            Store.TryEdit(ResourceTypes.EndpointSlices, slice.Namespace, slice.Name, s =>
            {
                s["ports"] = JsonNode.Parse(ports);
                s["endpoints"] = endpoints;
                s.Ensure("metadata")["labels"] = Labels(service);
            });
        }
        foreach (var left in present)
            Store.Delete(ResourceTypes.EndpointSlices, left.Namespace, left.Name);
    }

    /// <summary>Endpoints keep their places; new ones come in at the end.</summary>
    private static JsonArray Arrange(StoredObject? slice, IReadOnlyList<Backend> backends)
    {
        var order = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var endpoint in slice?.Json.Objects("endpoints") ?? [])
            order.TryAdd(endpoint.Text("targetRef", "uid") ?? "", order.Count);
        return new([.. backends.OrderBy(b => order.GetValueOrDefault(b.Pod.Uid, int.MaxValue))
            .ThenBy(static b => b.Pod.Json.Text("metadata", "creationTimestamp"), StringComparer.Ordinal).ThenBy(static b => b.Pod.Name, StringComparer.Ordinal)
            .Select(static b => (JsonNode)b.ToEndpoint())]);
    }

    private void Create(StoredObject service, string ports, JsonArray endpoints) => Store.Create(ResourceTypes.EndpointSlices, new JsonObject
    {
        ["metadata"] = new JsonObject
        {
            ["name"] = $"{service.Name}-{seed.Fork(service.Uid + ports).NextSuffix()}",
            ["generateName"] = service.Name + "-",
            ["namespace"] = service.Namespace,
            ["labels"] = Labels(service),
            ["ownerReferences"] = new JsonArray(service.AsController()),
        },
        ["addressType"] = "IPv4",
        ["endpoints"] = endpoints,
        ["ports"] = JsonNode.Parse(ports),
    });

    private static JsonObject Labels(StoredObject service)
    {
        var labels = service.Json.Object("metadata", "labels")?.Copy() ?? [];
        labels[ManagedBy] = Manager;
        labels[ServiceName] = service.Name;
        if (service.Json.Text("spec", "clusterIP") == "None")
            labels["service.kubernetes.io/headless"] = "";
        return labels;
    }

    private static JsonArray Ports(StoredObject service, StoredObject pod)
    {
        var ports = new JsonArray();
        foreach (var port in service.Json.Objects("spec", "ports"))
        {
            if (TargetPort(port, pod) is not { } number)
                continue;
            var item = new JsonObject { ["name"] = port.Text("name") ?? "", ["port"] = number, ["protocol"] = port.Text("protocol") ?? "TCP" };
            if (port.Text("appProtocol") is { } application)
                item["appProtocol"] = application;
            ports.Add((JsonNode)item);
        }
        return ports;
    }

    private static long? TargetPort(JsonObject port, StoredObject pod)
    {
        if (port["targetPort"].AsNumber() is { } number)
            return number;
        return port.Text("targetPort") is { } name
            ? pod.Json.Objects("spec", "containers").SelectMany(static c => c.Objects("ports"))
                .FirstOrDefault(p => p.Text("name") == name && (p.Text("protocol") ?? "TCP") == (port.Text("protocol") ?? "TCP")).Number("containerPort")
            : port.Number("port");
    }

    private void WriteEndpoints(StoredObject service, List<Backend> backends)
    {
        var subsets = new JsonArray();
        foreach (var group in backends.Where(static b => !b.Pod.IsTerminating).OrderBy(static b => b.Pod.Address(), StringComparer.Ordinal)
            .Take(EndpointsLength).GroupBy(b => Ports(service, b.Pod).ToJsonString(JsonFields.Plain), StringComparer.Ordinal))
        {
            var subset = new JsonObject();
            foreach (var (field, ready) in ((string, bool)[])[("addresses", true), ("notReadyAddresses", false)])
            {
                var addresses = group.Where(b => b.IsReady == ready).Select(static b => (JsonNode)b.ToAddress()).ToArray();
                if (addresses.Length > 0)
                    subset[field] = new JsonArray(addresses);
            }
            var ports = JsonNode.Parse(group.Key)!.AsArray();
            foreach (var unnamed in ports.OfType<JsonObject>().Where(static p => p.Text("name") is ""))
                unnamed.Remove("name");
            if (ports.Count > 0)
                subset["ports"] = ports;
            subsets.Add((JsonNode)subset);
        }
        var labels = service.Json.Object("metadata", "labels")?.Copy() ?? [];
        labels["endpoints.kubernetes.io/managed-by"] = "endpoint-controller";
        void Fill(JsonObject obj)
        {
            obj.Ensure("metadata")["labels"] = labels;
            if (subsets.Count > 0)
                obj["subsets"] = subsets;
            else
                obj.Remove("subsets");
        }
        if (Store.TryEdit(ResourceTypes.Endpoints, service.Namespace, service.Name, Fill) is not null)
            return;
        var endpoints = new JsonObject { ["metadata"] = new JsonObject { ["name"] = service.Name, ["namespace"] = service.Namespace } };
        Fill(endpoints);
        Store.Create(ResourceTypes.Endpoints, endpoints);
    }

    private sealed record Backend(StoredObject Pod, bool PublishAll)
    {
        public bool IsReady => PublishAll || (Pod.IsReady() && !Pod.IsTerminating);

        public JsonObject ToEndpoint() => new()
        {
            ["addresses"] = new JsonArray(Pod.Address()),
            ["conditions"] = new JsonObject
            {
                ["ready"] = IsReady,
                ["serving"] = PublishAll || Pod.IsReady(),
                ["terminating"] = Pod.IsTerminating,
            },
            ["nodeName"] = Pod.NodeName(),
            ["targetRef"] = Reference(),
        };

        public JsonObject ToAddress() => new() { ["ip"] = Pod.Address(), ["nodeName"] = Pod.NodeName(), ["targetRef"] = Reference() };

        private JsonObject Reference() => new() { ["kind"] = "Pod", ["name"] = Pod.Name, ["namespace"] = Pod.Namespace, ["uid"] = Pod.Uid };
    }
}

using System.Net;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Cilium;

/// <summary>Something that answers for a service.</summary>
internal sealed record ServiceBackend(uint Id, IPAddress Address, int Port, string Protocol)
{
    /// <summary>The node that it is on; null when nobody says.</summary>
    public string? NodeName { get; init; }

    /// <summary><c>active</c> or <c>terminating</c>.</summary>
    public string State { get; init; } = "active";

    /// <summary>As models.BackendAddress.</summary>
    public JsonObject ToJson() => new JsonObject { ["ip"] = Address.ToString() }
        .With("nodeName", NodeName).With("port", Port).With("protocol", Protocol).With("state", State).With("weight", 100);

    /// <inheritdoc/>
    public override string ToString() => $"{Address}:{Port}/{Protocol}";
}

/// <summary>An address of a service.</summary>
internal sealed record ServiceFrontend(ushort Id, IPAddress Address, int Port, string Protocol)
{
    public required string Namespace { get; init; }

    public required string Name { get; init; }

    /// <summary><c>ClusterIP</c>, <c>NodePort</c>, <c>ExternalIPs</c>, <c>LoadBalancer</c>.</summary>
    public required string Type { get; init; }

    /// <summary><c>Cluster</c> or <c>Local</c>.</summary>
    public string ExternalPolicy { get; init; } = "Cluster";

    /// <summary><c>Cluster</c> or <c>Local</c>.</summary>
    public string InternalPolicy { get; init; } = "Cluster";

    /// <summary>Whether a client stays with its backend.</summary>
    public bool HasAffinity { get; init; }

    public IReadOnlyList<ServiceBackend> Backends { get; init; } = [];

    /// <summary>serviceFlags of pkg/loadbalancer.</summary>
    public int Flags => Type switch { "ExternalIPs" => 0x1 | 0x40, "NodePort" => 0x2 | 0x40, "LoadBalancer" => 0x20 | 0x40, _ => 0 }
        | (ExternalPolicy == "Local" ? 0x4 : 0) | (HasAffinity ? 0x10 : 0) | (InternalPolicy == "Local" ? 0x1000 : 0);

    /// <summary>The flags as <c>bpf lb list</c> names them.</summary>
    public string FlagNames => string.Join(", ", new[]
    {
        Type, ExternalPolicy == "Local" ? "Local" : null, InternalPolicy == "Local" ? "InternalLocal" : null, HasAffinity ? "sessionAffinity" : null, (Flags & 0x40) == 0 ? "non-routable" : null,
    }.OfType<string>());

    /// <summary>The address without a slot.</summary>
    public string Key => $"{Address}:{Port}/{Protocol}";

    /// <summary>The value of a slot; slot 0 counts the others and says which algorithm chooses.</summary>
    public string Value(int slot) => slot == 0
        ? $"{1 << 24} {Backends.Count}[0] ({Id}) [0x{Flags & 0xff:x} 0x{Flags >> 8:x}]"
        : $"{Backends[slot - 1].Id} 0[0] ({Id}) [0x0 0x0]";

    /// <summary>As models.Service.</summary>
    public JsonObject ToJson()
    {
        var spec = new JsonObject
        {
            ["backend-addresses"] = new JsonArray([.. Backends.Select(static backend => (JsonNode)backend.ToJson())]),
            ["flags"] = new JsonObject()
                .With("cluster", "default").With("extTrafficPolicy", ExternalPolicy).With("intTrafficPolicy", InternalPolicy)
                .With("name", Name).With("namespace", Namespace).With("natPolicy", "None").With("trafficPolicy", ExternalPolicy).With("type", Type),
            ["frontend-address"] = new JsonObject().With("ip", Address.ToString()).With("port", Port).With("protocol", Protocol.ToLowerInvariant()).With("scope", "external"),
            ["id"] = Id,
        };
        return new JsonObject { ["spec"] = spec, ["status"] = new JsonObject { ["realized"] = spec.DeepClone() } };
    }
}

/// <summary>The services of one node: what its load balancer's maps hold. They outlive the agent.</summary>
/// <param name="cache">The running agent's view of a map.</param>
internal sealed class ServiceTable(Func<string, BpfMapCache> cache)
{
    private readonly SortedDictionary<int, ServiceFrontend> _frontends = [];
    private readonly Dictionary<(IPAddress Address, int Port, string Protocol), ServiceBackend> _backends = [];
    private uint _lastBackend;

    /// <summary>The frontends by number.</summary>
    public IReadOnlyList<ServiceFrontend> Frontends => [.. _frontends.Values];

    /// <summary>The backends by number.</summary>
    public IReadOnlyList<ServiceBackend> Backends => [.. _backends.Values.OrderBy(static backend => backend.Id)];

    /// <summary>The service behind an address; null when there is none.</summary>
    public ServiceFrontend? Find(IPAddress address, int port, string protocol) =>
        _frontends.Values.FirstOrDefault(one => one.Port == port && one.Protocol == protocol && one.Address.Equals(address));

    /// <summary>Brings the frontends of a service in line with the API.</summary>
    /// <param name="store">The API.</param>
    /// <param name="ns">The service's namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="node">The node.</param>
    /// <param name="configuration">What the agent was told.</param>
    /// <param name="nodeAddresses">Where node ports are served.</param>
    public void Update(ObjectStore store, string ns, string name, string node, CiliumConfiguration configuration, IReadOnlyList<IPAddress> nodeAddresses)
    {
        var service = store.Find(ResourceTypes.Services, ns, name);
        var slices = store.List(ResourceTypes.EndpointSlices, ns).Items.Where(slice => slice.Labels.GetValueOrDefault("kubernetes.io/service-name") == name).ToList();
        var wanted = service is null ? [] : Wanted(service, configuration, nodeAddresses).ToList();
        foreach (var old in _frontends.Values.Where(one => one.Namespace == ns && one.Name == name && !wanted.Exists(next => next.Frontend.Key == one.Key)).ToList())
            Remove(old);
        foreach (var (frontend, portName) in wanted)
        {
            var isLocal = frontend.Type == "ClusterIP" ? frontend.InternalPolicy == "Local" : frontend.ExternalPolicy == "Local";
            Set(frontend with { Backends = [.. Endpoints(slices, portName, frontend.Protocol, isLocal ? node : null)] });
        }

        foreach (var (key, backend) in _backends.Where(pair => !_frontends.Values.Any(one => one.Backends.Contains(pair.Value))).ToList())
        {
            _backends.Remove(key);
            cache("cilium_lb4_backends_v3").Delete(backend.Id.ToString(null, null));
        }
    }

    private static IEnumerable<(ServiceFrontend Frontend, string PortName)> Wanted(StoredObject service, CiliumConfiguration configuration, IReadOnlyList<IPAddress> nodeAddresses)
    {
        var spec = service.Json.Object("spec");
        var type = spec.Text("type") ?? "ClusterIP";
        foreach (var port in spec.Objects("ports"))
        {
            var basis = new ServiceFrontend(0, IPAddress.Any, (int)(port.Number("port") ?? 0), port.Text("protocol") ?? "TCP")
            {
                Namespace = service.Namespace,
                Name = service.Name,
                Type = "ClusterIP",
                ExternalPolicy = spec.Text("externalTrafficPolicy") ?? "Cluster",
                InternalPolicy = configuration.Flag("enable-internal-traffic-policy", true) ? spec.Text("internalTrafficPolicy") ?? "Cluster" : "Cluster",
                HasAffinity = spec.Text("sessionAffinity") == "ClientIP",
            };
            var portName = port.Text("name") ?? "";
            if (Address(spec.Text("clusterIP")) is { } cluster)
                yield return (basis with { Address = cluster }, portName);
            if (!configuration.ReplacesKubeProxy)
                continue;
            foreach (var external in spec.Texts("externalIPs").Select(Address).OfType<IPAddress>())
                yield return (basis with { Address = external, Type = "ExternalIPs" }, portName);
            foreach (var ingress in service.Json.Objects("status", "loadBalancer", "ingress").Select(static one => Address(one.Text("ip"))).OfType<IPAddress>())
                yield return (basis with { Address = ingress, Type = "LoadBalancer" }, portName);
            if (type is "NodePort" or "LoadBalancer" && port.Number("nodePort") is > 0 and var nodePort)
            {
                foreach (var address in nodeAddresses.Append(IPAddress.Any))
                    yield return (basis with { Address = address, Port = (int)nodePort, Type = "NodePort" }, portName);
            }
        }
    }

    private static IPAddress? Address(string? text) => text is not null && IpPrefix.TryParseAddress(text, out var address) && address.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? address : null;

    private IEnumerable<ServiceBackend> Endpoints(List<StoredObject> slices, string portName, string protocol, string? onlyOn)
    {
        foreach (var slice in slices)
        {
            if (slice.Json.Objects("ports").FirstOrDefault(port => (port.Text("name") ?? "") == portName && (port.Text("protocol") ?? "TCP") == protocol).Number("port") is not { } port)
                continue;
            foreach (var endpoint in slice.Json.Objects("endpoints"))
            {
                var isTerminating = endpoint.Flag("conditions", "terminating");
                if (endpoint.At("conditions", "ready")?.GetValueKind() == System.Text.Json.JsonValueKind.False && !(isTerminating && endpoint.Flag("conditions", "serving")))
                    continue;
                if (onlyOn is not null && endpoint.Text("nodeName") is { } on && on != onlyOn)
                    continue;
                foreach (var address in endpoint.Texts("addresses").Select(Address).OfType<IPAddress>())
                    yield return Backend(address, (int)port, protocol, endpoint.Text("nodeName"), isTerminating);
            }
        }
    }

    private ServiceBackend Backend(IPAddress address, int port, string protocol, string? node, bool isTerminating)
    {
        var key = (address, port, protocol);
        if (!_backends.TryGetValue(key, out var backend))
        {
            backend = new ServiceBackend(++_lastBackend, address, port, protocol);
            cache("cilium_lb4_backends_v3").Update(backend.Id.ToString(null, null), $"{protocol}://{address}");
        }

        return _backends[key] = backend with { NodeName = node, State = isTerminating ? "terminating" : "active" };
    }

    private void Set(ServiceFrontend frontend)
    {
        var old = _frontends.Values.FirstOrDefault(one => one.Key == frontend.Key);
        frontend = frontend with { Id = old?.Id ?? NextId() };
        var map = cache("cilium_lb4_services_v2");
        if (old is not null && old.Flags == frontend.Flags && old.Backends.SequenceEqual(frontend.Backends) && map.Entries.Any(entry => entry.Key == $"{frontend.Key} (0)"))
        {
            _frontends[frontend.Id] = frontend;
            return;
        }

        _frontends[frontend.Id] = frontend;
        for (var slot = 1; slot <= frontend.Backends.Count; slot++)
            map.Update($"{frontend.Key} ({slot})", frontend.Value(slot));
        cache("cilium_lb4_reverse_nat").Update(frontend.Id.ToString(null, null), $"{frontend.Address}:{frontend.Port}");
        map.Update($"{frontend.Key} (0)", frontend.Value(0));
        for (var slot = frontend.Backends.Count + 1; slot <= (old?.Backends.Count ?? 0); slot++)
            map.Delete($"{frontend.Key} ({slot})");
    }

    private void Remove(ServiceFrontend frontend)
    {
        _frontends.Remove(frontend.Id);
        var map = cache("cilium_lb4_services_v2");
        for (var slot = frontend.Backends.Count; slot >= 0; slot--)
            map.Delete($"{frontend.Key} ({slot})");
        cache("cilium_lb4_reverse_nat").Delete(frontend.Id.ToString(null, null));
    }

    private ushort NextId()
    {
        ushort id = 1;
        while (_frontends.ContainsKey(id))
            id++;
        return id;
    }
}

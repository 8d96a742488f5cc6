using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>A port of a service as kube-proxy sees it, with the names of its chains.</summary>
internal sealed record ServicePort
{
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary><c>namespace/name:port</c>, or <c>namespace/name</c> when the port has no name.</summary>
    public required string Name { get; init; }

    /// <summary>In lower case.</summary>
    public required string Protocol { get; init; }

    /// <summary>The service's address.</summary>
    public required string ClusterIp { get; init; }

    /// <summary>The service's port.</summary>
    public required long Port { get; init; }

    /// <summary>The port on every node; 0 for none.</summary>
    public long NodePort { get; init; }

    /// <summary>Whether traffic from outside stays on the node that it came to.</summary>
    public bool ExternalLocal { get; init; }

    /// <summary>Addresses from outside that lead here, those of load balancers among them.</summary>
    public IReadOnlyList<string> ExternalAddresses { get; init; } = [];

    /// <summary>Seconds for which a client stays with its endpoint; null when it need not.</summary>
    public long? Affinity { get; init; }

    /// <summary>Endpoints as <c>address:port</c>, sorted as text.</summary>
    public IReadOnlyList<string> Endpoints { get; init; } = [];

    /// <summary>The endpoints that are on the node at hand.</summary>
    public IReadOnlyList<string> LocalEndpoints { get; init; } = [];

    /// <summary>The chain that spreads over all endpoints.</summary>
    public string ServiceChain => "KUBE-SVC-" + Hash(Name + Protocol);

    /// <summary>The chain that spreads over the node's own endpoints.</summary>
    public string LocalChain => "KUBE-SVL-" + Hash(Name + Protocol);

    /// <summary>The chain for traffic from outside.</summary>
    public string ExternalChain => "KUBE-EXT-" + Hash(Name + Protocol);

    /// <summary>The chain of an endpoint.</summary>
    public string EndpointChain(string endpoint) => "KUBE-SEP-" + Hash(Name + Protocol + endpoint);

    /// <summary>The first sixteen letters of the SHA-256 in base 32, as upstream's portProtoHash gives them.</summary>
    internal static string Hash(string text)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(text));
        return string.Create(16, hash, static (letters, bytes) =>
        {
            for (var i = 0; i < letters.Length; i++)
            {
                var bit = i * 5;
                var pair = (bytes[bit / 8] << 8) | bytes[(bit / 8) + 1];
                letters[i] = Base32[(pair >> (11 - (bit % 8))) & 31];
            }
        });
    }

    /// <summary>The service ports of a cluster as a node's kube-proxy sees them, sorted by name.</summary>
    public static IReadOnlyList<ServicePort> All(ObjectStore store, string node)
    {
        var slices = store.List(ResourceTypes.EndpointSlices).Items.Where(static s => s.Json.Text("addressType") == "IPv4")
            .ToLookup(static s => $"{s.Namespace}/{s.Labels.GetValueOrDefault("kubernetes.io/service-name")}", StringComparer.Ordinal);
        var ports = new List<ServicePort>();
        foreach (var service in store.List(ResourceTypes.Services).Items)
        {
            if (service.Labels.ContainsKey("service.kubernetes.io/service-proxy-name") || service.Json.Text("spec", "type") == "ExternalName"
                || service.Json.Text("spec", "clusterIP") is not { Length: > 0 } address || address == "None")
            {
                continue;
            }
            var full = $"{service.Namespace}/{service.Name}";
            foreach (var port in service.Json.Objects("spec", "ports"))
            {
                var endpoints = Serving(slices[full], port.Text("name") ?? "", port.Text("protocol") ?? "TCP");
                ports.Add(new ServicePort
                {
                    Name = port.Text("name") is { Length: > 0 } name ? $"{full}:{name}" : full,
                    Protocol = (port.Text("protocol") ?? "TCP").ToLowerInvariant(),
                    ClusterIp = address,
                    Port = port.Number("port") ?? 0,
                    NodePort = port.Number("nodePort") ?? 0,
                    ExternalLocal = service.Json.Text("spec", "externalTrafficPolicy") == "Local",
                    ExternalAddresses = [.. service.Json.Texts("spec", "externalIPs"), .. service.Json.Objects("status", "loadBalancer", "ingress").Select(static i => i.Text("ip")).OfType<string>()],
                    Affinity = service.Json.Text("spec", "sessionAffinity") == "ClientIP" ? service.Json.Number("spec", "sessionAffinityConfig", "clientIP", "timeoutSeconds") ?? 10800 : null,
                    Endpoints = [.. endpoints.Select(static e => e.Endpoint).Distinct().Order(StringComparer.Ordinal)],
                    LocalEndpoints = [.. endpoints.Where(e => e.Node == node).Select(static e => e.Endpoint).Distinct().Order(StringComparer.Ordinal)],
                });
            }
        }
        return [.. ports.OrderBy(static p => p.Name, StringComparer.Ordinal)];
    }

    /// <summary>Ready endpoints; when there are none, those that still serve while they end.</summary>
    private static List<(string Endpoint, string? Node)> Serving(IEnumerable<StoredObject> slices, string name, string protocol)
    {
        var ready = new List<(string Endpoint, string? Node)>();
        var ending = new List<(string Endpoint, string? Node)>();
        foreach (var slice in slices)
        {
            var port = slice.Json.Objects("ports").FirstOrDefault(p => (p.Text("name") ?? "") == name && (p.Text("protocol") ?? "TCP") == protocol);
            if (port.Number("port") is not { } number)
                continue;
            foreach (var endpoint in slice.Json.Objects("endpoints"))
            {
                var conditions = endpoint.Object("conditions");
                var isReady = conditions?["ready"] is null || conditions.Flag("ready");
                if (!isReady && !(conditions.Flag("serving") && conditions.Flag("terminating")))
                    continue;
                foreach (var address in endpoint.Texts("addresses"))
                    (isReady ? ready : ending).Add((string.Create(CultureInfo.InvariantCulture, $"{address}:{number}"), endpoint.Text("nodeName")));
            }
        }
        return ready.Count > 0 ? ready : ending;
    }
}

using System.Globalization;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Cilium;

/// <summary>Commands about who is on the node and who is who: <c>endpoint</c>, <c>identity</c>, <c>ip</c>, <c>service</c>, <c>node</c>.</summary>
internal static class EndpointCommands
{
    private const string Output = "o|output=";

    public static IReadOnlyList<AgentCommand> All { get; } =
    [
        new("endpoint list", Output + " no-headers", ListEndpoints),
        new("endpoint get", Output + " l|labels=", GetEndpoint),
        new("endpoint log", Output, LogEndpoint),
        new("identity list", Output + " endpoints", ListIdentities),
        new("identity get", Output, GetIdentity),
        new("ip list", Output + " n|numeric", ListAddresses),
        new("service list", Output, ListServices),
        new("node list", Output, ListNodes),
    ];

    private static int ListEndpoints(AgentCall call)
    {
        var endpoints = call.Agent.Endpoints.All;
        if (call.TryDocument(() => new JsonArray([.. endpoints.Select(endpoint => (JsonNode)endpoint.ToJson(call.Agent))]), out var code))
            return code;
        var writer = new GoTabWriter();
        if (!call.Has("no-headers"))
        {
            writer.Row("ENDPOINT", "POLICY (ingress)", "POLICY (egress)", "IDENTITY", "LABELS (source:key[=value])", "IPv6", "IPv4", "STATUS", "");
            writer.Row("", "ENFORCEMENT", "ENFORCEMENT", "", "", "", "", "", "");
        }

        foreach (var endpoint in endpoints)
        {
            writer.Row(endpoint.Id.ToString(null, null), Enforcement(endpoint.EnforcesIngress, call.Agent), Enforcement(endpoint.EnforcesEgress, call.Agent), endpoint.Identity.Id.ToString(null, null), endpoint.Labels.FirstOrDefault("no labels"), "", endpoint.Address?.ToString() ?? "", endpoint.State, "");
            foreach (var label in endpoint.Labels.Skip(1))
                writer.Row("", "", "", "", label, "", "", "", "");
        }

        return call.Print(writer.Flush());
    }

    private static string Enforcement(bool isEnforced, CiliumAgent agent) =>
        !isEnforced ? "Disabled" : agent.Configuration.Flag("policy-audit-mode") ? "Disabled (Audit)" : "Enabled";

    private static int GetEndpoint(AgentCall call)
    {
        var endpoint = Find(call);
        var document = new JsonArray(endpoint.ToJson(call.Agent));
        return call.TryDocument(() => document, out var code) ? code : call.Print(GoJson.Indented(document) + "\n\n");
    }

    private static int LogEndpoint(AgentCall call)
    {
        var log = Find(call).Log;
        if (call.TryDocument(() => new JsonArray([.. log.Select(static change => (JsonNode)change.ToJson())]), out var code))
            return code;
        var writer = new GoTabWriter(2).Row("Timestamp", "Status", "State", "Message");
        foreach (var change in log)
            writer.Row(GoText.Seconds(change.Time), "OK", change.State, change.Message);
        return call.Print(writer.Flush());
    }

    private static CiliumEndpoint Find(AgentCall call)
    {
        var id = call.First ?? throw AgentCommandException.Fatal("Missing endpoint id argument");
        return (int.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? call.Agent.Endpoints.Find(number) : id.StartsWith("ipv4:", StringComparison.Ordinal) && System.Net.IPAddress.TryParse(id[5..], out var address) ? call.Agent.Endpoints.Find(address) : null)
            ?? throw AgentCommandException.Fatal($"Cannot get endpoint {id}: [GET /endpoint/{{id}}][404] getEndpointIdNotFound");
    }

    private static int ListIdentities(AgentCall call)
    {
        var agent = call.Agent;
        if (call.Has("endpoints"))
        {
            var uses = agent.Endpoints.All.GroupBy(static endpoint => endpoint.Identity.Id).OrderBy(static group => group.Key).ToList();
            if (call.TryDocument(() => new JsonArray([.. uses.Select(group => (JsonNode)new JsonObject { ["identity"] = agent.FindIdentity(group.Key)?.ToJson(), ["refCount"] = group.Count() })]), out var coded))
                return coded;
            var counts = new GoTabWriter(2).Row("ID", "LABELS", "REFCOUNT");
            foreach (var group in uses)
            {
                var labels = agent.FindIdentity(group.Key)?.Labels ?? [];
                counts.Row(group.Key.ToString(null, null), labels.FirstOrDefault(""), group.Count().ToString(null, null));
                foreach (var label in labels.Skip(1))
                    counts.Row("", label, "");
            }

            return call.Print(counts.Flush());
        }

        var identities = agent.KnownIdentities.ToList();
        return call.TryDocument(() => new JsonArray([.. identities.Select(static identity => (JsonNode)identity.ToJson())]), out var code) ? code : call.Print(Table(identities));
    }

    private static int GetIdentity(AgentCall call)
    {
        var id = call.First ?? throw AgentCommandException.Fatal("Invalid identity ID");
        if (!uint.TryParse(id, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || call.Agent.FindIdentity(number) is not { } identity)
            throw AgentCommandException.Fatal($"Cannot get identity for given ID {id}: [GET /identity/{{id}}][404] getIdentityIdNotFound");
        return call.TryDocument(() => new JsonArray(identity.ToJson()), out var code) ? code : call.Print(Table([identity]));
    }

    private static string Table(IReadOnlyList<SecurityIdentity> identities)
    {
        var writer = new GoTabWriter(2).Row("ID", "LABELS");
        foreach (var identity in identities)
        {
            writer.Row(identity.Id.ToString(null, null), identity.Labels.FirstOrDefault(""));
            foreach (var label in identity.Labels.Skip(1))
                writer.Row("", label);
        }

        return writer.Flush();
    }

    private static int ListAddresses(AgentCall call)
    {
        var entries = call.Agent.IpCache.Entries;
        if (call.TryDocument(() => new JsonArray([.. entries.Select(static entry => (JsonNode)Document(entry))]), out var code))
            return code;
        var writer = new GoTabWriter().Row("IP", "IDENTITY", "SOURCE");
        foreach (var entry in entries)
        {
            var names = call.Has("numeric") || call.Agent.FindIdentity(entry.Identity) is not { } identity ? [entry.Identity.ToString(null, null)] : identity.Labels;
            writer.Row(entry.Key, names[0], entry.Source);
            foreach (var name in names.Skip(1))
                writer.Row("", name, "");
        }

        return call.Print(writer.Flush());
    }

    private static JsonObject Document(IpCacheEntry entry)
    {
        var json = new JsonObject { ["cidr"] = entry.Key }.With("hostIP", entry.Host?.ToString());
        json["identity"] = entry.Identity;
        if (entry.Source.Length > 0)
            json["metadata"] = new JsonObject().With("name", entry.PodName).With("namespace", entry.PodNamespace).With("source", entry.Source);
        return json;
    }

    private static int ListServices(AgentCall call)
    {
        var services = call.Agent.Services.Frontends;
        if (call.TryDocument(() => new JsonArray([.. services.Select(static service => (JsonNode)service.ToJson())]), out var code))
            return code;
        var writer = new GoTabWriter().Row("ID", "Frontend", "Service Type", "Backend", "");
        foreach (var service in services)
        {
            var backends = service.Backends.Select(static (backend, index) => $"{index + 1} => {backend} ({backend.State})").ToList();
            writer.Row(service.Id.ToString(null, null), service.Key, service.Type, backends.FirstOrDefault(""), "");
            foreach (var backend in backends.Skip(1))
                writer.Row("", "", "", backend, "");
        }

        return call.Print(writer.Flush());
    }

    private static int ListNodes(AgentCall call)
    {
        var agent = call.Agent;
        var nodes = NodeElements(agent);
        if (call.TryDocument(() => nodes, out var code))
            return code;
        var writer = new GoTabWriter(0).Row("Name", "IPv4 Address", "Endpoint CIDR", "IPv6 Address", "Endpoint CIDR", "Source");
        foreach (var node in nodes.OfType<JsonObject>())
        {
            var address = node["primary-address"]!["ipv4"]!;
            writer.Row((string)node["name"]!, (string)address["ip"]!, (string?)address["alloc-range"] ?? "", "", "", (string)node["source"]!);
        }

        return call.Print(writer.Flush());
    }

    /// <summary>All nodes as models.NodeElement, by name.</summary>
    internal static JsonArray NodeElements(CiliumAgent agent) =>
    [
        .. agent.Peers.Nodes.Append(new CiliumNodeView(agent.Node.Name, agent.NodeAddress, agent.Router, agent.Endpoints.Health?.Address, agent.Pool?.Prefix))
            .OrderBy(static node => node.Name, StringComparer.Ordinal)
            .Select(node => (JsonNode?)agent.NodeElement($"{agent.Configuration.ClusterName}/{node.Name}", node.Address, node.Pods, node.Health, node.Router)),
    ];
}

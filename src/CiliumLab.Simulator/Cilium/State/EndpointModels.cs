using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Cilium;

/// <summary>Endpoints and identities in the shapes of api/v1/models.</summary>
internal static class EndpointModels
{
    /// <summary>models.Identity.</summary>
    public static JsonObject ToJson(this SecurityIdentity identity) => new JsonObject()
        .With("id", identity.Id).With("labels", GoJson.Array(identity.Labels)).With("labelsSHA256", identity.Id == 0 ? "" : identity.LabelsHash);

    /// <summary>models.Endpoint.</summary>
    public static JsonObject ToJson(this CiliumEndpoint endpoint, CiliumAgent agent)
    {
        var options = Options(agent.Configuration);
        var labels = GoJson.Array(endpoint.Labels);
        return new JsonObject
        {
            ["id"] = endpoint.Id,
            ["spec"] = new JsonObject { ["label-configuration"] = new JsonObject(), ["options"] = options },
            ["status"] = new JsonObject
            {
                ["controllers"] = new JsonArray([.. Controllers.OfEndpoint(endpoint).Select(controller => (JsonNode)controller.ToJson(agent))]),
                ["external-identifiers"] = Identifiers(endpoint),
                ["health"] = new JsonObject { ["bpf"] = "OK", ["connected"] = true, ["overallHealth"] = "OK", ["policy"] = "OK" },
                ["identity"] = endpoint.Identity.ToJson(),
                ["labels"] = new JsonObject { ["realized"] = new JsonObject(), ["security-relevant"] = labels },
                ["log"] = new JsonArray([.. endpoint.Log.Take(1).Select(static change => (JsonNode)change.ToJson())]),
                ["networking"] = Networking(endpoint, agent),
                ["policy"] = new JsonObject
                {
                    ["proxy-statistics"] = new JsonArray(),
                    ["realized"] = Policy(endpoint, agent),
                    ["spec"] = Policy(endpoint, agent),
                },
                ["realized"] = new JsonObject { ["label-configuration"] = new JsonObject(), ["options"] = options.DeepClone() },
                ["state"] = endpoint.State,
            },
        };
    }

    /// <summary>The status of a CiliumEndpoint object.</summary>
    public static JsonObject Summary(CiliumEndpoint endpoint, CiliumAgent agent) => new()
    {
        ["encryption"] = new JsonObject(),
        ["external-identifiers"] = Identifiers(endpoint),
        ["id"] = endpoint.Id,
        ["identity"] = new JsonObject { ["id"] = endpoint.Identity.Id, ["labels"] = GoJson.Array(endpoint.Labels) },
        ["networking"] = new JsonObject { ["addressing"] = new JsonArray(new JsonObject { ["ipv4"] = endpoint.Address!.ToString() }), ["node"] = agent.NodeAddress.ToString() },
        ["state"] = endpoint.State,
    };

    private static JsonObject Identifiers(CiliumEndpoint endpoint) => new JsonObject()
        .With("cni-attachment-id", endpoint.ContainerId.Length > 0 ? endpoint.ContainerId + ":eth0" : "")
        .With("container-id", endpoint.ContainerId)
        .With("k8s-namespace", endpoint.PodNamespace)
        .With("k8s-pod-name", endpoint.PodName)
        .With("pod-name", endpoint.PodName.Length > 0 ? $"{endpoint.PodNamespace}/{endpoint.PodName}" : "");

    private static JsonObject Networking(CiliumEndpoint endpoint, CiliumAgent agent)
    {
        var address = new JsonObject().With("ipv4", endpoint.Address?.ToString());
        if (endpoint.Address is not null)
            address["ipv4-pool-name"] = "default";
        return new JsonObject { ["addressing"] = new JsonArray(address) }
            .With("container-interface-name", endpoint.Kind == EndpointKind.Pod ? "eth0" : "")
            .With("host-addressing", agent.Addressing())
            .With("host-mac", endpoint.Link?.Mac.ToString())
            .With("interface-index", endpoint.Kind == EndpointKind.Host ? 0 : endpoint.Link?.Index ?? 0)
            .With("interface-name", endpoint.Link?.Name)
            .With("mac", (endpoint.Inner ?? endpoint.Link)?.Mac.ToString());
    }

    /// <summary>models.NodeAddressing of the agent's node.</summary>
    public static JsonObject Addressing(this CiliumAgent agent) => new()
    {
        ["ipv4"] = new JsonObject().With("alloc-range", agent.Pool!.Prefix.ToString()).With("enabled", true).With("ip", agent.Router.ToString()),
        ["ipv6"] = new JsonObject(),
    };

    private static JsonObject Policy(CiliumEndpoint endpoint, CiliumAgent agent)
    {
        var isAudited = agent.Configuration.Flag("policy-audit-mode");
        JsonArray Identities(TrafficDirection direction, bool isDeny) =>
        [
            .. agent.KnownIdentities.Where(identity => endpoint.Policy.Entries.Any(entry => entry.Direction == direction && entry.IsDeny == isDeny && entry.PortBits == 0
                && (entry.Identity == identity.Id || entry.Identity == SecurityIdentity.Unknown))).Select(static identity => (JsonNode?)identity.Id),
        ];
        return new JsonObject
        {
            ["allowed-egress-identities"] = Identities(TrafficDirection.Egress, isDeny: false),
            ["allowed-ingress-identities"] = Identities(TrafficDirection.Ingress, isDeny: false),
            ["build"] = 1,
            ["cidr-policy"] = new JsonObject { ["egress"] = new JsonArray(), ["ingress"] = new JsonArray() },
            ["denied-egress-identities"] = Identities(TrafficDirection.Egress, isDeny: true),
            ["denied-ingress-identities"] = Identities(TrafficDirection.Ingress, isDeny: true),
            ["id"] = endpoint.Identity.Id,
            ["l4"] = new JsonObject { ["egress"] = Ports(endpoint, TrafficDirection.Egress), ["ingress"] = Ports(endpoint, TrafficDirection.Ingress) },
            ["policy-enabled"] = (isAudited && (endpoint.EnforcesIngress || endpoint.EnforcesEgress) ? "audit-" : "") + (endpoint.EnforcesIngress, endpoint.EnforcesEgress) switch
            {
                (true, true) => "both",
                (true, false) => "ingress",
                (false, true) => "egress",
                _ => "none",
            },
            ["policy-revision"] = endpoint.PolicyRevision,
        };
    }

    // models.PolicyRule, each with the filter as text.
    private static JsonArray Ports(CiliumEndpoint endpoint, TrafficDirection direction) =>
    [
        .. endpoint.Policy.Entries.Where(entry => entry.Direction == direction && entry.PortBits > 0).Select(static entry => (entry.Port, entry.Protocol)).Distinct()
            .Select(static one => (JsonNode)new JsonObject { ["derived-from-rules"] = new JsonArray(), ["rule"] = GoJson.Compact(new JsonObject { ["port"] = one.Port, ["protocol"] = one.Protocol.ToString().ToUpperInvariant() }) }),
    ];

    private static JsonObject Options(CiliumConfiguration configuration) => new()
    {
        ["ConntrackAccounting"] = configuration.Flag("bpf-conntrack-accounting") ? "Enabled" : "Disabled",
        ["Debug"] = configuration.Flag("debug") ? "Enabled" : "Disabled",
        ["DebugLB"] = "Disabled",
        ["DebugPolicy"] = "Disabled",
        ["DropNotification"] = configuration.Flag("bpf-events-drop-enabled", true) ? "Enabled" : "Disabled",
        ["MonitorAggregationLevel"] = char.ToUpperInvariant(configuration.Text("monitor-aggregation", "none")[0]) + configuration.Text("monitor-aggregation", "none")[1..],
        ["PolicyAuditMode"] = configuration.Flag("policy-audit-mode") ? "Enabled" : "Disabled",
        ["PolicyVerdictNotification"] = configuration.Flag("bpf-events-policy-verdict-enabled", true) ? "Enabled" : "Disabled",
        ["SourceIPVerification"] = configuration.Flag("enable-source-ip-verification", true) ? "Enabled" : "Disabled",
        ["TraceNotification"] = configuration.Flag("bpf-events-trace-enabled", true) ? "Enabled" : "Disabled",
    };
}

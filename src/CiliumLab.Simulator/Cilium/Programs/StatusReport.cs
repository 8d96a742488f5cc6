using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Cilium;

/// <summary>The state of an agent as models.StatusResponse.</summary>
internal static class StatusReport
{
    private static readonly (string, string)[] ShownMaps =
    [
        ("Auth", "cilium_auth_map"), ("Non-TCP connection tracking", "cilium_ct_any4_global"), ("TCP connection tracking", "cilium_ct4_global"), ("Endpoints", "cilium_lxc"), ("IP cache", "cilium_ipcache"),
        ("IPv4 fragmentation", "cilium_ipv4_frag_datagrams"), ("IPv4 service", "cilium_lb4_services_v2"), ("IPv4 service backend", "cilium_lb4_backends_v3"), ("IPv4 service reverse NAT", "cilium_lb4_reverse_nat"),
        ("Metrics", "cilium_metrics"), ("Ratelimit metrics", "cilium_ratelimit_metrics"), ("NAT", "cilium_snat_v4_external"), ("Neighbor table", "cilium_nodeport_neigh4"), ("Node ID", "cilium_node_map_v2"),
        ("Global policy", ""), ("Session affinity", "cilium_lb4_affinity"), ("Sock reverse NAT", "cilium_lb4_reverse_sk"),
    ];

    /// <summary>Makes it.</summary>
    public static JsonObject Of(CiliumAgent agent)
    {
        var configuration = agent.Configuration;
        var report = new JsonObject
        {
            ["attach-mode"] = configuration.Flag("enable-tcx", true) ? "tcx" : "tc",
            ["auth-certificate-provider"] = State("Disabled"),
            ["bandwidth-manager"] = new JsonObject { ["devices"] = null }.With("enabled", configuration.Flag("enable-bandwidth-manager")),
            ["bpf-maps"] = Maps(agent),
            ["cilium"] = State("Ok", $"{CiliumInstallation.Version} (v{CiliumInstallation.Version}-{CiliumInstallation.Commit})"),
            ["clock-source"] = new JsonObject { ["mode"] = "ktime" },
            ["cluster"] = new JsonObject
            {
                ["ciliumHealth"] = agent.Endpoints.Health is null ? State("Disabled") : State("Ok"),
                ["nodes"] = EndpointCommands.NodeElements(agent),
                ["self"] = $"{configuration.ClusterName}/{agent.Node.Name}",
            },
            ["cluster-mesh"] = new JsonObject { ["clusters"] = new JsonArray() },
            ["cni-chaining"] = new JsonObject { ["mode"] = configuration.Text("cni-chaining-mode", "none") },
            ["cni-file"] = configuration.Flag("custom-cni-conf") ? State("Disabled", "CNI configuration management disabled") : State("Ok", "successfully wrote CNI configuration file to " + CniFiles.PathOf(configuration)),
            ["container-runtime"] = null,
            ["controllers"] = new JsonArray([.. Controllers.Of(agent).Select(controller => (JsonNode)controller.ToJson(agent))]),
            ["datapath-mode"] = configuration.Text("datapath-mode", "veth"),
            ["encryption"] = new JsonObject { ["mode"] = "Disabled" },
            ["host-firewall"] = new JsonObject { ["devices"] = null, ["mode"] = "Disabled" },
            ["hubble"] = Hubble(agent),
            ["identity-range"] = new JsonObject { ["max-identity"] = SecurityIdentity.LastOfCluster, ["min-identity"] = SecurityIdentity.FirstOfCluster },
            ["ipam"] = Ipam(agent),
            ["ipv4-big-tcp"] = new JsonObject(),
            ["ipv6-big-tcp"] = new JsonObject(),
            ["kube-proxy-replacement"] = KubeProxy(agent),
            ["kubernetes"] = Kubernetes(agent),
            ["kvstore"] = State("Disabled"),
            ["masquerading"] = Masquerading(configuration),
            ["nodeMonitor"] = new JsonObject { ["cpus"] = agent.Node.Identity.Processors, ["npages"] = 64, ["pagesize"] = 4096 },
            ["proxy"] = new JsonObject { ["envoy-deployment-mode"] = configuration.Flag("external-envoy-proxy") ? "external" : "embedded", ["ip"] = agent.Router.ToString(), ["port-range"] = "10000-20000", ["redirects"] = new JsonArray() },
            ["routing"] = new JsonObject().With("inter-host-routing-mode", configuration.IsNative ? "Native" : "Tunnel")
                .With("intra-host-routing-mode", configuration.Flag("enable-host-legacy-routing") || !configuration.MasqueradesInBpf ? "Legacy" : "BPF")
                .With("tunnel-protocol", configuration.IsNative ? "" : configuration.TunnelProtocol),
            ["srv6"] = new JsonObject(),
        };
        report.Remove("container-runtime");
        return report;
    }

    private static JsonObject State(string state, string message = "") => new JsonObject().With("msg", message).With("state", state);

    private static JsonObject Maps(CiliumAgent agent) => new()
    {
        ["dynamic-size-ratio"] = double.TryParse(agent.Configuration.Text("bpf-map-dynamic-size-ratio"), System.Globalization.CultureInfo.InvariantCulture, out var ratio) ? ratio : 0,
        ["maps"] = new JsonArray([.. ShownMaps.Select(map => (JsonNode)new JsonObject { ["name"] = map.Item1, ["size"] = map.Item2.Length == 0 ? (uint)agent.Configuration.Number("bpf-policy-map-max", 16384) : agent.Loader.Pinned(map.Item2)?.MaximumEntries ?? 0 })]),
    };

    private static JsonObject Hubble(CiliumAgent agent)
    {
        if (!agent.Configuration.Flag("enable-hubble"))
            return State("Disabled");
        var seen = agent.Monitor.Count;
        return new JsonObject
        {
            ["metrics"] = State("Disabled"),
            ["observer"] = new JsonObject().With("current-flows", Math.Min(seen, 4095)).With("max-flows", 4095).With("seen-flows", seen).With("uptime", GoText.Duration(agent.Now - agent.StartedAt)),
            ["state"] = "Ok",
        };
    }

    private static JsonObject Ipam(CiliumAgent agent)
    {
        var pool = agent.Pool!;
        var allocations = new JsonObject(pool.Owners.OrderBy(static owner => owner.Key.ToString(), StringComparer.Ordinal).Select(static owner => KeyValuePair.Create(owner.Key.ToString(), (JsonNode?)owner.Value)));
        return new JsonObject { ["allocations"] = allocations, ["ipv4"] = GoJson.Array(pool.Owners.Keys.Select(static address => address.ToString())), ["ipv6"] = null }
            .With("status", $"IPv4: {pool.Owners.Count}/{pool.Capacity} allocated from {pool.Prefix}, ");
    }

    private static JsonObject Kubernetes(CiliumAgent agent)
    {
        var version = agent.Store.Settings.Version;
        return new JsonObject
        {
            ["k8s-api-versions"] = GoJson.Array(["EndpointSliceOrEndpoint", "cilium/v2::CiliumClusterwideNetworkPolicy", "cilium/v2::CiliumEndpoint", "cilium/v2::CiliumNetworkPolicy", "cilium/v2::CiliumNode",
                "cilium/v2alpha1::CiliumCIDRGroup", "core/v1::Namespace", "core/v1::Pods", "core/v1::Service", "networking.k8s.io/v1::NetworkPolicy"]),
            ["msg"] = $"{string.Join('.', version.TrimStart('v').Split('.').Take(2))} ({version}) [linux/amd64]",
            ["state"] = "Ok",
        };
    }

    private static JsonObject Masquerading(CiliumConfiguration configuration)
    {
        var isIpv6 = configuration.Flag("enable-ipv6") && configuration.Flag("enable-ipv6-masquerade");
        return new JsonObject().With("enabled", configuration.MasqueradesIpv4 || isIpv6)
            .With("enabledProtocols", new JsonObject().With("ipv4", configuration.MasqueradesIpv4).With("ipv6", isIpv6))
            .With("mode", configuration.MasqueradesInBpf ? "BPF" : "iptables")
            .With("snat-exclusion-cidr", configuration.NativeRoutingCidr?.ToString())
            .With("snat-exclusion-cidr-v4", configuration.NativeRoutingCidr?.ToString());
    }

    private static JsonObject KubeProxy(CiliumAgent agent)
    {
        var devices = agent.Devices.Where(static row => row.IsSelected).ToList();
        var isOn = agent.Configuration.ReplacesKubeProxy;
        JsonObject Feature(bool enabled) => new JsonObject().With("enabled", enabled);
        return new JsonObject
        {
            ["deviceList"] = new JsonArray([.. devices.Select(static row => (JsonNode)new JsonObject { ["ip"] = GoJson.Array(row.Link.Addresses.Select(static address => address.Address.ToString())), ["name"] = row.Link.Name })]),
            ["devices"] = GoJson.Array(devices.Select(static row => row.Link.Name)),
            ["directRoutingDevice"] = devices.FirstOrDefault(row => row.Link.Addresses.Any(address => address.Address.Equals(agent.NodeAddress)))?.Link.Name ?? "",
            ["features"] = new JsonObject
            {
                ["annotations"] = new JsonArray(),
                ["externalIPs"] = Feature(isOn),
                ["gracefulTermination"] = Feature(agent.Configuration.Flag("enable-k8s-terminating-endpoint", true)),
                ["hostPort"] = Feature(isOn),
                ["nat46X64"] = new JsonObject { ["gateway"] = new JsonObject { ["prefixes"] = null }, ["service"] = new JsonObject() },
                ["nodePort"] = isOn
                    ? new JsonObject { ["acceleration"] = "Disabled", ["algorithm"] = "Random", ["enabled"] = true, ["mode"] = "SNAT", ["portMax"] = agent.Store.Settings.NodePortLast, ["portMin"] = agent.Store.Settings.NodePortFirst }
                    : new JsonObject(),
                ["sessionAffinity"] = Feature(isOn),
                ["socketLB"] = Feature(isOn),
                ["socketLBTracing"] = Feature(isOn),
            },
            ["mode"] = isOn ? "True" : "False",
        };
    }
}

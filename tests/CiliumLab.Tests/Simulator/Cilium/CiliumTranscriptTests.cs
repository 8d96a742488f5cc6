using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CiliumLab.Simulator.Api;
using CiliumLab.Tests.Simulator.Nodes;

namespace CiliumLab.Tests.Simulator.Cilium;

/// <summary>What Cilium's programs say in the simulated lab, against the recorded lab; identifiers, addresses and counters are masked.</summary>
public sealed partial class CiliumTranscriptTests
{
    [Fact]
    public async Task Shows_endpoints_identities_and_addresses_as_recorded()
    {
        await using var lab = await CiliumLabCluster.CreateAsync();

        Same("113-kubectl-get-crd", string.Join('\n', lab.Store.List(ResourceTypes.CustomResourceDefinitions).Items.Select(static crd => crd.Name)), static text => Names(text.Replace("NAME", "", StringComparison.Ordinal)));
        Same("160-c0-endpoint-list", await lab.OutputAsync(0, "cilium endpoint list"), Rows);
        Same("161-c1-endpoint-list", await lab.OutputAsync(1, "cilium endpoint list"), WithoutDns);
        Same("164-c0-ip-list", await lab.OutputAsync(0, "cilium ip list"), Rows);
        Same("165-c0-ip-list-n", await lab.OutputAsync(0, "cilium ip list -n"), Rows);
        Same("166-c0-identity-list", await lab.OutputAsync(0, "cilium identity list"), Rows);
        Same("181-c0-map-get-cilium-ipcache", await lab.OutputAsync(0, "cilium map get cilium_ipcache"), Rows);
    }

    [Fact]
    public async Task Shows_services_maps_and_policies_as_recorded()
    {
        await using var lab = await CiliumLabCluster.CreateAsync();

        Assert.Equal(2, lab.Store.List(ResourceTypes.EndpointSlices, "kube-system").Items.Where(static slice => slice.Labels["kubernetes.io/service-name"] == "kube-dns").SelectMany(static slice => slice.Json.Objects("endpoints")).Count(static one => one.Flag("conditions", "ready")));
        Same("169-c0-service-list", await lab.OutputAsync(0, "cilium service list"), WithoutDns);
        Same("174-c0-bpf-policy-get-all", await lab.OutputAsync(0, "cilium bpf policy get --all"), Rows);
        Same("175-c1-bpf-policy-get-all-n", await lab.OutputAsync(1, "cilium bpf policy get --all -n"), WithoutDns);
        Same("167-c0-bpf-fs-show", await lab.OutputAsync(0, "cilium bpf fs show"), Rows);
        Assert.Matches(@"key=""10\.96\.33\.91:80/TCP \(0\)"" value=""16777216 2\[0\] \(\d+\) \[0x0 0x0\]"" time=2025-07-14T13:\d\d:\d\dZ action=update desiredState=sync lastError=""<nil>""\n", await lab.OutputAsync(1, "cilium map events cilium_lb4_services_v2"));
        Assert.Contains("[0x0 0x10]", await lab.OutputAsync(1, "cilium map events cilium_lb4_services_v2"), StringComparison.Ordinal);
        var maps = await lab.OutputAsync(0, "cilium map list");
        Assert.Matches(@"(?m)^Name +Num entries   Num errors   Cache enabled$", maps);
        Assert.Matches(@"(?m)^cilium_lb4_services_v2 +16 +0 +true$", maps);
        Assert.Matches(@"(?m)^cilium_ipcache +16 +0 +true$", maps);
        Assert.Matches(@"(?m)^cilium_runtime_config +256 +0 +true$", maps);
        Assert.Matches(@"(?m)^cilium_l2_responder_v4 +0 +0 +false$", maps);
    }

    [Fact]
    public async Task Shows_status_devices_and_programs_as_recorded()
    {
        await using var lab = await CiliumLabCluster.CreateAsync();
        var status = await lab.OutputAsync(0, "cilium-dbg status --all-addresses");

        Same("149-kubectl-exec-it-n-kube-system-ds-cilium-c-cilium", status.Replace("Ok   Current", "Ok Current", StringComparison.Ordinal), Status);
        Same("177-c0-shell-db-show-devices", await lab.OutputAsync(0, "cilium shell -- db/show devices"), Devices);
        Same("178-c1-shell-db-show-devices", await lab.OutputAsync(1, "cilium shell -- db/show devices"), static text => Devices(text));
        Same("184-c0bpf-net-show", await lab.OutputAsync(0, "bpftool net show"), Programs);
        var id = Regex.Match(await lab.OutputAsync(0, "bpftool net show"), @"cil_from_container prog_id (\d+)").Groups[1].Value;
        Same("185-c0bpf-prog-show-id-1854", await lab.OutputAsync(0, $"bpftool prog show id {id}"), static text => Digits().Replace(Regex.Replace(text, "loaded_at [-0-9T:]+", "loaded_at T").Replace("B ", " B ", StringComparison.Ordinal), "N"));
        Assert.Matches(@"(?m)^\d+: percpu_hash  name cilium_metrics  flags 0x1\n\tkey 8B  value 16B  max_entries 1024  memlock 19144B$", await lab.OutputAsync(0, "bpftool map list"));
        Assert.Matches(@"(?m)^\d+: array  name .rodata.config  flags 0x480\n\tkey 4B  value 64B  max_entries 1  memlock 8192B\n\tbtf_id \d+  frozen$", await lab.OutputAsync(0, "bpftool map list"));
    }

    [Fact]
    public async Task Tracks_its_own_health_probes_as_recorded()
    {
        await using var lab = await CiliumLabCluster.CreateAsync();

        Assert.Matches(@"(?m)^ICMP OUT 192\.168\.10\.100:\d+ -> 192\.168\.10\.102:0 expires=\d+ Packets=0 Bytes=0 RxFlagsSeen=0x00 LastRxReport=\d+ TxFlagsSeen=0x00 LastTxReport=\d+ Flags=0x0000 \[ \] RevNAT=0 SourceSecurityID=0 IfIndex=0 BackendID=0 $",
            await lab.OutputAsync(0, "cilium bpf ct list global"));
        Assert.Matches(@"(?m)^ICMP IN 172\.20\.\d\.\d+:0 -> 192\.168\.10\.100:(\d+) XLATE_DST 192\.168\.10\.100:\1 Created=\d+sec ago NeedsCT=1$", await lab.OutputAsync(0, "cilium bpf nat list"));
        var health = await lab.OutputAsync(0, "cilium-dbg status --verbose");
        Assert.Matches(@"(?m)^Cluster health: +3/3 reachable   \(2025-07-14T13:\d\d:\d\dZ\)\nName +IP +Node   Endpoints\n  k8s-ctr \(localhost\):\n    Host connectivity to 192\.168\.10\.100:\n      ICMP to stack:   OK, RTT=[\d.]+µs\n      HTTP to agent:   OK, RTT=[\d.]+[µm]s\n", health);
        var json = await lab.JsonAsync(0, "cilium-health status");
        Assert.Equal(["k8s-ctr", "k8s-w1", "k8s-w2"], json["nodes"]!.AsArray().Select(static node => (string)node!["name"]!));
        Assert.Equal("k8s-ctr", (string)json["local"]!["name"]!);
    }

    [Fact]
    public async Task Makes_links_routes_and_chains_as_recorded()
    {
        await using var lab = await CiliumLabCluster.CreateAsync();

        foreach (var node in lab.Test.Cluster.Nodes)
            Assert.Equal(Fixture.Read("transcript/116-iptables-t-nat-s.txt").Trim(), node.Output("iptables", "-t", "nat", "-S").Trim());
        Assert.Equal(Chains(Fixture.Read("transcript/119-iptables-save.txt")), Chains(lab.Control.Output("iptables-save")));
        Assert.Matches(@"^\d+: cilium_net@cilium_host: <BROADCAST,MULTICAST,NOARP,UP,LOWER_UP> mtu 1500 qdisc noqueue state UP group default qlen 1000\n", lab.Control.Output("ip", "addr", "show", "cilium_net"));
        Assert.Matches(@"link-netnsid \d\n", lab.Control.Output("ip", "addr", "show", "lxc_health"));
        var routes = lab.Control.Output("ip", "route");
        Assert.Matches(@"(?m)^172\.20\.\d\.0/24 via 192\.168\.10\.102 dev eth1 proto kernel ?$", routes);
        Assert.Equal(3, Regex.Count(routes, @"(?m)^172\.20\.0\.\d+ dev lxc\w+ proto kernel scope link ?$"));
    }

    [Fact]
    public async Task Gives_documents_in_the_shapes_of_the_agents_models()
    {
        await using var lab = await CiliumLabCluster.CreateAsync();
        var status = (await lab.JsonAsync(0, "cilium status")).AsObject();
        var endpoint = (await lab.JsonAsync(0, "cilium endpoint list")).AsArray().First(static one => (string?)one!["status"]!["external-identifiers"]?["k8s-pod-name"] == "curl-pod")!;
        var connection = (await lab.JsonAsync(0, "cilium bpf ct list global")).AsArray().First(static one => (int)one!["Key"]!["NextHeader"]! == 1)!.AsObject();

        Assert.Equal("Ok", (string)status["cilium"]!["state"]!);
        Assert.Equal("tcx", (string)status["attach-mode"]!);
        Assert.Equal(["eth0", "eth1"], status["kube-proxy-replacement"]!["devices"]!.AsArray().Select(static one => (string)one!));
        Assert.Equal("eth1", (string)status["kube-proxy-replacement"]!["directRoutingDevice"]!);
        Assert.Equal(["id", "spec", "status"], endpoint.AsObject().Select(static field => field.Key));
        Assert.Equal(["controllers", "external-identifiers", "health", "identity", "labels", "log", "networking", "policy", "realized", "state"], endpoint["status"]!.AsObject().Select(static field => field.Key));
        Assert.Equal(["DestAddr", "SourceAddr", "DestPort", "SourcePort", "NextHeader", "Flags"], connection["Key"]!.AsObject().Select(static field => field.Key));
        Assert.Equal(["Union0", "Packets", "Bytes", "Lifetime", "Flags", "RevNAT", "TxFlagsSeen", "RxFlagsSeen", "SourceSecurityID", "LastTxReport", "LastRxReport"], connection["Value"]!.AsObject().Select(static field => field.Key));
        Assert.Equal(["xdp", "tc", "flow_dissector", "netfilter"], JsonNode.Parse(await lab.OutputAsync(0, "bpftool -j net show"))![0]!.AsObject().Select(static field => field.Key));
        Assert.Contains(@"flags=\u003cnone\u003e", await lab.OutputAsync(0, "cilium bpf ipcache list -o json"), StringComparison.Ordinal);
        Assert.Equal("1.17.5\n", await lab.OutputAsync(0, "cilium version -o jsonpath={$.Daemon.Version}"));
        Assert.Equal(("", "Error: map name must be specified", 1), Trimmed(await lab.RunAsync(0, "cilium map get")));
    }

    [Fact]
    public async Task Keeps_endpoints_over_a_restart_of_the_agents_by_the_cli()
    {
        await using var lab = await CiliumLabCluster.CreateAsync();
        var before = lab.Cilium.Find("k8s-ctr")!.Endpoints.Find("default", "curl-pod")!;
        var health = lab.Cilium.Find("k8s-ctr")!.Endpoints.Health!;
        var view = lab.Control.Output("cilium", "config", "view");
        Assert.Equal(Fixture.Read("transcript/137-cilium-config-view.txt").Split('\n').Select(static line => line.TrimEnd()), view.Split('\n').Select(static line => line.TrimEnd()));

        Assert.Equal(Fixture.Read("transcript/139-cilium-config-set-debug-true-watch-kubectl-get-p.txt").Split('\n', StringSplitOptions.RemoveEmptyEntries).Take(2), lab.Control.Output("cilium", "config", "set", "debug", "true").TrimEnd().Split('\n'));
        await lab.Test.AdvanceAsync(TimeSpan.FromSeconds(60));

        Assert.Same(before, lab.Cilium.Find("k8s-ctr")!.Endpoints.Find("default", "curl-pod"));
        Assert.NotEqual(health.Id, lab.Cilium.Find("k8s-ctr")!.Endpoints.Health!.Id);
        Assert.Equal(health.Address, lab.Cilium.Find("k8s-ctr")!.Endpoints.Health!.Address);
        Assert.Contains("(default/curl-pod [restored])", await lab.OutputAsync(0, "cilium-dbg status --all-addresses"), StringComparison.Ordinal);
        Assert.Contains("5/5 managed by Cilium", lab.Control.Output("cilium", "status"), StringComparison.Ordinal);
        Same("136-cilium-status", lab.Control.Output("cilium", "status"), static text => string.Join('\n', Rows(text).Split('\n').Where(static line => !line.Contains("quay.io", StringComparison.Ordinal))));
    }

    private static (string, string, int) Trimmed((string Output, string Error, int Code) said) => (said.Output, said.Error.Trim(), said.Code);

    private static void Same(string recorded, string actual, Func<string, string> mask) => Assert.Equal(mask(Fixture.Read($"transcript/{recorded}.txt")), mask(actual));

    // Rows in any order, columns squeezed: the lengths of names that differ move the columns.
    private static string Rows(string text) => string.Join('\n', Mask(text).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(static line => Blanks().Replace(line, " ")).Order(StringComparer.Ordinal));

    private static string Names(string text) => string.Join('\n', Name().Matches(text).Select(static match => match.Value).Order(StringComparer.Ordinal));

    // The scheduler put pods on other nodes than in the recorded lab, so rows may come more or less often.
    private static string WithoutDns(string text) => string.Join('\n', Rows(text).Split('\n').Distinct());

    private static string Status(string text) => Rows(Regex.Replace(Regex.Replace(text.Replace(" [restored]", "", StringComparison.Ordinal), @"\d+/\d+ healthy|Flows: .*?%\), Flows/s: [\d.]+|OK\(\d+\)|\(2025.*?Z\)", "N"), "(?m)^KubeProxyReplacement.*$", static match => string.Join(' ', match.Value.Split([' ', ',', '[', ']']).Order(StringComparer.Ordinal))));

    private static string Devices(string text) => Regex.Replace(Rows(text), @"(?m)^.*$", static match => string.Join(' ', match.Value.Replace(",", "", StringComparison.Ordinal).Split(' ').Order(StringComparer.Ordinal)));

    private static string[] Chains(string text) =>
        [.. text.Split('\n').Where(static line => line.Contains("CILIUM_", StringComparison.Ordinal)).Select(static line => Regex.Replace(Regex.Replace(line, "0x[0-9a-f]{1,4}0200", "MARK"), "--on-port \\d+", "--on-port N").Trim()).Order(StringComparer.Ordinal)];

    private static string Programs(string text) => string.Join('\n', Rows(Digits().Replace(text, "N")).Split('\n').Distinct());

    private static string Mask(string text)
    {
        text = Regex.Replace(text, @"172\.20\.\d+\.\d+", "POD");
        text = Regex.Replace(text, @"coredns-\w+-\w+", "coredns");
        text = Regex.Replace(text, @"lxc[0-9a-f]{12}", "LXC");
        text = Regex.Replace(text, @"(?:[0-9a-f]{2}:){5}[0-9a-f]{2}", "MAC");
        text = Regex.Replace(text, @"fe80::[0-9a-f:]+", "LINKLOCAL");
        text = Regex.Replace(text, @"tunnelendpoint=192\.168\.10\.10[12]", "tunnelendpoint=NODE");
        text = Regex.Replace(text, @"identity=\d{4,}", "identity=ID");
        text = Regex.Replace(text, @"policy_v2_\d+", "policy_v2_ID");
        return Digits().Replace(text, "N");
    }

    [GeneratedRegex(@"\b\d+\b|\b[0-9a-f]{16}\b")]
    private static partial Regex Digits();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blanks();

    [GeneratedRegex(@"[a-z0-9]+\.cilium\.io")]
    private static partial Regex Name();
}

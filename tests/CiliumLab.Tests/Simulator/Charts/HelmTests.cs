using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Charts;
using CiliumLab.Tests.Simulator.Datapath;
using CiliumLab.Tests.Simulator.Life;

namespace CiliumLab.Tests.Simulator.Charts;

public class HelmTests
{
    private static readonly string[] LabValues =
    [
        "--set", "k8sServiceHost=192.168.10.100", "--set", "k8sServicePort=6443", "--set", "kubeProxyReplacement=true", "--set", "routingMode=native", "--set", "autoDirectNodeRoutes=true",
        "--set", "ipam.mode=cluster-pool", "--set", "ipam.operator.clusterPoolIPv4PodCIDRList={172.20.0.0/16}", "--set", "ipv4NativeRoutingCIDR=172.20.0.0/16",
        "--set", "endpointRoutes.enabled=true", "--set", "installNoConntrackIptablesRules=true", "--set", "bpf.masquerade=true", "--set", "ipv6.enabled=false",
    ];

    [Fact]
    public async Task Repositories_and_charts_print_as_recorded()
    {
        await using var lab = await NetworkedCluster.CreateAsync();
        Assert.Equal("Error: no repositories to show\n", lab.HelmError("repo", "list"));
        var said = lab.Helm("repo", "add", "flannel", NetworkedCluster.FlannelUrl) + lab.Helm("repo", "list") + lab.Helm("search", "repo", "flannel");
        Assert.Equal(Recorded.Lines(36)[7..12], said.TrimEnd('\n').Split('\n').Select(line => line.TrimEnd()));
        Assert.Equal("\"flannel\" already exists with the same configuration, skipping\n", lab.Helm("repo", "add", "flannel", NetworkedCluster.FlannelUrl));
        Assert.Equal("Error: repository name (flannel) already exists, please specify a different name\n", lab.HelmError("repo", "add", "flannel", "https://helm.cilium.io"));
        var values = (JsonObject)YamlText.Read(lab.Helm("show", "values", "flannel/flannel"))!;
        var recorded = (JsonObject)YamlText.Read(string.Join('\n', Recorded.Lines(36)[12..]))!;
        Assert.True(JsonNode.DeepEquals(recorded, values), values.ToJsonString());
    }

    [Fact]
    public async Task Cilium_is_installed_with_the_recorded_values_and_configuration()
    {
        await using var lab = await NetworkedCluster.CreateAsync();
        Assert.Equal(string.Join('\n', Recorded.Lines(110)).Trim() + "\n", lab.Helm("repo", "add", "cilium", "https://helm.cilium.io/"));
        var said = lab.Helm(["install", "cilium", "cilium/cilium", "--version", "1.17.5", "--namespace", "kube-system", .. LabValues]);
        Assert.Equal(Recorded.Lines(111).Select(Mask), said.TrimEnd('\n').Split('\n').Select(Mask));
        Assert.Equal(Recorded.Lines(112), lab.Helm("get", "values", "cilium", "-n", "kube-system").TrimEnd('\n').Split('\n'));

        var recorded = JsonNode.Parse(string.Join('\n', Recorded.Lines(138)))!["data"]!.AsObject();
        var computed = lab.Test.Get(ResourceTypes.ConfigMaps, "kube-system", "cilium-config").Object("data")!;
        Assert.Equal(recorded.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{e.Key}={e.Value}"), computed.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => $"{e.Key}={e.Value}"));

        var agent = lab.Test.Get(ResourceTypes.DaemonSets, "kube-system", "cilium");
        Assert.Equal(["config", "mount-cgroup", "apply-sysctl-overwrites", "mount-bpf-fs", "clean-cilium-state", "install-cni-binaries"], agent.Objects("spec", "template", "spec", "initContainers").Select(c => c.Text("name")));
        Assert.Contains(agent.Objects("spec", "template", "spec", "containers").Single().Objects("env"), e => e.Text("name") == "KUBERNETES_SERVICE_HOST" && e.Text("value") == "192.168.10.100");
        Assert.Equal(2, lab.Test.Get(ResourceTypes.Deployments, "kube-system", "cilium-operator").Number("spec", "replicas"));
        Assert.Equal(443, lab.Test.Get(ResourceTypes.Services, "kube-system", "hubble-peer").Objects("spec", "ports").Single().Number("port"));
        Assert.Equal("None", lab.Test.Get(ResourceTypes.Services, "kube-system", "cilium-envoy").Text("spec", "clusterIP"));
        Assert.Equal("kubernetes.io/tls", lab.Test.Get(ResourceTypes.Secrets, "kube-system", "hubble-server-certs").Text("type"));
        Assert.Equal("Helm", lab.Test.Get(ResourceTypes.ClusterRoles, null, "cilium").Text("metadata", "labels", "app.kubernetes.io/managed-by"));
    }

    [Fact]
    public async Task A_release_lies_in_secrets_and_can_be_changed_listed_and_removed()
    {
        await using var lab = await NetworkedCluster.CreateAsync();
        Assert.Equal(Recorded.Lines(85).Single(), lab.Helm("list", "-A").TrimEnd('\n'));
        lab.Helm("repo", "add", "cilium", "https://helm.cilium.io/");
        lab.Helm("install", "cilium", "cilium/cilium", "-n", "kube-system", "--set", "operator.replicas=1");
        Assert.Equal("helm.sh/release.v1", lab.Test.Get(ResourceTypes.Secrets, "kube-system", "sh.helm.release.v1.cilium.v1").Text("type"));

        var upgraded = lab.Helm("upgrade", "cilium", "cilium/cilium", "-n", "kube-system", "--reuse-values", "--set", "debug.enabled=true");
        Assert.StartsWith("Release \"cilium\" has been upgraded. Happy Helming!\nNAME: cilium\n", upgraded, StringComparison.Ordinal);
        Assert.Equal("""{"debug":{"enabled":true},"operator":{"replicas":1}}""" + "\n", lab.Helm("get", "values", "cilium", "-n", "kube-system", "-o", "json"));
        Assert.Equal("true", lab.Test.Get(ResourceTypes.ConfigMaps, "kube-system", "cilium-config").Text("data", "debug"));
        Assert.Equal(1, lab.Test.Get(ResourceTypes.Deployments, "kube-system", "cilium-operator").Number("spec", "replicas"));

        lab.Helm("upgrade", "cilium", "cilium/cilium", "-n", "kube-system", "--reset-values");
        Assert.Equal("null\n", lab.Helm("get", "values", "cilium", "-n", "kube-system", "-o", "json"));
        Assert.Equal(2, lab.Test.Get(ResourceTypes.Deployments, "kube-system", "cilium-operator").Number("spec", "replicas"));
        Assert.Equal("false", lab.Test.Get(ResourceTypes.ConfigMaps, "kube-system", "cilium-config").Text("data", "debug"));

        var list = JsonNode.Parse(lab.Helm("list", "-n", "kube-system", "-o", "json"))!.AsArray().Single()!;
        Assert.Equal(("cilium", "kube-system", "3", "deployed", "cilium-1.17.5", "1.17.5"), (list.Text("name"), list.Text("namespace"), list.Text("revision"), list.Text("status"), list.Text("chart"), list.Text("app_version")));
        var history = JsonNode.Parse(lab.Helm("history", "cilium", "-n", "kube-system", "-o", "json"))!.AsArray();
        Assert.Equal([(1L, "superseded"), (2L, "superseded"), (3L, "deployed")], history.Select(h => (h.Number("revision")!.Value, h.Text("status"))));

        Assert.Equal("release \"cilium\" uninstalled\n", lab.Helm("uninstall", "cilium", "-n", "kube-system"));
        await lab.Test.AdvanceAsync(TimeSpan.FromSeconds(60));
        Assert.Null(lab.Store.Find(ResourceTypes.DaemonSets, "kube-system", "cilium"));
        Assert.Null(lab.Store.Find(ResourceTypes.ClusterRoles, null, "cilium"));
        Assert.DoesNotContain(lab.Store.List(ResourceTypes.Secrets, "kube-system").Items, s => s.Name.StartsWith("sh.helm", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Errors_are_those_of_helm()
    {
        await using var lab = await NetworkedCluster.CreateAsync();
        Assert.Equal("Error: INSTALLATION FAILED: repo cilium not found\n", lab.HelmError("install", "cilium", "cilium/cilium"));
        lab.Helm("repo", "add", "cilium", "https://helm.cilium.io/");
        Assert.Equal("Error: INSTALLATION FAILED: chart \"tetragon\" matching  not found in cilium index. (try 'helm repo update'): no chart name found\n", lab.HelmError("install", "x", "cilium/tetragon"));
        Assert.Equal(
            "Error: INSTALLATION FAILED: chart \"cilium\" matching 9.9.9 not found in cilium index. (try 'helm repo update'): no chart version found for cilium-9.9.9\n",
            lab.HelmError("install", "x", "cilium/cilium", "--version", "9.9.9"));
        Assert.Equal("Error: UPGRADE FAILED: \"cilium\" has no deployed releases\n", lab.HelmError("upgrade", "cilium", "cilium/cilium"));
        Assert.Equal("Error: uninstall: Release not loaded: cilium: release: not found\n", lab.HelmError("uninstall", "cilium"));
        Assert.Equal("Error: release: not found\n", lab.HelmError("status", "cilium"));
        Assert.Equal("Error: INSTALLATION FAILED: create: failed to create: namespaces \"nowhere\" not found\n", lab.HelmError("install", "cilium", "cilium/cilium", "-n", "nowhere"));
        Assert.Contains("kubeProxyReplacement must be explicitly set to a valid value (true or false) to continue.", lab.HelmError("install", "cilium", "cilium/cilium", "--set", "kubeProxyReplacement=strict"), StringComparison.Ordinal);
        Assert.Contains("- at '/ipv6/enabled': got string, want boolean", lab.HelmError("install", "cilium", "cilium/cilium", "--set-string", "ipv6.enabled=no"), StringComparison.Ordinal);
        lab.Helm("install", "cilium", "cilium/cilium", "-n", "kube-system");
        Assert.Equal("Error: INSTALLATION FAILED: cannot re-use a name that is still in use\n", lab.HelmError("install", "cilium", "cilium/cilium", "-n", "kube-system"));
        Assert.StartsWith("Error: INSTALLATION FAILED: Unable to continue with install: ", lab.HelmError("install", "other", "cilium/cilium", "-n", "kube-system"), StringComparison.Ordinal);
        lab.Test.Cluster.Listeners.Close(lab.Test.Cluster.Listeners.Find(lab.Control.Kernel.Network, 6443)!);
        Assert.Equal("Error: Kubernetes cluster unreachable: Get \"https://192.168.10.100:6443/version\": dial tcp 192.168.10.100:6443: connect: connection refused\n", lab.HelmError("list"));
    }

    [Theory]
    [InlineData("a.b=1", """{"a":{"b":1}}""")]
    [InlineData("a[1].b=x,c=true", """{"a":[null,{"b":"x"}],"c":true}""")]
    [InlineData("a={x,y},b=null", """{"a":["x","y"],"b":null}""")]
    [InlineData(@"node\.k=a\,b,n=007", """{"node.k":"a,b","n":"007"}""")]
    public void Set_is_read_as_helm_reads_it(string argument, string expected)
    {
        var values = new JsonObject();
        ChartValues.Set(values, argument, SetForm.Typed);
        Assert.Equal(expected, values.ToJsonString());
    }

    private static string Mask(string line) => Regex.Replace(line.TrimEnd(), "^LAST DEPLOYED: ... ... .. ..:..:.. ....$", "LAST DEPLOYED: *");
}

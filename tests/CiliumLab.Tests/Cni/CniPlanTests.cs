using System.Collections;
using System.Net;
using CiliumLab.Engine.Cni;
using CiliumLab.Engine.Cni.Helm;
using CiliumLab.Model;

namespace CiliumLab.Tests.Cni;

public sealed class CniPlanTests
{
    private static readonly ClusterNetwork Network = new()
    {
        Lab = "lab",
        ApiServer = new Uri("https://127.0.0.1:6443"),
        ApiEndpoint = IPEndPoint.Parse("192.168.10.100:6443"),
        PodCidr = IPNetwork.Parse("10.244.0.0/16"),
        ServiceCidr = IPNetwork.Parse("10.96.0.0/16"),
    };

    private static readonly CniSurroundings Lab = Nodes("192.168.10.100", "192.168.10.101");

    [Fact]
    public void Cilium_gets_the_values_of_the_recorded_lab()
    {
        var plan = CiliumPlan.Make(new CniRequest { Name = CniKind.Cilium }, Lab);

        Assert.Empty(plan.Warnings);
        Assert.Equal(
            [
                "autoDirectNodeRoutes=true", "bpf.masquerade=true", "endpointRoutes.enabled=true", "installNoConntrackIptablesRules=true", "ipam.mode=\"cluster-pool\"",
                "ipam.operator.clusterPoolIPv4PodCIDRList=[\"172.20.0.0/16\"]", "ipv4NativeRoutingCIDR=\"172.20.0.0/16\"", "ipv6.enabled=false", "k8sServiceHost=\"192.168.10.100\"",
                "k8sServicePort=6443", "kubeProxyReplacement=true", "routingMode=\"native\"",
            ],
            plan.Values.Leaves().Select(leaf => $"{leaf.Path}={leaf.Value?.ToJsonString()}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_charts_defaults_are_left_alone_when_asked()
    {
        var plan = CiliumPlan.Make(new CniRequest { Name = CniKind.Cilium, Preset = CniPreset.ChartDefaults, Interface = "eth1" }, Lab);

        Assert.Equal("""{"devices":["eth1"]}""", plan.Values.ToYaml());
    }

    [Theory]
    [InlineData("192.168.0.0/16", "The pool 192.168.0.0/16 contains node 'k8s-ctr' (192.168.10.100): pods would get addresses of machines. Choose another with -PodCidr.")]
    [InlineData("10.0.0.0/8", "The pool 10.0.0.0/8 overlaps the services' network 10.96.0.0/16: choose another with -PodCidr.")]
    public void A_pool_that_collides_is_warned_of(string pool, string warning) =>
        Assert.Equal([warning], CiliumPlan.Make(new CniRequest { Name = CniKind.Cilium, PodCidr = IPNetwork.Parse(pool) }, Lab).Warnings);

    [Fact]
    public void Everything_else_that_people_stumble_on_is_warned_of()
    {
        var values = HelmValues.Read(new Hashtable
        {
            ["ipv4NativeRoutingCIDR"] = "10.244.0.0/16",
            ["k8sServiceHost"] = "",
            ["ipam.operator.clusterPoolIPv4PodCIDR"] = "172.21.0.0/16",
        });
        var around = Nodes("10.0.2.15", "10.0.2.15") with { Network = Network with { KubeProxy = true } };

        var warnings = CiliumPlan.Make(new CniRequest { Name = CniKind.Cilium, Values = values }, around).Warnings;

        Assert.Collection(
            warnings,
            one => Assert.StartsWith("ipam.operator.clusterPoolIPv4PodCIDR is not read by this chart; the key is ipam.operator.clusterPoolIPv4PodCIDRList", one, StringComparison.Ordinal),
            one => Assert.StartsWith("ipv4NativeRoutingCIDR 10.244.0.0/16 does not cover the pool 172.20.0.0/16", one, StringComparison.Ordinal),
            one => Assert.StartsWith("kube-proxy is still there", one, StringComparison.Ordinal),
            one => Assert.StartsWith("Without kube-proxy agents need the API server's own address", one, StringComparison.Ordinal),
            one => Assert.StartsWith("Nodes report the same InternalIP 10.0.2.15", one, StringComparison.Ordinal));
    }

    [Fact]
    public void Flannel_gets_the_clusters_network_and_the_interface()
    {
        var plan = FlannelPlan.Make(new CniRequest { Name = CniKind.Flannel }, Lab, "eth1");

        Assert.Empty(plan.Warnings);
        Assert.Equal("10.244.0.0/16", plan.Values.TextAt("podCidr"));
        Assert.Equal("""["--ip-masq","--kube-subnet-mgr","--iface=eth1"]""", plan.Values.At("flannel.args")!.ToJsonString());
    }

    [Fact]
    public void Flannels_network_is_the_clusters_or_it_is_refused()
    {
        var error = Assert.Throws<LabException>(() => FlannelPlan.Make(new CniRequest { Name = CniKind.Flannel, PodCidr = IPNetwork.Parse("10.9.0.0/16") }, Lab, "eth1"));

        Assert.Equal("PodCidrMismatch", error.ErrorId);
        Assert.StartsWith("Flannel's network 10.9.0.0/16 is not the cluster's pod network 10.244.0.0/16", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Flannel_without_an_interface_is_warned_of()
    {
        var warnings = FlannelPlan.Make(new CniRequest { Name = CniKind.Flannel }, Nodes("10.0.2.15", "10.0.2.15"), null).Warnings;

        Assert.Collection(
            warnings,
            one => Assert.StartsWith("Nodes report the same InternalIP 10.0.2.15", one, StringComparison.Ordinal),
            one => Assert.StartsWith("flanneld is not told which interface", one, StringComparison.Ordinal));
    }

    private static CniSurroundings Nodes(string first, string second) =>
        new(Network, new Dictionary<string, IPAddress> { ["k8s-ctr"] = IPAddress.Parse(first), ["k8s-w1"] = IPAddress.Parse(second) });
}

using System.Text.RegularExpressions;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Life;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Tests.Simulator.Nodes;

namespace CiliumLab.Tests.Simulator.Life;

/// <summary>kube-proxy's rules, held against what the real one left in the recorded lab.</summary>
public sealed partial class KubeProxyTests
{
    [Theory]
    [InlineData("default/kubernetes:https", "tcp", "KUBE-SVC-NPX46M4PTMTKRN6Y")]
    [InlineData("default/webpod", "tcp", "KUBE-SVC-CNZCPOCNCNOROALA")]
    [InlineData("kube-system/kube-dns:dns", "udp", "KUBE-SVC-TCOU7JCQXEZGVUNU")]
    [InlineData("kube-system/kube-dns:dns-tcp", "tcp", "KUBE-SVC-ERIFXISQEP7F7OF4")]
    [InlineData("kube-system/kube-dns:metrics", "tcp", "KUBE-SVC-JD5MR3NA4I4DYORP")]
    public void Service_chains_are_named_as_upstream_names_them(string name, string protocol, string chain) =>
        Assert.Equal(chain, Port(name, protocol).ServiceChain);

    [Theory]
    [InlineData("default/kubernetes:https", "tcp", "192.168.10.100:6443", "KUBE-SEP-ETI7FUQQE3BS2IXE")]
    [InlineData("kube-system/kube-dns:dns", "udp", "10.244.0.3:53", "KUBE-SEP-6E7XQMQ4RAYOWTTM")]
    [InlineData("default/webpod", "tcp", "10.244.1.2:80", "KUBE-SEP-PQBQBGZJJ5FKN3TB")]
    public void Endpoint_chains_are_named_as_upstream_names_them(string name, string protocol, string endpoint, string chain) =>
        Assert.Equal(chain, Port(name, protocol).EndpointChain(endpoint));

    [Theory]
    [InlineData("k8s-ctr")]
    [InlineData("k8s-w2")]
    public async Task Before_a_CNI_the_rules_are_the_recorded_ones(string node)
    {
        await using var lab = await TestCluster.CreateAsync();
        Assert.Equal(Masked(Recorded.Lines(33)), Masked(Save(lab, node)));
        Assert.Equal(Masked(Recorded.Lines(34)), Masked(Lines(Node(lab, node).Output("iptables", "-t", "nat", "-S"))));
    }

    [Theory]
    [InlineData(50, false)]
    [InlineData(65, true)]
    public async Task With_a_CNI_the_nat_rules_are_the_recorded_ones_but_for_flannels_own(int number, bool withWebpod)
    {
        await using var lab = await TestCluster.CreateAsync();
        await DnsOnControlPlaneAsync(lab);
        if (withWebpod)
            await lab.DeployWebpodAsync();
        var recorded = Recorded.Lines(number).Where(l => !l.Contains("FLANNEL", StringComparison.Ordinal)).ToArray();
        var said = Lines(Node(lab, "k8s-ctr").Output("iptables", "-t", "nat", "-S"));
        Assert.Equal(Masked(recorded, endpoints: true), Masked(said, endpoints: true));
    }

    [Fact]
    public async Task Rules_stay_when_kube_proxy_is_deleted_and_follow_nothing_any_more()
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        await lab.DeployWebpodAsync();
        var before = Save(lab, "k8s-w1");
        Assert.Contains(before, l => l.Contains("KUBE-SVC-CNZCPOCNCNOROALA", StringComparison.Ordinal));
        lab.Store.Delete(ResourceTypes.DaemonSets, "kube-system", "kube-proxy", new() { Propagation = Propagation.Background });
        await lab.AdvanceAsync(TimeSpan.FromSeconds(40));
        Assert.Empty(lab.Pods("kube-system", "k8s-app=kube-proxy"));
        lab.Store.Delete(ResourceTypes.Services, "default", "webpod");
        await lab.AdvanceAsync(TimeSpan.FromSeconds(40));
        Assert.Equal(Masked(before), Masked(Save(lab, "k8s-w1")));
    }

    [Fact]
    public async Task Chains_of_services_that_are_gone_are_removed()
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        await lab.DeployWebpodAsync();
        lab.Store.Delete(ResourceTypes.Services, "default", "webpod");
        await lab.AdvanceAsync(TimeSpan.FromSeconds(5));
        Assert.DoesNotContain(Save(lab, "k8s-w1"), l => l.Contains("webpod", StringComparison.Ordinal) || l.Contains("CNZCPOCNCNOROALA", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Flushed_tables_are_filled_again()
    {
        await using var lab = await TestCluster.CreateAsync();
        var node = Node(lab, "k8s-w1");
        var before = Masked(Save(lab, "k8s-w1"));
        foreach (var table in (string[])["nat", "filter", "mangle"])
        {
            node.Output("iptables", "-t", table, "-F");
            node.Output("iptables", "-t", table, "-X");
        }
        Assert.NotEqual(before, Masked(Save(lab, "k8s-w1")));
        await lab.AdvanceAsync(TimeSpan.FromSeconds(90));
        Assert.Equal(before.Order(), Masked(Save(lab, "k8s-w1")).Order());
    }

    [Fact]
    public async Task Node_ports_lead_through_an_external_chain()
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        await lab.DeployWebpodAsync();
        lab.Store.Edit(ResourceTypes.Services, "default", "webpod", s =>
        {
            s["spec"]!["type"] = "NodePort";
            s.Objects("spec", "ports").First()["nodePort"] = 30080;
        });
        await lab.AdvanceAsync(TimeSpan.FromSeconds(5));
        var rules = Save(lab, "k8s-w1");
        Assert.Contains("-A KUBE-NODEPORTS -p tcp -m comment --comment \"default/webpod\" -m tcp --dport 30080 -j KUBE-EXT-CNZCPOCNCNOROALA", Unquoted(rules));
        Assert.Contains("-A KUBE-EXT-CNZCPOCNCNOROALA -j KUBE-SVC-CNZCPOCNCNOROALA", rules);
    }

    [Fact]
    public async Task A_restore_that_fails_is_tried_again()
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        Node(lab, "k8s-w1").Faults.IptablesRestoreFails = true;
        await lab.DeployWebpodAsync();
        Assert.DoesNotContain(Save(lab, "k8s-w1"), l => l.Contains("webpod", StringComparison.Ordinal));
        Node(lab, "k8s-w1").Faults.IptablesRestoreFails = false;
        await lab.AdvanceAsync(TimeSpan.FromSeconds(60));
        Assert.Contains(Save(lab, "k8s-w1"), l => l.Contains("webpod", StringComparison.Ordinal));
    }

    private static ServicePort Port(string name, string protocol) => new() { Name = name, Protocol = protocol, ClusterIp = "10.96.0.1", Port = 1 };

    private static SimulatedNode Node(TestCluster lab, string name) => lab.Cluster.Nodes.Single(n => n.Name == name);

    private static string[] Save(TestCluster lab, string node) => Lines(Node(lab, node).Output("iptables-save"));

    private static string[] Lines(string text) => [.. text.Split('\n').Select(l => l.TrimEnd())];

    /// <summary>In the recording both CoreDNS pods are on the control plane: it was ready first.</summary>
    private static async Task DnsOnControlPlaneAsync(TestCluster lab)
    {
        foreach (var worker in (string[])["k8s-w1", "k8s-w2"])
            lab.Store.Edit(ResourceTypes.Nodes, null, worker, n => n["spec"]!["unschedulable"] = true);
        await lab.InstallNetworkAsync();
        foreach (var worker in (string[])["k8s-w1", "k8s-w2"])
            lab.Store.Edit(ResourceTypes.Nodes, null, worker, n => n["spec"]!.AsObject().Remove("unschedulable"));
        await lab.AdvanceAsync(TimeSpan.FromSeconds(5));
    }

    private static IEnumerable<string> Unquoted(IEnumerable<string> lines) => lines.Select(l => l.Contains('"', StringComparison.Ordinal) ? l : BareComment().Replace(l, "--comment \"$1\""));

    /// <summary>Counters and times go; kube-proxy walks over its services in no order, so a chain's rules for them are sorted.</summary>
    private static List<string> Masked(IEnumerable<string> lines, bool endpoints = false)
    {
        var masked = lines.Where(l => l.Length > 0 && l[0] != '#').Select(l => Counters().Replace(l, "[0:0]")).ToList();
        if (endpoints)
            masked = [.. masked.Select(l => l.Replace("  ", " ", StringComparison.Ordinal))];
        var services = masked.Where(l => l.StartsWith("-A KUBE-SERVICES -d", StringComparison.Ordinal)).Order(StringComparer.Ordinal).ToList();
        var at = new Queue<string>(services);
        var result = new List<string>();
        foreach (var line in masked)
            result.Add(line.StartsWith("-A KUBE-SERVICES -d", StringComparison.Ordinal) ? at.Dequeue() : line);
        return result;
    }

    [GeneratedRegex(@"\[\d+:\d+\]")]
    private static partial Regex Counters();

    [GeneratedRegex(@"--comment (\S+)")]
    private static partial Regex BareComment();
}

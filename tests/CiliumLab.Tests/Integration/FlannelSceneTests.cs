using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Tests.Integration;

/// <summary>What the cmdlets tell of three real nodes that flannel and kube-proxy have worked on.</summary>
public sealed partial class FlannelSceneTests(NodeLab lab) : NodeLabTests(lab)
{
    [Fact]
    public async Task Links_routes_bridges_and_neighbours_are_those_that_flannel_made()
    {
        await using var flannel = await Lab.WithFlannel();
        using var lab = new LabPrompt(Lab);

        var overlay = Get<NodeInterface>(lab, "Get-NodeInterface -Name flannel.1").OrderBy(link => link.Node).ToList();
        Assert.Equal(Lab.Nodes, overlay.Select(link => link.Node));
        Assert.All(overlay, link => Assert.Equal(("vxlan", 1450, 1L), (link.Kind, link.Mtu, (long?)link.Vxlan!.Vni)));
        Assert.Equal(["e6:0f:9b:40:c3:ec", "4e:13:00:49:ce:71", "56:19:dc:74:53:eb"], overlay.Select(link => link.Mac));
        Assert.Equal("10.244.1.0/32", $"{overlay[1].Addresses[0]}");
        var eth1 = Get<NodeInterface>(lab, "Get-NodeInterface k8s-w2 eth1").Single();
        Assert.Equal(("08:00:27:96:d7:20", "192.168.10.102/24", InterfaceState.Up), (eth1.Mac, $"{eth1.Addresses[0]}", eth1.State));

        var routes = Get<NodeRoute>(lab, "Get-NodeRoute k8s-w1 10.244.0.0/16");
        Assert.Equal(
            ["10.244.0.0/24 10.244.0.0 flannel.1", "10.244.1.0/24  cni0", "10.244.2.0/24 10.244.2.0 flannel.1"],
            routes.Select(route => $"{route.Destination} {route.Gateway} {route.Interface}"));
        Assert.Equal(
            ["10.244.2.0/24", "0.0.0.0/0"],
            Get<NodeRoute>(lab, "Get-NodeRoute k8s-w1 10.244.2.2").Select(route => $"{route.Destination}"));
        Assert.Equal("10.0.2.2", $"{Get<NodeRoute>(lab, "Get-NodeRoute k8s-w1 default").Single().Gateway}");

        var bridges = Get<NodeBridge>(lab, "Get-NodeBridge").OrderBy(bridge => bridge.Node).ToList();
        Assert.Equal(Lab.Nodes, bridges.Select(bridge => bridge.Node));
        Assert.All(bridges, bridge => Assert.Equal(("cni0", 2), (bridge.Name, bridge.Ports.Count)));
        Assert.All(bridges, bridge => Assert.All(bridge.Ports, port => Assert.StartsWith("veth", port.Interface, StringComparison.Ordinal)));

        Assert.Equal(
            ["10.244.0.0 e6:0f:9b:40:c3:ec Permanent", "10.244.2.0 56:19:dc:74:53:eb Permanent"],
            Get<NodeNeighbor>(lab, "Get-NodeNeighbor k8s-w1 -Table Arp -Interface flannel.1").Select(entry => $"{entry.Address} {entry.Mac} {entry.State}").Order());
        Assert.Equal(
            ["192.168.10.100 e6:0f:9b:40:c3:ec", "192.168.10.102 56:19:dc:74:53:eb"],
            Get<NodeNeighbor>(lab, "Get-NodeNeighbor k8s-w1 -Table Fdb -Interface flannel.1").Select(entry => $"{entry.Address} {entry.Mac}").Order());
    }

    [Fact]
    public async Task Rules_are_the_kernel_s_with_their_owners_and_their_counters_go_up()
    {
        await using var flannel = await Lab.WithFlannel();
        using var lab = new LabPrompt(Lab);

        var saved = await Lab.RunOnNode("k8s-w1", "iptables-save", "-c");
        var rules = Get<IptablesRule>(lab, "Get-NodeIptablesRule k8s-w1 -Family IPv4");
        Assert.Equal(
            saved.Split('\n').Where(line => line.StartsWith('[')).Select(WithoutCounters),
            rules.Select(rule => WithoutCounters(rule.Text)));
        Assert.All(rules.Where(rule => rule.Chain.StartsWith("KUBE-", StringComparison.Ordinal)), rule => Assert.Equal(IptablesOwner.Kubernetes, rule.Owner));
        Assert.All(rules.Where(rule => rule.Target == "FLANNEL-POSTRTG"), rule => Assert.Equal((IptablesOwner.Flannel, "POSTROUTING"), (rule.Owner, rule.Chain)));

        const string Service = "Get-NodeIptablesRule k8s-ctr nat KUBE-SERVICES | Where-Object Destination -eq 10.96.33.91/32";
        var before = Get<IptablesRule>(lab, Service).Single();
        Assert.Equal(("tcp", "default/webpod cluster IP"), (before.Protocol, before.Comment));
        await Lab.RunOnNode("k8s-ctr", "bash", "-c", "exec 3<>/dev/tcp/10.96.33.91/80");
        var after = Get<IptablesRule>(lab, Service).Single();
        Assert.Equal(before.Packets + 1, after.Packets);
        Assert.True(after.Bytes > before.Bytes);

        var chains = Get<IptablesChain>(lab, "Get-NodeIptablesRule -ListChain -Owner Flannel");
        Assert.Equal(
            Lab.Nodes.SelectMany(node => new[] { $"{node} filter FLANNEL-FWD", $"{node} nat FLANNEL-POSTRTG" }),
            chains.Select(chain => $"{chain.Node} {chain.Table} {chain.Chain}").Order());
    }

    [Fact]
    public async Task Objects_lead_to_more_of_the_same_node_and_come_node_by_node()
    {
        await using var flannel = await Lab.WithFlannel();
        using var lab = new LabPrompt(Lab);

        Assert.Equal(
            Lab.Nodes.Select((node, i) => $"{node} 192.168.10.0/24 192.168.10.10{i}"),
            Get<NodeRoute>(lab, "Get-LabNode | Get-NodeInterface -Name eth1 | Get-NodeRoute | Where-Object Family -eq InterNetwork")
                .Select(route => $"{route.Node} {route.Destination} {route.Source}").Order());
        Assert.Equal(
            ["k8s-w2 192.168.10.102 True"],
            Get<NodeConnectivity>(lab, "Get-LabNode k8s-w1 | Test-NodeConnectivity -Destination k8s-w2 -Count 1")
                .Select(result => $"{result.To} {result.Address} {result.Succeeded}"));
        Assert.Equal(
            ["k8s-w1 cni0"],
            Get<NodeBridge>(lab, "Get-NodeInterface k8s-w1 -Kind bridge | Get-NodeBridge").Select(bridge => $"{bridge.Node} {bridge.Name}"));

        // Each node falls silent between its two commands for less than the others wait.
        var changes = Get<IptablesRule>(lab, "Get-NodeIptablesRule -Family IPv4").Select(rule => rule.Node).ToList();
        Assert.Equal(3, changes.Where((node, i) => i == 0 || node != changes[i - 1]).Count());
    }

    [Fact]
    public async Task Tab_offers_what_the_nodes_have()
    {
        await using var flannel = await Lab.WithFlannel();
        using var lab = new LabPrompt(Lab);

        AssertOffered(["flannel.1"], lab, "Get-NodeInterface -Name fl");
        AssertOffered(["eth0", "eth1"], lab, "Set-NodeInternalIp e");
        AssertOffered(["eth0", "eth1"], lab, "Get-NodeDns -Interface e");
        AssertOffered(["filter", "mangle", "nat"], lab, "Get-NodeIptablesRule -Table ");
        AssertOffered(["FLANNEL-POSTRTG"], lab, "Get-NodeIptablesRule k8s-w1 nat FL");
        AssertOffered(["cni0"], lab, "Get-NodeBridge -Name ");
        AssertOffered(["k8s-w1", "k8s-w2"], lab, "Get-NodeRoute k8s-w");
    }

    [Fact]
    public async Task Configuration_is_read_and_under_WhatIf_left_alone()
    {
        await using var flannel = await Lab.WithFlannel();
        using var lab = new LabPrompt(Lab);
        var everything = await Lab.RunOnNode("k8s-w1", "sh", "-c", "find /etc /var/lib/kubelet -type f -exec sha256sum {} + | sort");

        Assert.Equal(
            ["127.0.2.1 k8s-w1", "192.168.10.101 k8s-w1"],
            Get<NodeHostEntry>(lab, "Get-NodeHostEntry k8s-w1 k8s-w1").Select(entry => $"{entry.Address} {entry.Name}"));
        Assert.Equal(
            [("flannel", "/etc/cni/net.d/10-flannel.conflist"), ("flannel", "/etc/cni/net.d/10-flannel.conflist"), ("flannel", "/etc/cni/net.d/10-flannel.conflist")],
            Get<CniConfig>(lab, "Get-NodeCniConfig").Select(config => (config.Plugins[0].Type!, config.Path!)));
        Assert.Empty(lab.Prompt.Get("Set-NodeInternalIp eth1 -WhatIf"));
        Assert.Empty(lab.Prompt.Get("Get-LabNode | Set-NodeInternalIp -Interface eth1 -WhatIf"));
        Assert.Equal(everything, await Lab.RunOnNode("k8s-w1", "sh", "-c", "find /etc /var/lib/kubelet -type f -exec sha256sum {} + | sort"));
        var internalIp = Get<NodeInternalIp>(lab, "Get-NodeInternalIp k8s-w1").Single();
        Assert.Equal(("/var/lib/kubelet/kubeadm-flags.env", false), (internalIp.Path, internalIp.Changed));
    }

    [Fact]
    public void A_word_of_the_command_that_PowerShell_takes_for_a_parameter_is_told()
    {
        using var lab = new LabPrompt(Lab);

        var outcome = lab.Prompt.Run("Invoke-NodeCommand -Node k8s-w1 ip -s link show dev eth1");
        Assert.Equal("-s was read as -Sudo, not as a word of the command. Put -- before the command: Invoke-NodeCommand -- COMMAND -s", Assert.Single(outcome.Warnings));

        var plain = lab.Prompt.Run("Invoke-NodeCommand -Node k8s-w1 -- ls -ld /opt");
        Assert.Empty(plain.Warnings);
        Assert.StartsWith("drwx", Assert.IsType<NodeCommandResult>(plain.Output.Single().BaseObject).Output, StringComparison.Ordinal);
        Assert.Empty(lab.Prompt.Run("Invoke-NodeCommand uname -r -Node k8s-w1 -Timeout 5").Warnings);
    }

    [Fact]
    public void A_name_where_the_node_should_be_is_an_error_that_says_where_it_belongs()
    {
        using var lab = new LabPrompt(Lab);

        var error = Assert.Single(lab.Prompt.Run("Get-NodeInterface eth1").Errors);

        Assert.StartsWith("NodeNotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("See the nodes with: Get-LabNode. If it is no node's name: Get-NodeInterface -Name eth1", error.ErrorDetails.RecommendedAction);
        var named = Assert.Single(lab.Prompt.Run("Get-NodeInterface -Node eth1").Errors);
        Assert.Equal("See them with: Get-LabNode", named.ErrorDetails.RecommendedAction);
    }

    private static List<T> Get<T>(LabPrompt lab, string line) => [.. lab.Prompt.Get(line).Select(item => Assert.IsType<T>(item.BaseObject))];

    // A Tab press does not wait for a slow node; the next one has the answer.
    private static void AssertOffered(string[] expected, LabPrompt lab, string line)
    {
        var offered = lab.Prompt.Complete(line);
        for (var press = 0; press < 50 && !expected.SequenceEqual(offered); press++)
            offered = lab.Prompt.Complete(line);
        Assert.Equal(expected, offered);
    }

    private static string WithoutCounters(string rule) => Counters().Replace(rule, "");

    [GeneratedRegex(@"^\[\d+:\d+\] ")]
    private static partial Regex Counters();
}

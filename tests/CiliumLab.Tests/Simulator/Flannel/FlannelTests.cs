using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CiliumLab.Simulator.Api;
using CiliumLab.Tests.Simulator.Datapath;
using CiliumLab.Tests.Simulator.Life;
using CiliumLab.Tests.Simulator.Nodes;

namespace CiliumLab.Tests.Simulator.Flannel;

public class FlannelTests
{
    [Fact]
    public async Task The_release_gives_every_node_what_the_recorded_one_gave()
    {
        await using var lab = await NetworkedCluster.WithFlannelAsync();
        await lab.Test.DeployWebpodAsync();

        // How many pods a node has is the scheduler's to say; the first one's interface stands for all.
        Assert.Equal(Links(Recorded.Lines(63))[..6], Links(lab.Control.Output("ip", "link").Split('\n'))[..6]);
        Assert.Equal(Part(66, "k8s-w1", Links), Links(lab.Node("k8s-w1").Output("ip", "link").Split('\n'))[..6]);
        Assert.Equal(Part(67, "k8s-w1", l => [.. l.Where(x => x.Length > 0)]), Lines(lab.Node("k8s-w1").Output("ip", "route")));
        Assert.Equal(Part(67, "k8s-w2", l => [.. l.Where(x => x.Length > 0)]), Lines(lab.Node("k8s-w2").Output("ip", "route")));
        Assert.Equal(Recorded.Lines(93), Lines(lab.Control.Output("ip", "route")));
        var rules = Lines(lab.Control.Output("iptables", "-t", "nat", "-S")).Where(l => l.Contains("FLANNEL", StringComparison.Ordinal) || l.Contains("flanneld", StringComparison.Ordinal));
        Assert.Equal(Recorded.Lines(50).Where(l => l.Contains("FLANNEL", StringComparison.Ordinal) || l.Contains("flanneld", StringComparison.Ordinal)), rules);
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(string.Join('\n', Recorded.Lines(41))), JsonNode.Parse(lab.Control.Output("cat", "/etc/cni/net.d/10-flannel.conflist"))));
        Assert.Equal("FLANNEL_NETWORK=10.244.0.0/16\nFLANNEL_SUBNET=10.244.1.1/24\nFLANNEL_MTU=1450\nFLANNEL_IPMASQ=true\n", lab.Node("k8s-w1").Output("cat", "/run/flannel/subnet.env"));

        var node = lab.Test.Get(ResourceTypes.Nodes, null, "k8s-w1");
        Assert.Equal("192.168.10.101", node.Text("metadata", "annotations", "flannel.alpha.coreos.com/public-ip"));
        Assert.Contains(node.Objects("status", "conditions"), c => c.Text("type") == "NetworkUnavailable" && c.Text("reason") == "FlannelIsUp");
        Assert.Contains(node.Objects("status", "conditions"), c => c.Text("type") == "Ready" && c.Text("status") == "True");
        Assert.Contains("vxlan id 1 local 192.168.10.101 dev eth1 srcport 0 0 dstport 8472 nolearning", lab.Node("k8s-w1").Output("ip", "-d", "link", "show", "flannel.1"), StringComparison.Ordinal);
        // eth0's two IPv6 addresses end alike, and so share the group that it has joined.
        Assert.Single(lab.Node("k8s-w1").Output("bridge", "fdb", "show", "dev", "eth0").Split('\n'), line => line.StartsWith("33:33:ff:", StringComparison.Ordinal));
        Assert.Contains("dst 192.168.10.100 self permanent", lab.Node("k8s-w1").Output("bridge", "fdb", "show", "dev", "flannel.1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_config_map_is_the_recorded_one()
    {
        await using var lab = await NetworkedCluster.WithFlannelAsync();
        var data = lab.Test.Get(ResourceTypes.ConfigMaps, "kube-flannel", "kube-flannel-cfg").Object("data")!;
        var recorded = Recorded.Lines(42);
        Assert.Equal(recorded[(Array.IndexOf(recorded, "cni-conf.json:") + 2)..Array.IndexOf(recorded, "net-conf.json:")], (data.Text("cni-conf.json")!.TrimEnd('\n') + "\n").Split('\n'));
        Assert.Equal(recorded[(Array.IndexOf(recorded, "net-conf.json:") + 2)..Array.IndexOf(recorded, "BinaryData")], (data.Text("net-conf.json")!.TrimEnd('\n') + "\n").Split('\n'));
    }

    [Fact]
    public async Task Removing_the_release_leaves_behind_what_the_real_one_leaves()
    {
        await using var lab = await NetworkedCluster.WithFlannelAsync();
        await lab.Test.DeployWebpodAsync();
        var before = (Links: lab.Control.Output("ip", "link"), Bridges: lab.Control.Output("brctl", "show"), Routes: lab.Control.Output("ip", "route"));
        Assert.Equal(Recorded.Lines(84).Single() + "\n", lab.Helm("uninstall", "-n", "kube-flannel", "flannel"));
        Assert.Equal(Recorded.Lines(85).Single(), lab.Helm("list", "-A").TrimEnd('\n'));
        await lab.Test.AdvanceAsync(TimeSpan.FromSeconds(60));
        Assert.Empty(lab.Test.Pods("kube-flannel"));
        Assert.Equal(before, (lab.Control.Output("ip", "link"), lab.Control.Output("brctl", "show"), lab.Control.Output("ip", "route")));
        Assert.Contains("-N FLANNEL-FWD", lab.Control.Output("iptables", "-S"), StringComparison.Ordinal);
        Assert.Contains("10-flannel.conflist", lab.Control.Output("ls", "/etc/cni/net.d"), StringComparison.Ordinal);
        Assert.Equal("vxlan", lab.Test.Get(ResourceTypes.Nodes, null, "k8s-w2").Text("metadata", "annotations", "flannel.alpha.coreos.com/backend-type"));
        Assert.Equal((0, true), await lab.CurlAsync("webpod"));
    }

    [Fact]
    public async Task A_reinstalled_flannel_remembers_its_tunnel_and_doubles_nothing()
    {
        await using var lab = await NetworkedCluster.WithFlannelAsync();
        var before = (lab.Control.Output("ip", "link", "show", "flannel.1"), lab.Control.Output("iptables", "-t", "nat", "-S"));
        lab.Helm("uninstall", "-n", "kube-flannel", "flannel");
        await lab.Test.AdvanceAsync(TimeSpan.FromSeconds(60));
        lab.Control.Output("ip", "link", "del", "flannel.1");
        lab.Helm("install", "flannel", "flannel/flannel", "-n", "kube-flannel", "--set", "flannel.args={--ip-masq,--kube-subnet-mgr,--iface=eth1}");
        await lab.Test.AdvanceAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(Links(before.Item1.Split('\n'))[0].Split(' ')[1..], Links(lab.Control.Output("ip", "link", "show", "flannel.1").Split('\n'))[0].Split(' ')[1..]);
        Assert.Equal(before.Item1.Split('\n')[1], lab.Control.Output("ip", "link", "show", "flannel.1").Split('\n')[1]);
        Assert.Equal(before.Item2, lab.Control.Output("iptables", "-t", "nat", "-S"));
    }

    // Numbers of interfaces and their order stay; names of pairs, addresses and namespaces differ.
    private static string[] Links(string[] lines) => [.. lines.Where(l => Regex.IsMatch(l, "^[0-9]+:")).Select(l => Regex.Replace(l.TrimEnd(), "veth[0-9a-f]{8}", "vethX"))];

    private static string[] Lines(string text) => [.. text.TrimEnd('\n').Split('\n').Select(l => l.TrimEnd())];

    private static string[] Part(int number, string node, Func<string[], string[]> shape)
    {
        var lines = Recorded.Lines(number);
        var start = Array.IndexOf(lines, $">> node : {node} <<") + 1;
        return shape([.. lines[start..].TakeWhile(l => !l.StartsWith(">> node", StringComparison.Ordinal))]);
    }
}

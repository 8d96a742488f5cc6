using System.Text.RegularExpressions;
using CiliumLab.Simulator;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Nodes.Iptables;

namespace CiliumLab.Tests.Simulator.Nodes;

/// <summary>The simulated lab's answers against the recorded ones of the real lab.</summary>
public sealed partial class NodeTranscriptTests
{
    private readonly IReadOnlyList<SimulatedNode> _nodes = LabNodes.Create(new Seed(7), new FixedClock(new DateTimeOffset(2025, 7, 14, 15, 0, 0, TimeSpan.Zero)));

    private SimulatedNode Control => _nodes[0];

    [Theory]
    [InlineData("007-whoami", "whoami")]
    [InlineData("010-cat-etc-hosts", "cat /etc/hosts")]
    [InlineData("011-ping-c-1-k8s-w1", "ping -c 1 k8s-w1")]
    [InlineData("012-ping-c-1-k8s-w2", "ping -c 1 k8s-w2")]
    [InlineData("016-ip-c-addr", "ip -c addr")]
    [InlineData("017-ip-c-route", "ip -c route")]
    [InlineData("018-resolvectl", "resolvectl")]
    [InlineData("023-cat-var-lib-kubelet-kubeadm-flags-env", "cat /var/lib/kubelet/kubeadm-flags.env")]
    [InlineData("035-tree-etc-cni-net-d", "tree /etc/cni/net.d/")]
    [InlineData("075-arch", "arch")]
    [InlineData("076-uname-r", "uname -r")]
    [InlineData("083-mount-grep-sys-fs-bpf", "mount -t bpf")]
    public void Answers_as_the_recorded_node_did(string recorded, string command) =>
        Assert.Equal(Mask(Fixture.Read($"transcript/{recorded}.txt")), Mask(Control.Output(NodeRun.Words("env LC_ALL=en_US.UTF-8 " + command))));

    [Fact]
    public void Tells_what_machine_it_is_as_the_recorded_node_did()
    {
        var text = Control.Output("env", "LC_ALL=en_US.UTF-8", "hostnamectl");

        Assert.Equal(Hex().Replace(Mask(Fixture.Read("transcript/009-hostnamectl.txt")), "ID"), Hex().Replace(Mask(text), "ID"));
    }

    [Fact]
    public void Lists_links_routes_and_no_bridge_before_a_cni()
    {
        var text = Control.Output("ip", "-c", "link") + "\n" + Control.Output("ip", "-c", "route") + Control.Output("brctl", "show");

        Assert.Equal(Mask(Fixture.Read("transcript/032-ip-c-link.txt")), Mask(text));
    }

    [Theory]
    [InlineData("077-grep-e-config-bpf-config-bpf-syscall-config-net")]
    [InlineData("078-grep-e-config-vxlan-y-config-vxlan-m-config-gene")]
    [InlineData("081-grep-e-config-netfilter-xt-target-tproxy-config")]
    [InlineData("082-grep-e-config-netkit-y-config-netkit-m-boot-conf")]
    public void Knows_the_kernel_configuration_that_was_recorded(string recorded)
    {
        var lines = Fixture.Read($"transcript/{recorded}.txt").Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

        Assert.All(lines, line => Assert.Equal(line, Control.Output("grep", "-x", line, "/boot/config-6.8.0-53-generic").TrimEnd()));
    }

    [Fact]
    public void Loads_modules_with_those_that_they_need()
    {
        Assert.Equal(1, Control.Run("modprobe", "-r", "no-such").ExitCode);
        Control.Output("modprobe", "vxlan");
        Assert.Equal(Fixture.Read("transcript/079-lsmod-grep-e-vxlan-geneve.txt"), Tunnels());
        Control.Output("modprobe", "geneve");
        Assert.Equal(Fixture.Read("transcript/080-lsmod-grep-e-vxlan-geneve.txt"), Tunnels());
        Assert.Equal(new Said("", "modprobe: FATAL: Module udp_tunnel is in use.\n", 1), Control.Run("modprobe", "-r", "udp_tunnel"));

        string Tunnels() => Control.Run(["grep", "-E", "vxlan|geneve"], Control.Output("lsmod")).Output;
    }

    [Theory]
    [InlineData("033-iptables-save")]
    [InlineData("105-iptables-save")]
    [InlineData("106-iptables-save")]
    [InlineData("119-iptables-save")]
    public void Keeps_a_recorded_rule_set_word_for_word(string recorded)
    {
        var text = Fixture.Read($"transcript/{recorded}.txt").ReplaceLineEndings("\n").Trim() + "\n";

        Assert.Equal(new Said("", "", 0), Control.Run(["iptables-restore", "-c"], text));
        Assert.Equal(Rules(text), Rules(Control.Output("iptables-save")));
    }

    [Theory]
    [InlineData("034-iptables-t-nat-s")]
    [InlineData("050-iptables-t-nat-s")]
    [InlineData("065-iptables-t-nat-s")]
    [InlineData("116-iptables-t-nat-s")]
    public void Lists_rules_that_were_made_one_by_one_as_recorded(string recorded)
    {
        var text = Fixture.Read($"transcript/{recorded}.txt").ReplaceLineEndings("\n").Trim() + "\n";
        Control.Output("iptables", "-t", "nat", "-F");
        Control.Output("iptables", "-t", "nat", "-X");
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Control.Output(["iptables", "-t", "nat", .. RuleText.Split(line)]);

        Assert.Equal(text, Control.Output("iptables", "-t", "nat", "-S"));
    }

    [Fact]
    public void Has_the_chains_that_kubelet_keeps()
    {
        var text = Control.Output("iptables-save");

        Assert.Contains(":KUBE-IPTABLES-HINT - [0:0]\n:KUBE-KUBELET-CANARY - [0:0]\n", text, StringComparison.Ordinal);
        Assert.Contains("-A INPUT -j KUBE-FIREWALL\n-A OUTPUT -j KUBE-FIREWALL\n", text, StringComparison.Ordinal);
        Control.Output("nft", "flush", "ruleset");
        Assert.Equal("", Control.Output("iptables-save"));
        Control.Output("systemctl", "restart", "kubelet");
        Assert.Equal(Rules(text), Rules(Control.Output("iptables-save")));
    }

    [Fact]
    public void Shows_flannels_links_routes_and_bridge_as_recorded()
    {
        Flannel(0);
        var link = Control.Output("ip", "-c", "link");

        Assert.Equal(Mask(Fixture.Read("transcript/043-ip-c-link.txt")), Mask(link));
        Assert.Equal(Squeeze(Fixture.Read("transcript/049-brctl-show.txt")), Squeeze(Control.Output("brctl", "show")));
        Assert.Equal(Mask(Fixture.Read("transcript/044-ip-c-route-grep-10-244.txt")), Mask(Control.Run(["grep", "10.244."], Control.Output("ip", "route")).Output));
    }

    [Fact]
    public void Reaches_other_nodes_through_flannels_tunnel_and_not_after_it_is_gone()
    {
        for (var number = 0; number < 3; number++)
            Flannel(number);
        Assert.Equal(Mask(Fixture.Read("transcript/045-ping-c-1-10-244-1-0.txt")), Mask(Control.Output("ping", "-c", "1", "10.244.1.0")));

        _nodes[1].Output("ip", "link", "del", "flannel.1");

        Assert.Equal(1, Control.Run("ping", "-c", "1", "-W", "0", "10.244.1.0").ExitCode);
    }

    [Fact]
    public void Shows_ciliums_links_as_recorded()
    {
        var node = _nodes[0];
        node.Kernel.AddNamespace("cni-69166b00-fabc-0af1-3874-e887a47b08b0");
        node.Kernel.AddNamespace("cni-e912a9e2-ed8c-1436-f857-94e0fcb0cd78");
        node.Output(NodeRun.Words("ip link add cilium_host index 10 address ce:32:1f:30:c0:e2 type veth peer name cilium_net index 9 address ee:43:ce:84:cd:8b"));
        foreach (var name in (string[])["cilium_host", "cilium_net"])
        {
            node.Output("ip", "link", "set", name, "arp", "off");
            node.Output("ip", "link", "set", name, "up");
        }

        node.Output(NodeRun.Words("ip addr add 172.20.0.187/32 dev cilium_host"));

        Assert.Equal(
            Mask(Fixture.Read("transcript/142-ip-c-addr-show-cilium-net.txt")),
            Mask(node.Output("ip", "-c", "addr", "show", "cilium_net") + node.Output("ip", "-c", "addr", "show", "cilium_host")));
        Assert.Equal("172.20.0.187", node.Output(NodeRun.Words("ip -j addr show cilium_host")).Split("\"local\":\"")[1].Split('"')[0]);
    }

    private static string Rules(string text) => Counters().Replace(string.Join('\n', text.Split('\n').Where(line => !line.StartsWith('#'))), "[0:0]");

    private static string Squeeze(string text) => Blanks().Replace(text, " ").Trim();

    private static string Mask(string text)
    {
        text = Colour().Replace(text.ReplaceLineEndings("\n"), "");
        text = Netns().Replace(text, "link-netns NAME");
        text = Mac().Replace(text, "MAC");
        text = Eui64().Replace(text, "$1EUI");
        text = Seconds().Replace(text, "Nsec");
        text = Milliseconds().Replace(text, "N");
        text = VethName().Replace(text, "vethN");
        return string.Join('\n', text.Split('\n').Select(line => line.TrimEnd())).Trim();
    }

    private void Flannel(int number)
    {
        var node = _nodes[number];
        string[] macs = ["e6:0f:9b:40:c3:ec", "4e:13:00:49:ce:71", "56:19:dc:74:53:eb"];
        Run($"ip link add flannel.1 address {macs[number]} txqueuelen 0 type vxlan id 1 dev eth1 local 192.168.10.{100 + number} dstport 8472 nolearning");
        Run($"ip addr add 10.244.{number}.0/32 dev flannel.1");
        Run("ip link set flannel.1 up");
        foreach (var other in Enumerable.Range(0, 3).Where(other => other != number))
        {
            Run($"ip neigh replace 10.244.{other}.0 lladdr {macs[other]} dev flannel.1 nud permanent");
            Run($"bridge fdb append {macs[other]} dev flannel.1 dst 192.168.10.{100 + other}");
            Run($"ip route add 10.244.{other}.0/24 via 10.244.{other}.0 dev flannel.1 onlink");
        }

        if (number > 0)
            return;
        Run("ip link add cni0 address f6:af:58:af:44:e3 mtu 1450 type bridge");
        Run("ip link set cni0 up");
        Run("ip addr add 10.244.0.1/24 dev cni0");
        foreach (var (name, space) in ((string, string)[])[("vethe4603105", "cni-05426de7-dd90-2656-df69-64505867d5df"), ("veth470cf46f", "cni-1d343493-f993-e0d5-e30c-163d1baf2a6f")])
        {
            Run($"ip netns add {space}");
            Run($"ip link add {name} mtu 1450 type veth peer name eth0 netns {space} index 2 mtu 1450");
            Run($"ip -n {space} link set eth0 up");
            Run($"ip link set {name} up master cni0");
        }

        void Run(string line) => node.Output(NodeRun.Words(line));
    }

    private sealed class FixedClock(DateTimeOffset now) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => now;
    }

    [GeneratedRegex("\\e\\[[0-9]*m")]
    private static partial Regex Colour();

    [GeneratedRegex("(?!ff:ff|00:00)[0-9a-f]{2}(:[0-9a-f]{2}){5}")]
    private static partial Regex Mac();

    [GeneratedRegex("(fe80::|fd17:625c:f037:2:)[0-9a-f]+(:[0-9a-f]+){1,3}")]
    private static partial Regex Eui64();

    [GeneratedRegex("[0-9]+sec")]
    private static partial Regex Seconds();

    [GeneratedRegex("(?<=time=|[= ]|/)[0-9]+\\.[0-9]{2,3}(?=[/ ])(?! *ID)")]
    private static partial Regex Milliseconds();

    [GeneratedRegex("link-netns [^ \\n]+")]
    private static partial Regex Netns();

    [GeneratedRegex("veth[0-9a-f]{8}")]
    private static partial Regex VethName();

    [GeneratedRegex("[0-9a-f]{32}")]
    private static partial Regex Hex();

    [GeneratedRegex("[ \\t\\n]+")]
    private static partial Regex Blanks();

    [GeneratedRegex("\\[[0-9]+:[0-9]+\\]")]
    private static partial Regex Counters();
}

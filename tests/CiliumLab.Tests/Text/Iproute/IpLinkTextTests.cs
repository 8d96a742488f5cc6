using System.Net;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Tests.Text.Iproute;

public sealed class IpLinkTextTests
{
    [Fact]
    public void Reads_flannels_links()
    {
        var links = Read("transcript/043-ip-c-link.txt");

        Assert.Equal(["lo", "eth0", "eth1", "flannel.1", "cni0", "vethe4603105", "veth470cf46f"], links.Select(link => link.Name));
        Assert.Equal(1450, links[3].Mtu);
        Assert.Null(links[3].Kind);
        Assert.Equal("cni0", links[5].Master);
        Assert.Equal(2, links[5].PeerIndex);
        Assert.Equal("cni-05426de7-dd90-2656-df69-64505867d5df", links[5].PeerNamespace);
        Assert.Equal("fa:28:80:b2:a3:a2", links[5].Mac);
    }

    [Fact]
    public void Veths_without_a_master_stay_behind_when_flannel_is_removed()
    {
        var links = Read("transcript/097-ip-c-link.txt");

        Assert.Equal([1, 2, 3, 6, 7, 8], links.Select(link => link.Index));
        Assert.All(links, link => Assert.Null(link.Master));
    }

    [Theory]
    [InlineData("051-for-i-in-w1-w2-do-echo-node-k8s-i-sshpass-p-vagr.txt", "k8s-w1 lo eth0 eth1 flannel.1|k8s-w2 lo eth0 eth1 flannel.1")]
    [InlineData("063-ip-c-link.txt", " lo eth0 eth1 flannel.1 cni0 vethe4603105 veth470cf46f veth51449dca")]
    [InlineData("066-for-i-in-w1-w2-do-echo-node-k8s-i-sshpass-p-vagr.txt", "k8s-w1 lo eth0 eth1 flannel.1 cni0 veth5aaee95c|k8s-w2 lo eth0 eth1 flannel.1 cni0 veth4ccb4288")]
    [InlineData("089-ip-c-link.txt", " lo eth0 eth1 flannel.1 cni0 vethe4603105 veth470cf46f veth51449dca")]
    [InlineData("090-for-i-in-w1-w2-do-echo-node-k8s-i-sshpass-p-vagr.txt", "k8s-w1 lo eth0 eth1 flannel.1 cni0 veth5aaee95c|k8s-w2 lo eth0 eth1 flannel.1 cni0 veth4ccb4288")]
    [InlineData("098-for-i-in-w1-w2-do-echo-node-k8s-i-sshpass-p-vagr.txt", "k8s-w1 lo eth0 eth1 veth5aaee95c|k8s-w2 lo eth0 eth1 veth4ccb4288")]
    [InlineData("095-for-i-in-w1-w2-do-echo-node-k8s-i-sshpass-p-vagr.txt", "k8s-w1 |k8s-w2 ")]
    public void Reads_the_links_of_each_node_of_the_lab(string file, string expected)
    {
        var sections = NodeSections.Of(Fixture.Read("transcript/" + file))
            .Select(section => section.Node + " " + string.Join(' ', IpLinkText.Parse(new StringReader(section.Text), section.Node, Unexpected.Warning).Select(link => link.Name)));

        Assert.Equal(expected, string.Join('|', sections));
    }

    [Fact]
    public void Routes_behind_the_links_are_warnings()
    {
        var warnings = new List<TextWarning>();

        var links = IpLinkText.Parse(Fixture.Open("transcript/032-ip-c-link.txt"), null, warnings.Add).ToList();

        Assert.Equal(["lo", "eth0", "eth1"], links.Select(link => link.Name));
        Assert.Equal([10, 11, 12, 13, 14], warnings.Select(warning => warning.Line));
    }

    [Fact]
    public void Detailed_text_and_json_of_one_state_are_equal_records()
    {
        var text = Read("iproute2/ip-d-link.txt");
        var json = Read("iproute2/ip-d-link.json");

        string[] without = ["PeerNamespace", "PeerNamespaceId"];
        Assert.Equal(Records.Print(json, without), Records.Print(text, without));
    }

    [Fact]
    public void Reads_the_settings_of_vxlan_bridge_and_port()
    {
        var links = Read("iproute2/ip-d-link.json").ToDictionary(link => link.Name);

        Assert.Equal(
            new VxlanSettings
            {
                Vni = 1,
                Local = IPAddress.Parse("192.168.10.100"),
                Interface = "eth1",
                Port = 8472,
                Learning = false,
                Ageing = TimeSpan.FromSeconds(300),
            },
            links["flannel.1"].Vxlan);
        Assert.Equal("8000.0a580af40001", links["cni0"].Bridge!.BridgeId);
        Assert.False(links["cni0"].Bridge!.Stp);
        Assert.Equal(TimeSpan.FromSeconds(300), links["cni0"].Bridge!.AgeingTime);
        Assert.True(links["br-empty"].Bridge!.Stp);
        Assert.Equal(4096, links["br-empty"].Bridge!.Priority);
        Assert.Equal(LinkFlags.NoCarrier, links["br-empty"].Flags & LinkFlags.NoCarrier);
        Assert.Equal(
            new BridgePort
            {
                Interface = "vethpod1",
                State = BridgePortState.Forwarding,
                Priority = 32,
                Cost = 2,
                Hairpin = true,
                Learning = true,
                Flood = true,
                Isolated = false,
            },
            links["vethpod1"].BridgePort);
        Assert.Equal("cilium_host", links["cilium_net"].Peer);
        Assert.Equal(LinkFlags.MasterDown, links["cilium_net"].Flags & LinkFlags.MasterDown);
    }

    [Theory]
    [InlineData("iproute2/ip-d-link-kinds.txt")]
    [InlineData("iproute2/ip-d-link-kinds.json")]
    public void Reads_other_kinds_and_other_tunnels(string file)
    {
        var links = Read(file).ToDictionary(link => link.Name);

        Assert.Equal(["loopback", "vxlan", "vxlan", "ifb", "tun"], links.Values.Select(link => link.Kind));
        Assert.Equal(
            new VxlanSettings { Vni = 7, Remote = IPAddress.Parse("239.1.1.1"), Interface = "lo", Port = 4789, Learning = true, Ageing = TimeSpan.FromSeconds(300) },
            links["vx0"].Vxlan);
        Assert.Equal((null, true, false), (links["vxe"].Vxlan!.Vni, links["vxe"].Vxlan!.External, links["vxe"].Vxlan!.Learning));
        Assert.Equal("a lab link", links["ifb9"].Alias);
        Assert.Equal(("none", null), (links["tun7"].LinkType, links["tun7"].Mac));
        Assert.True(links["tun7"].Flags.HasFlag(LinkFlags.PointToPoint));
    }

    [Fact]
    public void Counters_of_text_and_json_are_equal()
    {
        var text = Read("iproute2/ip-s-link.txt");
        var json = Read("iproute2/ip-s-link.json");

        Assert.Equal(json.Select(link => link.Statistics), text.Select(link => link.Statistics));
        Assert.All(json, link => Assert.NotNull(link.Statistics));
        var tunnel = json.Single(link => link.Name == "flannel.1").Statistics!;
        Assert.Equal((12UL, 1UL), (tunnel.TxPackets, tunnel.TxDropped));
        Assert.True(tunnel.TxBytes > 0);
    }

    [Fact]
    public void Kinds_of_errors_do_not_disturb_the_counters()
    {
        var twice = Read("iproute2/ip-s-s-link.txt");

        Assert.Equal(9, twice.Count);
        Assert.Equal((1662UL, 12UL), (twice[0].Statistics!.RxBytes, twice[0].Statistics!.TxPackets));
        Assert.Equal(["enp0s8"], twice[1].AlternativeNames);
    }

    [Theory]
    [InlineData("transcript/063-ip-c-link.txt")]
    [InlineData("iproute2/ip-d-link.txt")]
    [InlineData("iproute2/ip-s-s-link.txt")]
    [InlineData("iproute2/ip-d-link.json")]
    public void Damaged_output_never_ends_in_another_exception(string file) =>
        Garbling.Survives(IpLinkText.Parse, Fixture.Read(file));

    private static List<NodeInterface> Read(string file) => [.. IpLinkText.Parse(Fixture.Open(file), null, Unexpected.Warning)];
}

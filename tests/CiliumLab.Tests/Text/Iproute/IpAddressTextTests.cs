using System.Net;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Tests.Text.Iproute;

public sealed class IpAddressTextTests
{
    private static readonly string[] OnlyDetailed =
        ["Kind", "Vxlan", "Bridge", "BridgePort", "Statistics", "PeerNamespace", "PeerNamespaceId"];

    [Fact]
    public void Reads_every_interface_of_a_node_before_any_cni()
    {
        var links = Read("transcript/016-ip-c-addr.txt", "k8s-ctr");

        Assert.Equal(["lo", "eth0", "eth1"], links.Select(link => link.Name));
        Assert.Equal([1, 2, 3], links.Select(link => link.Index));
        Assert.All(links, link => Assert.Equal("k8s-ctr", link.Node));
        var loopback = links[0];
        Assert.Equal("loopback", loopback.Kind);
        Assert.Equal(65536, loopback.Mtu);
        Assert.Equal(InterfaceState.Unknown, loopback.State);
        Assert.Equal(LinkFlags.Loopback | LinkFlags.Up | LinkFlags.LowerUp, loopback.Flags);
        Assert.Equal(AddressFlags.NoPrefixRoute, loopback.Addresses[1].Flags);
        var nat = links[1];
        Assert.Null(nat.Kind);
        Assert.Equal("ether", nat.LinkType);
        Assert.Equal("08:00:27:6b:69:c9", nat.Mac);
        Assert.Equal(InterfaceState.Up, nat.State);
        Assert.Equal("fq_codel", nat.Qdisc);
        Assert.Equal(["enp0s3"], nat.AlternativeNames);
        Assert.Equal(3, nat.Addresses.Count);
        var leased = nat.Addresses[0];
        Assert.Equal("10.0.2.15/24", leased.ToString());
        Assert.Equal(IPNetwork.Parse("10.0.2.0/24"), leased.Network);
        Assert.Equal(100u, leased.Metric);
        Assert.Equal(IPAddress.Parse("10.0.2.255"), leased.Broadcast);
        Assert.True(leased.Dynamic);
        Assert.Equal("eth0", leased.Label);
        Assert.Equal(TimeSpan.FromSeconds(84849), leased.ValidLifetime);
        var routed = nat.Addresses[1];
        Assert.Equal(IPAddress.Parse("fd17:625c:f037:2:a00:27ff:fe6b:69c9"), routed.Address);
        Assert.Equal(AddressFlags.Dynamic | AddressFlags.ManageTemporaryAddress | AddressFlags.NoPrefixRoute, routed.Flags);
        Assert.Equal(TimeSpan.FromSeconds(14357), routed.PreferredLifetime);
        Assert.Equal(AddressScope.Link, nat.Addresses[2].Scope);
        var cluster = links[2].Addresses[0];
        Assert.Equal(AddressScope.Global, cluster.Scope);
        Assert.False(cluster.Dynamic);
        Assert.Null(cluster.ValidLifetime);
    }

    [Fact]
    public void Reads_the_veth_pairs_of_cilium()
    {
        var links = Read("transcript/140-ip-c-addr.txt");

        Assert.Equal(["lo", "eth0", "eth1", "cilium_net", "cilium_host", "lxc15efa76a1c03", "lxc4bee7d32b9d3", "lxc_health"], links.Select(link => link.Name));
        Assert.Equal("cilium_host", links[3].Peer);
        Assert.True(links[3].Flags.HasFlag(LinkFlags.NoArp));
        Assert.Equal("172.20.0.187/32", links[4].Addresses[0].ToString());
        Assert.Equal(13, links[5].PeerIndex);
        Assert.Equal("cni-69166b00-fabc-0af1-3874-e887a47b08b0", links[5].PeerNamespace);
        Assert.Equal(2, links[7].PeerNamespaceId);
        Assert.Null(links[7].PeerNamespace);
    }

    [Theory]
    [InlineData("005-for-i-in-ctr-w1-w2-do-echo-node-k8s-i-vagrant-ss.txt", "k8s-ctr eth0|k8s-w1 eth0|k8s-w2 eth0")]
    [InlineData("047-ip-c-a.txt", " lo eth0 eth1 flannel.1")]
    [InlineData("048-ip-c-a.txt", " lo eth0 eth1 flannel.1")]
    [InlineData("141-for-i-in-w1-w2-do-echo-node-k8s-i-sshpass-p-vagr.txt", "k8s-w1 lo eth0 eth1 cilium_net cilium_host lxcd268a7119386 lxc_health|k8s-w2 lo eth0 eth1 cilium_net cilium_host lxc61f4da945ad8 lxc5fade0857eac lxc_health")]
    [InlineData("142-ip-c-addr-show-cilium-net.txt", " cilium_net cilium_host")]
    [InlineData("143-for-i-in-w1-w2-do-echo-node-k8s-i-sshpass-p-vagr.txt", "k8s-w1 cilium_net|k8s-w2 cilium_net")]
    [InlineData("144-for-i-in-w1-w2-do-echo-node-k8s-i-sshpass-p-vagr.txt", "k8s-w1 cilium_host|k8s-w2 cilium_host")]
    [InlineData("145-ip-c-addr-show-lxc-health.txt", " lxc_health")]
    [InlineData("146-for-i-in-w1-w2-do-echo-node-k8s-i-sshpass-p-vagr.txt", "k8s-w1 lxc_health|k8s-w2 lxc_health")]
    [InlineData("183-ip-c-a.txt", " lo eth0 eth1 cilium_net cilium_host lxc15efa76a1c03 lxc4bee7d32b9d3 lxc_health")]
    public void Reads_the_interfaces_of_each_node_of_the_lab(string file, string expected)
    {
        var sections = NodeSections.Of(Fixture.Read("transcript/" + file))
            .Select(section => section.Node + " " + string.Join(' ', IpAddressText.Parse(new StringReader(section.Text), section.Node, Unexpected.Warning).Select(link => link.Name)));

        Assert.Equal(expected, string.Join('|', sections));
    }

    [Fact]
    public void What_was_left_out_around_an_interface_is_a_warning()
    {
        var warnings = new List<TextWarning>();

        var link = Assert.Single(IpAddressText.Parse(Fixture.Open("transcript/053-ip-c-a.txt"), null, warnings.Add));

        Assert.Equal("flannel.1", link.Name);
        Assert.Equal("10.244.0.0/32", link.Addresses[0].ToString());
        Assert.Equal([1, 8], warnings.Select(warning => warning.Line));
    }

    [Fact]
    public void Text_and_json_of_one_state_are_equal_records()
    {
        var text = Read("iproute2/ip-addr.txt");
        var json = Read("iproute2/ip-addr.json");

        Assert.Equal(9, json.Count);
        Assert.Equal(Records.Print(json, OnlyDetailed), Records.Print(text, OnlyDetailed));
    }

    [Fact]
    public void Detailed_text_and_json_of_one_state_are_equal_records()
    {
        var text = Read("iproute2/ip-d-addr.txt");
        var json = Read("iproute2/ip-d-s-addr.json");

        string[] without = ["Statistics", "PeerNamespace", "PeerNamespaceId", "ValidLifetime", "PreferredLifetime"];
        Assert.Equal(["loopback", "veth", "vxlan", "bridge", "bridge", "veth", "veth", "veth", "veth"], json.Select(link => link.Kind));
        Assert.Equal(Records.Print(json, without), Records.Print(text, without));
    }

    [Fact]
    public void Reads_addresses_with_a_peer_a_label_and_a_lifetime()
    {
        var eth1 = Read("iproute2/ip-d-s-addr.json")[1];

        Assert.Equal("veth", eth1.Kind);
        Assert.Equal(2, eth1.PeerIndex);
        Assert.Equal(0, eth1.PeerNamespaceId);
        var point = Assert.Single(eth1.Addresses, address => address.Peer is not null);
        Assert.Equal("10.9.9.1/32", point.ToString());
        Assert.Equal(IPNetwork.Parse("10.9.9.2/32"), point.Network);
        var label = Assert.Single(eth1.Addresses, address => address.Label == "eth1:vip");
        Assert.Equal(AddressFlags.Secondary | AddressFlags.Dynamic, label.Flags);
        Assert.InRange(label.ValidLifetime!.Value, TimeSpan.FromSeconds(2900), TimeSpan.FromSeconds(3600));
    }

    [Fact]
    public void One_line_for_each_address_is_understood()
    {
        var text = Read("iproute2/ip-o-addr.txt");
        var full = Read("iproute2/ip-addr.txt").Where(link => link.Addresses.Count > 0).ToList();

        Assert.Equal(full.Select(link => link.Name), text.Select(link => link.Name));
        Assert.Equal(full.SelectMany(link => link.Addresses).Select(address => address.ToString()), text.SelectMany(link => link.Addresses).Select(address => address.ToString()));
    }

    [Fact]
    public void An_error_text_is_an_error_that_quotes_it()
    {
        var error = Assert.Throws<LabException>(() => IpAddressText.Parse(new StringReader("Device \"cni0\" does not exist.\n"), null, _ => { }).ToList());

        Assert.Equal("OutputNotUnderstood", error.ErrorId);
        Assert.Contains("Device \"cni0\" does not exist.", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_flag_and_a_word_of_tomorrow_are_warnings_and_the_rest_is_read()
    {
        var warnings = new List<TextWarning>();
        const string Text = "7: eth9: <UP,0x80000,SHINY> mtu 9000 sparkle qdisc noqueue state UP\n    link/ether 02:00:00:00:00:09 brd ff:ff:ff:ff:ff:ff\n    inet 10.0.0.9/24 scope global glowing eth9\n";

        var link = Assert.Single(IpAddressText.Parse(new StringReader(Text), null, warnings.Add));

        Assert.Equal(LinkFlags.Up | (LinkFlags)0x80000, link.Flags);
        Assert.Equal("10.0.0.9/24", link.Addresses[0].ToString());
        Assert.Equal("eth9", link.Addresses[0].Label);
        Assert.Equal(["unknown flag 'SHINY'", "unknown word 'sparkle'", "unknown word 'glowing'"], warnings.Select(warning => warning.Reason));
    }

    [Fact]
    public void Broken_json_gives_what_could_be_read_and_a_warning()
    {
        var warnings = new List<TextWarning>();
        var whole = Fixture.Read("iproute2/ip-addr.json");

        var links = IpAddressText.Parse(new StringReader(whole[..(whole.Length / 2)]), null, warnings.Add).ToList();

        Assert.Equal("lo", links[0].Name);
        Assert.StartsWith("the JSON document is broken", Assert.Single(warnings).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("transcript/140-ip-c-addr.txt")]
    [InlineData("iproute2/ip-d-addr.txt")]
    [InlineData("iproute2/ip-o-addr.txt")]
    [InlineData("iproute2/ip-d-s-addr.json")]
    public void Damaged_output_never_ends_in_another_exception(string file) =>
        Garbling.Survives(IpAddressText.Parse, Fixture.Read(file));

    private static List<NodeInterface> Read(string file, string? node = null) =>
        [.. IpAddressText.Parse(Fixture.Open(file), node, Unexpected.Warning)];
}

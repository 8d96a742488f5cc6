using System.Text.RegularExpressions;
using System.Xml.Linq;
using CiliumLab.Model;

namespace CiliumLab.Tests.Cmdlets;

/// <summary>The cmdlets of links in a real engine, on nodes that answer with what a real node said.</summary>
public sealed partial class NodeLinkCmdletTests : IDisposable
{
    private readonly Prompt _prompt = new();

    public NodeLinkCmdletTests() => RecordedLab.Connect(
        _prompt,
        new Dictionary<string, string>
        {
            ["ip -j -d -s addr show"] = Fixture.Read("iproute2/ip-d-s-addr.json"),
            ["ip -j -d link show"] = Fixture.Read("iproute2/ip-d-link.json"),
            ["ip -4 -j -d route show table all"] = Fixture.Read("iproute2/ip-4-d-route-table-all.json"),
            ["ip -6 -j -d route show table all"] = Fixture.Read("iproute2/ip-6-d-route-table-all.json"),
            ["ip -j -s neigh show"] = Fixture.Read("iproute2/ip-s-neigh.json"),
            ["bridge -j -s fdb show"] = Fixture.Read("iproute2/bridge-s-fdb.json"),
        },
        "k8s-ctr",
        "k8s-w1");

    public void Dispose() => _prompt.Dispose();

    [Theory]
    [InlineData("Get-NodeInterface k8s-ctr veth*", "vethpod1 vethpod2")]
    [InlineData("Get-NodeInterface k8s-ctr -Name enp0s8", "eth1")]
    [InlineData("Get-NodeInterface k8s-ctr -Kind vxlan,bridge", "flannel.1 cni0 br-empty")]
    [InlineData("Get-NodeRoute k8s-ctr 10.244.1.0/24 | Get-NodeInterface", "flannel.1")]
    [InlineData("Get-NodeRoute k8s-ctr 10.60.0.0/16 | Get-NodeInterface", "")]
    [InlineData("Get-NodeBridge k8s-ctr cni*", "cni0")]
    [InlineData("Get-NodeBridge k8s-ctr", "cni0 br-empty")]
    public void Chooses_interfaces(string line, string expected) =>
        Assert.Equal(expected, string.Join(' ', _prompt.Get($"({line}).Name")));

    [Theory]
    [InlineData("-Destination 10.244.1.7", "10.244.1.0/24 0.0.0.0/0")]
    [InlineData("10.244.0.0/16", "10.244.0.0/24 10.244.1.0/24 10.244.2.0/24")]
    [InlineData("default", "0.0.0.0/0 ::/0")]
    [InlineData("default -Table 200", "0.0.0.0/0")]
    [InlineData("192.168.10.100 -Table all", "192.168.10.100/32 192.168.10.0/24 0.0.0.0/0 0.0.0.0/0")]
    [InlineData("-Table 1*,2004", "10.63.0.0/16 10.67.0.0/16 172.20.0.0/24")]
    [InlineData("fd00:50::1", "fd00:50::/64 ::/0")]
    [InlineData("-Interface cni0", "10.244.0.0/24 fe80::/64")]
    [InlineData("10.50.0.0/16 -Interface eth1", "10.50.0.0/16")]
    public void Chooses_routes(string parameters, string expected) =>
        Assert.Equal(expected, string.Join(' ', _prompt.Get($"Get-NodeRoute k8s-ctr {parameters} | ForEach-Object {{ [string] $_.Destination }}")));

    [Fact]
    public void Interfaces_lead_to_their_own_routes_and_neighbours()
    {
        var routes = _prompt.Get("Get-NodeInterface k8s-w1 -Name cni0,flannel.1 | Get-NodeRoute -ThrottleLimit 1").Select(item => (NodeRoute)item.BaseObject).ToList();

        Assert.All(routes, route => Assert.Equal("k8s-w1", route.Node));
        Assert.Equal(
            ["cni0 10.244.0.0/24", "cni0 fe80::/64", "flannel.1 10.244.1.0/24", "flannel.1 10.244.2.0/24", "flannel.1 10.70.0.0/16", "flannel.1 fe80::/64"],
            routes.Select(route => $"{route.Interface} {route.Destination}").Order(StringComparer.Ordinal));
        Assert.Equal(
            ["10.244.1.0", "10.244.2.0"],
            _prompt.Get("Get-NodeInterface k8s-w1 flannel.1 | Get-NodeNeighbor -Table Arp | ForEach-Object { $_.Address }").Select(item => item.ToString()).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("-Address 10.244.1.0", "flannel.1 Arp")]
    [InlineData("192.168.10.101 -Table Fdb", "flannel.1 Fdb")]
    [InlineData("0a:bb:*", "vethpod1 Fdb|vethpod2 Fdb")]
    public void Chooses_neighbours(string parameters, string expected) =>
        Assert.Equal(expected, string.Join('|', _prompt.Get($"Get-NodeNeighbor k8s-ctr {parameters} | ForEach-Object {{ \"$($_.Interface) $($_.Table)\" }}")));

    [Fact]
    public void A_bridge_has_its_ports_and_identifier()
    {
        var bridge = (NodeBridge)_prompt.Get("Get-NodeBridge k8s-ctr cni0").Single().BaseObject;

        Assert.Equal(("8000.0a580af40001", false, InterfaceState.Up), (bridge.BridgeId, bridge.Stp!.Value, bridge.State));
        Assert.Equal(["vethpod1", "vethpod2"], bridge.Ports.Select(port => port.Interface));
        Assert.All(bridge.Ports, port => Assert.True(port.Hairpin));
    }

    [Fact]
    public void A_destination_that_is_none_is_an_error_that_says_what_can_be_given()
    {
        var error = Assert.Single(_prompt.Run("Get-NodeRoute -Destination 10.244.1").Errors);

        Assert.StartsWith("InvalidDestination,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Contains("10.244.0.0/16", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
    }

    [Fact]
    public void A_node_without_the_program_is_an_error_with_that_node()
    {
        RecordedLab.Connect(_prompt, new Dictionary<string, string>(), "bare");

        var error = Assert.Single(_prompt.Run("Get-NodeInterface").Errors);

        Assert.StartsWith("NodeCommandNotFound,", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal("bare", error.TargetObject);
    }

    [Theory]
    [InlineData("Get-NodeInterface", "vethpod1")]
    [InlineData("Get-NodeRoute -Table all", "blackhole")]
    [InlineData("Get-NodeBridge", "vethpod1 vethpod2")]
    [InlineData("Get-NodeNeighbor", "Permanent")]
    public void The_table_fits_the_screen(string line, string expected)
    {
        var screen = Colours().Replace(_prompt.Show(line), "");

        Assert.Contains(expected, screen, StringComparison.OrdinalIgnoreCase);
        Assert.All(screen.Split('\n'), row => Assert.True(row.TrimEnd().Length <= 120, row));
        Assert.Contains("---", screen, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("IpAddress", "transcript/005-for-i-in-ctr-w1-w2-do-echo-node-k8s-i-vagrant-ss.txt", "k8s-ctr eth0|k8s-w1 eth0|k8s-w2 eth0")]
    [InlineData("IpLink", "transcript/098-for-i-in-w1-w2-do-echo-node-k8s-i-sshpass-p-vagr.txt", "k8s-w1 lo|k8s-w1 eth0|k8s-w1 eth1|k8s-w1 veth5aaee95c|k8s-w2 lo|k8s-w2 eth0|k8s-w2 eth1|k8s-w2 veth4ccb4288")]
    [InlineData("IpRoute", "transcript/152-ip-c-route-grep-172-20-grep-eth1.txt", " eth1| eth1")]
    [InlineData("IpNeighbor", "iproute2/ip-neigh-proxy.json", " eth1")]
    [InlineData("BridgeShow", "transcript/092-for-i-in-w1-w2-do-echo-node-k8s-i-sshpass-p-vagr.txt", "k8s-w1 cni0|k8s-w2 cni0")]
    public void Pasted_output_becomes_the_same_objects(string kind, string file, string expected) =>
        Assert.Equal(
            expected,
            string.Join('|', _prompt.Get(
                $"ConvertFrom-LabOutput -Kind {kind} -Path $args[0] | ForEach-Object {{ \"$($_.Node) $($_.Interface)\" }}", Path.Combine(Fixture.Folder, file))));

    [Fact]
    public void The_list_shows_details_in_words()
    {
        var tunnel = List("NodeInterface", "Get-NodeInterface k8s-ctr -Name flannel.1");
        var port = List("NodeInterface", "Get-NodeInterface k8s-ctr -Name vethpod1");

        Assert.Equal("VNI 1, local 192.168.10.100, dev eth1, port 8472, no learning", tunnel["Vxlan"]);
        Assert.Equal("10.244.0.0/32 fe80::800:ff:fe00:0/64", tunnel["Addresses"]);
        Assert.Equal("Forwarding, hairpin", port["BridgePort"]);
        Assert.Equal("index 2 in namespace 1", port["Peer"]);
        Assert.Equal("", port["Vxlan"]);
        Assert.Equal("advmss 1360, initcwnd 10, rto_min 50", List("NodeRoute", "Get-NodeRoute k8s-ctr 10.64.0.0/16")["Metrics"]);
        Assert.Equal("192.168.10.101 eth1, 192.168.10.102 eth1", List("NodeRoute", "Get-NodeRoute k8s-ctr 10.50.0.0/16")["Nexthops"]);
    }

    [Theory]
    [InlineData("Get-NodeInterface k8s-ctr -Name fl", "flannel.1")]
    [InlineData("Get-NodeInterface -Kind vx", "vxlan")]
    [InlineData("Get-NodeBridge -Name c", "cni0")]
    [InlineData("Get-NodeRoute -Table a", "all")]
    [InlineData("Get-NodeNeighbor -Interface cn", "cni0")]
    public void Tab_offers_what_the_nodes_have(string line, string expected)
    {
        // The first press may be too early for a busy machine; the answer is there for a later one.
        var offered = _prompt.Complete(line);
        for (var press = 0; press < 200 && !offered.Contains(expected); press++)
            offered = _prompt.Complete(line);

        Assert.Contains(expected, offered);
    }

    // What the list view's script blocks say; Format-List itself is in a module that the bare engine does not bring.
    private Dictionary<string, string> List(string type, string line)
    {
        var view = XDocument.Load(Path.Combine(Repository.Root, "src", "CiliumLab.PowerShell", "Formats", type + ".format.ps1xml"));
        return view.Descendants("ListItem").Where(item => item.Element("ScriptBlock") is not null).ToDictionary(
            item => item.Element("Label")!.Value,
            item => string.Concat(_prompt.Get($"{line} | ForEach-Object {{ {item.Element("ScriptBlock")!.Value} }}")));
    }

    [GeneratedRegex("\u001b\\[[0-9;]*m")]
    private static partial Regex Colours();
}

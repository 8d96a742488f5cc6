using System.Net;
using System.Net.Sockets;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Tests.Text.Iproute;

public sealed class IpRouteTextTests
{
    [Fact]
    public void Reads_the_routes_of_a_node_before_any_cni()
    {
        var routes = Read("transcript/017-ip-c-route.txt", "k8s-ctr");

        Assert.Equal(["0.0.0.0/0", "10.0.2.0/24", "10.0.2.2/32", "10.0.2.3/32", "192.168.10.0/24"], routes.Select(route => route.Destination.ToString()));
        var main = routes[0];
        Assert.Equal("k8s-ctr", main.Node);
        Assert.Equal(RouteType.Unicast, main.Type);
        Assert.Equal(IPAddress.Parse("10.0.2.2"), main.Gateway);
        Assert.Equal("eth0", main.Interface);
        Assert.Equal("dhcp", main.Protocol);
        Assert.Equal(IPAddress.Parse("10.0.2.15"), main.Source);
        Assert.Equal(100u, main.Metric);
        Assert.Equal("main", main.Table);
        Assert.Equal(AddressScope.Link, routes[4].Scope);
        Assert.Null(routes[4].Metric);
    }

    [Fact]
    public void Flannels_routes_are_onlink()
    {
        var routes = Read("transcript/044-ip-c-route-grep-10-244.txt");

        Assert.Equal([false, true, true], routes.Select(route => route.OnLink));
        Assert.Equal("flannel.1", routes[2].Interface);
        Assert.Equal(IPAddress.Parse("10.244.2.0"), routes[2].Gateway);
        Assert.Equal("boot", routes[2].Protocol);
    }

    [Theory]
    [InlineData("052-for-i-in-w1-w2-do-echo-node-k8s-i-sshpass-p-vagr.txt", "k8s-w1 7|k8s-w2 7")]
    [InlineData("067-for-i-in-w1-w2-do-echo-node-k8s-i-sshpass-p-vagr.txt", "k8s-w1 8|k8s-w2 8")]
    [InlineData("093-ip-c-route.txt", " 8")]
    [InlineData("094-for-i-in-w1-w2-do-echo-node-k8s-i-sshpass-p-vagr.txt", "k8s-w1 8|k8s-w2 8")]
    [InlineData("096-for-i-in-w1-w2-do-echo-node-k8s-i-sshpass-p-vagr.txt", "k8s-w1 0|k8s-w2 0")]
    [InlineData("101-ip-c-route.txt", " 5")]
    [InlineData("102-for-i-in-w1-w2-do-echo-node-k8s-i-sshpass-p-vagr.txt", "k8s-w1 5|k8s-w2 5")]
    [InlineData("152-ip-c-route-grep-172-20-grep-eth1.txt", " 2")]
    [InlineData("155-ip-c-route-grep-lxc.txt", " 3")]
    public void Reads_the_routes_of_each_node_of_the_lab(string file, string expected)
    {
        var sections = NodeSections.Of(Fixture.Read("transcript/" + file))
            .Select(section => $"{section.Node} {IpRouteText.Parse(new StringReader(section.Text), section.Node, Unexpected.Warning).Count()}");

        Assert.Equal(expected, string.Join('|', sections));
    }

    [Fact]
    public void A_route_that_was_cut_while_copying_is_read_with_a_warning()
    {
        var warnings = new List<TextWarning>();
        var cut = NodeSections.Of(Fixture.Read("transcript/156-for-i-in-w1-w2-do-echo-node-k8s-i-sshpass-p-vagr.txt"))[1];

        var routes = IpRouteText.Parse(new StringReader(cut.Text), cut.Node, warnings.Add).ToList();

        Assert.Equal(["172.20.1.88/32", "172.20.1.127/32", "172.20.1.139/32"], routes.Select(route => route.Destination.ToString()));
        Assert.Equal("lxc_health", routes[2].Interface);
        Assert.Equal("unknown scope 'lin'", Assert.Single(warnings).Reason);
    }

    [Theory]
    [InlineData("iproute2/ip-route-table-all.txt")]
    [InlineData("iproute2/ip-d-route-table-all.txt")]
    public void Text_and_json_of_all_tables_are_equal_records(string file)
    {
        var text = Read(file);
        var json = Read("iproute2/ip-d-route-table-all.json");

        Assert.Equal(62, json.Count);
        Assert.Equal(Records.Print(json, "Expires"), Records.Print(text, "Expires"));
    }

    [Fact]
    public void The_json_form_without_details_gives_the_same_records()
    {
        Assert.Equal(
            Records.Print(Read("iproute2/ip-d-route-table-all.json"), "Expires"),
            Records.Print(Read("iproute2/ip-route-table-all.json"), "Expires"));
    }

    [Theory]
    [InlineData("iproute2/ip-d-route-table-all.json")]
    [InlineData("iproute2/ip-route-table-all.txt")]
    public void Reads_every_sort_of_route(string file)
    {
        var routes = Read(file);
        NodeRoute Route(string destination) => routes.Single(route => route.Destination == IPNetwork.Parse(destination));

        Assert.Equal(
            [new RouteNexthop { Gateway = IPAddress.Parse("192.168.10.101"), Interface = "eth1", Weight = 1 }, new RouteNexthop { Gateway = IPAddress.Parse("192.168.10.102"), Interface = "eth1", Weight = 3 }],
            Route("10.50.0.0/16").Nexthops);
        Assert.Null(Route("10.50.0.0/16").Interface);
        Assert.Equal((RouteType.Unreachable, 4278198272u), (Route("10.60.0.0/16").Type, Route("10.60.0.0/16").Metric!.Value));
        Assert.Equal((RouteType.Blackhole, "bird"), (Route("10.61.0.0/16").Type, Route("10.61.0.0/16").Protocol));
        Assert.Equal(RouteType.Prohibit, Route("10.62.0.0/16").Type);
        Assert.Equal((RouteType.Throw, "100"), (Route("10.63.0.0/16").Type, Route("10.63.0.0/16").Table));
        Assert.Equal(1400, Route("10.64.0.0/16").Mtu);
        Assert.Equal("1360 10 50", string.Join(' ', Route("10.64.0.0/16").Metrics["advmss"], Route("10.64.0.0/16").Metrics["initcwnd"], Route("10.64.0.0/16").Metrics["rto_min"]));
        Assert.Equal(1300, Route("10.65.0.0/16").Mtu);
        Assert.Equal(IPAddress.Parse("fe80::1"), Route("10.66.0.0/16").Gateway);
        Assert.Equal("0x10", Route("10.67.0.0/16").Tos);
        Assert.Equal("ecn 1 cubic", string.Join(' ', Route("10.69.0.0/16").Metrics["features"], Route("10.69.0.0/16").Metrics["quickack"], Route("10.69.0.0/16").Metrics["congctl"]));
        Assert.Equal((5u, 7u), (Route("10.71.0.0/16").NexthopId!.Value, Route("10.72.0.0/16").NexthopId!.Value));
        Assert.Equal(2, Route("10.72.0.0/16").Nexthops.Count);
        Assert.Equal((RouteType.Local, "2004", AddressScope.Host), (Route("172.20.0.0/24").Type, Route("172.20.0.0/24").Table, Route("172.20.0.0/24").Scope));
        Assert.Equal(RouteType.Multicast, Route("239.1.2.3/32").Type);
        Assert.Equal(RouteType.Broadcast, Route("10.73.255.255/32").Type);
        Assert.Equal(RoutePreference.High, Route("::/0").Preference);
        Assert.Equal(IPNetwork.Parse("fd00:10::/64"), Route("fd00:63::/64").From);
        Assert.InRange(Route("fd00:62::/64").Expires!.Value, TimeSpan.FromSeconds(2900), TimeSpan.FromSeconds(3600));
        Assert.True(Route("fd00:64::/64").OnLink);
        Assert.Equal([1, 5], Route("fd00:50::/64").Nexthops.Select(path => path.Weight));
    }

    [Theory]
    [InlineData("iproute2/ip-d-route-table-all.json")]
    [InlineData("iproute2/ip-d-route-table-all.txt")]
    public void An_encapsulation_does_not_take_the_routes_place(string file)
    {
        var route = Read(file).Single(route => route.Encapsulation is not null);

        Assert.Equal(IPNetwork.Parse("10.70.0.0/16"), route.Destination);
        Assert.Equal("ip id 30001 src 0.0.0.0 dst 192.168.10.102 ttl 0 tos 0", route.Encapsulation);
        Assert.Equal("flannel.1", route.Interface);
    }

    [Fact]
    public void A_default_route_without_an_address_is_of_the_family_that_was_asked_for()
    {
        const string Text = "unreachable default dev lo\n";

        Assert.Equal("::/0", IpRouteText.Parse(new StringReader(Text), null, Unexpected.Warning, AddressFamily.InterNetworkV6).Single().Destination.ToString());
        Assert.Equal("0.0.0.0/0", IpRouteText.Parse(new StringReader(Text), null, Unexpected.Warning).Single().Destination.ToString());
        Assert.Equal("::/0", IpRouteText.Parse(new StringReader("default dev wg0 metric 1024 pref medium"), null, Unexpected.Warning).Single().Destination.ToString());
    }

    [Fact]
    public void The_answer_of_ip_route_get_is_a_route()
    {
        const string Text = "10.244.1.3 via 10.244.1.0 dev flannel.1 src 10.244.0.0 uid 0 \n    cache \n";

        var route = Assert.Single(IpRouteText.Parse(new StringReader(Text), null, Unexpected.Warning));

        Assert.Equal(("10.244.1.3/32", "flannel.1"), (route.Destination.ToString(), route.Interface));
    }

    [Fact]
    public void An_error_text_is_an_error_that_quotes_it()
    {
        var error = Assert.Throws<LabException>(() => IpRouteText.Parse(new StringReader("Error: ipv4: FIB table does not exist.\nDump terminated\n"), null, _ => { }).ToList());

        Assert.Contains("FIB table does not exist", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("iproute2/ip-route-table-all.txt")]
    [InlineData("iproute2/ip-d-route-table-all.txt")]
    [InlineData("iproute2/ip-d-route-table-all.json")]
    public void Damaged_output_never_ends_in_another_exception(string file) =>
        Garbling.Survives(IpRouteText.Parse, Fixture.Read(file));

    private static List<NodeRoute> Read(string file, string? node = null) => [.. IpRouteText.Parse(Fixture.Open(file), node, Unexpected.Warning)];
}

using System.Net;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Tests.Text;

public sealed class ResolvectlTextTests
{
    [Fact]
    public void Reads_the_lab()
    {
        var settings = ResolvectlText.Parse(Fixture.Open("transcript/018-resolvectl.txt"), "k8s-ctr", Unexpected.Warning).ToList();

        Assert.Equal([null, "eth0", "eth1"], settings.Select(dns => dns.Interface));
        Assert.Equal("stub", settings[0].ResolvConfMode);
        Assert.Equal(("no", "no", "no", "no/unsupported"), (settings[0].Llmnr, settings[0].MulticastDns, settings[0].DnsOverTls, settings[0].Dnssec));
        Assert.Null(settings[0].DefaultRoute);
        Assert.Equal(2, settings[1].InterfaceIndex);
        Assert.Equal(IPAddress.Parse("10.0.2.3"), Assert.Single(settings[1].Servers).Address);
        Assert.Equal(IPAddress.Parse("10.0.2.3"), settings[1].CurrentServer!.Address);
        Assert.Equal(["Davolink"], settings[1].SearchDomains);
        Assert.Equal(["DNS"], settings[1].Scopes);
        Assert.True(settings[1].DefaultRoute);
        Assert.Empty(settings[2].Scopes);
        Assert.False(settings[2].DefaultRoute);
        Assert.All(settings, dns => Assert.Equal((NodeDnsSource.Resolved, "k8s-ctr"), (dns.Source, dns.Node)));
    }

    [Fact]
    public void Reads_systemd_252_with_values_over_two_lines()
    {
        var settings = ResolvectlText.Parse(Fixture.Open("resolvectl/status-252.txt"), null, Unexpected.Warning).ToList();

        Assert.Equal([null, "peer0", "eth0", "peer1", "eth1"], settings.Select(dns => dns.Interface));
        Assert.Equal(["10.0.2.3", "fd00::53", "1.1.1.1:5353#one.one.one.one"], settings[2].Servers.Select(server => server.ToString()));
        Assert.Equal((5353, "one.one.one.one"), (settings[2].Servers[2].Port, settings[2].Servers[2].ServerName));
        Assert.Equal(["Davolink", "lab.local"], settings[2].SearchDomains);
        Assert.Equal(["corp.example"], settings[2].RouteDomains);
        Assert.Equal(["DNS", "LLMNR/IPv4", "LLMNR/IPv6"], settings[2].Scopes);
        Assert.Equal(("opportunistic", "no/unsupported"), (settings[4].DnsOverTls, settings[4].Dnssec));
    }

    [Fact]
    public void Reads_a_node_in_namespaces()
    {
        var settings = ResolvectlText.Parse(Fixture.Open("resolvectl/node-252.txt"), null, Unexpected.Warning).ToList();

        Assert.Equal([null, "eth0", "eth1"], settings.Select(dns => dns.Interface));
        Assert.Equal("10.0.2.3", Assert.Single(settings[1].Servers).ToString());
        Assert.Equal(["lab.example"], settings[1].SearchDomains);
        Assert.Equal([null, true, false], settings.Select(dns => dns.DefaultRoute));
    }

    [Fact]
    public void Servers_may_go_on_in_the_next_line()
    {
        var text = "Global\r\n  DNS Servers: 10.0.0.1\r\n               [fd00::53]:5353%eth0#dns.example\r\n               fe80::1%eth1\r\n  DNS Domain: ~.\r\n";

        var dns = Assert.Single(ResolvectlText.Parse(new StringReader(text), null, Unexpected.Warning));

        Assert.Equal(["10.0.0.1", "[fd00::53]:5353%eth0#dns.example", "fe80::1%eth1"], dns.Servers.Select(server => server.ToString()));
        Assert.Equal("eth1", dns.Servers[2].Interface);
        Assert.Equal(["."], dns.RouteDomains);
    }

    [Fact]
    public void Reads_json_and_leaves_the_links_servers_to_the_links()
    {
        var server = """{"addressString":"10.0.2.3","address":[10,0,2,3],"family":2,"port":53,"ifindex":2,"accessible":true}""";
        var text = $$"""
            [{"servers":[{{server}},{"addressString":"9.9.9.9","family":2,"port":853,"name":"dns.quad9.net"}],"searchDomains":[{"name":"lan","routeOnly":false,"ifindex":2}],
              "dnssec":"no","dnssecSupported":false,"dnsOverTLS":"no","llmnr":"yes","mDNS":"no","resolvConfMode":"stub"},
             {"ifname":"eth0","ifindex":2,"defaultRoute":true,"currentServer":{{server}},"servers":[{{server}}],
              "searchDomains":[{"name":"lan","routeOnly":false,"ifindex":2},{"name":"corp.example","routeOnly":true,"ifindex":2}],
              "scopes":[{"protocol":"dns","ifindex":2},{"protocol":"llmnr","family":10}]}]
            """;

        var settings = ResolvectlText.Parse(new StringReader(text), "k8s-ctr", Unexpected.Warning).ToList();

        Assert.Equal("9.9.9.9:853#dns.quad9.net", Assert.Single(settings[0].Servers).ToString());
        Assert.Empty(settings[0].SearchDomains);
        Assert.Equal(("no/unsupported", "yes", "stub"), (settings[0].Dnssec, settings[0].Llmnr, settings[0].ResolvConfMode));
        Assert.Equal("10.0.2.3", settings[1].CurrentServer!.ToString());
        Assert.Equal(["lan"], settings[1].SearchDomains);
        Assert.Equal(["corp.example"], settings[1].RouteDomains);
        Assert.Equal(["DNS", "LLMNR/IPv6"], settings[1].Scopes);
    }

    [Fact]
    public void Reads_resolv_conf()
    {
        var text = "# made by hand\nnameserver 127.0.0.53\nnameserver fe80::1%eth0\nsearch lab.local corp.example\noptions ndots:5 edns0\nsortlist 10.0.0.0\n; end\n";

        var dns = Assert.Single(ResolvectlText.Parse(new StringReader(text), "k8s-ctr", Unexpected.Warning));

        Assert.Equal(NodeDnsSource.ResolvConf, dns.Source);
        Assert.Equal(["127.0.0.53", "fe80::1%eth0"], dns.Servers.Select(server => server.ToString()));
        Assert.Equal(["lab.local", "corp.example"], dns.SearchDomains);
        Assert.Equal(["ndots:5", "edns0"], dns.Options);
    }

    [Fact]
    public void An_unknown_setting_and_a_bad_server_are_warnings()
    {
        var warnings = new List<TextWarning>();

        var dns = Assert.Single(ResolvectlText.Parse(new StringReader("Global\n  DNS Servers: 10.0.0.1 nonsense\n  Colour: red\n"), null, warnings.Add));

        Assert.Single(dns.Servers);
        Assert.Equal([2, 3], warnings.Select(warning => warning.Line));
    }

    [Fact]
    public void A_node_without_resolved_is_an_error() =>
        Assert.Throws<LabException>(() => ResolvectlText.Parse(
            new StringReader("Failed to get global data: Unit dbus-org.freedesktop.resolve1.service not found.\n"), null, Unexpected.Warning).ToList());

    [Theory]
    [InlineData("transcript/018-resolvectl.txt")]
    [InlineData("resolvectl/status-252.txt")]
    public void Endures_garbled_text(string file) => Garbling.Survives(ResolvectlText.Parse, Fixture.Read(file));
}

using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Simulator;
using CiliumLab.Simulator.Nodes;

namespace CiliumLab.Tests.Simulator.Nodes;

/// <summary>What the module's own parsers make of what a simulated node prints.</summary>
public sealed class EngineReadsSimulatedNodeTests
{
    private readonly SimulatedNode _node = LabNodes.Create(new Seed(5), TimeProvider.System)[0];

    private SimulatedShell Shell => new(_node, "demo", new NodeDescription { Node = _node.Name, Host = "127.0.0.1", User = "vagrant" });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void Reads_interfaces_from_text_and_json()
    {
        foreach (var words in (string[][])[["ip", "-c=never", "addr"], ["ip", "-j", "-d", "-s", "addr", "show"]])
        {
            var eth1 = IpAddressText.Parse(new StringReader(_node.Output(words)), "k8s-ctr", Unexpected.Warning).Single(link => link.Interface == "eth1");

            Assert.Contains(eth1.Addresses, address => address.Address.ToString() == "192.168.10.100");
        }
    }

    [Fact]
    public async Task Reads_what_machine_it_is_and_its_resolvers()
    {
        var info = await NodeInfos.ReadAsync(Shell, Unexpected.Warning, Token);
        var dns = await NodeDnsSettings.ReadAsync(Shell, Unexpected.Warning, Token);

        Assert.Equal(("k8s-ctr", "6.8.0-53-generic", "x86_64", "Ubuntu 24.04.2 LTS", "oracle"), (info.Hostname, info.KernelVersion, info.Architecture, info.OperatingSystem, info.Virtualization));
        Assert.Contains(dns, link => link.Interface == "eth0");
    }

    [Fact]
    public void Reads_modules_rules_sockets_and_pings()
    {
        var modules = LsmodText.Parse(new StringReader(_node.Output("lsmod")), null, Unexpected.Warning).ToList();
        var rules = IptablesText.Parse(new StringReader(_node.Output("iptables-save", "-c")), null, Unexpected.Warning).ToList();
        var sockets = SocketStatisticsText.Parse(new StringReader(_node.Output("ss", "-tanpo")), null, Unexpected.Warning).ToList();
        var ping = PingText.Parse(new StringReader(_node.Output("ping", "-n", "-c", "1", "-W", "2", "--", "192.168.10.101")), null, Unexpected.Warning).ToList();

        Assert.Contains(modules, module => module.ToString().Contains("br_netfilter", StringComparison.Ordinal));
        Assert.Equal("KUBE-FIREWALL", rules[0].Target);
        Assert.NotEmpty(sockets);
        Assert.Single(ping);
    }

    [Theory]
    [InlineData("iptables-nft-save-c")]
    [InlineData("iptables-legacy-save-c")]
    public void Keeps_every_match_and_target_of_the_real_iptables(string fixture)
    {
        var text = string.Join('\n', Fixture.Read($"iptables/{fixture}.txt").Split('\n').Where(line => !line.StartsWith('#') && !line.Contains("realm", StringComparison.Ordinal)));

        var said = _node.Run(["iptables-restore", "-c"], text);

        Assert.Equal(new Said("", "", 0), said);
        var saved = string.Join('\n', _node.Output("iptables-save", "-c").Split('\n').Where(line => !line.StartsWith('#')));
        Assert.Equal(text.Split('\n').Where(line => line.Contains("-A ", StringComparison.Ordinal)).Order(StringComparer.Ordinal), saved.Split('\n').Where(line => line.Contains("-A ", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }
}

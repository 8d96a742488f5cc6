using System.Net;
using CiliumLab.Engine.Text;
using CiliumLab.Engine.Tracing.Paths;
using CiliumLab.Model;

namespace CiliumLab.Tests.Tracing;

public sealed class RuleWalkTests
{
    private const string Three =
        """
        *nat
        :PREROUTING ACCEPT [0:0]
        :POSTROUTING ACCEPT [0:0]
        :KUBE-SERVICES - [0:0]
        :KUBE-SVC-A - [0:0]
        :KUBE-SEP-1 - [0:0]
        :KUBE-SEP-2 - [0:0]
        :KUBE-SEP-3 - [0:0]
        :KUBE-MARK-MASQ - [0:0]
        :KUBE-POSTROUTING - [0:0]
        -A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES
        -A POSTROUTING -j KUBE-POSTROUTING
        -A KUBE-SERVICES -d 10.96.5.5/32 -p tcp -m comment --comment "default/web cluster IP" -m tcp --dport 80 -j KUBE-SVC-A
        -A KUBE-SVC-A ! -s 10.244.0.0/16 -d 10.96.5.5/32 -p tcp -m tcp --dport 80 -j KUBE-MARK-MASQ
        -A KUBE-SVC-A -m statistic --mode random --probability 0.33333333349 -j KUBE-SEP-1
        -A KUBE-SVC-A -m statistic --mode random --probability 0.50000000000 -j KUBE-SEP-2
        -A KUBE-SVC-A -j KUBE-SEP-3
        -A KUBE-SEP-1 -s 10.244.1.1/32 -j KUBE-MARK-MASQ
        -A KUBE-SEP-1 -p tcp -m tcp -j DNAT --to-destination 10.244.1.1:8080
        -A KUBE-SEP-2 -p tcp -m tcp -j DNAT --to-destination 10.244.1.2:8080
        -A KUBE-SEP-3 -p tcp -m tcp -j DNAT --to-destination 10.244.2.1:8080
        -A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000
        -A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN
        -A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0
        -A KUBE-POSTROUTING -m comment --comment "kubernetes service traffic requiring SNAT" -j MASQUERADE --random-fully
        COMMIT

        """;

    [Fact]
    public void Lots_are_drawn_with_the_probabilities_that_they_come_to()
    {
        var outcomes = Walk(Three, "nat", "PREROUTING", Packet("10.244.0.9", "10.96.5.5", 80));

        Assert.Equal(["10.244.1.1:8080", "10.244.1.2:8080", "10.244.2.1:8080"], outcomes.Select(one => one.NewDestination!.ToString()));
        Assert.All(outcomes, one => Assert.Equal(1.0 / 3, one.Share, 6));
        Assert.Equal(["PREROUTING", "KUBE-SERVICES", "KUBE-SVC-A", "KUBE-SEP-2"], outcomes[1].Chains);
        Assert.All(outcomes, one => Assert.Equal(0u, one.Mark));
    }

    [Fact]
    public void Marks_follow_the_packet_that_they_were_put_on()
    {
        Assert.All(Walk(Three, "nat", "PREROUTING", Packet("192.168.1.1", "10.96.5.5", 80)), one => Assert.Equal(0x4000u, one.Mark));
        Assert.Equal(
            [0x4000u, 0u, 0u], Walk(Three, "nat", "PREROUTING", Packet("10.244.1.1", "10.96.5.5", 80)).Select(one => one.Mark));
        Assert.Equal("ACCEPT", Assert.Single(Walk(Three, "nat", "POSTROUTING", Packet("10.244.0.9", "10.244.1.1", 8080))).Verdict);
        Assert.Equal("MASQUERADE", Assert.Single(Walk(Three, "nat", "POSTROUTING", Packet("10.244.0.9", "10.244.1.1", 8080) with { Mark = 0x4000 })).Verdict);
    }

    [Theory]
    [InlineData("10.96.5.6", 80)]
    [InlineData("10.96.5.5", 81)]
    public void What_no_rule_takes_meets_the_policy(string destination, int port)
    {
        var only = Assert.Single(Walk(Three, "nat", "PREROUTING", Packet("10.244.0.9", destination, port)));

        Assert.Equal(("ACCEPT", 1.0, null), (only.Verdict, only.Share, only.Rule));
    }

    [Theory]
    [InlineData("-i eth+ -j DROP", "ACCEPT")]
    [InlineData("-i cni0 -j DROP", "DROP")]
    [InlineData("! -i cni0 -j DROP", "ACCEPT")]
    [InlineData("-o eth1 -p udp -j DROP", "ACCEPT")]
    [InlineData("-o eth1 -p tcp -j DROP", "DROP")]
    [InlineData("-p tcp -m multiport --dports 22,80:90 -j DROP", "DROP")]
    [InlineData("-p tcp -m tcp ! --dport 80 -j DROP", "ACCEPT")]
    [InlineData("-m conntrack --ctstate RELATED,ESTABLISHED -j DROP", "ACCEPT")]
    [InlineData("-m conntrack --ctstate NEW -j REJECT --reject-with icmp-port-unreachable", "REJECT")]
    [InlineData("-m addrtype --dst-type LOCAL -j DROP", "ACCEPT")]
    [InlineData("-g OTHER", "DROP")]
    [InlineData("-j OTHER", "DROP")]
    [InlineData("-m comment --comment \"says DROP\"", "ACCEPT")]
    public void Conditions_are_judged(string rule, string verdict)
    {
        var text = $"*filter\n:FORWARD ACCEPT [0:0]\n:OTHER - [0:0]\n-A FORWARD {rule}\n-A OTHER -d 10.0.0.0/8 -j DROP\nCOMMIT\n";

        var outcome = Assert.Single(Walk(text, "filter", "FORWARD", Packet("10.244.0.9", "10.244.1.1", 80) with { InInterface = "cni0", OutInterface = "eth1" }));

        Assert.Equal(verdict, outcome.Verdict);
    }

    [Fact]
    public void What_cannot_be_judged_is_told_and_taken_as_not_met()
    {
        var rules = Rules("*filter\n:FORWARD ACCEPT [0:0]\n-A FORWARD -m set --match-set blocked src -j DROP\nCOMMIT\n");
        var walk = new RuleWalk(rules.Tables[0]);

        Assert.Equal("ACCEPT", Assert.Single(walk.From("FORWARD", Packet("10.244.0.9", "10.244.1.1", 80))).Verdict);
        Assert.Equal("--match-set blocked src", Assert.Single(walk.Unknown));
    }

    private static IReadOnlyList<RuleOutcome> Walk(string text, string table, string chain, RulePacket packet) =>
        new RuleWalk(Rules(text).Tables.Single(one => one.Table == table)).From(chain, packet);

    private static IptablesRuleset Rules(string text) =>
        IptablesText.ParseRuleset(new StringReader(text), null, warning => Assert.Fail(warning.ToString()), IptablesFamily.IPv4);

    private static RulePacket Packet(string source, string destination, int port) => new()
    {
        Source = IPAddress.Parse(source),
        Destination = IPAddress.Parse(destination),
        Protocol = TransportProtocol.Tcp,
        Port = port,
        IsLocal = address => address.ToString() == "192.168.10.100",
    };
}

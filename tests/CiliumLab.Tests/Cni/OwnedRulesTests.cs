using CiliumLab.Engine.Cni;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Tests.Cni;

/// <summary>Whose rules and chains are whose.</summary>
public sealed class OwnedRulesTests
{
    [Theory]
    [InlineData("nat", "KUBE-SERVICES", CniArtifactOwner.KubeProxy)]
    [InlineData("nat", "KUBE-SVC-NPX46M4PTMTKRN6Y", CniArtifactOwner.KubeProxy)]
    [InlineData("nat", "KUBE-SVL-NPX46M4PTMTKRN6Y", CniArtifactOwner.KubeProxy)]
    [InlineData("nat", "KUBE-SEP-ETI7FUQQE3BS2IXE", CniArtifactOwner.KubeProxy)]
    [InlineData("nat", "KUBE-FW-ETI7FUQQE3BS2IXE", CniArtifactOwner.KubeProxy)]
    [InlineData("nat", "KUBE-XLB-ETI7FUQQE3BS2IXE", CniArtifactOwner.KubeProxy)]
    [InlineData("nat", "KUBE-EXT-ETI7FUQQE3BS2IXE", CniArtifactOwner.KubeProxy)]
    [InlineData("mangle", "KUBE-PROXY-CANARY", CniArtifactOwner.KubeProxy)]
    [InlineData("nat", "KUBE-FIREWALL", CniArtifactOwner.KubeProxy)]
    [InlineData("nat", "FLANNEL-POSTRTG", CniArtifactOwner.Flannel)]
    [InlineData("filter", "FLANNEL-FWD", CniArtifactOwner.Flannel)]
    [InlineData("filter", "KUBE-FIREWALL", null)]
    [InlineData("filter", "KUBE-KUBELET-CANARY", null)]
    [InlineData("mangle", "KUBE-IPTABLES-HINT", null)]
    [InlineData("nat", "KUBE-MARK-DROP", null)]
    [InlineData("nat", "KUBE-SVC-MINE", null)]
    [InlineData("nat", "KUBE-SVC-NPX46M4PTMTKRN6YX", null)]
    [InlineData("nat", "KUBE-SVC-npx46m4ptmtkrn6y", null)]
    [InlineData("nat", "MY-KUBE-SERVICES", null)]
    [InlineData("nat", "FLANNEL-MINE", null)]
    [InlineData("nat", "DOCKER", null)]
    [InlineData("nat", null, null)]
    public void A_chain_is_owned_by_its_whole_name(string table, string? chain, CniArtifactOwner? owner) =>
        Assert.Equal(owner, ArtifactNames.OfChain(table, chain));

    [Theory]
    [InlineData("KUBE-CLUSTER-IP", CniArtifactOwner.KubeProxy)]
    [InlineData("KUBE-6-CLUSTER-IP", CniArtifactOwner.KubeProxy)]
    [InlineData("KUBE-6-LOAD-BALANCER-SOURCE-CID", CniArtifactOwner.KubeProxy)]
    [InlineData("KUBE-LOAD-BALANCER-SOURCE-CIDR", CniArtifactOwner.KubeProxy)]
    [InlineData("KUBE-6-LOAD-BALANCER-SOURCE-CIDR", null)]
    [InlineData("KUBE-MINE", null)]
    public void A_set_is_owned_by_its_whole_name(string set, CniArtifactOwner? owner) => Assert.Equal(owner, ArtifactNames.OfIpSet(set));

    [Theory]
    [InlineData("flannel.1", "vxlan", CniArtifactOwner.Flannel)]
    [InlineData("flannel-v6.4096", "vxlan", CniArtifactOwner.Flannel)]
    [InlineData("flannel.ipip", "ipip", CniArtifactOwner.Flannel)]
    [InlineData("flannel-wg", "wireguard", CniArtifactOwner.Flannel)]
    [InlineData("flannel-wg-v6", "wireguard", CniArtifactOwner.Flannel)]
    [InlineData("flannel0", "tun", CniArtifactOwner.Flannel)]
    [InlineData("cni0", "bridge", CniArtifactOwner.Flannel)]
    [InlineData("kube-ipvs0", "dummy", CniArtifactOwner.KubeProxy)]
    [InlineData("flannel.1", "bridge", null)]
    [InlineData("flannel.1x", "vxlan", null)]
    [InlineData("cni0", "vxlan", null)]
    [InlineData("cni01", "bridge", null)]
    [InlineData("tunl0", "ipip", null)]
    public void A_link_is_owned_by_its_name_and_kind(string name, string kind, CniArtifactOwner? owner) =>
        Assert.Equal(owner, ArtifactNames.OfLink(new NodeInterface { Name = name, Kind = kind, Index = 7 }));

    [Theory]
    [InlineData("cbr0", true)]
    [InlineData("my.net_1-x", true)]
    [InlineData("../../etc", false)]
    [InlineData("a/b", false)]
    [InlineData("-rf", false)]
    [InlineData("cbr0\n", false)]
    [InlineData("*", false)]
    [InlineData("", false)]
    public void A_network_s_name_leads_into_no_other_folder(string name, bool allowed) => Assert.Equal(allowed, ArtifactNames.IsNetworkName(name));

    [Fact]
    public void Of_the_recorded_lab_only_the_kubelet_s_chains_stay()
    {
        var rules = Read(Fixture.Read("transcript/105-iptables-save.txt"));

        var flannel = rules.Tables.Select(table => OwnedRules.Of(table, CniArtifactOwner.Flannel)).ToList();
        var proxy = rules.Tables.Select(table => OwnedRules.Of(table, CniArtifactOwner.KubeProxy)).ToList();

        Assert.Equal(["FLANNEL-FWD", "FLANNEL-POSTRTG"], flannel.SelectMany(table => table.Chains).Select(chain => chain.Chain));
        Assert.Equal(["FORWARD", "POSTROUTING"], flannel.SelectMany(table => table.Rules).Select(rule => rule.Chain));
        var owned = flannel.Concat(proxy).SelectMany(table => table.Chains).Select(chain => $"{chain.Table} {chain.Chain}").ToHashSet();
        Assert.Equal(
            ["mangle KUBE-IPTABLES-HINT", "mangle KUBE-KUBELET-CANARY", "filter KUBE-FIREWALL", "filter KUBE-KUBELET-CANARY", "nat KUBE-KUBELET-CANARY"],
            rules.Tables.SelectMany(table => table.Chains).Where(chain => chain.Policy is null).Select(chain => $"{chain.Table} {chain.Chain}").Where(chain => !owned.Contains(chain)));
        var jumps = flannel.Concat(proxy).SelectMany(table => table.Rules).Select(rule => $"{rule.Table} {rule.Text}").ToHashSet();
        Assert.Equal(
            ["-A INPUT -j KUBE-FIREWALL", "-A OUTPUT -j KUBE-FIREWALL"],
            rules.Tables.SelectMany(table => table.Rules).Where(rule => rule.Chain is "INPUT" or "OUTPUT" or "FORWARD" or "PREROUTING" or "POSTROUTING")
                .Where(rule => !jumps.Contains($"{rule.Table} {rule.Text}")).Select(rule => rule.Text));
    }

    [Fact]
    public void The_removal_names_what_goes_and_nothing_else()
    {
        var table = Read(Mixed).Tables[0];

        Assert.Equal(
            """
            *nat
            -D PREROUTING -m comment --comment "it's \"ours\"" -g KUBE-SERVICES
            -D POSTROUTING -s 10.244.0.0/16 ! -d 224.0.0.0/4 -j KUBE-POSTROUTING
            -F KUBE-POSTROUTING
            -F KUBE-SERVICES
            -X KUBE-POSTROUTING
            -X KUBE-SERVICES
            COMMIT

            """.Replace("it's", "it\\'s", StringComparison.Ordinal),
            OwnedRules.Of(table, CniArtifactOwner.KubeProxy).Removal);
    }

    [Theory]
    [InlineData("", "", null)]
    [InlineData("[7:70] -A POSTROUTING -o eth0 -j MASQUERADE\n", "[9:90] -A POSTROUTING -o eth0 -j MASQUERADE\n-A POSTROUTING -o eth9 -j ACCEPT\n", null)]
    [InlineData("[7:70] -A POSTROUTING -o eth0 -j MASQUERADE\n", "", "changed or lost: [7:70] -A POSTROUTING -o eth0 -j MASQUERADE")]
    [InlineData(":MINE - [0:0]\n", ":OTHER - [0:0]\n", "changed or lost: :MINE - [0:0]")]
    [InlineData(":POSTROUTING ACCEPT [1:2]\n", ":POSTROUTING DROP [3:4]\n", "changed or lost: :POSTROUTING ACCEPT [1:2]")]
    public void A_difference_is_what_others_have_lost(string before, string after, string? difference)
    {
        var own = $"*nat\n{before}:KUBE-SERVICES - [0:0]\nCOMMIT\n";

        var found = OwnedRules.Of(Read(own).Tables[0], CniArtifactOwner.KubeProxy).Difference(Read($"*nat\n{after}COMMIT\n").Tables[0], CniArtifactOwner.KubeProxy);

        Assert.Equal(difference, found);
        Assert.Equal(
            "still there: :KUBE-SERVICES - [0:0]",
            OwnedRules.Of(Read(own).Tables[0], CniArtifactOwner.KubeProxy).Difference(Read(own).Tables[0], CniArtifactOwner.KubeProxy));
    }

    [Fact]
    public void Chains_that_kube_proxy_rewrites_meanwhile_are_no_difference()
    {
        var before = Read("*nat\n:PREROUTING ACCEPT [0:0]\n:FLANNEL-POSTRTG - [0:0]\n:KUBE-SEP-A - [0:0]\n:KUBE-SVC-A - [0:0]\n-A PREROUTING -j KUBE-SERVICES\n-A KUBE-SVC-A -j KUBE-SEP-A\nCOMMIT\n").Tables[0];
        var after = Read("*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-SVC-A - [0:0]\n-A PREROUTING -j KUBE-SERVICES\nCOMMIT\n").Tables[0];
        var damaged = Read("*nat\n:PREROUTING ACCEPT [0:0]\n:KUBE-SVC-A - [0:0]\nCOMMIT\n").Tables[0];

        Assert.Null(OwnedRules.Of(before, CniArtifactOwner.Flannel).Difference(after, CniArtifactOwner.Flannel));
        Assert.Equal("changed or lost: -A PREROUTING -j KUBE-SERVICES", OwnedRules.Of(before, CniArtifactOwner.Flannel).Difference(damaged, CniArtifactOwner.Flannel));
    }

    [Fact]
    public void Rules_in_another_order_are_a_difference()
    {
        var before = Read("*nat\n:KUBE-SERVICES - [0:0]\n-A INPUT -i a -j ACCEPT\n-A INPUT -i b -j DROP\nCOMMIT\n").Tables[0];
        var after = Read("*nat\n-A INPUT -i b -j DROP\n-A INPUT -i a -j ACCEPT\nCOMMIT\n").Tables[0];

        Assert.Equal("changed or lost: -A INPUT -i b -j DROP", OwnedRules.Of(before, CniArtifactOwner.KubeProxy).Difference(after, CniArtifactOwner.KubeProxy));
    }

    private const string Mixed = """
        *nat
        :PREROUTING ACCEPT [0:0]
        :KUBE-POSTROUTING - [0:0]
        :KUBE-SERVICES - [0:0]
        [1:2] -A PREROUTING -m comment --comment "it\'s \"ours\"" -g KUBE-SERVICES
        [1:2] -A PREROUTING -m comment --comment "-j KUBE-SERVICES" -j ACCEPT
        [1:2] -A POSTROUTING -s 10.244.0.0/16 ! -d 224.0.0.0/4 -j KUBE-POSTROUTING
        [1:2] -A KUBE-SERVICES -j KUBE-POSTROUTING
        COMMIT
        """;

    private static IptablesRuleset Read(string text) => IptablesText.ParseRuleset(new StringReader(text), "k8s-w1", warning => Assert.Fail($"{warning}"));
}

using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Tests.Integration;

/// <summary>What Flannel and kube-proxy leave in real kernels is removed, and nothing else.</summary>
public sealed partial class CniArtifactTests(NodeLab lab) : NodeLabTests(lab)
{
    [Fact]
    public async Task Exactly_what_is_owned_goes_and_strangers_keep_their_counters()
    {
        await using var strangers = await Lab.WithStrangers();
        var before = await StatesAsync();
        await Lab.LayLeftovers();
        var laid = await StatesAsync();
        using var lab = new LabPrompt(Lab);

        var found = Get<CniArtifact>(lab, "Get-CniArtifact");
        var whatIf = Get<CniArtifactRemoval>(lab, "Remove-FlannelArtifacts -WhatIf; Remove-KubeProxy -WhatIf");
        Assert.Equal(Lines(found), Lines(whatIf));
        Assert.All(whatIf, removal => Assert.Equal((false, null), (removal.Removed, removal.Backup)));
        foreach (var (node, state) in await StatesAsync())
            Assert.Equal(laid[node].Select(WithoutCounters), state.Select(WithoutCounters));

        var removed = Get<CniArtifactRemoval>(lab, "Remove-FlannelArtifacts -Confirm:$false; Remove-KubeProxy -Confirm:$false");
        Assert.Equal(Lines(found), Lines(removed));
        Assert.All(removed, removal => Assert.True(removal.Removed));
        Assert.Equal(2 * Lab.Nodes.Count, removed.Select(removal => $"{removal.Node} {removal.Backup}").Distinct().Count());

        // The pod that still runs keeps its end of the pair until it is restarted.
        foreach (var (node, after) in await StatesAsync())
        {
            var pod = await LivePodAsync(node);
            Assert.Contains($"link {pod}", after);
            Assert.Equal(before[node], after.Where(line => !line.Contains(pod, StringComparison.Ordinal)));
        }

        Assert.Empty(Get<CniArtifact>(lab, "Get-CniArtifact"));
        Assert.Empty(lab.Prompt.Get("Remove-FlannelArtifacts -Confirm:$false; Remove-KubeProxy -Confirm:$false"));
    }

    [Fact]
    public async Task The_list_names_every_sort_of_leftover()
    {
        await using var strangers = await Lab.WithStrangers();
        await Lab.LayLeftovers();
        using var lab = new LabPrompt(Lab);

        var found = Get<CniArtifact>(lab, "Get-CniArtifact k8s-w1");

        string[] Of(CniArtifactOwner owner, CniArtifactKind kind) =>
            [.. found.Where(item => item.Owner == owner && item.Kind == kind).Select(item => $"{item.Name} {item.Detail}").Order(StringComparer.Ordinal)];
        Assert.Equal(
            [
                "/etc/cni/net.d/10-flannel.conflist 292 bytes", "/opt/cni/bin/flannel 8 bytes", "/var/lib/cni/results/cbr0-0123-eth0 3 bytes",
            ],
            Of(CniArtifactOwner.Flannel, CniArtifactKind.File));
        Assert.Equal(
            ["/run/flannel with everything in it", "/var/lib/cni/flannel with everything in it", "/var/lib/cni/networks/cbr0 with everything in it"],
            Of(CniArtifactOwner.Flannel, CniArtifactKind.Folder));
        var links = Of(CniArtifactOwner.Flannel, CniArtifactKind.Link);
        Assert.StartsWith("cni0 bridge, 10.244.1.1/24", links[0], StringComparison.Ordinal);
        Assert.StartsWith("flannel-v6.1 vxlan, VNI 1, UDP port 8472, fd00:10:244:1::/128", links[1], StringComparison.Ordinal);
        Assert.StartsWith("flannel.1 vxlan, VNI 1, UDP port 8472, 10.244.1.0/32", links[2], StringComparison.Ordinal);
        Assert.Matches("^veth[0-9a-f]{8} veth, nothing runs in cni-[-0-9a-f]{36} any more$", links[3]);
        Assert.Equal(4, links.Length);
        Assert.Equal(
            [
                "10.244.0.0/24 via 10.244.0.0 dev flannel.1", "10.244.1.0/24 dev cni0", "10.244.2.0/24 via 10.244.2.0 dev flannel.1",
                "fd00:10:244:1::/128 dev flannel-v6.1", "fd00:10:244:2::/64 via fd00:10:244:2:: dev flannel-v6.1",
                "fd00:10:244::/64 via fd00:10:244:: dev flannel-v6.1",
            ],
            Of(CniArtifactOwner.Flannel, CniArtifactKind.Route));
        Assert.Equal(4, Of(CniArtifactOwner.Flannel, CniArtifactKind.Neighbor).Length);
        Assert.Equal(4, Of(CniArtifactOwner.Flannel, CniArtifactKind.FdbEntry).Length);
        Assert.Equal(["flannel-ipv4 nft table ip flannel-ipv4", "flannel-ipv6 nft table ip6 flannel-ipv6"], Of(CniArtifactOwner.Flannel, CniArtifactKind.NftTable));
        Assert.Equal(["kube-proxy nft table ip kube-proxy", "kube-proxy nft table ip6 kube-proxy"], Of(CniArtifactOwner.KubeProxy, CniArtifactKind.NftTable));
        Assert.Equal(
            ["KUBE-6-LOAD-BALANCER-SOURCE-CID ipset", "KUBE-6-LOOP-BACK ipset", "KUBE-CLUSTER-IP ipset"],
            Of(CniArtifactOwner.KubeProxy, CniArtifactKind.IpSet));
        Assert.Equal(["kube-ipvs0 bridge, 10.96.33.91/32"], Of(CniArtifactOwner.KubeProxy, CniArtifactKind.Link));
        Assert.Equal(
            [
                "FLANNEL-FWD ip6tables-legacy filter: 1 rule", "FLANNEL-FWD ip6tables-nft filter: 1 rule", "FLANNEL-FWD iptables-legacy filter: 1 rule",
                "FLANNEL-FWD iptables-nft filter: 2 rules", "FLANNEL-POSTRTG ip6tables-legacy nat: 1 rule", "FLANNEL-POSTRTG ip6tables-nft nat: 1 rule",
                "FLANNEL-POSTRTG iptables-legacy nat: 1 rule", "FLANNEL-POSTRTG iptables-nft nat: 6 rules",
            ],
            Of(CniArtifactOwner.Flannel, CniArtifactKind.Chain));
        Assert.Contains(
            "DOCKER iptables-legacy nat: -p tcp -m tcp --dport 2222 -m comment --comment \"a stranger\\'s rule that needs kube-proxy\\'s chain\" -j KUBE-MARK-MASQ",
            Of(CniArtifactOwner.KubeProxy, CniArtifactKind.Rule));
        Assert.Equal(
            [
                "FORWARD iptables-legacy filter: -d 10.244.0.0/16 -m comment --comment \"flanneld forward\" -j ACCEPT",
                "POSTROUTING iptables-legacy nat: -s 10.244.0.0/16 -d 10.244.0.0/16 -m comment --comment \"flanneld masq\" -j RETURN",
            ],
            Of(CniArtifactOwner.Flannel, CniArtifactKind.Rule).Where(rule => !rule.Contains("-j FLANNEL-", StringComparison.Ordinal)));
        Assert.Equal(
            [CniArtifactKind.Folder, CniArtifactKind.Link],
            Get<CniArtifact>(lab, "Get-CniArtifact k8s-w2 Flannel -Kind Link, Folder").Select(item => item.Kind).Distinct().OrderDescending());
    }

    [Fact]
    public async Task The_backup_is_for_root_alone_and_brings_the_rules_back()
    {
        await using var strangers = await Lab.WithStrangers();
        await Lab.LayLeftovers();
        var laid = await Lab.KernelState("k8s-w1");
        using var lab = new LabPrompt(Lab);

        var backups = Get<CniArtifactRemoval>(lab, "Remove-FlannelArtifacts k8s-w1 -Confirm:$false; Remove-KubeProxy k8s-w1 -Confirm:$false")
            .Select(removal => removal.Backup!).Distinct().ToList();

        Assert.Equal("700 root\n700 root\n", await Lab.RunOnNode("k8s-w1", ["stat", "-c", "%a %U", .. backups]));
        Assert.Equal("10.244.1.2\n", await Lab.RunOnNode("k8s-w1", "ls", $"{backups[0]}/files/var/lib/cni/networks/cbr0"));
        await Lab.ScriptOnNode("k8s-w1", $"""
            for program in iptables-nft iptables-legacy ip6tables-nft ip6tables-legacy; do "$program-restore" -c {backups[0]}/"$program-save.txt"; done
            for set in {backups[1]}/*.ipset; do ipset restore < "$set"; done
            for table in {backups[0]}/*.nft {backups[1]}/*.nft; do nft -f "$table"; done
            cp -a {backups[0]}/files/. /
            """);
        Assert.Equal(Restorable(laid), Restorable(await Lab.KernelState("k8s-w1")));
    }

    private async Task<Dictionary<string, IReadOnlyList<string>>> StatesAsync()
    {
        var states = new Dictionary<string, IReadOnlyList<string>>();
        foreach (var node in Lab.Nodes)
            states[node] = await Lab.KernelState(node);
        return states;
    }

    // As flannel.sh names it: the first pod's end of its pair.
    private async Task<string> LivePodAsync(string node) =>
        (await Lab.ScriptOnNode(node, $"echo veth$(md5sum <<< 'pod 10.244.{Lab.Nodes.ToList().IndexOf(node)}.2' | cut -c25-32)")).Trim();

    // Links and what leads through them come back with the CNI; their settings are in the backup for people to read.
    private static IEnumerable<string> Restorable(IEnumerable<string> state) =>
        state.Where(line => line.Split(' ')[0] is not ("link" or "address" or "route" or "neighbour" or "fdb")).Select(WithoutCounters).Order(StringComparer.Ordinal);

    private static string WithoutCounters(string line) => Counters().Replace(line, "");

    [GeneratedRegex(@"\[\d+:\d+\] ")]
    private static partial Regex Counters();

    private static IEnumerable<string> Lines(IEnumerable<CniArtifact> items) =>
        items.Select(item => $"{item.Node} {item.Owner} {item.Kind} {item.Name} {item.Detail}").Order(StringComparer.Ordinal);

    private static IEnumerable<string> Lines(IEnumerable<CniArtifactRemoval> items) =>
        items.Select(item => $"{item.Node} {item.Owner} {item.Kind} {item.Name} {item.Detail}").Order(StringComparer.Ordinal);

    private static List<T> Get<T>(LabPrompt lab, string line) => [.. lab.Prompt.Get(line).Select(item => Assert.IsType<T>(item.BaseObject))];
}

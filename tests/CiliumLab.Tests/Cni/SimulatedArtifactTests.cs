using System.Text.RegularExpressions;
using CiliumLab.Engine.Cni;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Model;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Tests.Simulator.Datapath;
using CiliumLab.Tests.Simulator.Life;
using CiliumLab.Tests.Simulator.Nodes;

namespace CiliumLab.Tests.Cni;

/// <summary>The recorded lab's way: Flannel uninstalled, its leftovers removed, kube-proxy deleted, its rules removed.</summary>
public sealed partial class SimulatedArtifactTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task After_Flannel_and_kube_proxy_the_nodes_are_as_recorded()
    {
        await using var lab = await NetworkedCluster.WithFlannelAsync();
        await lab.Test.DeployWebpodAsync();
        await AssertStillRunsAsync(lab, CniArtifactOwner.Flannel, "FlannelStillRuns");
        await AssertStillRunsAsync(lab, CniArtifactOwner.KubeProxy, "KubeProxyStillRuns");

        lab.Helm("uninstall", "-n", "kube-flannel", "flannel");
        await lab.Test.AdvanceAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(
            [
                "Rule FORWARD", "Rule POSTROUTING", "Chain FLANNEL-FWD", "Chain FLANNEL-POSTRTG",
                "Route 10.244.1.0/24", "Route 10.244.2.0/24", "Neighbor 10.244.1.0", "Neighbor 10.244.2.0", "FdbEntry MAC", "FdbEntry MAC",
                "Link flannel.1", "Route 10.244.0.0/24", "Link cni0",
            ],
            (await RemoveAsync(lab, CniArtifactOwner.Flannel))["k8s-ctr"]
                .Where(item => item.Kind is not (CniArtifactKind.File or CniArtifactKind.Folder))
                .Select(item => $"{item.Kind} {(item.Kind == CniArtifactKind.FdbEntry ? "MAC" : item.Name)}"));
        Assert.Equal(Links(Recorded.Lines(97)), Links(Lines(lab.Control, "ip", "link")));
        Assert.Equal(Recorded.Lines(101), Lines(lab.Control, "ip", "route"));
        foreach (var (node, recorded) in new[] { ("k8s-w1", 1), ("k8s-w2", 2) }.Select(part => (part.Item1, OnNode(102, part.Item2))))
            Assert.Equal(recorded, Lines(lab.Node(node), "ip", "route"));
        Assert.Empty(Lines(lab.Control, "brctl", "show").Skip(1));
        Assert.Empty(Lines(lab.Control, "ls", "/etc/cni/net.d"));

        lab.Store.Delete(ResourceTypes.DaemonSets, "kube-system", "kube-proxy", new() { Propagation = Propagation.Background });
        await lab.Test.AdvanceAsync(TimeSpan.FromSeconds(40));
        await RemoveAsync(lab, CniArtifactOwner.KubeProxy);
        foreach (var (node, number) in new[] { ("k8s-ctr", 106), ("k8s-w1", 107), ("k8s-w2", 108) })
        {
            // The recorded lab's grep took the kubelet's chains too, which the kubelet makes anew within a minute.
            var rules = Lines(lab.Node(node), "iptables-save").Where(line => !line.Contains("KUBE-FIREWALL", StringComparison.Ordinal)
                && !line.Contains("KUBE-KUBELET-CANARY", StringComparison.Ordinal) && !line.Contains("KUBE-IPTABLES-HINT", StringComparison.Ordinal));
            Assert.Equal(Rules(Recorded.Lines(number)), Rules(rules));
            Assert.Contains("-A INPUT -j KUBE-FIREWALL", Lines(lab.Node(node), "iptables-save"));
        }

        Assert.All(await RemoveAsync(lab, CniArtifactOwner.Flannel), node => Assert.Empty(node.Value));
        Assert.All(await RemoveAsync(lab, CniArtifactOwner.KubeProxy), node => Assert.Empty(node.Value));
    }

    private static async Task AssertStillRunsAsync(NetworkedCluster lab, CniArtifactOwner owner, string errorId)
    {
        var before = Lines(lab.Control, "iptables-save");

        var error = await Assert.ThrowsAsync<LabException>(
            () => CniArtifacts.RemoveAsync(Shell(lab.Control), cluster: null, owner, new RecordingDialog(), TimeProvider.System, Token));

        Assert.Equal((errorId, "k8s-ctr"), (error.ErrorId, error.Target));
        Assert.Equal(Rules(before), Rules(Lines(lab.Control, "iptables-save")));
    }

    private static async Task<Dictionary<string, List<CniArtifactRemoval>>> RemoveAsync(NetworkedCluster lab, CniArtifactOwner owner)
    {
        var removals = new Dictionary<string, List<CniArtifactRemoval>>();
        foreach (var node in lab.Test.Cluster.Nodes)
        {
            var dialog = new RecordingDialog();
            await CniArtifacts.RemoveAsync(Shell(node), cluster: null, owner, dialog, TimeProvider.System, Token);
            removals[node.Name] = dialog.Removals;
        }

        return removals;
    }

    private static SimulatedShell Shell(SimulatedNode node) => new(node, "demo", new NodeDescription { Node = node.Name, Host = "127.0.0.1", User = "vagrant" });

    private static string[] Lines(SimulatedNode node, params string[] words) =>
        [.. node.Output(words).Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0)];

    private static string[] OnNode(int number, int part) =>
        [.. string.Join('\n', Recorded.Lines(number)).Split(">> node")[part].Split('\n').Skip(1).Where(line => line.Length > 0)];

    // A pod's end of its pair has a name of chance, and how many pods a node has is the scheduler's to say.
    private static IEnumerable<string> Links(IEnumerable<string> lines) =>
        lines.Where(line => char.IsAsciiDigit(line[0])).Select(line => LinkName().Replace(line.Split(": ")[1], "veth")).Distinct();

    private static IEnumerable<string> Rules(IEnumerable<string> lines) => lines.Where(line => line[0] != '#').Select(line => line.Split(" [")[0]);

    [GeneratedRegex("^veth.*")]
    private static partial Regex LinkName();
}

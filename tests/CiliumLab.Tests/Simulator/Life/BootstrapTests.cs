using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Life;
using CiliumLab.Tests.Simulator.Nodes;

namespace CiliumLab.Tests.Simulator.Life;

/// <summary>The cluster as kubeadm leaves it: stages 19 to 31 of the recorded lab.</summary>
public sealed class BootstrapTests
{
    [Fact]
    public async Task Nodes_are_not_ready_for_the_true_reason()
    {
        await using var lab = await TestCluster.CreateAsync();
        var nodes = lab.Store.List(ResourceTypes.Nodes).Items;
        Assert.Equal(["k8s-ctr", "k8s-w1", "k8s-w2"], nodes.Select(n => n.Name));
        Assert.All(nodes, n => Assert.Equal("False", n.Json.Condition("Ready").Text("status")));
        Assert.All(nodes, n => Assert.Equal(
            "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:Network plugin returns error: cni plugin not initialized",
            n.Json.Condition("Ready").Text("message")));
        Assert.All(nodes, n => Assert.Contains(n.Json.Objects("spec", "taints"), t => t.Text("key") == "node.kubernetes.io/not-ready" && t.Text("effect") == "NoSchedule"));
        Assert.Equal(["192.168.10.100", "10.0.2.15", "10.0.2.15"], nodes.Select(InternalIp));
        Assert.Equal(["10.244.0.0/24", "10.244.1.0/24", "10.244.2.0/24"], nodes.Select(n => n.Json.Text("spec", "podCIDR")));
        Assert.All(nodes, n => Assert.Equal("Ubuntu 24.04.2 LTS", n.Json.Text("status", "nodeInfo", "osImage")));
        Assert.All(nodes, n => Assert.Equal("6.8.0-53-generic", n.Json.Text("status", "nodeInfo", "kernelVersion")));
        Assert.All(nodes, n => Assert.Equal("containerd://1.7.27", n.Json.Text("status", "nodeInfo", "containerRuntimeVersion")));
    }

    [Fact]
    public async Task Pods_are_where_the_recording_has_them()
    {
        await using var lab = await TestCluster.CreateAsync();
        var pods = lab.Pods("kube-system").Select(p => (Mask(p.Name), p.Phase(), p.IsReady(), p.Address(), p.NodeName())).Order().ToArray();
        Assert.Equal(
            [
                ("coredns-*", "Pending", false, null, null),
                ("coredns-*", "Pending", false, null, null),
                ("etcd-k8s-ctr", "Running", true, "10.0.2.15", "k8s-ctr"),
                ("kube-apiserver-k8s-ctr", "Running", true, "10.0.2.15", "k8s-ctr"),
                ("kube-controller-manager-k8s-ctr", "Running", true, "10.0.2.15", "k8s-ctr"),
                ("kube-proxy-*", "Running", true, "10.0.2.15", "k8s-ctr"),
                ("kube-proxy-*", "Running", true, "10.0.2.15", "k8s-w1"),
                ("kube-proxy-*", "Running", true, "10.0.2.15", "k8s-w2"),
                ("kube-scheduler-k8s-ctr", "Running", true, "10.0.2.15", "k8s-ctr"),
            ],
            pods);
    }

    [Fact]
    public async Task CoreDNS_waits_with_the_schedulers_words()
    {
        await using var lab = await TestCluster.CreateAsync();
        var pod = lab.Pods("kube-system", "k8s-app=kube-dns")[0];
        var said = lab.EventsAbout(pod.Name).ToList();
        foreach (var line in Recorded.Lines(22).Where(l => l.Contains("FailedScheduling", StringComparison.Ordinal)).Take(2))
            Assert.Contains(said, s => s == "Warning FailedScheduling default-scheduler: " + line[line.IndexOf("0/", StringComparison.Ordinal)..]);
        Assert.Equal("Unschedulable", pod.Json.Condition("PodScheduled").Text("reason"));
    }

    [Fact]
    public async Task The_flags_that_people_grep_for_are_in_the_static_pods()
    {
        await using var lab = await TestCluster.CreateAsync();
        var flags = lab.Pods("kube-system").Where(p => p.IsMirror()).SelectMany(p => p.Json.Objects("spec", "containers")).SelectMany(c => c.Texts("command")).ToList();
        Assert.Contains("--service-cluster-ip-range=10.96.0.0/16", flags);
        Assert.Contains("--cluster-cidr=10.244.0.0/16", flags);
        Assert.Equal("10.96.0.1", lab.Get(ResourceTypes.Services, "default", "kubernetes").Text("spec", "clusterIP"));
        Assert.Equal("10.96.0.10", lab.Get(ResourceTypes.Services, "kube-system", "kube-dns").Text("spec", "clusterIP"));
    }

    [Fact]
    public async Task Restarting_kubelet_with_another_node_ip_moves_the_node_and_its_host_pods()
    {
        await using var lab = await TestCluster.CreateAsync();
        foreach (var (node, address) in lab.Cluster.Nodes.Zip(["192.168.10.100", "192.168.10.101", "192.168.10.102"]))
        {
            node.Files.Put(KubeletFlags.Path, node.Files.ReadText(KubeletFlags.Path).Replace("KUBELET_KUBEADM_ARGS=\"", $"KUBELET_KUBEADM_ARGS=\"--node-ip={address} ", StringComparison.Ordinal));
            Assert.Equal(0, node.Run("systemctl", "restart", "kubelet").ExitCode);
        }
        await lab.Cluster.SettleAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["192.168.10.100", "192.168.10.101", "192.168.10.102"], lab.Store.List(ResourceTypes.Nodes).Items.Select(InternalIp));
        Assert.Equal(
            ["192.168.10.100", "192.168.10.100", "192.168.10.100", "192.168.10.100", "192.168.10.100", "192.168.10.101", "192.168.10.102"],
            lab.Pods("kube-system").Select(p => p.Address()).OfType<string>().Order());
        Assert.All(lab.Pods("kube-system").Where(p => p.Address() is not null), p => Assert.Equal(0, p.Json.Objects("status", "containerStatuses").First().Number("restartCount")));
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_cluster()
    {
        await using var one = await TestCluster.CreateAsync(seed: 3);
        await using var same = await TestCluster.CreateAsync(seed: 3);
        await using var other = await TestCluster.CreateAsync(seed: 4);
        Assert.Equal(one.Pods("").Select(p => p.Name + p.Uid), same.Pods("").Select(p => p.Name + p.Uid));
        Assert.NotEqual(one.Pods("").Select(p => p.Name), other.Pods("").Select(p => p.Name));
    }

    [Fact]
    public async Task With_a_network_nodes_become_ready_and_CoreDNS_runs()
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        Assert.All(lab.Store.List(ResourceTypes.Nodes).Items, n => Assert.True(n.Json.Is("Ready")));
        Assert.All(lab.Store.List(ResourceTypes.Nodes).Items, n => Assert.DoesNotContain(n.Json.Objects("spec", "taints"), t => t.Text("key") == "node.kubernetes.io/not-ready"));
        var dns = lab.Pods("kube-system", "k8s-app=kube-dns");
        Assert.All(dns, p => Assert.True(p.IsReady()));
        Assert.All(dns, p => Assert.StartsWith("10.244.", p.Address(), StringComparison.Ordinal));
        Assert.Contains("Normal NodeReady kubelet: Node k8s-w1 status is now: NodeReady", lab.EventsAbout("k8s-w1"));
        Assert.Equal(2, lab.Get(ResourceTypes.Deployments, "kube-system", "coredns").Number("status", "availableReplicas"));
    }

    private static string? InternalIp(StoredObject node) => node.Json.Objects("status", "addresses").First(a => a.Text("type") == "InternalIP").Text("address");

    private static string Mask(string name) => name.StartsWith("coredns-", StringComparison.Ordinal) ? "coredns-*"
        : name.StartsWith("kube-proxy-", StringComparison.Ordinal) ? "kube-proxy-*" : name;
}

using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Life;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Tests.Simulator.Nodes;

namespace CiliumLab.Tests.Simulator.Life;

/// <summary>Endpoints, namespaces, owners, nodes that fall silent, and where pods may go.</summary>
public sealed class ControllerTests
{
    [Fact]
    public async Task Endpoints_follow_the_pods_of_a_service()
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        await lab.DeployWebpodAsync();
        var pods = lab.Pods("default", "app=webpod");
        var slice = lab.Store.List(ResourceTypes.EndpointSlices, "default", LabelSelector.Parse("app=webpod")).Items.Single();
        Assert.Matches("^webpod-[bcdfghjklmnpqrstvwxz2456789]{5}$", slice.Name);
        Assert.Equal(pods.Select(p => p.Address()).Order(), slice.Json.Objects("endpoints").SelectMany(e => e.Texts("addresses")).Order());
        Assert.All(slice.Json.Objects("endpoints"), e => Assert.Equal((true, true, false), (e.Flag("conditions", "ready"), e.Flag("conditions", "serving"), e.Flag("conditions", "terminating"))));
        Assert.Equal("endpointslice-controller.k8s.io", slice.Labels["endpointslice.kubernetes.io/managed-by"]);
        Assert.Equal(pods.Select(p => p.Address()).Order(), lab.Get(ResourceTypes.Endpoints, "default", "webpod").Objects("subsets").Single().Objects("addresses").Select(a => a.Text("ip")));
        lab.Store.Edit(ResourceTypes.Deployments, "default", "webpod", d => d["spec"]!["replicas"] = 0);
        await lab.Cluster.SettleAsync(TestContext.Current.CancellationToken);
        slice = lab.Store.Get(ResourceTypes.EndpointSlices, "default", slice.Name);
        Assert.All(slice.Json.Objects("endpoints"), e => Assert.Equal((false, true, true), (e.Flag("conditions", "ready"), e.Flag("conditions", "serving"), e.Flag("conditions", "terminating"))));
        await lab.AdvanceAsync(TimeSpan.FromSeconds(5));
        Assert.Empty(lab.Get(ResourceTypes.EndpointSlices, "default", slice.Name).Objects("endpoints"));
        lab.Store.Delete(ResourceTypes.Services, "default", "webpod");
        await lab.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Null(lab.Store.Find(ResourceTypes.Endpoints, "default", "webpod"));
        Assert.Null(lab.Store.Find(ResourceTypes.EndpointSlices, "default", slice.Name));
    }

    [Fact]
    public async Task A_deleted_namespace_empties_itself_and_goes()
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        lab.Create(ResourceTypes.Namespaces, """{"metadata":{"name":"kube-flannel"}}""");
        await lab.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.NotNull(lab.Store.Find(ResourceTypes.ServiceAccounts, "kube-flannel", "default"));
        Assert.NotNull(lab.Store.Find(ResourceTypes.ConfigMaps, "kube-flannel", "kube-root-ca.crt"));
        lab.Create(ResourceTypes.Pods, """{"metadata":{"name":"p","namespace":"kube-flannel"},"spec":{"containers":[{"name":"c","image":"busybox"}]}}""");
        lab.Create(ResourceTypes.ConfigMaps, """{"metadata":{"name":"held","namespace":"kube-flannel","finalizers":["example.com/wait"]}}""");
        await lab.AdvanceAsync(TimeSpan.FromSeconds(10));
        lab.Store.Delete(ResourceTypes.Namespaces, null, "kube-flannel");
        await lab.AdvanceAsync(TimeSpan.FromSeconds(10));
        var ns = lab.Get(ResourceTypes.Namespaces, null, "kube-flannel");
        Assert.Equal("Terminating", ns.Text("status", "phase"));
        Assert.Equal("Some content in the namespace has finalizers remaining: example.com/wait in 1 resource instances", ns.Condition("NamespaceFinalizersRemaining").Text("message"));
        lab.Store.Edit(ResourceTypes.ConfigMaps, "kube-flannel", "held", m => m["metadata"]!.AsObject().Remove("finalizers"));
        await lab.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Null(lab.Store.Find(ResourceTypes.Namespaces, null, "kube-flannel"));
    }

    [Theory]
    [InlineData(nameof(Propagation.Background))]
    [InlineData(nameof(Propagation.Foreground))]
    [InlineData(nameof(Propagation.Orphan))]
    public async Task Deleting_an_owner_does_to_its_dependents_what_was_asked(string how)
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        await lab.DeployWebpodAsync();
        lab.Store.Delete(ResourceTypes.Deployments, "default", "webpod", new() { Propagation = Enum.Parse<Propagation>(how) });
        await lab.Cluster.SettleAsync(TestContext.Current.CancellationToken);
        Assert.Equal(how == nameof(Propagation.Foreground), lab.Store.Find(ResourceTypes.Deployments, "default", "webpod") is not null);
        await lab.AdvanceAsync(TimeSpan.FromSeconds(5));
        Assert.Null(lab.Store.Find(ResourceTypes.Deployments, "default", "webpod"));
        var kept = how == nameof(Propagation.Orphan);
        Assert.Equal(kept ? 1 : 0, lab.Store.List(ResourceTypes.ReplicaSets, "default").Items.Count);
        Assert.Equal(kept ? 2 : 0, lab.Pods("default", "app=webpod").Count);
        if (kept)
            Assert.Empty(lab.Store.List(ResourceTypes.ReplicaSets, "default").Items.Single().Owners());
    }

    [Fact]
    public async Task A_silent_node_becomes_unknown_and_its_pods_are_evicted_after_five_minutes()
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        lab.Create(ResourceTypes.Deployments, """
            {"metadata":{"name":"web","namespace":"default"},"spec":{"replicas":2,"selector":{"matchLabels":{"app":"web"}},
             "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"web","image":"traefik/whoami"}]}}}}
            """);
        await lab.AdvanceAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(0, lab.Cluster.Nodes[1].Run("systemctl", "stop", "kubelet").ExitCode);
        await lab.AdvanceAsync(TimeSpan.FromSeconds(70));
        var node = lab.Get(ResourceTypes.Nodes, null, "k8s-w1");
        Assert.Equal(("Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status."), (node.Condition("Ready").Text("status"), node.Condition("Ready").Text("reason"), node.Condition("Ready").Text("message")));
        Assert.Contains(node.Objects("spec", "taints"), t => t.Text("key") == "node.kubernetes.io/unreachable" && t.Text("effect") == "NoExecute");
        var lost = lab.Pods("default", "app=web").Single(p => p.NodeName() == "k8s-w1");
        Assert.False(lost.IsReady());
        await lab.AdvanceAsync(TimeSpan.FromMinutes(5));
        Assert.True(lab.Store.Get(ResourceTypes.Pods, "default", lost.Name).IsTerminating);
        Assert.Equal(2, lab.Pods("default", "app=web").Count(p => p.NodeName() == "k8s-w2" && p.IsReady()));
        Assert.Equal(0, lab.Cluster.Nodes[1].Run("systemctl", "start", "kubelet").ExitCode);
        await lab.AdvanceAsync(TimeSpan.FromSeconds(10));
        Assert.Null(lab.Store.Find(ResourceTypes.Pods, "default", lost.Name));
        Assert.True(lab.Get(ResourceTypes.Nodes, null, "k8s-w1").Is("Ready"));
    }

    [Fact]
    public async Task Pods_of_a_node_that_is_deleted_are_removed()
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        await lab.Cluster.SetPowerAsync(lab.Cluster.Nodes[2], false);
        lab.Store.Delete(ResourceTypes.Nodes, null, "k8s-w2");
        await lab.AdvanceAsync(TimeSpan.FromSeconds(5));
        Assert.DoesNotContain(lab.Pods(""), p => p.NodeName() == "k8s-w2");
    }

    [Fact]
    public async Task A_deleted_node_comes_back_when_its_kubelet_restarts_and_keeps_its_pods_away_until_then()
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        lab.Store.Delete(ResourceTypes.Nodes, null, "k8s-w2");
        await lab.AdvanceAsync(TimeSpan.FromMinutes(6));
        Assert.Null(lab.Store.Find(ResourceTypes.Nodes, null, "k8s-w2"));
        Assert.Equal(0, lab.Cluster.Nodes[2].Run("systemctl", "restart", "kubelet").ExitCode);
        await lab.AdvanceAsync(TimeSpan.FromSeconds(20));
        Assert.True(lab.Get(ResourceTypes.Nodes, null, "k8s-w2").Is("Ready"));
        Assert.Contains(lab.Pods("kube-system", "k8s-app=kube-proxy"), p => p.NodeName() == "k8s-w2" && p.IsReady());
    }

    [Theory]
    [InlineData("""{"nodeSelector":{"disk":"ssd"}}""", "0/3 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 2 node(s) didn't match Pod's node affinity/selector. preemption: 0/3 nodes are available: 3 Preemption is not helpful for scheduling.")]
    [InlineData("""{"containers":[{"name":"c","image":"busybox","resources":{"requests":{"cpu":"3"}}}]}""", "0/3 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 2 Insufficient cpu. preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.")]
    [InlineData("""{"affinity":{"podAffinity":{"requiredDuringSchedulingIgnoredDuringExecution":[{"topologyKey":"kubernetes.io/hostname","labelSelector":{"matchLabels":{"app":"none"}}}]}}}""", "0/3 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 2 node(s) didn't match pod affinity rules. preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.")]
    public async Task What_fits_nowhere_says_why(string spec, string message)
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        var pod = new JsonObject { ["metadata"] = new JsonObject { ["name"] = "p", ["namespace"] = "default" }, ["spec"] = JsonNode.Parse(spec) };
        pod["spec"]!.AsObject().TryAdd("containers", JsonNode.Parse("""[{"name":"c","image":"busybox"}]"""));
        lab.Store.Create(ResourceTypes.Pods, pod);
        await lab.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(message, lab.Pods("default").Single().Json.Condition("PodScheduled").Text("message"));
        lab.Store.Edit(ResourceTypes.Nodes, null, "k8s-w2", n => n["metadata"]!["labels"]!["disk"] = "ssd");
        await lab.AdvanceAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(spec.Contains("disk", StringComparison.Ordinal) ? "k8s-w2" : null, lab.Pods("default").Single().NodeName());
    }

    [Fact]
    public async Task A_spread_constraint_keeps_nodes_even()
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        lab.Create(ResourceTypes.Deployments, """
            {"metadata":{"name":"web","namespace":"default"},"spec":{"replicas":5,"selector":{"matchLabels":{"app":"web"}},
             "template":{"metadata":{"labels":{"app":"web"}},"spec":{"tolerations":[{"operator":"Exists"}],
              "topologySpreadConstraints":[{"maxSkew":1,"topologyKey":"kubernetes.io/hostname","whenUnsatisfiable":"DoNotSchedule","labelSelector":{"matchLabels":{"app":"web"}}}],
              "containers":[{"name":"web","image":"traefik/whoami"}]}}}}
            """);
        await lab.AdvanceAsync(TimeSpan.FromSeconds(10));
        Assert.Equal([1, 2, 2], lab.Pods("default", "app=web").GroupBy(p => p.NodeName()).Select(g => g.Count()).Order());
    }
}

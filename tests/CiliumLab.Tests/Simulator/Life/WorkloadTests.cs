using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Life;

namespace CiliumLab.Tests.Simulator.Life;

/// <summary>Deployments, ReplicaSets and DaemonSets by what they make of the cluster.</summary>
public sealed class WorkloadTests
{
    [Fact]
    public async Task A_deployment_makes_pods_that_run_apart_and_says_so()
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        await lab.DeployWebpodAsync();
        var pods = lab.Pods("default", "app=webpod");
        Assert.Equal(["k8s-w1", "k8s-w2"], pods.Select(p => p.NodeName()).Order());
        Assert.Equal(["10.244.1.", "10.244.2."], pods.OrderBy(p => p.NodeName()).Select(p => p.Address()![..9]));
        var deployment = lab.Get(ResourceTypes.Deployments, "default", "webpod");
        Assert.Equal((2, 2, 2, 2), (deployment.Number("status", "replicas"), deployment.Number("status", "readyReplicas"), deployment.Number("status", "updatedReplicas"), deployment.Number("status", "availableReplicas")));
        Assert.Equal("1", deployment.Text("metadata", "annotations", "deployment.kubernetes.io/revision"));
        Assert.Equal("MinimumReplicasAvailable", deployment.Condition("Available").Text("reason"));
        Assert.Equal("NewReplicaSetAvailable", deployment.Condition("Progressing").Text("reason"));
        var set = lab.Store.List(ResourceTypes.ReplicaSets, "default").Items.Single();
        Assert.Matches("^webpod-[4-9bcdf]{8,10}$", set.Name);
        Assert.All(pods, p => Assert.Matches($"^{set.Name}-[bcdfghjklmnpqrstvwxz2456789]{{5}}$", p.Name));
        Assert.All(pods, p => Assert.Equal(set.Labels["pod-template-hash"], p.Labels["pod-template-hash"]));
        Assert.Contains($"Normal ScalingReplicaSet deployment-controller: Scaled up replica set {set.Name} from 0 to 2", lab.EventsAbout("webpod"));
        Assert.Contains($"Normal SuccessfulCreate replicaset-controller: Created pod: {pods[0].Name}", lab.EventsAbout(set.Name));
        string[] story = ["Scheduled", "Pulling", "Pulled", "Created", "Started"];
        Assert.Equal(story, lab.EventsAbout(pods[0].Name).Select(e => e.Split(' ')[1]).OrderBy(e => Array.IndexOf(story, e)));
    }

    [Fact]
    public async Task A_rolling_update_stays_within_its_limits_and_undo_brings_the_old_set_back()
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        lab.Create(ResourceTypes.Deployments, Web(4));
        await lab.AdvanceAsync(TimeSpan.FromSeconds(30));
        var first = lab.Store.List(ResourceTypes.ReplicaSets, "default").Items.Single();
        lab.Store.Edit(ResourceTypes.Deployments, "default", "web", d => d.Objects("spec", "template", "spec", "containers").First()["image"] = "nginx:1.27");
        var (least, most) = (100L, 0L);
        for (var i = 0; i < 120; i++)
        {
            await lab.AdvanceAsync(TimeSpan.FromMilliseconds(250));
            var alive = lab.Pods("default", "app=web").Where(p => p.IsActive()).ToList();
            least = Math.Min(least, alive.Count(p => p.IsReady()));
            most = Math.Max(most, alive.Count);
        }
        Assert.Equal((3, 5), (least, most));
        Assert.All(lab.Pods("default", "app=web"), p => Assert.Equal("nginx:1.27", p.Json.Objects("spec", "containers").First().Text("image")));
        var sets = lab.Store.List(ResourceTypes.ReplicaSets, "default").Items;
        Assert.Equal(0, lab.Get(ResourceTypes.ReplicaSets, "default", first.Name).Number("spec", "replicas"));
        Assert.Equal(["1", "2"], sets.Select(s => s.Json.Text("metadata", "annotations", "deployment.kubernetes.io/revision")).Order());

        // What kubectl rollout undo does: the old template, without its hash.
        lab.Store.Edit(ResourceTypes.Deployments, "default", "web", d => d.Objects("spec", "template", "spec", "containers").First()["image"] = "nginx:1.26");
        await lab.AdvanceAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(4, lab.Get(ResourceTypes.ReplicaSets, "default", first.Name).Number("status", "availableReplicas"));
        Assert.Equal("3", lab.Get(ResourceTypes.ReplicaSets, "default", first.Name).Text("metadata", "annotations", "deployment.kubernetes.io/revision"));
        Assert.Equal("3", lab.Get(ResourceTypes.Deployments, "default", "web").Text("metadata", "annotations", "deployment.kubernetes.io/revision"));
        Assert.Equal(2, lab.Store.List(ResourceTypes.ReplicaSets, "default").Items.Count);
    }

    [Fact]
    public async Task A_rollout_restart_replaces_every_pod()
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        await lab.DeployWebpodAsync();
        var before = lab.Pods("default", "app=webpod").Select(p => p.Uid).ToHashSet();
        // One of the two must go first, because the pods keep apart and the control plane is taboo.
        lab.Store.Edit(ResourceTypes.Deployments, "default", "webpod", d =>
            d.Ensure("spec", "template", "metadata", "annotations")["kubectl.kubernetes.io/restartedAt"] = "2025-07-14T13:05:00Z");
        await lab.AdvanceAsync(TimeSpan.FromSeconds(60));
        var after = lab.Pods("default", "app=webpod");
        Assert.Contains(after, p => p.Phase() == "Pending" && p.NodeName() is null);
        var waiting = after.Single(p => p.NodeName() is null);
        Assert.Equal(
            "0/3 nodes are available: 1 node(s) had untolerated taint {node-role.kubernetes.io/control-plane: }, 2 node(s) didn't match pod anti-affinity rules. preemption: 0/3 nodes are available: 1 Preemption is not helpful for scheduling, 2 No preemption victims found for incoming pod.",
            waiting.Json.Condition("PodScheduled").Text("message"));
        lab.Store.Delete(ResourceTypes.Pods, "default", after.First(p => before.Contains(p.Uid)).Name);
        await lab.AdvanceAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(2, lab.Get(ResourceTypes.Deployments, "default", "webpod").Number("metadata", "generation"));
    }

    [Fact]
    public async Task Scaling_down_takes_what_serves_least()
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        lab.Create(ResourceTypes.Deployments, Web(2));
        await lab.AdvanceAsync(TimeSpan.FromSeconds(30));
        var serving = lab.Pods("default", "app=web").Select(p => p.Name).ToList();
        lab.Cluster.Images.PullRefusal = name => name.Contains("nginx", StringComparison.Ordinal) ? "not found" : null;
        foreach (var node in lab.Store.List(ResourceTypes.Nodes).Items.Where(n => n.Name != "k8s-ctr"))
            lab.Store.Edit(ResourceTypes.Nodes, null, node.Name, n => n["spec"]!["unschedulable"] = true);
        lab.Store.Edit(ResourceTypes.Deployments, "default", "web", d => d["spec"]!["replicas"] = 5);
        await lab.AdvanceAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(5, lab.Pods("default", "app=web").Count);
        lab.Store.Edit(ResourceTypes.Deployments, "default", "web", d => d["spec"]!["replicas"] = 2);
        await lab.AdvanceAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(serving.Order(), lab.Pods("default", "app=web").Select(p => p.Name).Order());
    }

    [Fact]
    public async Task Recreate_waits_for_the_last_old_pod()
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        lab.Create(ResourceTypes.Deployments, Web(2).Replace("\"replicas\"", "\"strategy\":{\"type\":\"Recreate\"},\"replicas\"", StringComparison.Ordinal));
        await lab.AdvanceAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(2, lab.Get(ResourceTypes.Deployments, "default", "web").Number("status", "availableReplicas"));
        lab.Store.Edit(ResourceTypes.Deployments, "default", "web", d => d.Objects("spec", "template", "spec", "containers").First()["image"] = "nginx:1.27");
        for (var i = 0; i < 80; i++)
        {
            await lab.AdvanceAsync(TimeSpan.FromMilliseconds(100));
            Assert.Single(lab.Pods("default", "app=web").Select(p => p.Json.Objects("spec", "containers").First().Text("image")).Append("none").Where(i => i != "none").Distinct().DefaultIfEmpty("none"));
        }
        Assert.All(lab.Pods("default", "app=web"), p => Assert.Equal("nginx:1.27", p.Json.Objects("spec", "containers").First().Text("image")));
    }

    [Fact]
    public async Task A_daemon_set_covers_the_nodes_it_tolerates_and_rolls_one_at_a_time()
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        lab.Create(ResourceTypes.DaemonSets, """
            {"metadata":{"name":"agent","namespace":"default"},"spec":{"selector":{"matchLabels":{"app":"agent"}},
             "template":{"metadata":{"labels":{"app":"agent"}},"spec":{"containers":[{"name":"a","image":"example.com/agent:1"}]}}}}
            """);
        await lab.AdvanceAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(["k8s-w1", "k8s-w2"], lab.Pods("default", "app=agent").Select(p => p.NodeName()).Order());
        var status = lab.Get(ResourceTypes.DaemonSets, "default", "agent");
        Assert.Equal((2, 2, 2), (status.Number("status", "desiredNumberScheduled"), status.Number("status", "numberReady"), status.Number("status", "numberAvailable")));
        lab.Store.Edit(ResourceTypes.DaemonSets, "default", "agent", d =>
            d.Ensure("spec", "template", "spec")["tolerations"] = new System.Text.Json.Nodes.JsonArray(new System.Text.Json.Nodes.JsonObject { ["operator"] = "Exists" }));
        var least = 9;
        for (var i = 0; i < 100; i++)
        {
            await lab.AdvanceAsync(TimeSpan.FromMilliseconds(200));
            least = Math.Min(least, lab.Pods("default", "app=agent").Count(p => p.IsReady() && !p.IsTerminating));
        }
        Assert.Equal(2, least);
        Assert.Equal(["k8s-ctr", "k8s-w1", "k8s-w2"], lab.Pods("default", "app=agent").Select(p => p.NodeName()).Order());
        Assert.Equal(3, lab.Get(ResourceTypes.DaemonSets, "default", "agent").Number("status", "updatedNumberScheduled"));
        Assert.Equal(2, lab.Store.List(ResourceTypes.ControllerRevisions, "default").Items.Count);
    }

    private static string Web(int replicas) => """
        {"metadata":{"name":"web","namespace":"default"},"spec":{"replicas":COUNT,"selector":{"matchLabels":{"app":"web"}},
         "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"web","image":"nginx:1.26"}]}}}}
        """.Replace("COUNT", replicas.ToString(null, null), StringComparison.Ordinal);
}

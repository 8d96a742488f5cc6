using System.Text.Json.Nodes;
using CiliumLab.Model;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Life;
using CiliumLab.Simulator.Snapshots;
using CiliumLab.Tests.Simulator.Cilium;
using CiliumLab.Tests.Simulator.Life;
using CiliumLab.Tests.Simulator.Nodes;
using Microsoft.Extensions.Time.Testing;

namespace CiliumLab.Tests.Simulator.Snapshots;

/// <summary>A lab that comes out of a snapshot is the lab that was taken, and lives on.</summary>
public sealed class SnapshotTests
{
    [Fact]
    public async Task A_lab_is_as_it_was_whatever_was_done_to_it_since()
    {
        await using var lab = await CiliumLabCluster.CreateAsync();
        var cluster = lab.Test.Cluster;
        cluster.Nodes[1].Files.Put("/etc/marked", "kept\n");
        cluster.Faults.Set(new LabFault { Lab = "test", Kind = LabFaultKind.DiskFull, Node = "k8s-w2", Count = 3 });
        var before = Everything.Of(cluster);
        var endpoints = await lab.OutputAsync(1, "cilium-dbg endpoint list");
        var taken = await LabImages.TakeAsync(cluster);
        var at = lab.Test.Clock.GetUtcNow();

        Damage(cluster);
        await lab.Test.AdvanceAsync(TimeSpan.FromMinutes(3));
        Assert.NotEqual(before, Everything.Of(cluster));

        await using var restored = new TestCluster(LabImages.Read(new MemoryStream(taken), new FakeTimeProvider(at)).Cluster);
        Assert.Equal(before, Everything.Of(restored.Cluster));
        restored.Cluster.Loop.Resume();
        await restored.AdvanceAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(endpoints, await new CiliumLabCluster(restored).OutputAsync(1, "cilium-dbg endpoint list"));
    }

    [Fact]
    public async Task A_lab_lives_on_exactly_as_the_one_that_was_taken()
    {
        await using var lab = await CiliumLabCluster.CreateAsync();
        var taken = await LabImages.TakeAsync(lab.Test.Cluster);
        await using var restored = new TestCluster(LabImages.Read(new MemoryStream(taken), new FakeTimeProvider(lab.Test.Clock.GetUtcNow())).Cluster);
        restored.Cluster.Loop.Resume();

        foreach (var one in (TestCluster[])[lab.Test, restored])
        {
            one.Store.Edit(ResourceTypes.Deployments, "default", "webpod", static deployment => deployment.Ensure("spec")["replicas"] = 3);
            await one.AdvanceAsync(TimeSpan.Zero);
            one.Store.Delete(ResourceTypes.Pods, "default", one.Pods("default", "app=webpod")[0].Name);
            await one.AdvanceAsync(TimeSpan.Zero);
            one.Cluster.Nodes[2].Output("systemctl", "restart", "kubelet");
            await one.AdvanceAsync(TimeSpan.FromMinutes(2));
        }

        Assert.Equal(3, restored.Pods("default", "app=webpod").Count);
        Assert.Contains(restored.Pods("default", "app=webpod"), static pod => pod.Json.Text("status", "podIP") is { Length: > 0 });
        Assert.Equal(Everything.Of(lab.Test.Cluster), Everything.Of(restored.Cluster));
    }

    [Fact]
    public async Task A_reboot_keeps_disks_and_objects_and_loses_what_was_in_memory()
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        await lab.DeployWebpodAsync();
        await lab.AdvanceAsync(TimeSpan.FromSeconds(30));
        var worker = lab.Cluster.Nodes[1];
        worker.Files.Put("/etc/marked", "kept\n");
        worker.Files.Put("/etc/modules-load.d/extra.conf", "vxlan\n");
        worker.Files.Put("/run/lost", "lost\n");
        worker.Output("ip", "route", "add", "10.99.0.0/16", "via", "192.168.10.1");
        worker.Output("iptables", "-A", "INPUT", "-s", "203.0.113.9", "-j", "DROP");
        var (boot, before) = (worker.Identity.BootId, lab.Pods("default", "app=webpod").Select(static pod => pod.Uid).Order().ToList());

        await lab.Cluster.RebootAsync();
        await lab.AdvanceAsync(TimeSpan.FromMinutes(1));

        Assert.Equal("kept\n", worker.Output("cat", "/etc/marked"));
        Assert.Null(worker.Files.Find("/run/lost"));
        Assert.NotEqual(boot, worker.Identity.BootId);
        Assert.Contains("vxlan", worker.Output("lsmod"), StringComparison.Ordinal);
        Assert.DoesNotContain("10.99.0.0", worker.Output("ip", "route"), StringComparison.Ordinal);
        Assert.DoesNotContain("203.0.113.9", worker.Output("iptables-save"), StringComparison.Ordinal);
        Assert.Contains("KUBE-SERVICES", worker.Output("iptables-save"), StringComparison.Ordinal);
        Assert.Equal(before, lab.Pods("default", "app=webpod").Select(static pod => pod.Uid).Order());
        Assert.All(lab.Pods("default", "app=webpod"), static pod => Assert.Equal(1, pod.Json.Objects("status", "containerStatuses").Single().Number("restartCount")));
        Assert.All(lab.Store.List(ResourceTypes.Nodes).Items, static node => Assert.Equal("True", node.Json.Objects("status", "conditions").Single(static c => c.Text("type") == "Ready").Text("status")));
    }

    [Fact]
    public async Task Cilium_comes_back_after_a_reboot_with_endpoints_for_the_pods_of_now()
    {
        await using var lab = await CiliumLabCluster.CreateAsync();

        await lab.Test.Cluster.RebootAsync();
        await lab.Test.AdvanceAsync(TimeSpan.FromMinutes(3));

        foreach (var (node, number) in lab.Test.Cluster.Nodes.Select(static (node, number) => (node, number)))
        {
            var pods = lab.Store.List(ResourceTypes.Pods).Items
                .Where(pod => pod.NodeName() == node.Name && !pod.IsHostNetwork()).Select(static pod => pod.Json.Text("status", "podIP")!).Order(StringComparer.Ordinal).ToList();
            var endpoints = (await lab.JsonAsync(number, "cilium-dbg endpoint list")).AsArray()
                .Where(static endpoint => !endpoint!["status"]!["identity"]!["labels"]!.ToJsonString().Contains("reserved:", StringComparison.Ordinal)).ToList();
            Assert.Equal(pods, endpoints.Select(static endpoint => (string)endpoint!["status"]!["networking"]!["addressing"]![0]!["ipv4"]!).Order(StringComparer.Ordinal));
            Assert.All(endpoints, static endpoint => Assert.Equal("ready", (string)endpoint!["status"]!["state"]!));
        }
    }

    private static void Damage(SimulatedCluster cluster)
    {
        var (control, worker) = (cluster.Nodes[0], cluster.Nodes[1]);
        worker.Output("ip", "link", "set", "eth1", "down");
        worker.Output("ip", "route", "add", "10.99.0.0/16", "via", "10.0.2.2");
        worker.Output("iptables", "-F");
        worker.Output("rm", "-rf", "/etc/kubernetes", "/etc/marked");
        control.Output("systemctl", "stop", "kubelet");
        cluster.Faults.Clear(cluster.Faults.All[0].Id);
        foreach (var pod in cluster.Store.List(ResourceTypes.Pods, "default").Items)
            cluster.Store.Delete(ResourceTypes.Pods, "default", pod.Name);
        cluster.Store.Delete(ResourceTypes.Services, "default", "webpod");
        cluster.Store.Create(ResourceTypes.Namespaces, JsonNode.Parse("""{"metadata":{"name":"later"}}""")!.AsObject());
    }
}

using CiliumLab.Model;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Life;
using CiliumLab.Tests.Simulator.Cilium;
using CiliumLab.Tests.Simulator.Life;

namespace CiliumLab.Tests.Simulator.Faults;

/// <summary>Faults that the cluster itself suffers from, as its objects show them.</summary>
public sealed class ClusterFaultTests
{
    [Fact]
    public async Task An_image_that_cannot_be_pulled_is_pulled_once_the_fault_is_used_up()
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        foreach (var node in lab.Cluster.Nodes)
            lab.Cluster.Faults.Set(new LabFault { Lab = "test", Kind = LabFaultKind.ImagePullFailing, Node = node.Name, Image = "*/whoami:*", Count = 2 });

        await lab.DeployWebpodAsync();
        await lab.AdvanceAsync(TimeSpan.FromSeconds(9));

        var pod = lab.Pods("default", "app=webpod")[0];
        Assert.Contains(
            lab.EventsAbout(pod.Name),
            line => line.Contains("Failed to pull image \"traefik/whoami\"", StringComparison.Ordinal) && line.Contains("lookup docker.io: i/o timeout", StringComparison.Ordinal));
        Assert.Equal("ImagePullBackOff", pod.Json.Objects("status", "containerStatuses").Single().Text("state", "waiting", "reason"));
        await lab.AdvanceAsync(TimeSpan.FromMinutes(2));
        Assert.All(lab.Pods("default"), static one => Assert.Equal("Running", one.Json.Text("status", "phase")));
        Assert.Equal(("k8s-ctr", 0), lab.Cluster.Faults.All.Select(static fault => (fault.Node!, fault.Hits)).Single());
    }

    [Fact]
    public async Task An_agent_that_is_not_well_leaves_the_ready_ones_and_comes_back()
    {
        await using var lab = await CiliumLabCluster.CreateAsync();
        var fault = lab.Test.Cluster.Faults.Set(new LabFault { Lab = "test", Kind = LabFaultKind.CiliumAgentNotReady, Node = "k8s-w1" });

        await lab.Test.AdvanceAsync(TimeSpan.FromMinutes(1));

        Assert.Equal(2, Ready());
        Assert.Contains(
            lab.Test.EventsAbout(lab.Test.Pods("kube-system", "k8s-app=cilium").Single(pod => pod.NodeName() == "k8s-w1").Name),
            line => line.Contains("Readiness probe failed: HTTP probe failed with statuscode: 503", StringComparison.Ordinal));
        lab.Test.Cluster.Faults.Clear(fault.Id);
        await lab.Test.AdvanceAsync(TimeSpan.FromMinutes(1));
        Assert.Equal(3, Ready());

        long? Ready() => lab.Test.Get(ResourceTypes.DaemonSets, "kube-system", "cilium").Number("status", "numberReady");
    }

    [Fact]
    public async Task A_full_disk_shows_in_the_nodes_condition()
    {
        await using var lab = await TestCluster.CreateAsync(withNetwork: true);
        lab.Cluster.Faults.Set(new LabFault { Lab = "test", Kind = LabFaultKind.DiskFull, Node = "k8s-w2" });

        await lab.AdvanceAsync(TimeSpan.FromMinutes(6));

        Assert.Equal("True", Pressure("k8s-w2"));
        Assert.Equal("False", Pressure("k8s-w1"));

        string? Pressure(string node) => lab.Get(ResourceTypes.Nodes, null, node).Objects("status", "conditions").Single(static c => c.Text("type") == "DiskPressure").Text("status");
    }
}

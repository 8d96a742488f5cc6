using System.Diagnostics;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Life;
using CiliumLab.Simulator.Nodes;

namespace CiliumLab.Tests.Simulator.Life;

/// <summary>Clusters come and go, and become large.</summary>
public sealed class ClusterLifetimeTests
{
    [Fact]
    public async Task A_hundred_clusters_leave_nothing_behind()
    {
        var left = new List<WeakReference>();
        await Task.Run(async () => left.Add(await OneAsync(0)), TestContext.Current.CancellationToken);
        var threads = ThreadPool.ThreadCount;
        for (var i = 1; i <= 100; i++)
            left.Add(await OneAsync((ulong)i));
        for (var i = 0; i < 5; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            await Task.Yield();
        }
        Assert.True(left.Count(r => r.IsAlive) <= 2, $"{left.Count(r => r.IsAlive)} clusters are still in memory");
        Assert.True(ThreadPool.ThreadCount <= threads + Environment.ProcessorCount + 4);
    }

    [Fact]
    public async Task Two_hundred_nodes_and_a_thousand_pods_settle()
    {
        await using var lab = await TestCluster.CreateAsync(settings: new SimulatedClusterSettings
        {
            Nodes = new LabNodeOptions { WorkerCount = 199, NodeNetwork = System.Net.IPNetwork.Parse("192.168.8.0/22") },
        });
        Assert.Equal(200, lab.Store.List(ResourceTypes.Nodes).Items.Count);
        Assert.Equal(200, lab.Store.List(ResourceTypes.Nodes).Items.Select(n => n.Json.Text("spec", "podCIDR")).Distinct().Count());
        await lab.InstallNetworkAsync();
        lab.Create(ResourceTypes.Deployments, """
            {"metadata":{"name":"web","namespace":"default"},"spec":{"replicas":1000,"selector":{"matchLabels":{"app":"web"}},
             "template":{"metadata":{"labels":{"app":"web"}},"spec":{"containers":[{"name":"web","image":"traefik/whoami"}]}}}}
            """);
        var watch = Stopwatch.StartNew();
        await lab.AdvanceAsync(TimeSpan.FromSeconds(5));
        TestContext.Current.SendDiagnosticMessage($"1000 pods on 200 nodes: {watch.Elapsed.TotalSeconds:0.0} s");
        Assert.Equal(1000, lab.Get(ResourceTypes.Deployments, "default", "web").Number("status", "availableReplicas"));
    }

    private static async Task<WeakReference> OneAsync(ulong seed)
    {
        var cluster = await SimulatedCluster.CreateAsync(seed: seed, cancellationToken: TestContext.Current.CancellationToken);
        await cluster.DisposeAsync();
        return new WeakReference(cluster);
    }
}

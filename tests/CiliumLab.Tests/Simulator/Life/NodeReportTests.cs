using CiliumLab.Simulator.Api;

namespace CiliumLab.Tests.Simulator.Life;

/// <summary>The kubelet's reports, while others work on its node.</summary>
public sealed class NodeReportTests
{
    // Only threads that wait for each other for ever reach it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Reports_and_programs_that_write_to_the_API_do_not_wait_for_each_other()
    {
        await using var lab = await TestCluster.CreateAsync();
        var node = lab.Cluster.Nodes[1];

        var programs = Task.Run(
            () =>
            {
                for (var time = 0; time < 2000; time++)
                {
                    lock (node.Kernel.Gate)
                        lab.Store.TryEdit(ResourceTypes.Nodes, null, node.Name, json => json.Ensure("metadata", "annotations")["touched"] = $"{time}");
                }
            },
            TestContext.Current.CancellationToken);
        var reports = Task.Run(
            async () =>
            {
                for (var time = 0; time < 300; time++)
                    await lab.Cluster.Loop.DoAsync(() => lab.Cluster.Kubelet(node.Name)!.Start());
            },
            TestContext.Current.CancellationToken);
        await Task.WhenAll(programs, reports).WaitAsync(Patience, TestContext.Current.CancellationToken);
    }
}

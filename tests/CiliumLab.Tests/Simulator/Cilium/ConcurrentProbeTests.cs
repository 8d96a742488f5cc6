namespace CiliumLab.Tests.Simulator.Cilium;

/// <summary>Agents that ask each other at the same time, while others look at what comes of it.</summary>
public sealed class ConcurrentProbeTests
{
    // Only threads that wait for each other for ever reach it.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Nodes_that_probe_each_other_do_not_wait_for_each_other()
    {
        await using var lab = await CiliumLabCluster.CreateAsync();
        string[] commands = ["cilium-health status --probe", "cilium-dbg bpf ct list global", "cilium-dbg status --verbose", "cilium-dbg bpf policy get --all"];

        var runs = Enumerable.Range(0, 3).SelectMany(node => commands.Select(command => Task.Run(async () =>
        {
            for (var time = 0; time < 40; time++)
                await lab.OutputAsync(node, command);
        }, TestContext.Current.CancellationToken)));
        await Task.WhenAll(runs).WaitAsync(Patience, TestContext.Current.CancellationToken);

        Assert.Contains("3/3 reachable", await lab.OutputAsync(1, "cilium-health status --succinct"), StringComparison.Ordinal);
    }
}

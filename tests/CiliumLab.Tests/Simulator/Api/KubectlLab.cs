using CiliumLab.Simulator.Api;
using CiliumLab.Tests.Simulator.Life;

namespace CiliumLab.Tests.Simulator.Api;

/// <summary>A cluster with a network whose time runs by itself, faster than ours, and the real kubectl before it.</summary>
internal sealed class KubectlLab : IAsyncDisposable
{
    private readonly TestCluster _cluster;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _time;

    private KubectlLab(TestCluster cluster, ApiServer server, Kubectl kubectl)
    {
        (_cluster, Server, Kubectl) = (cluster, server, kubectl);
        _time = Task.Run(PassAsync);
    }

    public ApiServer Server { get; }

    public Kubectl Kubectl { get; }

    public ObjectStore Store => _cluster.Store;

    public static async Task<KubectlLab> StartAsync()
    {
        var cluster = await TestCluster.CreateAsync(withNetwork: true);
        try
        {
            var server = await cluster.Cluster.StartServerAsync(cancellationToken: TestContext.Current.CancellationToken);
            return new(cluster, server, Kubectl.For(server));
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _time;
        Kubectl.Dispose();
        await _cluster.DisposeAsync();
        _stop.Dispose();
    }

    private async Task PassAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            _cluster.Clock.Advance(TimeSpan.FromMilliseconds(200));
            await Task.Delay(10, CancellationToken.None);
        }
    }
}

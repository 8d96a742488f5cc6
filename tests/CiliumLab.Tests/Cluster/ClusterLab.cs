using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Cluster.Connection;
using CiliumLab.Simulator.Api;
using CiliumLab.Tests.Simulator.Api;

namespace CiliumLab.Tests.Cluster;

/// <summary>The engine's client against the simulator's API server, over real HTTPS.</summary>
internal sealed class ClusterLab : IAsyncDisposable
{
    private readonly ScratchFolder _folder = new();

    private ClusterLab(ApiLab api, ApiPatience patience)
    {
        Api = api;
        KubeConfig = _folder.Write("kubeconfig", api.Server.AdminKubeConfig());
        Client = ClusterClient.Open("test", KubeConfig, patience);
    }

    /// <summary>Patience for tests of what fails: as often as ever, without the waits.</summary>
    public static ApiPatience Hasty { get; } = new()
    {
        PerTry = TimeSpan.FromSeconds(10),
        FirstPause = TimeSpan.FromMilliseconds(1),
        LongestPause = TimeSpan.FromMilliseconds(20),
    };

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public ApiLab Api { get; }

    public ObjectStore Store => Api.Store;

    public string KubeConfig { get; }

    public ClusterClient Client { get; }

    public static async Task<ClusterLab> StartAsync(ApiPatience? patience = null) => new(await ApiLab.StartAsync(), patience ?? Hasty);

    /// <summary>Writes another file beside the kubeconfig.</summary>
    public string Write(string name, string text) => _folder.Write(name, text);

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await Api.DisposeAsync();
        _folder.Dispose();
    }
}

/// <summary>A fault that is decided per request, and the requests that it saw.</summary>
internal sealed class Fault(Func<ApiCall, int, ApiFault?> decide) : IApiInterceptor
{
    private readonly List<ApiCall> _calls = [];

    public int Count
    {
        get
        {
            lock (_calls)
                return _calls.Count;
        }
    }

    public ApiFault? Before(ApiCall call)
    {
        lock (_calls)
        {
            _calls.Add(call);
            return decide(call, _calls.Count);
        }
    }
}

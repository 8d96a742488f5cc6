using System.Text;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Nodes.Network;
using CiliumLab.Simulator.Nodes.Programs;
using CiliumLab.Tests.Simulator.Nodes;

namespace CiliumLab.Tests.Simulator.Datapath;

/// <summary>A tcpdump that runs on a simulated node until it is ended.</summary>
internal sealed class Tcpdump : IAsyncDisposable
{
    private readonly MemoryStream _output = new();
    private readonly StringBuilder _error = new();
    private readonly CancellationTokenSource _end = new();
    private readonly TaskCompletionSource _listens = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ProgramCall _call;
    private readonly Task<int> _run;

    private Tcpdump(SimulatedNode node, NetworkNamespace network, string[] words)
    {
        _call = new ProgramCall
        {
            Node = node,
            Name = words[0],
            Arguments = words[1..],
            Network = network,
            Output = new ProgramOutput((bytes, _) =>
            {
                lock (_output)
                    _output.Write(bytes.Span);
                return ValueTask.CompletedTask;
            }),
            ErrorSink = (bytes, _) =>
            {
                _error.Append(Encoding.UTF8.GetString(bytes.Span));
                _listens.TrySetResult();
                return ValueTask.CompletedTask;
            },
            CancellationToken = _end.Token,
        };
        _run = Task.Run(() => node.Programs.RunAsync(_call));
    }

    /// <summary>What it has written by now.</summary>
    public byte[] Written
    {
        get
        {
            lock (_output)
                return _output.ToArray();
        }
    }

    public static Task<Tcpdump> StartAsync(SimulatedNode node, NetworkNamespace network, params string[] words) => BeginAsync(node, network, ["tcpdump", .. words]);

    /// <summary>In the network of a process of a node.</summary>
    public static Task<Tcpdump> StartInsideAsync(SimulatedNode node, string process, params string[] words) => BeginAsync(node, node.Kernel.Network, ["nsenter", "-t", process, "-n", "tcpdump", .. words]);

    private static async Task<Tcpdump> BeginAsync(SimulatedNode node, NetworkNamespace network, string[] words)
    {
        var tcpdump = new Tcpdump(node, network, words);
        await Task.WhenAny(tcpdump._listens.Task, tcpdump._run).WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        return tcpdump;
    }

    /// <summary>On an interface of a node.</summary>
    public static Task<Tcpdump> StartAsync(SimulatedNode node, string words) => StartAsync(node, node.Kernel.Network, NodeRun.Words(words));

    /// <summary>Ends it: what it wrote, what it said, and its exit code.</summary>
    public async Task<(byte[] Written, string Error, int Code)> EndAsync()
    {
        await _end.CancelAsync();
        return await CompletedAsync();
    }

    /// <summary>Waits until it ends by itself.</summary>
    public async Task<(byte[] Written, string Error, int Code)> CompletedAsync()
    {
        var code = await _run.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
        await _call.Output.FlushAsync(CancellationToken.None);
        return (Written, _error.ToString() + _call.Error, code);
    }

    /// <summary>Ends it, and gives the lines that it printed.</summary>
    public async Task<string[]> LinesAsync() => Encoding.UTF8.GetString((await EndAsync()).Written).Split('\n', StringSplitOptions.RemoveEmptyEntries);

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        await _run;
        _end.Dispose();
        await _output.DisposeAsync();
    }
}

using System.Text;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Life;

namespace CiliumLab.Tests.Simulator.Datapath;

/// <summary>A command in a pod that a test looks at while it runs.</summary>
internal sealed class PodRun : IDisposable
{
    private readonly NetworkedCluster _lab;
    private readonly Sink _output = new();
    private readonly Sink _error = new();
    private readonly Task<int> _run;

    public PodRun(NetworkedCluster lab, string pod, params string[] command)
    {
        _lab = lab;
        var found = lab.Store.Get(ResourceTypes.Pods, "default", pod);
        _run = new ContainerAccess(lab.Test.Cluster).RunAsync(
            new PodExecRequest(found, found.Json.Objects("spec", "containers").First().Text("name")!, command, false),
            new PodExecStreams(Stream.Null, _output, _error), TestContext.Current.CancellationToken);
    }

    public string Output => _output.Text;

    public string Error => _error.Text;

    /// <summary>Waits until standard error has something in it.</summary>
    public async Task SaysAsync(string text)
    {
        while (!Error.Contains(text, StringComparison.Ordinal))
        {
            Assert.False(_run.IsCompleted, Error);
            await Task.Delay(1, TestContext.Current.CancellationToken);
        }
    }

    /// <summary>The exit code; the lab's clock is moved until there is one.</summary>
    public async Task<int> EndAsync()
    {
        while (!_run.IsCompleted)
        {
            _lab.Test.Clock.Advance(TimeSpan.FromMilliseconds(250));
            await Task.WhenAny(_run, Task.Delay(1, TestContext.Current.CancellationToken));
        }

        return await _run;
    }

    public void Dispose()
    {
        _output.Dispose();
        _error.Dispose();
    }

    private sealed class Sink : MemoryStream
    {
        private readonly Lock _gate = new();

        public string Text
        {
            get
            {
                lock (_gate)
                    return Encoding.UTF8.GetString(ToArray());
            }
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            lock (_gate)
                Write(buffer.Span);
            return ValueTask.CompletedTask;
        }
    }
}

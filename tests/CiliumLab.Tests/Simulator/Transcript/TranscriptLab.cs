using System.Diagnostics;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Datapath;
using CiliumLab.Simulator.Life;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Tests.Simulator.Nodes;
using Microsoft.Extensions.Time.Testing;

namespace CiliumLab.Tests.Simulator.Transcript;

/// <summary>A simulated lab with a served API, a clock that a test moves, and kubectl on this computer.</summary>
internal sealed class TranscriptLab : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly FakeTimeProvider _clock;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("ciliumlab-transcript-");

    private TranscriptLab(SimulatedCluster cluster, FakeTimeProvider clock) => (Cluster, _clock) = (cluster, clock);

    public SimulatedCluster Cluster { get; }

    /// <summary>kubectl's path; null when it is not installed.</summary>
    public static string? Kubectl { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Select(static folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "kubectl.exe" : "kubectl")).FirstOrDefault(File.Exists);

    public static async Task<TranscriptLab> CreateAsync()
    {
        // kubectl checks certificates by its own clock, so the lab's begins where that is.
        var clock = new FakeTimeProvider(TimeProvider.System.GetUtcNow() - TimeSpan.FromHours(2));
        var cluster = await SimulatedCluster.CreateAsync(null, clock, 7, TestContext.Current.CancellationToken);
        var lab = new TranscriptLab(cluster, clock);
        await LabNetworking.AddToAsync(cluster);
        var server = await cluster.StartServerAsync(cancellationToken: TestContext.Current.CancellationToken);
        KubeConfig.Write(Path.Combine(lab._folder.FullName, "config"), server.AdminKubeConfig());
        return lab;
    }

    public SimulatedNode Node(string name) => Cluster.Nodes.Single(node => node.Name == name);

    /// <summary>Lets time pass, from one due time to the next.</summary>
    public async Task AdvanceAsync(TimeSpan time)
    {
        var end = _clock.GetUtcNow() + time;
        await Cluster.SettleAsync(TestContext.Current.CancellationToken);
        while (_clock.GetUtcNow() < end)
        {
            var next = Cluster.Loop.NextDue is { } due && due < end ? due : end;
            if (next > _clock.GetUtcNow())
                _clock.SetUtcNow(next);
            await Cluster.SettleAsync(TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Runs kubectl; time passes while it does.</summary>
    public async Task<string> KubectlAsync(IEnumerable<string> arguments, string? input)
    {
        var start = new ProcessStartInfo(Kubectl!) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var argument in arguments)
            start.ArgumentList.Add(argument);
        start.Environment["KUBECONFIG"] = Path.Combine(_folder.FullName, "config");
        start.Environment["HOME"] = _folder.FullName;
        using var process = Process.Start(start)!;
        if (input is not null)
            await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        return await InTimeAsync(BothAsync());

        async Task<string> BothAsync()
        {
            // Warnings come first: on a terminal they precede what they are about.
            var (warned, said) = (await error, await output);
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            return warned + said;
        }
    }

    /// <summary>Runs a program on a node; time passes while it does.</summary>
    public Task<Said> RunAsync(string node, IReadOnlyList<string> words, string? input) => InTimeAsync(Task.Run(() => Node(node).Run(words, input)));

    public async ValueTask DisposeAsync()
    {
        await Cluster.DisposeAsync();
        _folder.Delete(recursive: true);
    }

    private async Task<T> InTimeAsync<T>(Task<T> work)
    {
        var waited = Stopwatch.StartNew();
        while (!work.IsCompleted)
        {
            await Task.WhenAny(work, Task.Delay(20, TestContext.Current.CancellationToken));
            if (!work.IsCompleted && waited.Elapsed > TimeSpan.FromMilliseconds(200))
                await AdvanceAsync(TimeSpan.FromMilliseconds(500));
            Assert.True(waited.Elapsed < Patience, "a command does not end");
        }

        return await work;
    }
}

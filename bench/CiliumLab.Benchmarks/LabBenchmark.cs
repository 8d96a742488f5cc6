using System.Diagnostics;
using System.Net;
using CiliumLab.Simulator;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Life;
using CiliumLab.Simulator.Nodes;

namespace CiliumLab.Benchmarks;

/// <summary>
/// Simulated labs from nothing to a kubeconfig that works. A lab of many nodes costs no more than its nodes, a lab little more than the
/// keys and the server that no API server can do without, and a lab after many others as much as one of the first.
/// </summary>
internal sealed class LabBenchmark : IBenchmark
{
    private const int Rounds = 15;
    private const int Workers = 20;

    public string Name => "lab";

    public async Task<IReadOnlyList<Measurement>> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("ciliumlab-bench-").FullName;
        try
        {
            return
            [
                await CompareAsync($"a lab of {Workers + 1} nodes / of 3", 7, () => LiveAsync(folder, Workers), () => LiveAsync(folder, 2)),
                await CompareAsync("a lab of 3 nodes / its API server alone", 14, () => LiveAsync(folder, 2), ServeAsync),
                await AgeAsync(folder),
            ];
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task<Measurement> CompareAsync(string what, double most, Func<Task<double>> one, Func<Task<double>> another)
    {
        var (ours, other) = (new Times(), new Times());
        for (var round = -5; round < Rounds; round++)
        {
            var (large, small) = (await one(), await another());
            if (round < 0)
                continue;
            ours.Add(large);
            other.Add(small);
        }

        return new Measurement(what, ours.RatioTo(other), "x") { Ours = $"{ours}", Other = $"{other}", AtMost = most };
    }

    // Both beside a server alone, which knows of no labs before it.
    private static async Task<Measurement> AgeAsync(string folder)
    {
        var (first, firstRatio) = await BesideServerAsync(folder);
        for (var number = 0; number < 100; number++)
            await LiveAsync(folder, 2);
        var (last, lastRatio) = await BesideServerAsync(folder);
        return new Measurement("a lab after a hundred more / before", lastRatio / firstRatio, "x") { Ours = $"{last}", Other = $"{first}", AtMost = 1.5 };
    }

    private static async Task<(Times Labs, double Ratio)> BesideServerAsync(string folder)
    {
        var (labs, servers) = (new Times(), new Times());
        for (var round = 0; round < 2 * Rounds; round++)
        {
            labs.Add(await LiveAsync(folder, 2));
            servers.Add(await ServeAsync());
        }

        return (labs, labs.RatioTo(servers));
    }

    private static async Task<double> LiveAsync(string folder, int workers)
    {
        var began = Stopwatch.GetTimestamp();
        await using var lab = await SimulatedLab.CreateAsync(
            "bench", folder, new SimulatedClusterSettings { Nodes = new LabNodeOptions { WorkerCount = workers } }, seed: 1, speed: 1, CancellationToken.None);
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }

    private static async Task<double> ServeAsync()
    {
        var began = Stopwatch.GetTimestamp();
        var store = new ObjectStore(TimeProvider.System, new Seed(1));
        ApiBootstrap.Run(store, IPAddress.Parse("192.168.10.100"));
        await using var server = await ApiServer.StartAsync(store);
        _ = server.AdminKubeConfig();
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }
}

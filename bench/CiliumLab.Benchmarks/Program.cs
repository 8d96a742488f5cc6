using CiliumLab.Benchmarks;

IBenchmark[] all = [new ConntrackBenchmark(), new ImportBenchmark(), new IptablesBenchmark(), new PacketBenchmark(), new SshBenchmark(), new ApiBenchmark(), new LabBenchmark(), new AgentBenchmark()];

var chosen = args.Length == 0 ? all : [.. all.Where(benchmark => args.Contains(benchmark.Name, StringComparer.OrdinalIgnoreCase))];
var unknown = args.Where(name => !all.Any(benchmark => string.Equals(benchmark.Name, name, StringComparison.OrdinalIgnoreCase))).ToList();
if (unknown.Count > 0)
{
    Console.Error.WriteLine($"No benchmark is called {string.Join(", ", unknown)}. There are: {string.Join(", ", all.Select(benchmark => benchmark.Name))}.");
    return 2;
}

var passed = true;
Console.WriteLine("| benchmark | measured | ours | other | ratio | limit | verdict |");
Console.WriteLine("|---|---|---|---|---|---|---|");
foreach (var benchmark in chosen)
{
    foreach (var row in await benchmark.RunAsync())
    {
        Console.WriteLine($"| {benchmark.Name} | {row.What} | {row.Ours} | {row.Other} | {row.Ratio} | {row.Limit} | {row.Verdict} |");
        passed &= row.Passed;
    }
}

return passed ? 0 : 1;

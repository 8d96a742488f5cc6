using System.Collections.Concurrent;
using System.Text;
using CiliumLab.Model;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Life;
using CiliumLab.Tests.Cmdlets;

namespace CiliumLab.Tests.Cilium;

/// <summary>Agents that take long, and agents that keep no copy of what they write.</summary>
public sealed class AgentStandInTests(ServedCilium lab) : IClassFixture<ServedCilium>
{
    public static TheoryData<string> Asking { get; } =
        ["Get-CiliumEndpoint", "Get-CiliumIdentity", "Get-CiliumIpCache", "Get-CiliumService", "Get-CiliumBpfPolicy", "Get-CiliumBpfMap -MapName cilium_lxc", "Get-BpfProgram"];

    [Theory]
    [MemberData(nameof(Asking))]
    public void A_slow_agent_is_waited_for_while_the_others_are_read(string cmdlet)
    {
        var whole = Nodes(lab.Prompt.Get(cmdlet + " | ForEach-Object Node"));
        var others = whole.Count(node => node != "k8s-w1");
        Assert.InRange(others, 2, whole.Count - 1);
        var othersRead = new TaskCompletionSource();
        var seen = new ConcurrentQueue<string>();
        void Take(string node)
        {
            seen.Enqueue(node);
            if (seen.Count == others)
                othersRead.TrySetResult();
        }

        var slow = new StandIn(lab.Server.Executor!, Pod("k8s-w1")) { BeforeAsync = () => othersRead.Task.WaitAsync(TimeSpan.FromMinutes(2)) };
        var outcome = With(slow, () => lab.Prompt.Run($"$take = $args[0]; {cmdlet} | ForEach-Object {{ $take.Invoke($_.Node) }}", (Action<string>)Take));

        Assert.Empty(outcome.Errors);
        Assert.Equal(whole.Order(), seen.Order());
        Assert.All(seen.Take(others), node => Assert.NotEqual("k8s-w1", node));
        Assert.All(seen.Skip(others), node => Assert.Equal("k8s-w1", node));
    }

    [Theory]
    [InlineData("cilium_ipcache", "bpf ipcache list")]
    [InlineData("cilium_lxc", "bpf endpoint list")]
    [InlineData("cilium_lb4_services_v2", "bpf lb list --frontends")]
    [InlineData("cilium_lb4_backends_v3", "bpf lb list --backends")]
    [InlineData("cilium_lb4_reverse_nat", "bpf lb list --revnat")]
    public void A_map_that_the_agent_keeps_no_copy_of_is_read_from_the_kernel(string map, string list)
    {
        var cached = lab.Prompt.Get($"Get-CiliumBpfMap k8s-w1 {map}").Select(entry => Known((BpfMapEntry)entry.BaseObject)).Order().ToList();
        Assert.NotEmpty(cached);
        var uncached = new StandIn(lab.Server.Executor!, Pod("k8s-w1"))
        {
            Rewrite = (command, output) => command is [_, "map", "list", ..] ? string.Join('\n', output.Split('\n').Select(line => line.StartsWith(map, StringComparison.Ordinal) ? line.Replace("true", "false", StringComparison.Ordinal) : line)) : output,
        };

        var outcome = With(uncached, () => lab.Prompt.Run($"Get-CiliumBpfMap k8s-w1 {map}"));

        Assert.Empty(outcome.Errors);
        Assert.Contains($"The agent keeps no copy of {map}; these are the kernel's entries ({list})", Assert.Single(outcome.Warnings), StringComparison.Ordinal);
        Assert.Equal(cached, outcome.Output.Select(entry => Known((BpfMapEntry)entry.BaseObject)).Order());
        Assert.DoesNotContain(uncached.Commands, command => command.Contains("map get", StringComparison.Ordinal));
        Assert.Contains(uncached.Commands, command => command.Contains(list, StringComparison.Ordinal));
    }

    // What both forms tell of an entry.
    private static string Known(BpfMapEntry entry) => entry switch
    {
        BpfIpCacheEntry one => $"{one.Prefix} {one.IdentityId}",
        BpfEndpointEntry one => $"{one.Address} {one.EndpointId}",
        BpfServiceEntry one => $"{one.Address}:{one.Port} {one.Slot} {one.ServiceId}",
        BpfBackendEntry one => $"{one.BackendId} {one.Address}",
        BpfReverseNatEntry one => $"{one.ServiceId} {one.Address}:{one.Port}",
        _ => entry.Key,
    };

    private static List<string> Nodes(IEnumerable<System.Management.Automation.PSObject> output) => [.. output.Select(item => (string)item.BaseObject)];

    private string Pod(string node) => lab.Lab.Test.Pods("kube-system", "k8s-app=cilium").Single(pod => pod.NodeName() == node).Name;

    private Outcome With(StandIn executor, Func<Outcome> run)
    {
        var before = lab.Server.Executor;
        lab.Server.Executor = executor;
        try
        {
            return run();
        }
        finally
        {
            lab.Server.Executor = before;
        }
    }

    /// <summary>Stands before the containers of one pod.</summary>
    private sealed class StandIn(IPodExecutor agents, string pod) : IPodExecutor
    {
        public ConcurrentQueue<string> Commands { get; } = new();

        /// <summary>What a command waits for.</summary>
        public Func<Task> BeforeAsync { get; init; } = () => Task.CompletedTask;

        /// <summary>What becomes of what a command writes.</summary>
        public Func<IReadOnlyList<string>, string, string>? Rewrite { get; init; }

        public async Task<int> RunAsync(PodExecRequest request, PodExecStreams streams, CancellationToken cancellationToken)
        {
            if (request.Pod.Name != pod)
                return await agents.RunAsync(request, streams, cancellationToken);
            Commands.Enqueue(string.Join(' ', request.Command));
            await BeforeAsync();
            if (Rewrite is null)
                return await agents.RunAsync(request, streams, cancellationToken);
            using var said = new MemoryStream();
            var code = await agents.RunAsync(request, streams with { Output = said }, cancellationToken);
            await streams.Output.WriteAsync(Encoding.UTF8.GetBytes(Rewrite(request.Command, Encoding.UTF8.GetString(said.ToArray()))), cancellationToken);
            return code;
        }
    }
}

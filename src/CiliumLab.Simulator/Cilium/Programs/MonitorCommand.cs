using System.Threading.Channels;

namespace CiliumLab.Simulator.Cilium;

/// <summary><c>monitor</c>: what the eBPF programs tell, until it is stopped.</summary>
internal static class MonitorCommand
{
    private static readonly string[] Types = ["drop", "debug", "capture", "trace", "policy-verdict", "trace-sock", "l7", "agent"];

    public static IReadOnlyList<AgentCommand> All { get; } =
    [
        new("monitor", "v|verbose j|json n|numeric t|type= related-to= from= to= hex vv", Begin) { Follow = FollowAsync },
    ];

    private static int Begin(AgentCall call)
    {
        if (TypesOf(call).FirstOrDefault(type => !Types.Contains(type)) is { } unknown)
            throw AgentCommandException.Fatal($"invalid argument \"{unknown}\" for \"-t, --type\" flag: Unknown type ({unknown}). Please use one of the following ones [{string.Join(' ', Types)}]");
        var node = call.Agent.Node;
        call.Complain($"Listening for events on {node.Identity.Processors} CPUs with 64x4096 of shared memory", 0);
        return call.Complain("Press Ctrl-C to quit", 0);
    }

    private static async Task<int> FollowAsync(AgentCall call, CancellationToken cancellationToken)
    {
        var types = TypesOf(call);
        var related = (call.Value("related-to") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries).Select(int.Parse).ToList();
        var lost = 0;
        var messages = Channel.CreateBounded<MonitorMessage>(new BoundedChannelOptions(4096) { FullMode = BoundedChannelFullMode.DropOldest }, _ => Interlocked.Increment(ref lost));
        using var subscription = call.Agent.Monitor.Listen(message => messages.Writer.TryWrite(message));
        await call.FlushAsync().ConfigureAwait(false);
        await foreach (var message in messages.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            if (Interlocked.Exchange(ref lost, 0) is > 0 and var count)
                call.Line(new LostMessage(count) { Processor = message.Processor }.Text(isNumeric: false));
            if (message is LostMessage || ((types.Length == 0 || types.Contains(message.Type)) && (related.Count == 0 || message.Endpoints.Intersect(related).Any())))
                call.Line(call.Has("json") && message.ToJson() is { } json ? GoJson.Compact(json) : message.Text(call.Has("numeric")));
            await call.FlushAsync().ConfigureAwait(false);
        }

        return 0;
    }

    private static string[] TypesOf(AgentCall call) => (call.Value("type") ?? "").Split(',', StringSplitOptions.RemoveEmptyEntries);
}

using System.Globalization;
using System.Runtime.CompilerServices;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cilium;

/// <summary>Follows what the datapath of nodes does, through their agents' monitor.</summary>
public static class CiliumMonitor
{
    private static readonly Dictionary<MonitorEventType, string> Words = new()
    {
        [MonitorEventType.Drop] = "drop",
        [MonitorEventType.Trace] = "trace",
        [MonitorEventType.PolicyVerdict] = "policy-verdict",
        [MonitorEventType.TraceSocket] = "trace-sock",
        [MonitorEventType.Capture] = "capture",
        [MonitorEventType.Debug] = "debug",
        [MonitorEventType.L7] = "l7",
        [MonitorEventType.Agent] = "agent",
    };

    /// <summary>The types that can be asked for.</summary>
    public static IReadOnlyCollection<MonitorEventType> Types => Words.Keys;

    /// <summary>
    /// Reads events as they happen, until the token is cancelled, which ends the monitor in the agent's container too. Notices of lost events
    /// come whatever was asked for. The JSON form is read, which every version from 1.14 has; what has none comes as text in between.
    /// </summary>
    /// <param name="agents">The agents.</param>
    /// <param name="node">The node.</param>
    /// <param name="types">The types that are wanted; none for all.</param>
    /// <param name="endpoints">The endpoints that they are about; none for all.</param>
    /// <param name="warn">Is told of what was not understood, and of a stream that broke and is resumed.</param>
    /// <param name="cancellationToken">Ends it.</param>
    public static async IAsyncEnumerable<MonitorEvent> WatchAsync(
        CiliumAgents agents,
        string node,
        IReadOnlyCollection<MonitorEventType> types,
        IReadOnlyCollection<int> endpoints,
        Action<TextWarning> warn,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string[] words =
        [
            "monitor",
            "-j",
            .. types.SelectMany(type => new[] { "-t", Words[type] }),
            .. endpoints.SelectMany(endpoint => new[] { "--related-to", endpoint.ToString(CultureInfo.InvariantCulture) }),
        ];
        var lost = 0UL;
        var stream = new ResumedStream<MonitorEvent>(token => agents.FollowAsync(node, words, MonitorText.Parse, warn, token), warn);
        await foreach (var one in stream.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return one with { Time = DateTimeOffset.UtcNow, LostBefore = lost };
            lost += one.LostCount ?? 0;
        }
    }
}

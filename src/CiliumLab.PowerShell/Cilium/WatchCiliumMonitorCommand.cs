using System.Management.Automation;
using System.Runtime.CompilerServices;
using CiliumLab.Engine.Cilium;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Cilium;

/// <summary>Watch-CiliumMonitor: what the datapath of nodes does, as it happens.</summary>
[Cmdlet(VerbsCommon.Watch, "CiliumMonitor")]
[OutputType(typeof(MonitorEvent))]
public sealed class WatchCiliumMonitorCommand : AgentStreamCmdlet
{
    // Of each node, the endpoints to watch; null for all of them. Several endpoints of a node are one stream, so that no event comes twice.
    private readonly Dictionary<string, HashSet<int>?> _nodes = new(StringComparer.Ordinal);

    /// <summary>Only events of these types; all when it is not given.</summary>
    [Parameter(Position = 1)]
    [ValidateSet(
        nameof(MonitorEventType.Drop), nameof(MonitorEventType.Trace), nameof(MonitorEventType.PolicyVerdict), nameof(MonitorEventType.TraceSocket), nameof(MonitorEventType.Capture),
        nameof(MonitorEventType.Debug), nameof(MonitorEventType.L7), nameof(MonitorEventType.Agent))]
    public MonitorEventType[]? Type { get; set; }

    /// <summary>Only events that these endpoints have to do with.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Endpoint")]
    public int[]? EndpointId { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var isEndpointGiven = MyInvocation.BoundParameters.ContainsKey(nameof(EndpointId));
        if (isEndpointGiven && EndpointId is not { Length: > 0 })
            return;
        foreach (var node in NodeNames())
        {
            if (!isEndpointGiven)
                _nodes[node] = null;
            else if (!_nodes.TryGetValue(node, out var endpoints))
                _nodes[node] = [.. EndpointId!];
            else
                endpoints?.UnionWith(EndpointId!);
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (_nodes.Count > 0)
        {
            var (agents, types) = (Require(() => Session.Agents), Type ?? []);
            foreach (var (node, endpoints) in _nodes)
                StartStream(node, (output, warn, token) => WatchAsync(agents, node, types, endpoints ?? [], output, warn, token));
        }

        base.EndProcessing();
    }

    private static async IAsyncEnumerable<MonitorEvent> WatchAsync(
        CiliumAgents agents, string node, MonitorEventType[] types, HashSet<int> endpoints, WorkOutput output, Action<TextWarning> warn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var one in CiliumMonitor.WatchAsync(agents, node, types, endpoints, warn, cancellationToken).ConfigureAwait(false))
        {
            if (one.LostCount is { } lost)
                await output.WarningAsync($"{node}: {lost} events were lost, {lost + one.LostBefore} since the watch began: they came faster than they were read. Ask for fewer with -Type or -EndpointId.").ConfigureAwait(false);
            if (one.Type != MonitorEventType.Lost || types.Length == 0)
                yield return one;
        }
    }
}

using CiliumLab.Simulator.Snapshots;

namespace CiliumLab.Simulator.Cilium;

/// <summary>Packets and bytes that the programs counted for one reason.</summary>
internal sealed record DatapathMetric(string Reason, string Direction, ulong Packets, ulong Bytes, int Line, string File);

/// <summary>Hands what the eBPF programs tell to whoever listens, and counts it.</summary>
internal sealed class MonitorBus
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string, string, int, string), DatapathMetric> _metrics = [];
    [NotInSnapshot]
    private Action<MonitorMessage>? _listeners;

    /// <summary>How many messages there were.</summary>
    public long Count { get; private set; }

    /// <summary>How many listen.</summary>
    public int Listeners
    {
        get
        {
            lock (_gate)
                return _listeners?.GetInvocationList().Length ?? 0;
        }
    }

    /// <summary>The counters of the map cilium_metrics.</summary>
    public IReadOnlyList<DatapathMetric> Metrics
    {
        get
        {
            lock (_gate)
                return [.. _metrics.Values];
        }
    }

    /// <summary>Tells a message to everybody who listens.</summary>
    public void Publish(MonitorMessage message)
    {
        Action<MonitorMessage>? listeners;
        lock (_gate)
        {
            Count++;
            listeners = _listeners;
        }

        if (message is DropMessage drop)
            CountIn(drop.Reason, drop.DestinationEndpoint > 0 ? "INGRESS" : "EGRESS", 1, (ulong)drop.Packet.Size, drop.Line, drop.File);
        listeners?.Invoke(message);
    }

    /// <summary>Counts packets that nobody is told about.</summary>
    public void Account(string direction, ulong packets, ulong bytes, int line, string file) => CountIn("Success", direction, packets, bytes, line, file);

    /// <summary>Listens until what is returned is disposed.</summary>
    public IDisposable Listen(Action<MonitorMessage> listener)
    {
        lock (_gate)
            _listeners += listener;
        return new Subscription(this, listener);
    }

    private void CountIn(string reason, string direction, ulong packets, ulong bytes, int line, string file)
    {
        lock (_gate)
        {
            var known = _metrics.GetValueOrDefault((reason, direction, line, file)) ?? new DatapathMetric(reason, direction, 0, 0, line, file);
            _metrics[(reason, direction, line, file)] = known with { Packets = known.Packets + packets, Bytes = known.Bytes + bytes };
        }
    }

    private sealed class Subscription(MonitorBus bus, Action<MonitorMessage> listener) : IDisposable
    {
        public void Dispose()
        {
            lock (bus._gate)
                bus._listeners -= listener;
        }
    }
}

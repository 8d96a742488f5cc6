using CiliumLab.Simulator.Nodes.Network;
using CiliumLab.Simulator.Snapshots;

namespace CiliumLab.Simulator.Datapath;

/// <summary>Shows packets to those who capture them.</summary>
internal sealed class PacketTaps
{
    private readonly Lock _gate = new();
    private DateTimeOffset _time;

    [NotInSnapshot]
    private Action<PacketCapture>? _taps;

    /// <summary>Whether anybody captures.</summary>
    public bool IsAny => _taps is not null;

    /// <summary>Captures in a network until what is returned is disposed.</summary>
    /// <param name="network">Whose interfaces.</param>
    /// <param name="link">The interface; null for all.</param>
    /// <param name="seen">Is told; must not wait.</param>
    public IDisposable Listen(NetworkNamespace network, Link? link, Action<PacketCapture> seen)
    {
        var tap = new Tap(this, packet =>
        {
            if (network == packet.At.Link.Network && (link is null || link == packet.At.Link))
                seen(packet);
        });
        lock (_gate)
            _taps += tap.Seen;
        return tap;
    }

    /// <summary>Shows a packet.</summary>
    public void Show(PacketCapture packet) => _taps?.Invoke(packet);

    /// <summary>When a packet passes that comes some time after the last one: the clock stands still while the datapath works, packets do not.</summary>
    /// <param name="now">The clock.</param>
    /// <param name="step">How long after the last one.</param>
    public DateTimeOffset Next(DateTimeOffset now, TimeSpan step)
    {
        lock (_gate)
        {
            var next = _time + step;
            return _time = now > next || next > now + TimeSpan.FromSeconds(1) ? now : next;
        }
    }

    private sealed class Tap(PacketTaps owner, Action<PacketCapture> seen) : IDisposable
    {
        public Action<PacketCapture> Seen { get; } = seen;

        public void Dispose()
        {
            lock (owner._gate)
                owner._taps -= Seen;
        }
    }
}

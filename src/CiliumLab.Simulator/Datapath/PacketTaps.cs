using System.Collections.Immutable;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Datapath;

/// <summary>Shows packets to those who capture them.</summary>
internal sealed class PacketTaps
{
    private ImmutableArray<Tap> _taps = [];

    /// <summary>Whether anybody captures.</summary>
    public bool IsAny => !_taps.IsEmpty;

    /// <summary>Captures in a network until what is returned is disposed.</summary>
    /// <param name="network">Whose interfaces.</param>
    /// <param name="link">The interface; null for all.</param>
    /// <param name="seen">Is told; must not wait.</param>
    public IDisposable Listen(NetworkNamespace network, Link? link, Action<PacketCapture> seen)
    {
        var tap = new Tap(this, network, link, seen);
        ImmutableInterlocked.Update(ref _taps, static (taps, added) => taps.Add(added), tap);
        return tap;
    }

    /// <summary>Shows a packet.</summary>
    public void Show(PacketCapture packet)
    {
        foreach (var tap in _taps)
        {
            if (tap.Network == packet.At.Link.Network && (tap.Link is null || tap.Link == packet.At.Link))
                tap.Seen(packet);
        }
    }

    private sealed record Tap(PacketTaps Owner, NetworkNamespace Network, Link? Link, Action<PacketCapture> Seen) : IDisposable
    {
        public void Dispose() => ImmutableInterlocked.Update(ref Owner._taps, static (taps, gone) => taps.Remove(gone), this);
    }
}

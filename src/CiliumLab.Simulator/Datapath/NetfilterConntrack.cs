using System.Net;

namespace CiliumLab.Simulator.Datapath;

/// <summary>A connection as the kernel's connection tracking knows it.</summary>
/// <param name="Protocol"><c>tcp</c>, <c>udp</c> or <c>icmp</c>.</param>
/// <param name="Source">Who began it.</param>
/// <param name="Destination">Where to, before any translation.</param>
/// <param name="ReplySource">Who answers, after translation.</param>
/// <param name="ReplyDestination">Whom the answers are for, after translation.</param>
/// <param name="Expires">When it is forgotten.</param>
internal sealed record NetfilterConnection(string Protocol, IPEndPoint Source, IPEndPoint Destination, IPEndPoint ReplySource, IPEndPoint ReplyDestination, DateTimeOffset Expires)
{
    /// <summary>Packets in the direction of the first.</summary>
    public ulong Packets { get; init; } = 1;

    /// <summary>Answers.</summary>
    public ulong ReplyPackets { get; init; }
}

/// <summary>The connections that netfilter tracks in one network; the oldest go when there are too many. Cilium has its own, in eBPF maps.</summary>
internal sealed class NetfilterConntrack
{
    private const int Limit = 4096;

    private readonly Lock _gate = new();
    private readonly LinkedList<NetfilterConnection> _entries = [];

    /// <summary>The connections that are not forgotten at a time, the oldest first.</summary>
    public IReadOnlyList<NetfilterConnection> At(DateTimeOffset now)
    {
        lock (_gate)
            return [.. _entries.Where(entry => entry.Expires > now)];
    }

    /// <summary>Notes a connection.</summary>
    public void Add(NetfilterConnection entry)
    {
        lock (_gate)
        {
            _entries.AddLast(entry);
            if (_entries.Count > Limit)
                _entries.RemoveFirst();
        }
    }
}

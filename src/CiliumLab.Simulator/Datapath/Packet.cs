using System.Net;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Datapath;

/// <summary>A packet on its way. Whoever translates it changes it.</summary>
internal sealed class Packet
{
    /// <summary>The sender's address.</summary>
    public required IPAddress Source { get; set; }

    /// <summary>Where it goes.</summary>
    public required IPAddress Destination { get; set; }

    /// <summary><c>tcp</c>, <c>udp</c> or <c>icmp</c>.</summary>
    public required string Protocol { get; init; }

    /// <summary>The sender's port; the identifier of an echo.</summary>
    public int SourcePort { get; set; }

    /// <summary>The receiver's port; 0 for an echo.</summary>
    public int Port { get; set; }

    /// <summary>Bytes with headers.</summary>
    public int Size { get; init; } = 60;

    /// <summary>Routers that it may still pass.</summary>
    public int TimeToLive { get; set; } = 64;

    /// <summary>The mark that rules set and ask for; it does not leave the node.</summary>
    public uint Mark { get; set; }

    /// <summary>It answers another one.</summary>
    public bool IsReply { get; init; }

    /// <summary>A rule said that connections need not be tracked.</summary>
    public bool Untracked { get; set; }

    /// <summary>A rule translated its destination on this node.</summary>
    public bool Translated { get; set; }
}

/// <summary>What became of a packet.</summary>
internal enum PacketFate
{
    /// <summary>It came to a network that has its destination.</summary>
    Delivered,

    /// <summary>It vanished.</summary>
    Lost,

    /// <summary>A rule or a program dropped it.</summary>
    Dropped,

    /// <summary>A rule refused it and said so.</summary>
    Rejected,

    /// <summary>Nobody has the next hop's address.</summary>
    HostUnreachable,

    /// <summary>There is no route.</summary>
    NetworkUnreachable,

    /// <summary>A route forbids it.</summary>
    Prohibited,

    /// <summary>It passed too many routers.</summary>
    TimeExceeded,
}

/// <summary>One network that a packet passed, and what happened to it there.</summary>
/// <param name="Network">The network.</param>
/// <param name="In">The interface that it came in by; null where it began.</param>
internal sealed record PacketHop(NetworkNamespace Network, Link? In)
{
    /// <summary>The interface that it left by; null where it ended.</summary>
    public Link? Out { get; set; }

    /// <summary>The route that was taken; null when there was none.</summary>
    public Route? Route { get; set; }

    /// <summary>What rules and programs did with it.</summary>
    public List<string> Notes { get; } = [];
}

/// <summary>A packet's way to its end.</summary>
/// <param name="Fate">What became of it.</param>
/// <param name="At">Where it ended; null for outside of the lab.</param>
/// <param name="Hops">The networks that it passed.</param>
internal sealed record PacketPath(PacketFate Fate, NetworkNamespace? At, IReadOnlyList<PacketHop> Hops)
{
    /// <summary>The places where it was, in order.</summary>
    public IReadOnlyList<PacketSighting> Sightings { get; init; } = [];

    /// <summary>Who says that it did not go on.</summary>
    public IPAddress? Complainer { get; init; }

    /// <summary>How many routers it passed.</summary>
    public int Forwarded => Math.Max(0, Hops.Count - 2);
}

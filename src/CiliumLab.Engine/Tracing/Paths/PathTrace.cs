using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Paths;

/// <summary>The hops of one way while they are found. A hop that stops the packet ends it.</summary>
internal sealed class PathTrace
{
    private readonly List<PathHop> _hops;

    /// <summary>Begins a way, or one that has a beginning in common with others.</summary>
    public PathTrace(IEnumerable<PathHop>? beginning = null) => _hops = [.. beginning ?? []];

    /// <summary>The hops so far.</summary>
    public IReadOnlyList<PathHop> Hops => _hops;

    /// <summary>Whether the packet got stuck.</summary>
    public bool Stopped => _hops is [.., { Outcome: PathHopOutcome.Stopped }];

    /// <summary>The receiver's node, once the packet is there.</summary>
    public string? DestinationNode { get; set; }

    /// <summary>Adds a hop.</summary>
    public void Add(PathHop hop) => _hops.Add(hop with
    {
        Number = _hops.Count + 1,
        PacketChanged = hop.Packet is not null && hop.Packet != _hops.LastOrDefault(before => before.Packet is not null)?.Packet,
    });

    /// <summary>The packet does not get further.</summary>
    public void Stop(PathHop hop, string reason, string? remedy) =>
        Add(hop with { Outcome = PathHopOutcome.Stopped, Reason = reason, Remedy = remedy });

    /// <summary>What decides could not be read.</summary>
    public void Unknown(PathHop hop, string reason, string? remedy) =>
        Add(hop with { Outcome = PathHopOutcome.Unknown, Reason = reason, Remedy = remedy });
}

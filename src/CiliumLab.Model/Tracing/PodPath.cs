using System.Net;

namespace CiliumLab.Model;

/// <summary>Who puts a backend in the place of a service's address.</summary>
public enum ServiceTranslation
{
    /// <summary>The destination is no service.</summary>
    None,

    /// <summary>Cilium, when a socket connects.</summary>
    Socket,

    /// <summary>kube-proxy's rules, when a packet passes the node.</summary>
    KubeProxy,
}

/// <summary>A backend that a connection to a service may get.</summary>
/// <param name="Address">Its address and port.</param>
/// <param name="Chance">How likely it is, from 0 to 1.</param>
public sealed record PathBackend(IPEndPoint Address, double Chance)
{
    /// <summary>The pod that has the address; null when none is known.</summary>
    public string? Pod { get; init; }

    /// <summary>The pod's node; null when none is known.</summary>
    public string? Node { get; init; }

    /// <summary>Whether a packet gets there and the answer back.</summary>
    public bool Reachable { get; init; }

    /// <summary>Why not; null when it does.</summary>
    public string? Reason { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Address} {Chance:P0}{(Reachable ? "" : " unreachable")}";
}

/// <summary>What a packet that was really sent says about a trace.</summary>
/// <param name="Agrees">Whether it fared as the trace says.</param>
/// <param name="Finding">What happened to it.</param>
/// <param name="Result">The test that sent it.</param>
public sealed record PathVerification(bool Agrees, string Finding, PodConnectivity Result)
{
    /// <inheritdoc/>
    public override string ToString() => $"{(Agrees ? "agrees" : "disagrees")}: {Finding}";
}

/// <summary>
/// The way of a packet from a pod to a destination, read from the state of the cluster and its nodes. Of several backends it is the way to
/// the first that cannot be reached, or to the first of all when every one can.
/// </summary>
public sealed record PodPath
{
    /// <summary>The pod that sends, as <c>namespace/name</c>.</summary>
    public required string From { get; init; }

    /// <summary>The destination as it was named.</summary>
    public required string To { get; init; }

    /// <summary>The protocol.</summary>
    public TransportProtocol Protocol { get; init; }

    /// <summary>The destination's port; null for ICMP.</summary>
    public int? Port { get; init; }

    /// <summary>The CNI in charge.</summary>
    public CniKind Cni { get; init; }

    /// <summary>Who puts a backend in the place of the service.</summary>
    public ServiceTranslation Translation { get; init; }

    /// <summary>The sender's address; null when it has none.</summary>
    public IPAddress? Source { get; init; }

    /// <summary>The sender's node.</summary>
    public string? SourceNode { get; init; }

    /// <summary>The receiver's address: a backend's when the destination is a service; null when the trace ends before.</summary>
    public IPAddress? Destination { get; init; }

    /// <summary>The receiver's node; null when the trace ends before it, or outside the cluster.</summary>
    public string? DestinationNode { get; init; }

    /// <summary>The backends that a connection may get; none when the destination is no service.</summary>
    public IReadOnlyList<PathBackend> Backends { get; init; } = [];

    /// <summary>The hops in order.</summary>
    public IReadOnlyList<PathHop> Hops { get; init; } = [];

    /// <summary>Whether a packet gets there and the answer back.</summary>
    public bool Reachable => Hops.Count > 0 && Hops.All(hop => hop.Outcome != PathHopOutcome.Stopped);

    /// <summary>Whether everything that decides could be read.</summary>
    public bool Certain => Hops.All(hop => hop.Outcome != PathHopOutcome.Unknown);

    /// <summary>Where the way ends before its destination; null when it does not.</summary>
    public PathHop? Break => Hops.FirstOrDefault(hop => hop.Outcome == PathHopOutcome.Stopped);

    /// <summary>Why the way ends before its destination; null when it does not.</summary>
    public string? Reason => Break?.Reason;

    /// <summary>What would mend that; null when there is nothing to mend.</summary>
    public string? Remedy => Break?.Remedy;

    /// <summary>What a packet that was really sent says; null unless that was asked for.</summary>
    public PathVerification? Verification { get; init; }
}

using System.Net;

namespace CiliumLab.Model;

/// <summary>What an event of <c>cilium-dbg monitor</c> is about.</summary>
public enum MonitorEventType
{
    /// <summary>Something else.</summary>
    Unknown,

    /// <summary>A packet was dropped.</summary>
    Drop,

    /// <summary>A packet passed a point.</summary>
    Trace,

    /// <summary>A policy was asked about a new connection.</summary>
    PolicyVerdict,

    /// <summary>The socket load balancer looked at an address.</summary>
    TraceSocket,

    /// <summary>A packet was captured.</summary>
    Capture,

    /// <summary>A message of the datapath for its developers.</summary>
    Debug,

    /// <summary>The proxy saw a request or an answer.</summary>
    L7,

    /// <summary>The agent did something.</summary>
    Agent,

    /// <summary>Events were lost, because nobody read them in time.</summary>
    Lost,
}

/// <summary>What became of a packet or connection.</summary>
public enum MonitorVerdict
{
    /// <summary>The event does not say.</summary>
    None,

    /// <summary>Passed.</summary>
    Allow,

    /// <summary>Stopped.</summary>
    Deny,

    /// <summary>Passed, and would have been stopped without audit mode.</summary>
    Audit,

    /// <summary>Sent to the proxy.</summary>
    Redirect,
}

/// <summary>An event of a node's datapath.</summary>
public sealed record MonitorEvent
{
    /// <summary>The node; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>What it is about.</summary>
    public required MonitorEventType Type { get; init; }

    /// <summary>When it was read, where it was read live; null from text, which has no times.</summary>
    public DateTimeOffset? Time { get; init; }

    /// <summary>The processor; null when the event does not say.</summary>
    public int? Cpu { get; init; }

    /// <summary>The point: <c>to-network</c>, <c>from-endpoint</c>, <c>pre-xlate-rev</c>; null when the event has none.</summary>
    public string? Point { get; init; }

    /// <summary>Why a packet was dropped; null for other events.</summary>
    public string? DropReason { get; init; }

    /// <summary>What became of it.</summary>
    public MonitorVerdict Verdict { get; init; }

    /// <summary>Which rule of a policy matched, such as <c>L3-Only</c> or <c>none</c>; null for other events.</summary>
    public string? PolicyMatch { get; init; }

    /// <summary>The direction that a policy was asked about; null for other events.</summary>
    public TrafficDirection? Direction { get; init; }

    /// <summary>The endpoint that it is about; null when it is none, or not said.</summary>
    public int? EndpointId { get; init; }

    /// <summary>The state of the connection: <c>new</c>, <c>established</c>, <c>reply</c>; null when the event does not say.</summary>
    public string? ConnectionState { get; init; }

    /// <summary>The sender's identity; null when it is not known.</summary>
    public uint? SourceIdentityId { get; init; }

    /// <summary>The receiver's identity; null when it is not known.</summary>
    public uint? DestinationIdentityId { get; init; }

    /// <summary>The interface by its name, or its index where the event has only that; null when it says neither.</summary>
    public string? Interface { get; init; }

    /// <summary>The protocol; any when the event does not say.</summary>
    public TransportProtocol Protocol { get; init; }

    /// <summary>The packet's source; null when it is not known.</summary>
    public IPAddress? SourceAddress { get; init; }

    /// <summary>Its port; null for protocols without ports.</summary>
    public int? SourcePort { get; init; }

    /// <summary>The packet's destination; null when it is not known.</summary>
    public IPAddress? DestinationAddress { get; init; }

    /// <summary>Its port; null for protocols without ports.</summary>
    public int? DestinationPort { get; init; }

    /// <summary>The source address before any translation; null when the event does not say.</summary>
    public IPAddress? OriginalAddress { get; init; }

    /// <summary>TCP flags or the kind of ICMP message, as <c>SYN, ACK</c> or <c>EchoRequest</c>; null when the event does not say.</summary>
    public string? Details { get; init; }

    /// <summary>The packet's hash, or mark; null when the event has none.</summary>
    public uint? Hash { get; init; }

    /// <summary>The size of the packet in bytes; null from text.</summary>
    public ulong? Bytes { get; init; }

    /// <summary>How many events were lost; null for other events.</summary>
    public ulong? LostCount { get; init; }

    /// <summary>How many events of the node were lost before this one, since the watch began; 0 from text.</summary>
    public ulong LostBefore { get; init; }

    /// <summary>The source file and line of the datapath that dropped it; null for other events.</summary>
    public string? File { get; init; }

    /// <summary>The cgroup of the process; null for other events than the socket load balancer's.</summary>
    public ulong? CgroupId { get; init; }

    /// <summary>The socket's cookie; null for other events than the socket load balancer's.</summary>
    public ulong? SocketCookie { get; init; }

    /// <summary>The event as the monitor wrote it.</summary>
    public string Text { get; init; } = "";

    /// <summary>The sender as the monitor writes it; null when it is not known.</summary>
    public string? Source => SourceAddress is { } address ? SocketText.OfMaybe(address, SourcePort) : null;

    /// <summary>The receiver as the monitor writes it; null when it is not known.</summary>
    public string? Destination => DestinationAddress is { } address ? SocketText.OfMaybe(address, DestinationPort) : null;
}

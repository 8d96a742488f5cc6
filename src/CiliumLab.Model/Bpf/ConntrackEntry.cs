using System.Net;

namespace CiliumLab.Model;

/// <summary>From which side the datapath sees a connection.</summary>
public enum ConntrackDirection
{
    /// <summary>It left here.</summary>
    Out,

    /// <summary>It came in here.</summary>
    In,

    /// <summary>To a service's address, before a backend took its place.</summary>
    Service,
}

/// <summary>Flags of a tracked connection (pkg/maps/ctmap).</summary>
[Flags]
public enum ConntrackFlags
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The other side has finished.</summary>
    RxClosing = 1 << 0,

    /// <summary>This side has finished.</summary>
    TxClosing = 1 << 1,

    /// <summary>Translated between IPv4 and IPv6.</summary>
    Nat64 = 1 << 2,

    /// <summary>A pod reached itself through a service.</summary>
    LBLoopback = 1 << 3,

    /// <summary>More than the first packet was seen.</summary>
    SeenNonSyn = 1 << 4,

    /// <summary>Came through a node port.</summary>
    NodePort = 1 << 5,

    /// <summary>Goes through the proxy.</summary>
    ProxyRedirect = 1 << 6,

    /// <summary>The answer goes directly to the client.</summary>
    Dsr = 1 << 7,

    /// <summary>Came from the layer 7 load balancer.</summary>
    FromL7LB = 1 << 8,

    /// <summary>A bit without a name.</summary>
    Reserved1 = 1 << 9,

    /// <summary>Came out of a tunnel.</summary>
    FromTunnel = 1 << 10,
}

/// <summary>A connection that Cilium's datapath tracks, source and destination as the packets have them.</summary>
public sealed record ConntrackEntry
{
    /// <summary>The node; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The protocol.</summary>
    public required TransportProtocol Protocol { get; init; }

    /// <summary>From which side it is seen.</summary>
    public required ConntrackDirection Direction { get; init; }

    /// <summary>Whether it belongs to another connection, as an ICMP error does.</summary>
    public bool IsRelated { get; init; }

    /// <summary>Who began it.</summary>
    public required IPAddress SourceAddress { get; init; }

    /// <summary>Its port, or the identifier of an echo.</summary>
    public int SourcePort { get; init; }

    /// <summary>Whom it was for.</summary>
    public required IPAddress DestinationAddress { get; init; }

    /// <summary>Its port.</summary>
    public int DestinationPort { get; init; }

    /// <summary>When it is forgotten, in seconds of the datapath's clock: since boot where the status says <c>ktime</c>.</summary>
    public uint ExpiresAt { get; init; }

    /// <summary>How long until then; null unless the output was asked to say it (<c>-d</c>).</summary>
    public TimeSpan? Remaining { get; init; }

    /// <summary>Packets in both directions; 0 unless the agent counts them (<c>bpf.ctAccounting</c>).</summary>
    public ulong? Packets { get; init; }

    /// <summary>Bytes in both directions; 0 unless the agent counts them.</summary>
    public ulong? Bytes { get; init; }

    /// <summary>Packets that came; null since 1.16, which counts both directions together.</summary>
    public ulong? RxPackets { get; init; }

    /// <summary>Bytes that came; null since 1.16.</summary>
    public ulong? RxBytes { get; init; }

    /// <summary>Packets that went; null since 1.16.</summary>
    public ulong? TxPackets { get; init; }

    /// <summary>Bytes that went; null since 1.16.</summary>
    public ulong? TxBytes { get; init; }

    /// <summary>TCP flags that came so far.</summary>
    public TcpFlags RxFlagsSeen { get; init; }

    /// <summary>TCP flags that went so far.</summary>
    public TcpFlags TxFlagsSeen { get; init; }

    /// <summary>When something that came was last reported, in seconds of the datapath's clock.</summary>
    public uint LastRxReport { get; init; }

    /// <summary>When something that went was last reported, in seconds of the datapath's clock.</summary>
    public uint LastTxReport { get; init; }

    /// <summary>The flags.</summary>
    public ConntrackFlags Flags { get; init; }

    /// <summary>The service whose address the answers get; 0 for none.</summary>
    public ushort ServiceId { get; init; }

    /// <summary>The identity of who began it; 0 when it is not known.</summary>
    public uint IdentityId { get; init; }

    /// <summary>The identity's name: a reserved one's, else its number.</summary>
    public string Identity => ReservedIdentity.Name(IdentityId);

    /// <summary>The backend that was chosen for a service; null when the output does not say.</summary>
    public uint? BackendId { get; init; }

    /// <summary>The port that the source was given; null before 1.18.</summary>
    public ushort? NatPort { get; init; }

    /// <summary>The source as Cilium writes it.</summary>
    public string Source => SocketText.Of(SourceAddress, SourcePort, TransportProtocol.Any);

    /// <summary>The destination as Cilium writes it.</summary>
    public string Destination => SocketText.Of(DestinationAddress, DestinationPort, TransportProtocol.Any);
}

using System.Net;

namespace CiliumLab.Model;

/// <summary>A socket's transport.</summary>
public enum SocketProtocol
{
    /// <summary>TCP.</summary>
    Tcp,

    /// <summary>UDP.</summary>
    Udp,
}

/// <summary>The state of a socket (RFC 9293; <c>ss</c> abbreviates some).</summary>
public enum SocketState
{
    /// <summary>Not connected (UDP, or a TCP socket that is not in use yet).</summary>
    Unconnected,

    /// <summary>Waits for connections.</summary>
    Listen,

    /// <summary>Has sent a request and waits for the answer.</summary>
    SynSent,

    /// <summary>Has received a request and answered it.</summary>
    SynReceived,

    /// <summary>Open in both directions.</summary>
    Established,

    /// <summary>Has closed its side; the other has not said anything yet.</summary>
    FinWait1,

    /// <summary>Has closed its side; the other has confirmed that.</summary>
    FinWait2,

    /// <summary>The other side has closed; the program here has not.</summary>
    CloseWait,

    /// <summary>Both sides close at once.</summary>
    Closing,

    /// <summary>Both have closed; the last confirmation is on its way.</summary>
    LastAck,

    /// <summary>Closed, and kept for late packets.</summary>
    TimeWait,

    /// <summary>Closed.</summary>
    Closed,
}

/// <summary>A process that holds a socket.</summary>
/// <param name="Name">The program's short name.</param>
/// <param name="ProcessId">The process.</param>
/// <param name="FileDescriptor">The socket's number inside the process.</param>
public sealed record SocketProcess(string Name, int ProcessId, int FileDescriptor)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name}({ProcessId})";
}

/// <summary>A socket's running timer.</summary>
/// <param name="Kind">What it waits for: <c>on</c> (a retransmission), <c>keepalive</c>, <c>timewait</c>, <c>persist</c>.</param>
/// <param name="ExpiresIn">When it fires.</param>
/// <param name="Retransmissions">How often it has fired already.</param>
public sealed record SocketTimer(string Kind, TimeSpan ExpiresIn, int Retransmissions)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Kind} {ExpiresIn:c} ({Retransmissions})";
}

/// <summary>A TCP or UDP socket of a node.</summary>
public sealed record NodeConnection
{
    /// <summary>The node; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The transport.</summary>
    public SocketProtocol Protocol { get; init; }

    /// <summary>The socket's state; null when ss was asked for one state only and left the column out.</summary>
    public SocketState? State { get; init; }

    /// <summary>Bytes received and not yet read; for a listening socket, connections not yet accepted.</summary>
    public ulong ReceiveQueue { get; init; }

    /// <summary>Bytes sent and not yet confirmed; for a listening socket, how many connections may wait.</summary>
    public ulong SendQueue { get; init; }

    /// <summary>
    /// The local address; null when the socket takes every address of both families (<c>*</c>). An IPv4 address inside an IPv6
    /// one is given as the IPv4 address that it is, with <see cref="IPv4Mapped"/>.
    /// </summary>
    public IPAddress? LocalAddress { get; init; }

    /// <summary>The local port; null when there is none yet.</summary>
    public int? LocalPort { get; init; }

    /// <summary>The interface that the socket is bound to; null when it is not.</summary>
    public string? Interface { get; init; }

    /// <summary>The other side's address; null when anybody may connect.</summary>
    public IPAddress? RemoteAddress { get; init; }

    /// <summary>The other side's port; null when there is none.</summary>
    public int? RemotePort { get; init; }

    /// <summary>Whether an IPv6 socket carries IPv4 (<c>::ffff:10.0.2.15</c>).</summary>
    public bool IPv4Mapped { get; init; }

    /// <summary>The processes that hold the socket; empty when ss ran without root or the kernel holds it.</summary>
    public IReadOnlyList<SocketProcess> Processes { get; init; } = [];

    /// <summary>The running timer; null when there is none or ss ran without <c>-o</c>.</summary>
    public SocketTimer? Timer { get; init; }
}

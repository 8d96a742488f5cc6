using System.Net;

namespace CiliumLab.Model;

/// <summary>Where the address of a service becomes the address of a pod: at the socket, before there is a packet, or later, on the node.</summary>
public sealed record SocketLoadBalancingTest
{
    /// <summary>The pod that asked, as <c>namespace/name</c>.</summary>
    public required string From { get; init; }

    /// <summary>The service that it asked, as <c>namespace/name</c>.</summary>
    public required string Service { get; init; }

    /// <summary>The service's address.</summary>
    public required IPEndPoint Frontend { get; init; }

    /// <summary>The addresses behind it.</summary>
    public IReadOnlyList<IPEndPoint> Backends { get; init; } = [];

    /// <summary>Whether connect() named the service's address, and no packet of the pod carried it, only those of backends.</summary>
    public bool SocketLoadBalanced { get; init; }

    /// <summary>The address that the program gave to connect(); null when it never got so far.</summary>
    public IPEndPoint? ConnectAddress { get; init; }

    /// <summary>The address that the program believes to talk to: what getpeername told it, or what curl says of its peer; null when it did not get so far.</summary>
    public IPEndPoint? PeerAddress { get; init; }

    /// <summary>The addresses that the packets on the pod's interfaces were for or from.</summary>
    public IReadOnlyList<IPEndPoint> WireAddresses { get; init; } = [];

    /// <summary>Whether the request was answered.</summary>
    public bool Answered { get; init; }

    /// <summary>What that means, in words.</summary>
    public string Explanation { get; init; } = "";

    /// <summary>The system calls.</summary>
    public IReadOnlyList<SystemCall> SystemCalls { get; init; } = [];

    /// <summary>The packets.</summary>
    public IReadOnlyList<CapturedPacket> Packets { get; init; } = [];
}

using System.Net;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Nodes;

/// <summary>An echo request that somebody sends.</summary>
/// <param name="From">The network that it starts in.</param>
/// <param name="Destination">Where it shall go.</param>
internal sealed record EchoRequest(NetworkNamespace From, IPAddress Destination)
{
    /// <summary>The sender's address; null to choose by the route.</summary>
    public IPAddress? Source { get; init; }

    /// <summary>The interface that it must leave by; null for any.</summary>
    public string? Interface { get; init; }

    /// <summary>How many routers it may pass.</summary>
    public int TimeToLive { get; init; } = 64;

    /// <summary>The sender's identifier; 0 for any.</summary>
    public int Id { get; init; }

    /// <summary>Its number in a row.</summary>
    public int Sequence { get; init; } = 1;

    /// <summary>Bytes of payload.</summary>
    public int Size { get; init; } = 56;
}

/// <summary>What came of an echo request.</summary>
internal enum EchoOutcome
{
    /// <summary>An answer came.</summary>
    Answered,

    /// <summary>Nothing came.</summary>
    Lost,

    /// <summary>A router or this host says that nobody has the address.</summary>
    HostUnreachable,

    /// <summary>A router says that it knows no way.</summary>
    NetworkUnreachable,

    /// <summary>A router says that it may not.</summary>
    Prohibited,

    /// <summary>The packet passed too many routers.</summary>
    TimeExceeded,
}

/// <summary>What came of an echo request.</summary>
internal sealed record EchoReply(EchoOutcome Outcome)
{
    /// <summary>Who answered, or who complained.</summary>
    public IPAddress? From { get; init; }

    /// <summary>How long it took.</summary>
    public TimeSpan RoundTrip { get; init; }

    /// <summary>The answer's remaining time to live.</summary>
    public int TimeToLive { get; init; } = 64;
}

/// <summary>Decides from the state of all nodes whether a packet arrives.</summary>
internal interface IDatapath
{
    /// <summary>Sends an echo request and says what comes of it.</summary>
    /// <exception cref="KernelException">It cannot even be sent: there is no route.</exception>
    EchoReply Echo(EchoRequest request);
}

/// <summary>A node that is not plugged in.</summary>
internal sealed class NoDatapath : IDatapath
{
    /// <inheritdoc/>
    public EchoReply Echo(EchoRequest request)
    {
        var route = request.From.Lookup(new RouteQuery(request.Destination) { Source = request.Source });
        return route.Type == RouteType.Local
            ? new EchoReply(EchoOutcome.Answered) { From = request.Destination, RoundTrip = TimeSpan.FromMicroseconds(40) }
            : new EchoReply(EchoOutcome.Lost);
    }
}

using System.Collections.Concurrent;
using System.Net;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Life;

/// <summary>A connection that somebody wants to open, or a datagram that he sends and wants answered.</summary>
/// <param name="From">The network that it starts in.</param>
/// <param name="Destination">Where it shall go, before anything translates it.</param>
/// <param name="Port">The port there.</param>
/// <param name="Protocol"><c>TCP</c> or <c>UDP</c>.</param>
internal sealed record ConnectRequest(NetworkNamespace From, IPAddress Destination, int Port, string Protocol = "TCP")
{
    /// <summary>The client's port; 0 for any.</summary>
    public int SourcePort { get; init; }
}

/// <summary>What came of it.</summary>
internal enum ConnectOutcome
{
    /// <summary>Somebody answered.</summary>
    Connected,

    /// <summary>The other side, or a REJECT rule, said no.</summary>
    Refused,

    /// <summary>Nothing came back.</summary>
    TimedOut,

    /// <summary>A router or this host says that nobody has the address.</summary>
    HostUnreachable,

    /// <summary>There is no route.</summary>
    NetworkUnreachable,
}

/// <summary>What came of it.</summary>
/// <param name="Outcome">Whether it arrived.</param>
internal sealed record ConnectReply(ConnectOutcome Outcome)
{
    /// <summary>Who answers; null unless connected.</summary>
    public INetworkServer? Server { get; init; }

    /// <summary>The client as the server sees it.</summary>
    public IPEndPoint? Client { get; init; }

    /// <summary>The server's own address and port, after translation.</summary>
    public IPEndPoint? Remote { get; init; }

    /// <summary>The client's own address and port, before anybody translated it.</summary>
    public IPEndPoint? Local { get; init; }

    /// <summary>How long a round trip takes.</summary>
    public TimeSpan RoundTrip { get; init; } = TimeSpan.FromMicroseconds(400);

    /// <summary>Where the client's socket sends its packets: what it was told, or what the load balancer at the socket made of it.</summary>
    public IPEndPoint? Peer { get; init; }

    /// <summary>The number that the client gives to its question of a number, when questions have any.</summary>
    public Func<int, ushort> QuestionId { get; init; } = static _ => 0;

    /// <summary>Is told of questions that are sent together, and of their answers; null when nobody follows the packets.</summary>
    public Action<IReadOnlyList<(string Question, string Answer)>>? Carried { get; init; }

    /// <summary>Sends a message to who answers, and gives the answer. Only when connected.</summary>
    public string Ask(string message) => Ask([message])[0];

    /// <summary>Sends messages before the first is answered. Answers are empty when not connected.</summary>
    public IReadOnlyList<string> Ask(IReadOnlyList<string> messages)
    {
        var answers = messages.Select(message => Server?.Answer(message, Client!, Remote!) ?? "").ToList();
        Carried?.Invoke([.. messages.Zip(answers)]);
        return answers;
    }
}

/// <summary>Decides from the state of all nodes whether a connection arrives, and at whom.</summary>
internal interface IConnections
{
    /// <summary>Opens a connection. May be called from any thread.</summary>
    ConnectReply Connect(ConnectRequest request);
}

/// <summary>Something that listens on a port. Requests and answers are whole messages: an HTTP request, a DNS question.</summary>
internal interface INetworkServer
{
    /// <summary>Answers a message. May be called from any thread.</summary>
    string Answer(string message, IPEndPoint client, IPEndPoint server);
}

/// <summary>Who listens where.</summary>
internal sealed class ListenerTable
{
    private readonly ConcurrentDictionary<(NetworkNamespace Network, int Port, string Protocol), INetworkServer> _listeners = new();

    /// <summary>Opens a port of a network.</summary>
    public void Open(NetworkNamespace network, int port, INetworkServer server, string protocol = "TCP") => _listeners[(network, port, protocol)] = server;

    /// <summary>Closes what a server has open.</summary>
    public void Close(INetworkServer server)
    {
        foreach (var entry in _listeners.Where(l => l.Value == server))
            _listeners.TryRemove(entry);
    }

    /// <summary>Who listens on a port of a network; null when nobody does.</summary>
    public INetworkServer? Find(NetworkNamespace network, int port, string protocol = "TCP") => _listeners.GetValueOrDefault((network, port, protocol));
}

/// <summary>Connections within one network and no further: what works when nobody carries packets between networks.</summary>
/// <param name="listeners">Who listens where.</param>
internal sealed class OwnNetworkConnections(ListenerTable listeners) : IConnections
{
    /// <inheritdoc/>
    public ConnectReply Connect(ConnectRequest request)
    {
        Route route;
        try
        {
            route = request.From.Lookup(new RouteQuery(request.Destination));
        }
        catch (KernelException)
        {
            return new ConnectReply(ConnectOutcome.NetworkUnreachable);
        }
        if (route.Type != RouteType.Local)
            return new ConnectReply(ConnectOutcome.TimedOut);
        if (listeners.Find(request.From, request.Port, request.Protocol) is not { } server)
            return new ConnectReply(ConnectOutcome.Refused);
        var there = new IPEndPoint(request.Destination, request.Port);
        return new ConnectReply(ConnectOutcome.Connected) { Server = server, Client = new IPEndPoint(request.Destination, request.SourcePort), Remote = there };
    }
}

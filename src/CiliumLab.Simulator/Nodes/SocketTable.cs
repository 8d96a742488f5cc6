using System.Net;

namespace CiliumLab.Simulator.Nodes;

/// <summary>A process that has a socket open.</summary>
internal sealed record SocketOwner(string Program, int ProcessId, int Descriptor);

/// <summary>A TCP or UDP socket of a node.</summary>
internal sealed record NodeSocket(string Protocol, string State, IPEndPoint Local)
{
    /// <summary>The other end; null for anybody.</summary>
    public IPEndPoint? Peer { get; init; }

    /// <summary>Bytes that wait to be read; for a listener, connections that wait.</summary>
    public int ReceiveQueue { get; init; }

    /// <summary>Bytes that wait to be acknowledged; for a listener, how many may wait.</summary>
    public int SendQueue { get; init; }

    /// <summary>Who has it open.</summary>
    public IReadOnlyList<SocketOwner> Owners { get; init; } = [];

    /// <summary>A socket for both families, which ss prints as <c>*</c>.</summary>
    public bool IsDual { get; init; }

    /// <summary>The interface that it is bound to; null for all.</summary>
    public string? Interface { get; init; }
}

/// <summary>The sockets of a node.</summary>
internal sealed class SocketTable(Lock gate)
{
    private readonly List<NodeSocket> _sockets = [];

    /// <summary>All of them.</summary>
    public IReadOnlyList<NodeSocket> All
    {
        get
        {
            lock (gate)
                return [.. _sockets];
        }
    }

    /// <summary>Opens a socket.</summary>
    public void Add(NodeSocket socket)
    {
        lock (gate)
            _sockets.Add(socket);
    }

    /// <summary>Closes the sockets that fit.</summary>
    public void Remove(Func<NodeSocket, bool> fits)
    {
        lock (gate)
            _sockets.RemoveAll(socket => fits(socket));
    }
}

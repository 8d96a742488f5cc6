using System.Net;
using System.Net.Sockets;

namespace CiliumLab.Simulator.Nodes.Network;

internal sealed partial class NetworkNamespace
{
    private readonly List<Neighbor> _neighbors = [];
    private readonly List<FdbEntry> _fdb = [];

    /// <summary>The neighbours, IPv4 before IPv6.</summary>
    public IReadOnlyList<Neighbor> Neighbors
    {
        get
        {
            lock (_kernel.Gate)
                return [.. _neighbors.OrderBy(neighbor => neighbor.Address.AddressFamily == AddressFamily.InterNetworkV6)];
        }
    }

    /// <summary>The forwarding entries that somebody made or that were learnt.</summary>
    public IReadOnlyList<FdbEntry> FdbEntries
    {
        get
        {
            lock (_kernel.Gate)
                return [.. _fdb];
        }
    }

    /// <summary>Adds a neighbour.</summary>
    /// <param name="neighbor">The neighbour.</param>
    /// <param name="replace">Whether one that is there is changed; else it is an error.</param>
    public void AddNeighbor(Neighbor neighbor, bool replace)
    {
        lock (_kernel.Gate)
        {
            var at = _neighbors.FindIndex(other => other.Link == neighbor.Link && other.Address.Equals(neighbor.Address));
            if (at >= 0 && !replace)
                throw new KernelException(Errno.Exists);
            if (at >= 0)
                _neighbors[at] = neighbor;
            else
                _neighbors.Add(neighbor);
        }
    }

    /// <summary>Removes a neighbour.</summary>
    public void RemoveNeighbor(Link link, IPAddress address)
    {
        lock (_kernel.Gate)
        {
            if (_neighbors.RemoveAll(neighbor => neighbor.Link == link && neighbor.Address.Equals(address)) == 0)
                throw new KernelException(Errno.NoSuchFile);
        }
    }

    /// <summary>Removes the neighbours that fit.</summary>
    public void RemoveNeighbors(Func<Neighbor, bool> fits)
    {
        lock (_kernel.Gate)
            _neighbors.RemoveAll(neighbor => fits(neighbor));
    }

    /// <summary>Adds a forwarding entry.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="append">Whether an address may have several far ends.</param>
    /// <param name="replace">Whether one that is there is changed; else it is an error.</param>
    public void AddFdbEntry(FdbEntry entry, bool append, bool replace)
    {
        lock (_kernel.Gate)
        {
            var same = _fdb.FindIndex(other => other.Mac == entry.Mac && other.Link == entry.Link && other.Master == entry.Master
                && (!append || Equals(other.Destination, entry.Destination)));
            if (same >= 0 && !replace)
                throw new KernelException(Errno.Exists);
            if (same >= 0)
                _fdb[same] = entry;
            else
                _fdb.Add(entry);
        }
    }

    /// <summary>Removes the forwarding entries that fit.</summary>
    public void RemoveFdbEntries(Func<FdbEntry, bool> fits)
    {
        lock (_kernel.Gate)
        {
            if (_fdb.RemoveAll(entry => fits(entry)) == 0)
                throw new KernelException(Errno.NoSuchFile);
        }
    }
}

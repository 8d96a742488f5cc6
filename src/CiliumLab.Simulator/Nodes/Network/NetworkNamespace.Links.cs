namespace CiliumLab.Simulator.Nodes.Network;

/// <summary>What a new link shall be.</summary>
internal sealed record LinkRequest(LinkKind Kind)
{
    /// <summary>Its name; null for the kind's name with the next free number.</summary>
    public string? Name { get; init; }

    /// <summary>Its number; null for the next.</summary>
    public int? Index { get; init; }

    /// <summary>Its address; null for one that the kernel draws.</summary>
    public MacAddress? Mac { get; init; }

    /// <summary>The largest packet; null for the kind's.</summary>
    public int? Mtu { get; init; }

    /// <summary>The transmit queue's length; null for the usual.</summary>
    public int? QueueLength { get; init; }

    /// <summary>Vxlan and geneve only.</summary>
    public TunnelSettings? Tunnel { get; init; }

    /// <summary>The other end of a veth or netkit pair; null for one with the kernel's choices.</summary>
    public LinkRequest? Peer { get; init; }

    /// <summary>Where the other end is; null for here.</summary>
    public NetworkNamespace? PeerNetwork { get; init; }

    /// <summary>Whether a new bridge runs the spanning tree protocol.</summary>
    public bool SpanningTree { get; init; }
}

internal sealed partial class NetworkNamespace
{
    private const int TunnelOverhead = 50;

    /// <summary>Makes a link; of a pair, the end that is here.</summary>
    public Link AddLink(LinkRequest request)
    {
        lock (_kernel.Gate)
        {
            Check(this, request);
            if (request.Tunnel is { External: false } tunnel
                && _links.Exists(other => other.Kind == request.Kind && other.Tunnel is { } taken && taken.Id == tunnel.Id && taken.Port == tunnel.Port))
            {
                throw new KernelException(Errno.Exists, "A VXLAN device with the specified VNI already exists");
            }

            Link? peer = null;
            if (request.Kind is LinkKind.Veth or LinkKind.Netkit)
            {
                // The kernel makes the peer first, so it has the lower number.
                var home = request.PeerNetwork ?? this;
                var wish = request.Peer ?? new LinkRequest(request.Kind);
                Check(home, wish);
                peer = home.Make(wish with { Kind = request.Kind });
            }

            var link = Make(request);
            if (peer is not null)
            {
                (link.Peer, peer.Peer) = (peer, link);
                if (peer.Network != this)
                {
                    PeerId(peer.Network);
                    peer.Network.PeerId(this);
                }
            }

            return link;
        }
    }

    /// <summary>Removes a link with everything that depends on it.</summary>
    public void RemoveLink(Link link)
    {
        lock (_kernel.Gate)
        {
            if (link.Kind is LinkKind.Loopback or LinkKind.Ether)
                throw new KernelException(Errno.NotSupported);
            Remove(link);
        }
    }

    /// <summary>Switches a link on.</summary>
    public void SetUp(Link link)
    {
        lock (_kernel.Gate)
        {
            if (link.IsUp)
                return;
            link.IsUp = link.WasUp = true;
            if (link.Kind == LinkKind.Loopback && link.Addresses.Count == 0)
            {
                InsertAddress(link, new LinkAddress(System.Net.IPAddress.Loopback, 8) { Scope = NetworkScope.Host });
                if (IsIpv6Enabled(link))
                    InsertAddress(link, new LinkAddress(System.Net.IPAddress.IPv6Loopback, 128) { Scope = NetworkScope.Host, NoPrefixRoute = true });
            }

            foreach (var address in link.Addresses)
                AddRoutesOf(link, address);
            AddMulticastRoute(link);
            Settle();
        }
    }

    /// <summary>Switches a link off.</summary>
    public void SetDown(Link link)
    {
        lock (_kernel.Gate)
        {
            if (!link.IsUp)
                return;
            link.IsUp = false;
            if (link.Kind != LinkKind.Loopback)
                link.Addresses = [.. link.Addresses.Where(address => address.Family == System.Net.Sockets.AddressFamily.InterNetwork)];
            _routes.RemoveAll(route => route.Link == link
                && !(route.Type == RouteType.Local && route.Family == System.Net.Sockets.AddressFamily.InterNetwork));
            _neighbors.RemoveAll(neighbor => neighbor.Link == link);
            Settle();
        }
    }

    /// <summary>Makes a link a port of a bridge, or of none.</summary>
    public void SetMaster(Link link, Link? bridge)
    {
        lock (_kernel.Gate)
        {
            if (bridge is not null && bridge.Kind != LinkKind.Bridge)
                throw new KernelException(Errno.NotSupported);
            if (bridge is not null && link.Kind == LinkKind.Loopback)
                throw new KernelException(Errno.Invalid);
            if (bridge is not null && link.Kind == LinkKind.Bridge)
                throw new KernelException(Errno.TooManyLinks, "Can not enslave a bridge to a bridge");
            if (link.Master == bridge)
                return;
            var left = link.Master;
            link.Master = null;
            link.Port = null;
            _fdb.RemoveAll(entry => entry.Link == link && entry.Master is not null);
            if (left is not null)
                TakeMacOfPorts(left);
            if (bridge is not null)
            {
                var taken = bridge.Ports.Select(port => port.Port!.Number).ToHashSet();
                link.Port = new BridgePort(Enumerable.Range(1, 1023).First(number => !taken.Contains(number)));
                link.Master = bridge;
                bridge.HadPort = true;
                TakeMacOfPorts(bridge);
            }

            Settle();
        }
    }

    /// <summary>Changes what a port of a bridge may do.</summary>
    public void SetPort(Link link, BridgePort port)
    {
        lock (_kernel.Gate)
            link.Port = port;
    }

    /// <summary>Changes the largest packet.</summary>
    public void SetMtu(Link link, int mtu)
    {
        lock (_kernel.Gate)
        {
            if (mtu < MinimumMtu(link.Kind))
                throw new KernelException(Errno.Invalid, "mtu less than device minimum");
            if (mtu > MaximumMtu(link.Kind))
                throw new KernelException(Errno.Invalid, "mtu greater than device maximum");
            link.Mtu = mtu;
        }
    }

    /// <summary>Gives a link another name.</summary>
    public void Rename(Link link, string name)
    {
        lock (_kernel.Gate)
        {
            if (name == link.Name)
                return;
            if (FindLink(name) is not null)
                throw new KernelException(Errno.Exists);
            CheckName(name);
            link.Name = name;
        }
    }

    /// <summary>Gives a link another address on the link layer.</summary>
    public void SetMac(Link link, MacAddress mac)
    {
        lock (_kernel.Gate)
        {
            link.Mac = mac;
            link.MacWasSet = true;
            if (link.Master is { } bridge)
                TakeMacOfPorts(bridge);
        }
    }

    /// <summary>Changes flags and the like that have no consequences.</summary>
    public void Change(Link link, Action<Link> change)
    {
        lock (_kernel.Gate)
        {
            change(link);
            Settle();
        }
    }

    /// <summary>Moves a link to another namespace: it is switched off there, and has no addresses.</summary>
    public void Move(Link link, NetworkNamespace target)
    {
        lock (_kernel.Gate)
        {
            if (target == this)
                return;
            if (link.Kind is LinkKind.Loopback or LinkKind.Bridge)
                throw new KernelException(Errno.Invalid, "The interface netns is immutable");
            if (target.FindLink(link.Name) is not null)
                throw new KernelException(Errno.Exists, "An interface with the same name exists in the target netns");
            SetDown(link);
            SetMaster(link, null);
            Forget(link);
            link.Addresses = [];
            _links.Remove(link);
            link.Network = target;
            if (target._links.Exists(other => other.Index == link.Index))
                link.Index = target.NextIndex();
            target._lastIndex = Math.Max(target._lastIndex, link.Index);
            target._links.Add(link);
            target._links.Sort((first, second) => first.Index.CompareTo(second.Index));
            if (link.Peer is { } peer && peer.Network != target)
            {
                peer.Network.PeerId(target);
                target.PeerId(peer.Network);
            }

            Settle();
        }
    }

    /// <summary>The smallest packet size that a kind takes.</summary>
    internal static int MinimumMtu(LinkKind kind) => kind == LinkKind.Loopback ? 0 : 68;

    /// <summary>The largest packet size that a kind takes; ip prints 0 for loopback, which has no limit.</summary>
    internal static int MaximumMtu(LinkKind kind) => kind switch
    {
        LinkKind.Loopback => int.MaxValue,
        LinkKind.Ether => 16110,
        _ => 65535,
    };

    private static void Check(NetworkNamespace home, LinkRequest request)
    {
        if (request.Name is not { } name)
            return;
        CheckName(name);
        if (home.FindLink(name) is not null)
            throw new KernelException(Errno.Exists);
    }

    private static void CheckName(string name)
    {
        if (name.Length > 15)
            throw new KernelException(Errno.Range, "Attribute failed policy validation");
        if (name.Length == 0 || name is "." or ".." || name.AsSpan().IndexOfAny("/: \t\n") >= 0)
            throw new KernelException(Errno.Invalid);
    }

    private Link Make(LinkRequest request)
    {
        var index = request.Index ?? NextIndex();
        _lastIndex = Math.Max(_lastIndex, index);
        var name = request.Name ?? NextName(request.Kind switch
        {
            LinkKind.Netkit => "nk",
            LinkKind.Ether => "eth",
            var kind => kind.ToString().ToLowerInvariant(),
        });
        var link = new Link(this, index, name, request.Kind, request.Mac ?? _kernel.NextMac())
        {
            MacWasSet = request.Mac is not null,
            Tunnel = request.Tunnel,
            SpanningTree = request.SpanningTree,
            QueueLength = request.QueueLength ?? 1000,
        };
        if (request.Tunnel?.Lower is { } lower)
            link.Mtu = lower.Mtu - TunnelOverhead;
        if (request.Mtu is { } mtu)
            SetMtu(link, mtu);
        if (request.Kind == LinkKind.Netkit)
            link.NoArp = true;
        _links.Add(link);
        _links.Sort((first, second) => first.Index.CompareTo(second.Index));
        if (request.Tunnel?.Remote is { } remote)
            _fdb.Add(new FdbEntry(default, link) { Destination = remote });
        return link;
    }

    private void Remove(Link link)
    {
        if (!_links.Contains(link))
            return;
        SetDown(link);
        SetMaster(link, null);
        foreach (var port in link.Kind == LinkKind.Bridge ? link.Ports.ToArray() : [])
            SetMaster(port, null);
        foreach (var tunnel in _links.Where(other => other.Tunnel?.Lower == link).ToArray())
            Remove(tunnel);
        Forget(link);
        _links.Remove(link);
        if (link.Peer is { } peer)
        {
            link.Peer = null;
            peer.Peer = null;
            peer.Network.Remove(peer);
        }

        Settle();
    }

    private void Forget(Link link)
    {
        _routes.RemoveAll(route => route.Link == link);
        _neighbors.RemoveAll(neighbor => neighbor.Link == link);
        _fdb.RemoveAll(entry => entry.Link == link || entry.Master == link);
    }

    private static void TakeMacOfPorts(Link bridge)
    {
        if (!bridge.MacWasSet)
            bridge.Mac = bridge.Ports.Select(port => port.Mac).DefaultIfEmpty().Min();
    }

    /// <summary>Does what a gained carrier brings about, here and at the other ends of pairs.</summary>
    private void Settle()
    {
        foreach (var network in _kernel.Namespaces)
        {
            foreach (var link in network._links)
                network.MakeLinkLocal(link);
        }
    }
}

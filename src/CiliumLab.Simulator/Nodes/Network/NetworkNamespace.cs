using System.Globalization;

namespace CiliumLab.Simulator.Nodes.Network;

/// <summary>
/// The network stack of a node or of a pod on it: links, addresses, routes, rules, neighbours. Whoever reads or changes several
/// things at once holds the kernel's lock; every member takes it by itself too.
/// </summary>
internal sealed partial class NetworkNamespace
{
    private readonly SimulatedKernel _kernel;
    private readonly List<Link> _links = [];
    private readonly Dictionary<NetworkNamespace, int> _peerIds = [];
    private int _lastIndex;

    /// <param name="kernel">The kernel that it belongs to.</param>
    /// <param name="name">Its name under /run/netns; null for the node's own, and for one that nobody named.</param>
    internal NetworkNamespace(SimulatedKernel kernel, string? name)
    {
        _kernel = kernel;
        Name = name;
        Cookie = kernel.NextCookie();
        AddFirstRules();
        Loopback = new Link(this, ++_lastIndex, "lo", LinkKind.Loopback, default);
        _links.Add(Loopback);
    }

    /// <summary>Its name under /run/netns; null for the node's own, and for one that nobody named.</summary>
    public string? Name { get; }

    /// <summary>Its number among all namespaces of the kernel, never given again (SO_NETNS_COOKIE).</summary>
    public ulong Cookie { get; }

    /// <summary>The kernel that it belongs to.</summary>
    public SimulatedKernel Kernel => _kernel;

    /// <summary>The link that every namespace has.</summary>
    public Link Loopback { get; }

    /// <summary>The links in the order of their numbers.</summary>
    public IReadOnlyList<Link> Links
    {
        get
        {
            lock (_kernel.Gate)
                return [.. _links];
        }
    }

    /// <summary>A link by its name or another name of it; null when there is none.</summary>
    public Link? FindLink(string name)
    {
        lock (_kernel.Gate)
            return _links.Find(link => link.Name == name || link.AlternativeNames.Contains(name));
    }

    /// <summary>A link by its number; null when there is none.</summary>
    public Link? FindLink(int index)
    {
        lock (_kernel.Gate)
            return _links.Find(link => link.Index == index);
    }

    /// <summary>The number by which this namespace knows another (NETNSA_NSID), given at first use.</summary>
    public int PeerId(NetworkNamespace other)
    {
        lock (_kernel.Gate)
        {
            if (_peerIds.TryGetValue(other, out var id))
                return id;
            id = Enumerable.Range(0, int.MaxValue).First(number => !_peerIds.ContainsValue(number));
            _peerIds[other] = id;
            return id;
        }
    }

    /// <summary>The number of a namespace that a link leads to already; null when none does.</summary>
    public int? KnownPeerId(NetworkNamespace other)
    {
        lock (_kernel.Gate)
            return _peerIds.TryGetValue(other, out var id) ? id : null;
    }

    /// <summary>Removes every link, and with them their other ends: the last process of the namespace ended.</summary>
    internal void Destroy()
    {
        foreach (var link in Links.Where(link => link.Kind != LinkKind.Loopback))
            Remove(link);
        foreach (var other in _kernel.Namespaces)
            other._peerIds.Remove(this);
    }

    /// <summary>Becomes what it is at boot: a loopback that is down, and no rules but the kernel's own.</summary>
    internal void Reset()
    {
        foreach (var link in Links.Where(link => link.Kind != LinkKind.Loopback))
            Remove(link);
        SetDown(Loopback);
        foreach (var address in Loopback.Addresses.ToList())
            RemoveAddress(Loopback, address);
        _routes.Clear();
        _neighbors.Clear();
        _fdb.Clear();
        _tables.Clear();
        _rules.Clear();
        _rules4.Clear();
        _rules6.Clear();
        AddFirstRules();
        _lastIndex = Loopback.Index;
    }

    private void AddFirstRules()
    {
        _rules4.AddRange([new(0, Route.LocalTable) { Protocol = Route.KernelProtocol }, new(32766, Route.MainTable) { Protocol = Route.KernelProtocol }, new(32767, Route.DefaultTable) { Protocol = Route.KernelProtocol }]);
        _rules6.AddRange([new(0, Route.LocalTable) { Protocol = Route.KernelProtocol }, new(32766, Route.MainTable) { Protocol = Route.KernelProtocol }]);
    }

    private int NextIndex() => ++_lastIndex;

    private string NextName(string prefix) =>
        Enumerable.Range(0, int.MaxValue).Select(number => prefix + number.ToString(CultureInfo.InvariantCulture)).First(name => FindLink(name) is null);
}

using System.Net;
using System.Security.Cryptography;
using System.Text;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Cilium;

/// <summary>The links, addresses, routes and rules that an agent makes on its node.</summary>
/// <param name="node">The node.</param>
internal sealed class AgentLinks(SimulatedNode node)
{
    public const string Host = "cilium_host";
    public const string Net = "cilium_net";
    public const string Health = "lxc_health";

    private const int ProxyTable = 2004;

    // 1500 less the outer headers of vxlan.
    private const int TunnelMtu = 1450;

    private NetworkNamespace Network => node.Kernel.Network;

    /// <summary>Makes the pair cilium_host and cilium_net, or takes it over, and gives the router its address.</summary>
    public Link EnsureHost(IPAddress router, CiliumConfiguration configuration)
    {
        if (Network.FindLink(Host) is not { } host)
        {
            host = Network.AddLink(new LinkRequest(LinkKind.Veth) { Name = Host, Peer = new LinkRequest(LinkKind.Veth) { Name = Net } });
            Network.Change(host, static link => link.NoArp = true);
            Network.Change(host.Peer!, static link => link.NoArp = true);
        }

        Network.SetUp(host.Peer!);
        Network.SetUp(host);
        foreach (var old in host.Addresses.Where(address => address.Family == System.Net.Sockets.AddressFamily.InterNetwork && !address.Address.Equals(router)).ToList())
            Network.RemoveAddress(host, old);
        if (!host.Addresses.Any(address => address.Address.Equals(router)))
            Network.AddAddress(host, new LinkAddress(router, 32));
        if (!configuration.IsNative)
            EnsureTunnel(configuration);
        EnsureRules();
        return host;
    }

    /// <summary>The routes to the pod networks behind the node's own router, which pods with routes of their own do not need.</summary>
    public void EnsureLocalRoute(IpPrefix pods, IPAddress router, Link host, bool wanted)
    {
        var gateway = new Route(IpPrefix.Host(router)) { Link = host, Scope = NetworkScope.Link, Protocol = Route.KernelProtocol };
        if (wanted)
        {
            Network.AddRoute(gateway, RouteChange.Replace);
            Network.AddRoute(new Route(pods) { Link = host, Gateway = router, PreferredSource = router, Protocol = Route.KernelProtocol }, RouteChange.Replace);
        }
        else
        {
            Network.RemoveRoutes(route => route.Table == Route.MainTable && route.Link == host && (route.Destination == pods || route.Destination == gateway.Destination) && route.Type == RouteType.Unicast);
        }
    }

    /// <summary>Makes the route to another node's pods; false when the other node is not a neighbour.</summary>
    public bool EnsureDirectRoute(IpPrefix pods, IPAddress other)
    {
        try
        {
            var way = Network.Lookup(new RouteQuery(other));
            if (way.Gateway is not null || way.Link is null)
                return false;
            Network.AddRoute(new Route(pods) { Gateway = other, Link = way.Link, Protocol = Route.KernelProtocol }, RouteChange.Replace);
            return true;
        }
        catch (KernelException)
        {
            // Nodes that all say they have the same address, for instance: the agent logs it and goes on.
            return false;
        }
    }

    /// <summary>Makes the route to another node's pods through the tunnel, whose programs hang on the router's pair.</summary>
    public void EnsureTunnelRoute(IpPrefix pods, IPAddress router, Link host)
    {
        Network.AddRoute(new Route(IpPrefix.Host(router)) { Link = host, Scope = NetworkScope.Link, Protocol = Route.KernelProtocol }, RouteChange.Replace);
        Network.AddRoute(new Route(pods) { Link = host, Gateway = router, PreferredSource = router, Protocol = Route.KernelProtocol, Mtu = TunnelMtu }, RouteChange.Replace);
    }

    /// <summary>Removes the route to another node's pods.</summary>
    public void RemoveDirectRoute(IpPrefix pods) =>
        Network.RemoveRoutes(route => route.Table == Route.MainTable && route.Destination == pods && route.Gateway is not null && route.Protocol == Route.KernelProtocol);

    /// <summary>Makes the pair of a pod.</summary>
    /// <param name="name">The end on the node.</param>
    /// <param name="target">The pod's network.</param>
    /// <param name="inner">The end in the pod.</param>
    /// <param name="address">The pod's address.</param>
    /// <param name="router">Where the pod sends everything.</param>
    public (Link Outer, Link Inner) AddPair(string name, NetworkNamespace target, string inner, IPAddress address, IPAddress router)
    {
        var outer = Network.AddLink(new LinkRequest(LinkKind.Veth) { Name = name, Peer = new LinkRequest(LinkKind.Veth) { Name = "tmp" + name[3..Math.Min(name.Length, 8)] } });
        var other = outer.Peer!;
        Network.Move(other, target);
        target.Rename(other, inner);
        Network.SetUp(outer);
        target.SetUp(target.Loopback);
        target.SetUp(other);
        target.AddAddress(other, new LinkAddress(address, 32));
        target.AddRoute(new Route(IpPrefix.Host(router)) { Link = other, Scope = NetworkScope.Link }, RouteChange.Replace);
        target.AddRoute(new Route(IpPrefix.Default(address.AddressFamily)) { Link = other, Gateway = router }, RouteChange.Replace);
        return (outer, other);
    }

    /// <summary>Makes or removes an endpoint's own route.</summary>
    public void EnsureEndpointRoute(IPAddress address, Link link, bool wanted)
    {
        if (wanted)
            Network.AddRoute(new Route(IpPrefix.Host(address)) { Link = link, Scope = NetworkScope.Link, Protocol = Route.KernelProtocol }, RouteChange.Replace);
        else
            Network.RemoveRoutes(route => route.Table == Route.MainTable && route.Link == link && route.Destination == IpPrefix.Host(address));
    }

    /// <summary>Removes a link that may be gone already.</summary>
    public void Remove(Link link)
    {
        if (Network.Links.Contains(link))
            Network.RemoveLink(link);
    }

    /// <summary>The name of a pod's end on the node: a hash of what distinguishes the pod.</summary>
    public static string NameOf(string containerId, string inner) => "lxc" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{containerId}:{inner}")))[..12];

    private void EnsureTunnel(CiliumConfiguration configuration)
    {
        var kind = configuration.TunnelProtocol == "geneve" ? LinkKind.Geneve : LinkKind.Vxlan;
        var name = kind == LinkKind.Geneve ? "cilium_geneve" : "cilium_vxlan";
        if (Network.FindLink(name) is not { } link)
            link = Network.AddLink(new LinkRequest(kind) { Name = name, Tunnel = new TunnelSettings(0) { External = true, Port = configuration.Number("tunnel-port", kind == LinkKind.Geneve ? 6081 : 8472), Learning = false } });
        Network.SetUp(link);
    }

    private void EnsureRules()
    {
        var family = System.Net.Sockets.AddressFamily.InterNetwork;
        var rules = Network.Rules(family);
        if (!rules.Any(static rule => rule.Priority == 9 && rule.Table == ProxyTable))
            Network.AddRule(family, new RoutingRule(9, ProxyTable) { Mark = 0x200, MarkMask = 0xf00, Protocol = Route.KernelProtocol });
        if (!rules.Any(static rule => rule.Priority == 100 && rule.Table == Route.LocalTable))
            Network.AddRule(family, new RoutingRule(100, Route.LocalTable) { Protocol = Route.KernelProtocol });
        if (rules.Any(static rule => rule.Priority == 0 && rule.Table == Route.LocalTable))
            Network.RemoveRule(family, static rule => rule.Priority == 0 && rule.Table == Route.LocalTable);
        Network.AddRoute(new Route(IpPrefix.Default(family)) { Table = ProxyTable, Type = RouteType.Local, Link = Network.Loopback, Scope = NetworkScope.Host, Protocol = Route.KernelProtocol }, RouteChange.Replace);
    }
}

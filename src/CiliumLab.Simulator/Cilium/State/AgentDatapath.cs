using System.Net;
using CiliumLab.Simulator.Datapath;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Cilium;

/// <summary>
/// The programs that an agent has loaded on its node. They read the maps that the agent keeps, and go on with what is in them when the
/// agent has gone.
/// </summary>
/// <param name="agent">The agent.</param>
internal sealed class AgentDatapath(CiliumAgent agent) : IAgentPrograms
{
    private readonly ServiceSelection _selection = new(agent);
    private readonly PacketReports _reports = new(agent);

    private CiliumConfiguration Configuration => agent.Configuration;

    // bpf_lxc sends packets on by itself only when nothing needs iptables.
    private bool RoutesInBpf => Configuration.MasqueradesInBpf && !Configuration.Flag("enable-host-legacy-routing");

    /// <inheritdoc/>
    public SocketTranslation? TranslateSocket(NetworkNamespace from, IPAddress destination, int port, string protocol)
    {
        lock (agent.Node.Kernel.Gate)
        {
            var hasSockets = Configuration.ReplacesKubeProxy || Configuration.Flag("bpf-lb-sock");
            if (!hasSockets || (from != agent.Node.Kernel.Network && Configuration.Flag("bpf-lb-sock-hostns-only")))
                return null;
            if (_selection.Find(destination, port, protocol) is not { } frontend)
                return null;
            _reports.Socket(from, "pre-xlate-fwd", new IPEndPoint(destination, port), protocol);
            if (_selection.Choose(frontend, from.Cookie.ToString(null, null)) is not { } backend)
                return new SocketTranslation(null);
            var there = new IPEndPoint(backend.Address, backend.Port);
            _reports.Socket(from, "post-xlate-fwd", there, protocol);
            return new SocketTranslation(there);
        }
    }

    /// <inheritdoc/>
    public AgentVerdict Handle(AgentHook hook, Link link, Packet packet)
    {
        if (packet.Destination.AddressFamily != System.Net.Sockets.AddressFamily.InterNetwork)
            return AgentVerdict.Pass;
        lock (agent.Node.Kernel.Gate)
        {
            return hook switch
            {
                AgentHook.FromContainer when link.Tunnel is { External: true } => FromNetwork(link, packet),
                AgentHook.FromContainer when EndpointBehind(link) is { } endpoint => FromEndpoint(endpoint, link, packet),
                AgentHook.ToContainer when EndpointBehind(link) is { } endpoint => ToEndpoint(endpoint, packet),
                AgentHook.FromNetwork when IsOnDevice(link) => FromNetwork(link, packet),
                AgentHook.ToContainer when link == agent.HostLink => Onward(packet, "from the node"),
                AgentHook.ToNetwork when IsOnDevice(link) => ToNetwork(link, packet),
                _ => AgentVerdict.Pass,
            };
        }
    }

    /// <inheritdoc/>
    public void Observe(AgentHook hook, Link link, PacketSegment segment)
    {
        lock (agent.Node.Kernel.Gate)
        {
            var endpoint = EndpointBehind(link);
            if (endpoint is not null || IsOnDevice(link))
                _reports.Segment(hook, endpoint, link, segment);
        }
    }

    // The end of a pod's pair is what the programs hang on, not the pod's address.
    private CiliumEndpoint? EndpointBehind(Link link) => agent.Endpoints.All.FirstOrDefault(one => one.Kind != EndpointKind.Host && one.Link == link);

    private bool IsOnDevice(Link link) => agent.Node.Kernel.Bpf.Attachments.Any(one => one.Link == link);

    private AgentVerdict FromEndpoint(CiliumEndpoint endpoint, Link link, Packet packet)
    {
        if (!packet.Source.Equals(endpoint.Address))
            return Drop("Invalid source ip", endpoint, 0, packet, link);
        if (packet.IsReply)
        {
            _selection.Reverse(packet);
        }
        else
        {
            if (Configuration.ReplacesKubeProxy && _selection.Find(packet.Destination, packet.Port, packet.Protocol) is { } frontend)
            {
                if (_selection.Choose(frontend, packet.Source.ToString()) is not { } backend)
                    return Drop("No service backend found", endpoint, 0, packet, link);
                _selection.Translate(packet, frontend, backend, null);
            }

            var identity = IdentityOf(packet.Destination);
            if (Judge(TrafficDirection.Egress, endpoint, identity, packet, link) is { } dropped)
                return dropped;
            _reports.Opened(ConnectionDirection.Out, endpoint, identity, packet);
        }

        return Onward(packet, "from an endpoint");
    }

    // Null when the packet may go on.
    private AgentVerdict? Judge(TrafficDirection direction, CiliumEndpoint endpoint, uint identity, Packet packet, Link link)
    {
        var entry = endpoint.Policy.Account(direction, identity, PacketReports.ProtocolOf(packet.Protocol), packet.Port, 1, (ulong)packet.Size);
        var isAudited = Configuration.Flag("policy-audit-mode");
        _reports.Judged(direction, endpoint, identity, entry, isAudited, packet);
        return entry is { IsDeny: false } || isAudited ? null : Drop(entry is null ? "Policy denied" : "Policy denied by denylist", endpoint, identity, packet, link);
    }

    private AgentVerdict Onward(Packet packet, string origin)
    {
        if (agent.Endpoints.Find(packet.Destination) is { Link: { } near })
            return new AgentVerdict($"cilium: {origin}, delivered to {near.Name}") { Redirect = near };
        if (agent.HostAddresses.Contains(packet.Destination))
            return AgentVerdict.Pass;
        if (!Configuration.IsNative && agent.IpCache.Lookup(packet.Destination)?.TunnelEndpoint is { } node && Tunnel is { } tunnel)
            return new AgentVerdict($"cilium: {origin}, through the tunnel to {node}") { Redirect = tunnel, NextHop = node };
        return RoutesInBpf && Routed(packet) is { } route
            ? new AgentVerdict($"cilium: {origin}, sent out of {route.Link!.Name}") { Redirect = route.Link, NextHop = route.Gateway ?? packet.Destination }
            : AgentVerdict.Pass;
    }

    private Link? Tunnel => agent.Node.Kernel.Network.Links.FirstOrDefault(static link => link.Tunnel is { External: true });

    private Route? Routed(Packet packet)
    {
        try
        {
            var route = agent.Node.Kernel.Network.Lookup(new RouteQuery(packet.Destination));
            return route.Type == RouteType.Unicast ? route : null;
        }
        catch (KernelException)
        {
            // The kernel says so itself when the packet is passed to it.
            return null;
        }
    }

    private AgentVerdict ToEndpoint(CiliumEndpoint endpoint, Packet packet)
    {
        if (packet.IsReply)
            return AgentVerdict.Pass;
        var identity = IdentityOf(packet.Source);
        if (Judge(TrafficDirection.Ingress, endpoint, identity, packet, endpoint.Link!) is { } dropped)
            return dropped;
        _reports.Opened(ConnectionDirection.In, endpoint, identity, packet);
        return new AgentVerdict($"cilium: endpoint {endpoint.Id} lets identity {identity} in");
    }

    private AgentVerdict FromNetwork(Link link, Packet packet)
    {
        if (packet.IsReply)
        {
            _selection.Reverse(packet);
        }
        else if (Configuration.ReplacesKubeProxy && _selection.Find(packet.Destination, packet.Port, packet.Protocol) is { } frontend)
        {
            if (_selection.Choose(frontend, packet.Source.ToString()) is not { } backend)
                return Drop("No service backend found", null, 0, packet, link);

            // A backend elsewhere must answer through this node.
            var isNear = agent.Endpoints.Find(backend.Address) is not null;
            _selection.Translate(packet, frontend, backend, isNear ? null : agent.NodeAddress);
        }

        return agent.Node.Kernel.Network.OwnerOf(packet.Destination) is not null ? AgentVerdict.Pass : Onward(packet, "from the network");
    }

    private AgentVerdict ToNetwork(Link link, Packet packet)
    {
        if (packet.IsReply)
            return AgentVerdict.Pass;
        var isOwn = agent.Node.Kernel.Network.OwnerOf(packet.Source) is not null;
        if (isOwn)
        {
            _reports.Opened(ConnectionDirection.Out, null, IdentityOf(packet.Destination), packet, link);
            return AgentVerdict.Pass;
        }

        if (agent.Endpoints.Find(packet.Source) is null || !Masquerades(packet.Destination)
            || link.Addresses.FirstOrDefault(static one => one.Family == System.Net.Sockets.AddressFamily.InterNetwork && !one.Secondary)?.Address is not { } address)
        {
            return AgentVerdict.Pass;
        }

        _selection.Masquerade(packet, address);
        return new AgentVerdict($"cilium: source {address}");
    }

    private bool Masquerades(IPAddress destination)
    {
        if (!Configuration.MasqueradesIpv4 || !Configuration.MasqueradesInBpf)
            return false;
        if (Configuration.IsNative && Configuration.NativeRoutingCidr is { } native && native.Contains(destination))
            return false;
        return !Configuration.IsNative || IdentityOf(destination) is not (SecurityIdentity.RemoteNode or SecurityIdentity.KubeApiServer);
    }

    private uint IdentityOf(IPAddress address) => agent.IpCache.Lookup(address)?.Identity ?? SecurityIdentity.World;

    private AgentVerdict Drop(string reason, CiliumEndpoint? endpoint, uint identity, Packet packet, Link link)
    {
        _reports.Dropped(reason, endpoint, identity, packet, link);
        return new AgentVerdict($"cilium: dropped, {reason}") { IsDrop = true };
    }
}

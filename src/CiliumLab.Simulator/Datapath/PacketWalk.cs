using System.Net;
using System.Net.Sockets;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Datapath;

/// <summary>
/// Takes one packet from network to network until it ends, by what the kernels know: rules, routes, neighbours, forwarding entries,
/// bridges, pairs, tunnels, and the programs of agents.
/// </summary>
/// <param name="lab">What is the same for all packets.</param>
/// <param name="packet">The packet.</param>
/// <param name="flow">What networks did to the packets of this connection.</param>
internal sealed class PacketWalk(LabPackets lab, Packet packet, Dictionary<NetworkNamespace, Tracked> flow)
{
    private const int MostHops = 24;
    private const string Shared = LabDatapath.SharedInterface;

    private readonly List<PacketHop> _hops = [];
    private readonly List<PacketSighting> _sightings = [];
    private Errno _refusal;

    /// <summary>Sends the packet from a process.</summary>
    public PacketPath Send(NetworkNamespace network, Link? bound = null)
    {
        var hop = Enter(network, null);
        if (packet.IsReply)
            TranslateBack(network);
        var before = Tuple();
        if (Route(network, packet.Source, bound, hop) is not { } route)
            return Unrouted(network);
        if (!Rules(network, hop, null, route.Link, "raw", "OUTPUT") || !Rules(network, hop, null, route.Link, "mangle", "OUTPUT"))
            return End(PacketFate.Dropped, network);
        var destination = packet.Destination;
        if (!packet.IsReply && !packet.Untracked)
            Rules(network, hop, null, route.Link, "nat", "OUTPUT");
        if (!destination.Equals(packet.Destination))
        {
            if (Route(network, packet.Source, bound, hop) is not { } rerouted)
                return Unrouted(network);
            route = rerouted;
        }

        if (Filter(network, hop, null, route.Link, "OUTPUT") is { } end)
            return end;
        if (route.Type != RouteType.Local)
            return Leave(network, hop, route, before);
        AddSighting(network.Loopback, false, default, default);
        return Arrive(network, hop, network.Loopback, before);
    }

    private static bool LeadsOut(Link link) => link.Kind == LinkKind.Ether && link.Name != Shared;

    private PacketHop Enter(NetworkNamespace network, Link? incoming)
    {
        var hop = new PacketHop(network, incoming);
        _hops.Add(hop);
        return hop;
    }

    private PacketPath End(PacketFate fate, NetworkNamespace? at) => new(fate, at, _hops) { Sightings = _sightings };

    private PacketPath Complain(PacketFate fate, NetworkNamespace at) => new(fate, at, _hops) { Sightings = _sightings, Complainer = at.AllAddresses().Select(static pair => pair.Address).FirstOrDefault(static address => address.Family == AddressFamily.InterNetwork && address.Scope == NetworkScope.Global)?.Address };

    private Route? Route(NetworkNamespace network, IPAddress? source, Link? bound, PacketHop hop)
    {
        try
        {
            return hop.Route = network.Lookup(new RouteQuery(packet.Destination) { Source = source, OutLink = bound, Mark = packet.Mark, InInterface = hop.In?.Name });
        }
        catch (KernelException error)
        {
            hop.Notes.Add(error.Errno.Text());
            _refusal = error.Errno;
            return null;
        }
    }

    private PacketPath Unrouted(NetworkNamespace network) => Complain(_refusal switch
    {
        Errno.PermissionDenied => PacketFate.Prohibited,
        Errno.HostUnreachable => PacketFate.HostUnreachable,
        _ => PacketFate.NetworkUnreachable,
    }, network);

    private bool Rules(NetworkNamespace network, PacketHop hop, Link? incoming, Link? outgoing, string table, string hook) =>
        packet.Destination.AddressFamily != AddressFamily.InterNetwork
        || new RuleWalk(network, packet, lab.Chance) { In = incoming, Out = outgoing, Notes = hop.Notes }.Run(table, hook) == RuleVerdict.Accept;

    private PacketPath? Filter(NetworkNamespace network, PacketHop hop, Link? incoming, Link? outgoing, string hook)
    {
        if (packet.Destination.AddressFamily != AddressFamily.InterNetwork)
            return null;
        return new RuleWalk(network, packet, lab.Chance) { In = incoming, Out = outgoing, Notes = hop.Notes }.Run("filter", hook) switch
        {
            RuleVerdict.Drop => End(PacketFate.Dropped, network),
            RuleVerdict.Reject => Complain(PacketFate.Rejected, network),
            _ => null,
        };
    }

    private (IPEndPoint Source, IPEndPoint Destination) Tuple() => (new IPEndPoint(packet.Source, packet.SourcePort), new IPEndPoint(packet.Destination, packet.Port));

    private PacketPath Arrive(NetworkNamespace network, PacketHop hop, Link incoming, (IPEndPoint Source, IPEndPoint Destination) before)
    {
        if (Filter(network, hop, incoming, null, "INPUT") is { } end)
            return end;
        Track(network, before);
        return End(PacketFate.Delivered, network);
    }

    // What a network sees of a connection; an answer is translated back by it.
    private void Track(NetworkNamespace network, (IPEndPoint Source, IPEndPoint Destination) before)
    {
        if (packet.IsReply || packet.Untracked)
            return;
        flow[network] = new Tracked(before.Source, before.Destination, new IPEndPoint(packet.Source, packet.SourcePort), new IPEndPoint(packet.Destination, packet.Port));
    }

    private PacketPath Receive(NetworkNamespace network, Link incoming)
    {
        if (_hops.Count >= MostHops)
            return Complain(PacketFate.TimeExceeded, network);
        Count(incoming, received: true);
        var hop = Enter(network, incoming);
        (packet.Mark, packet.Translated) = (0, false);
        if (Programs(network, incoming, incoming.Kind == LinkKind.Ether ? AgentHook.FromNetwork : AgentHook.FromContainer, hop) is { } verdict)
        {
            if (verdict.IsDrop)
                return End(PacketFate.Dropped, network);
            if (verdict.Redirect is { } shortcut)
                return Transmit(network, hop, shortcut, verdict.NextHop ?? packet.Destination);
        }

        var before = Tuple();
        if (!Rules(network, hop, incoming, null, "raw", "PREROUTING") || !Rules(network, hop, incoming, null, "mangle", "PREROUTING"))
            return End(PacketFate.Dropped, network);
        if (packet.IsReply)
            TranslateBack(network);
        else if (!packet.Untracked)
            Rules(network, hop, incoming, null, "nat", "PREROUTING");
        if (Route(network, packet.Source, null, hop) is not { } route)
            return Unrouted(network);
        if (route.Type == RouteType.Local)
            return Arrive(network, hop, incoming, before);
        if (!network.Kernel.Sysctls.IsOn("net.ipv4.ip_forward"))
            return End(PacketFate.Lost, network);
        if (--packet.TimeToLive <= 0)
            return Complain(PacketFate.TimeExceeded, network);
        return Filter(network, hop, incoming, route.Link, "FORWARD") ?? Leave(network, hop, route, before);
    }

    private void TranslateBack(NetworkNamespace network)
    {
        if (!flow.TryGetValue(network, out var known) || !known.ReplyTo.Address.Equals(packet.Destination) || known.ReplyTo.Port != packet.Port)
            return;
        (packet.Destination, packet.Port) = (known.Source.Address, known.Source.Port);
        (packet.Source, packet.SourcePort) = (known.Destination.Address, known.Destination.Port);
    }

    private PacketPath Leave(NetworkNamespace network, PacketHop hop, Route route, (IPEndPoint Source, IPEndPoint Destination) before)
    {
        var link = route.Link!;
        if (!packet.IsReply && !packet.Untracked)
        {
            Rules(network, hop, hop.In, link, "nat", "POSTROUTING");
            Track(network, before);
        }

        return Transmit(network, hop, link, route.Gateway ?? packet.Destination);
    }

    private PacketPath Transmit(NetworkNamespace network, PacketHop hop, Link link, IPAddress next)
    {
        hop.Out = link;
        var verdict = Programs(network, link, link.Kind == LinkKind.Ether ? AgentHook.ToNetwork : AgentHook.ToContainer, hop);
        if (verdict is { IsDrop: true })
            return End(PacketFate.Dropped, network);
        if (verdict is { Redirect: { } other } && other != link)
            return Transmit(network, hop, other, verdict.NextHop ?? packet.Destination);
        if (!link.HasCarrier)
            return Complain(PacketFate.HostUnreachable, network);
        Count(link, received: false);
        var receiver = link.Kind is LinkKind.Vxlan or LinkKind.Geneve || LeadsOut(link) ? null : NextHop(network, link, next);
        if (link.Kind is not (LinkKind.Vxlan or LinkKind.Geneve))
            See(link, receiver, next);
        if (LeadsOut(link))
            return lab.NatAddresses.Contains(packet.Destination) && packet.Protocol == "icmp" ? End(PacketFate.Delivered, null) : End(PacketFate.Lost, null);
        if (link.Kind is LinkKind.Vxlan or LinkKind.Geneve)
            return Tunnel(network, link, next);
        if (receiver is null)
            return Complain(PacketFate.HostUnreachable, network);
        return Receive(receiver.Network, receiver.Master is { } bridge ? bridge : receiver);
    }

    // Leaving by an interface, and through the ports of a bridge on its way; nobody sends to a neighbour that does not answer.
    private void See(Link link, Link? receiver, IPAddress next)
    {
        if (receiver is null && !LeadsOut(link))
            return;
        var destination = receiver?.Mac ?? link.Network.Neighbors.FirstOrDefault(neighbor => neighbor.Link == link && neighbor.Address.Equals(next))?.Mac ?? default;
        foreach (var (place, isOutgoing) in Places(link, receiver))
            AddSighting(place, isOutgoing, link.Mac, destination);
    }

    private static IEnumerable<(Link Link, bool IsOutgoing)> Places(Link link, Link? receiver)
    {
        yield return (link, true);
        if (receiver is null)
            yield break;
        if (link.Kind != LinkKind.Bridge && link.Peer is { Master: not null } port)
            yield return (port, false);
        if (receiver.Peer is { Master: not null } far && far != link.Peer && far != link)
            yield return (far, true);
        yield return (receiver, false);
    }

    // Everybody on the link hears the question, and who has the address answers him who asked.
    private void Ask(Link link, Link? owner, IPAddress next)
    {
        if (link.NoArp || packet.Destination.AddressFamily != AddressFamily.InterNetwork)
            return;
        var sender = link.Network.OwnerOf(packet.Source) is not null ? packet.Source
            : link.Addresses.FirstOrDefault(static address => address.Family == AddressFamily.InterNetwork)?.Address ?? packet.Source;
        var question = new ArpMessage(sender, next, false);
        foreach (var (place, isOutgoing) in Domain(link).Prepend(null).SelectMany(receiver => Places(link, receiver)).Distinct())
            AddArp(place, isOutgoing, link.Mac, PacketSighting.Everybody, question);
        if (owner is null)
            return;
        foreach (var (place, isOutgoing) in Places(link, owner).Reverse())
            AddArp(place, !isOutgoing, owner.Mac, link.Mac, new ArpMessage(next, sender, true));
    }

    private void AddArp(Link link, bool isOutgoing, MacAddress source, MacAddress destination, ArpMessage message)
    {
        AddSighting(link, isOutgoing, source, destination);
        _sightings[^1] = _sightings[^1] with { Arp = message };
    }

    private void AddSighting(Link link, bool isOutgoing, MacAddress source, MacAddress destination) => _sightings.Add(new PacketSighting(link, isOutgoing)
    {
        Source = new IPEndPoint(packet.Source, packet.SourcePort),
        Destination = new IPEndPoint(packet.Destination, packet.Port),
        TimeToLive = packet.TimeToLive,
        SourceMac = source,
        DestinationMac = destination,
    });

    private Link? NextHop(NetworkNamespace network, Link link, IPAddress next)
    {
        var owner = Domain(link).FirstOrDefault(other => other.Addresses.Any(address => address.Address.Equals(next)))
            ?? Domain(link).FirstOrDefault(other => other.Network.OwnerOf(next) is { IsUp: true });
        var known = network.Neighbors.FirstOrDefault(neighbor => neighbor.Link == link && neighbor.Address.Equals(next));
        if (known is { State: NeighborState.Permanent })
            return Domain(link).FirstOrDefault(other => other.Mac == known.Mac);
        if (known is null or { State: NeighborState.Failed or NeighborState.Incomplete })
            Ask(link, owner, next);
        network.AddNeighbor(new Neighbor(next, link, owner?.Mac, owner is null ? NeighborState.Failed : NeighborState.Reachable), replace: true);
        return owner;
    }

    /// <summary>The links that a frame on a link reaches.</summary>
    private IEnumerable<Link> Domain(Link link)
    {
        switch (link.Kind)
        {
            case LinkKind.Ether:
                return lab.Nodes.Where(static node => node.IsPoweredOn).Select(node => node.Kernel.Network.FindLink(link.Name)).OfType<Link>().Where(other => other != link && other.HasCarrier);
            case LinkKind.Veth or LinkKind.Netkit when link.Peer is { IsUp: true } peer:
                return peer.Master is { IsUp: true } bridge ? Domain(bridge).Where(other => other != link).Append(bridge) : [peer];
            case LinkKind.Bridge:
                return link.Ports.Where(static port => port.HasCarrier).Select(static port => port.Peer).OfType<Link>();
            default:
                return [];
        }
    }

    private PacketPath Tunnel(NetworkNamespace network, Link link, IPAddress next)
    {
        if (link.Tunnel!.External)
            return Encapsulate(network, link, next, other => other.Tunnel is { External: true });
        if (network.Neighbors.FirstOrDefault(neighbor => neighbor.Link == link && neighbor.Address.Equals(next)) is not { Mac: { } mac })
            return Complain(PacketFate.HostUnreachable, network);
        if (network.FdbEntries.FirstOrDefault(entry => entry.Link == link && entry.Mac == mac) is not { Destination: { } far })
            return End(PacketFate.Lost, network);
        return Encapsulate(network, link, far, other => other.Tunnel?.Id == link.Tunnel.Id && other.Mac == mac);
    }

    private PacketPath Encapsulate(NetworkNamespace network, Link link, IPAddress far, Func<Link, bool> isEnd)
    {
        var outer = new Packet
        {
            Source = link.Tunnel!.Local ?? far,
            Destination = far,
            Protocol = "udp",
            SourcePort = 32768 + packet.SourcePort % 28000,
            Port = link.Tunnel.Port,
            Size = packet.Size + 50,
        };
        var way = new PacketWalk(lab, outer, []).Send(network);
        if (way is not { Fate: PacketFate.Delivered, At: { } there }
            || there.Links.FirstOrDefault(other => other.Kind == link.Kind && other.Tunnel?.Port == link.Tunnel.Port && isEnd(other)) is not { IsUp: true } end)
        {
            return End(PacketFate.Lost, network);
        }

        AddSighting(link, true, link.Mac, end.Mac);
        foreach (var outside in way.Sightings)
        {
            if (outside.Arp is not null)
            {
                _sightings.Add(outside);
                continue;
            }

            AddSighting(outside.Link, outside.IsOutgoing, link.Mac, end.Mac);
            _sightings[^1] = _sightings[^1] with
            {
                Outer = (outside.Source, outside.Destination, link.Tunnel.Id),
                OuterSourceMac = outside.SourceMac,
                OuterDestinationMac = outside.DestinationMac,
            };
        }

        AddSighting(end, false, link.Mac, end.Mac);
        return Receive(there, end);
    }

    private AgentVerdict? Programs(NetworkNamespace network, Link link, AgentHook hook, PacketHop hop)
    {
        if (lab.ProgramsOf(network.Kernel) is not { } programs || network != network.Kernel.Network)
            return null;
        var verdict = programs.Handle(hook, link, packet);
        if (verdict.Note is { } note)
            hop.Notes.Add(note);
        return verdict;
    }

    private void Count(Link link, bool received)
    {
        lock (link.Network.Kernel.Gate)
        {
            if (received)
                link.Received = link.Received with { Packets = link.Received.Packets + 1, Bytes = link.Received.Bytes + (ulong)packet.Size };
            else
                link.Transmitted = link.Transmitted with { Packets = link.Transmitted.Packets + 1, Bytes = link.Transmitted.Bytes + (ulong)packet.Size };
        }
    }
}

/// <summary>What a network did to the first packet of a connection.</summary>
/// <param name="Source">The sender as the packet came.</param>
/// <param name="Destination">Where it was bound as it came.</param>
/// <param name="ReplyTo">The sender as it left: whom answers are for.</param>
/// <param name="ReplyFrom">Where it was bound as it left: who answers.</param>
internal sealed record Tracked(IPEndPoint Source, IPEndPoint Destination, IPEndPoint ReplyTo, IPEndPoint ReplyFrom);

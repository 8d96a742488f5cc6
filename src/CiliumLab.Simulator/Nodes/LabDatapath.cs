using System.Net;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Nodes;

/// <summary>
/// Carries packets between the nodes of a lab by what the kernels know: routes, neighbours, forwarding entries, bridges, pairs and
/// tunnels. Rules of netfilter and eBPF programs are not asked.
/// </summary>
/// <param name="nodes">The nodes; asked at each packet, so that they may change.</param>
/// <param name="natAddresses">What answers behind the interface that leads out.</param>
internal sealed class LabDatapath(Func<IReadOnlyList<SimulatedNode>> nodes, IReadOnlyList<IPAddress> natAddresses) : IDatapath
{
    /// <summary>The interface by which all nodes see each other; the other one leads out.</summary>
    public const string SharedInterface = "eth1";

    private const int MostHops = 16;

    /// <inheritdoc/>
    public EchoReply Echo(EchoRequest request)
    {
        var from = request.From;
        var link = request.Interface is { } name ? from.FindLink(name) : null;
        var route = from.Lookup(new RouteQuery(request.Destination) { Source = request.Source, OutLink = link });
        var source = request.Source ?? from.SourceFor(route, request.Destination);
        var (outcome, at, hops) = Deliver(from, request.Destination, source, request.TimeToLive);
        if (outcome != EchoOutcome.Answered)
            return new EchoReply(outcome) { From = source };
        if (at is not null && at != from && source is not null && Deliver(at, source, request.Destination, MostHops).At != from)
            return new EchoReply(EchoOutcome.Lost);
        var jitter = from.Kernel.Jitter(100);
        return new EchoReply(EchoOutcome.Answered)
        {
            From = request.Destination,
            RoundTrip = TimeSpan.FromMicroseconds(at == from ? 25 + (jitter / 4) : 330 + jitter + (40 * hops)),
            TimeToLive = 64 - Math.Max(0, hops - 1),
        };
    }

    private (EchoOutcome Outcome, NetworkNamespace? At, int Hops) Deliver(NetworkNamespace network, IPAddress destination, IPAddress? source, int timeToLive)
    {
        for (var hops = 0; hops < MostHops; hops++)
        {
            Route route;
            try
            {
                route = network.Lookup(new RouteQuery(destination) { Source = hops == 0 ? source : null });
            }
            catch (KernelException error)
            {
                return (error.Errno == Errno.PermissionDenied ? EchoOutcome.Prohibited : EchoOutcome.NetworkUnreachable, null, hops);
            }

            if (route.Type is RouteType.Local)
                return (EchoOutcome.Answered, network, hops);
            if (hops > 0 && !network.Kernel.Sysctls.IsOn("net.ipv4.ip_forward"))
                return (EchoOutcome.Lost, null, hops);
            if (hops > 0 && hops >= timeToLive)
                return (EchoOutcome.TimeExceeded, null, hops);
            var next = route.Gateway ?? destination;
            if (LeadsOut(route.Link!))
                return natAddresses.Contains(destination) ? (EchoOutcome.Answered, null, hops) : (EchoOutcome.Lost, null, hops);
            if (NextHop(network, route.Link!, next) is not { } there)
                return (route.Link!.Kind == LinkKind.Vxlan ? EchoOutcome.Lost : EchoOutcome.HostUnreachable, null, hops);
            network = there;
        }

        return (EchoOutcome.TimeExceeded, null, MostHops);
    }

    private static bool LeadsOut(Link link) => link.Kind == LinkKind.Ether && link.Name != SharedInterface;

    private NetworkNamespace? NextHop(NetworkNamespace network, Link link, IPAddress next)
    {
        if (!link.HasCarrier)
            return null;
        if (link.Kind == LinkKind.Vxlan)
            return ThroughTunnel(network, link, next);
        var owner = Domain(link).Select(other => (Link: other, Found: other.Addresses.Any(address => address.Address.Equals(next)) || AnswersFor(other, next)))
            .FirstOrDefault(other => other.Found).Link;
        network.AddNeighbor(new Neighbor(next, link, owner?.Mac, owner is null ? NeighborState.Failed : NeighborState.Reachable), replace: true);
        return owner?.Network;
    }

    // A host answers for all of its addresses on any of its links (arp_ignore 0).
    private static bool AnswersFor(Link link, IPAddress address) => link.Network.OwnerOf(address) is { IsUp: true };

    /// <summary>The links that a frame on a link reaches.</summary>
    private IEnumerable<Link> Domain(Link link)
    {
        switch (link.Kind)
        {
            case LinkKind.Ether:
                return nodes().Where(node => node.IsPoweredOn)
                    .Select(node => node.Kernel.Network.FindLink(link.Name))
                    .OfType<Link>()
                    .Where(other => other != link && other.HasCarrier);
            case LinkKind.Veth or LinkKind.Netkit when link.Peer is { IsUp: true } peer:
                return peer.Master is { IsUp: true } bridge ? Domain(bridge).Where(other => other != link).Append(bridge) : [peer];
            case LinkKind.Bridge:
                return link.Ports.Where(port => port.HasCarrier).Select(port => port.Peer).OfType<Link>();
            default:
                return [];
        }
    }

    private NetworkNamespace? ThroughTunnel(NetworkNamespace network, Link link, IPAddress next)
    {
        if (network.Neighbors.FirstOrDefault(neighbor => neighbor.Link == link && neighbor.Address.Equals(next)) is not { Mac: { } mac })
            return null;
        if (network.FdbEntries.FirstOrDefault(entry => entry.Link == link && entry.Mac == mac) is not { Destination: { } far })
            return null;
        var (outcome, at, _) = Deliver(network, far, link.Tunnel!.Local, MostHops);
        return outcome == EchoOutcome.Answered
            && at?.Links.FirstOrDefault(other => other.Kind == LinkKind.Vxlan && other.Tunnel!.Id == link.Tunnel.Id && other.Tunnel.Port == link.Tunnel.Port && other.Mac == mac) is { IsUp: true } end
                ? end.Network
                : null;
    }
}

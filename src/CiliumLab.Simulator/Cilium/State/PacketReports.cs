using System.Net;
using CiliumLab.Simulator.Datapath;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Cilium;

/// <summary>What the programs write down of the packets that they see: connections, counters, events for the monitor.</summary>
/// <param name="agent">The agent whose maps are written.</param>
internal sealed class PacketReports(CiliumAgent agent)
{
    private const byte Fin = 0x01;
    private const byte Syn = 0x02;
    private const byte Push = 0x08;
    private const byte Acknowledged = 0x10;

    private readonly Seed _cookies = agent.Seed.Fork("sockets");

    /// <summary>A protocol by the name that the datapath has for it.</summary>
    public static IpProtocol ProtocolOf(string name) => name switch { "tcp" => IpProtocol.Tcp, "udp" => IpProtocol.Udp, _ => IpProtocol.Icmp };

    /// <summary>The load balancer at a socket looked at an address.</summary>
    public void Socket(NetworkNamespace from, string point, IPEndPoint address, string protocol) => agent.Monitor.Publish(new SocketMessage(point, address, ProtocolOf(protocol.ToLowerInvariant()))
    {
        CgroupId = 7000 + (from.Cookie * 97),
        SocketCookie = (ulong)_cookies.Next(100_000),
    });

    /// <summary>The first packet of a connection passes.</summary>
    /// <param name="direction">Seen from the endpoint.</param>
    /// <param name="endpoint">The endpoint; null for the node.</param>
    /// <param name="identity">Who is at the other end.</param>
    /// <param name="packet">The packet.</param>
    /// <param name="device">The device that it leaves by, when it leaves.</param>
    public void Opened(ConnectionDirection direction, CiliumEndpoint? endpoint, uint identity, Packet packet, Link? device = null)
    {
        var tuple = TupleOf(direction, packet.Protocol, new IPEndPoint(packet.Source, packet.SourcePort), new IPEndPoint(packet.Destination, packet.Port));
        var own = endpoint?.Identity.Id ?? SecurityIdentity.Unknown;
        var source = direction == ConnectionDirection.In ? identity : own;
        agent.Conntrack.Record(new ConnectionReport(tuple, source) { SentFlags = tuple.Protocol == IpProtocol.Tcp ? Syn : (byte)0 });
        if (endpoint is null && agent.Configuration.MasqueradesInBpf)
            agent.Conntrack.Translate(tuple, tuple.Source);
        var shown = Shown(packet.Protocol, tuple.Source, tuple.Destination, "S", isReply: false);
        agent.Monitor.Publish(new TraceMessage(direction == ConnectionDirection.In ? "to-endpoint" : endpoint is null ? "to-network" : "to-stack", shown)
        {
            Hash = Hash(tuple),
            SourceIdentity = direction == ConnectionDirection.In ? identity : endpoint is null ? SecurityIdentity.Host : own,
            DestinationIdentity = direction == ConnectionDirection.In ? own : endpoint is null ? SecurityIdentity.Unknown : identity,
            State = "new",
            Interface = endpoint is null ? device?.Name ?? "" : direction == ConnectionDirection.In ? endpoint.Link!.Name : "",
            SourceEndpoint = direction == ConnectionDirection.In ? 0 : endpoint?.Id ?? 0,
            DestinationEndpoint = direction == ConnectionDirection.In ? endpoint!.Id : 0,
        });
    }

    /// <summary>A policy was asked about the first packet of a connection.</summary>
    /// <param name="direction">Seen from the endpoint.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="identity">Who is at the other end.</param>
    /// <param name="entry">The entry that decides; null when none fits.</param>
    /// <param name="isAudited">Whether the packet passes whatever is decided.</param>
    /// <param name="packet">The packet.</param>
    public void Judged(TrafficDirection direction, CiliumEndpoint endpoint, uint identity, PolicyEntry? entry, bool isAudited, Packet packet)
    {
        if (!agent.Configuration.Flag("policy-verdict-notification", true))
            return;
        var tuple = TupleOf(
            direction == TrafficDirection.Ingress ? ConnectionDirection.In : ConnectionDirection.Out, packet.Protocol, new IPEndPoint(packet.Source, packet.SourcePort), new IPEndPoint(packet.Destination, packet.Port));
        var isAllowed = entry is { IsDeny: false };
        agent.Monitor.Publish(new PolicyVerdictMessage(endpoint.Id, direction, identity, isAllowed, Shown(packet.Protocol, tuple.Source, tuple.Destination, "S", isReply: false))
        {
            Hash = Hash(tuple),
            IsAudited = !isAllowed && isAudited,
            Match = MatchOf(entry),
        });
    }

    // monitorAPI.PolicyMatchType
    private static string MatchOf(PolicyEntry? entry) => (entry?.Identity, entry?.PortBits) switch
    {
        (null, _) => "none",
        (SecurityIdentity.Unknown, 0) => "all",
        (SecurityIdentity.Unknown, 8) => "Proto-Only",
        (SecurityIdentity.Unknown, _) => "L4-Only",
        (_, 0) => "L3-Only",
        (_, 8) => "L3-Proto",
        _ => "L3-L4",
    };

    /// <summary>A later packet of a connection passes, either way.</summary>
    public void Segment(AgentHook hook, CiliumEndpoint? endpoint, Link link, PacketSegment segment)
    {
        var isIncoming = hook is AgentHook.FromNetwork or AgentHook.ToContainer;
        agent.Monitor.Account(isIncoming ? "INGRESS" : "EGRESS", 1, (ulong)segment.Size, endpoint is null ? 1699 : 1338, endpoint is null ? "bpf_host.c" : "bpf_lxc.c");
        if (hook is AgentHook.FromNetwork && endpoint is null)
            isIncoming = true;
        var direction = isIncoming == segment.IsReply ? ConnectionDirection.Out : ConnectionDirection.In;
        var (from, to) = segment.IsReply ? (segment.Destination, segment.Source) : (segment.Source, segment.Destination);
        var tuple = TupleOf(direction, segment.Protocol, from, to);
        if (!agent.Conntrack.TryRecord(tuple, segment.IsReply, FlagsOf(segment.Flags), segment.IsLast))
            return;
        if (endpoint is not null && !segment.IsReply)
            endpoint.Policy.Account(direction == ConnectionDirection.In ? TrafficDirection.Ingress : TrafficDirection.Egress, IdentityOf(direction == ConnectionDirection.In ? from : to), ProtocolOf(segment.Protocol), to.Port, 1, (ulong)segment.Size);

        // monitor-aggregation medium: only what opens or closes a connection is told.
        if (segment.Protocol == "tcp" && segment.Flags is not ("S." or "F."))
            return;
        agent.Monitor.Publish(new TraceMessage(PointOf(hook, endpoint), Shown(segment.Protocol, segment.Source, segment.Destination, segment.Flags, segment.IsReply))
        {
            Hash = Hash(tuple),
            SourceIdentity = IdentityOf(segment.Source),
            DestinationIdentity = hook == AgentHook.ToNetwork ? SecurityIdentity.Unknown : IdentityOf(segment.Destination),
            State = segment.IsReply ? "reply" : "established",
            Interface = link.Name,
            SourceEndpoint = hook == AgentHook.FromContainer ? endpoint?.Id ?? 0 : 0,
            DestinationEndpoint = hook == AgentHook.ToContainer ? endpoint?.Id ?? 0 : 0,
        });
    }

    /// <summary>A program drops a packet.</summary>
    public void Dropped(string reason, CiliumEndpoint? endpoint, uint identity, Packet packet, Link link)
    {
        var source = new IPEndPoint(packet.Source, packet.SourcePort);
        var destination = new IPEndPoint(packet.Destination, packet.Port);
        var isIncoming = endpoint is not null && packet.Destination.Equals(endpoint.Address);
        agent.Monitor.Publish(new DropMessage(reason, Shown(packet.Protocol, source, destination, "S", packet.IsReply))
        {
            SourceIdentity = isIncoming ? identity : endpoint?.Identity.Id ?? IdentityOf(source),
            DestinationIdentity = isIncoming ? endpoint!.Identity.Id : identity,
            SourceEndpoint = isIncoming ? 0 : endpoint?.Id ?? 0,
            DestinationEndpoint = isIncoming ? endpoint!.Id : 0,
            InterfaceIndex = link.Index,
        });
    }

    private static ConnectionTuple TupleOf(ConnectionDirection direction, string protocol, IPEndPoint source, IPEndPoint destination) => new(ProtocolOf(protocol), direction, source, destination);

    private static byte FlagsOf(string flags) => flags switch { "S" => Syn, "S." => Syn | Acknowledged, "F." => Fin | Acknowledged, "P." => Push | Acknowledged, "." => Acknowledged, _ => 0 };

    private static string PointOf(AgentHook hook, CiliumEndpoint? endpoint) => hook switch
    {
        AgentHook.ToContainer => "to-endpoint",
        AgentHook.ToNetwork => "to-network",
        AgentHook.FromNetwork => "from-network",
        _ => endpoint is null ? "from-host" : "to-stack",
    };

    private static MonitorPacket Shown(string protocol, IPEndPoint source, IPEndPoint destination, string flags, bool isReply) => protocol switch
    {
        "icmp" => new MonitorPacket(IpProtocol.Icmp, source, destination, isReply ? "EchoReply" : "EchoRequest") { Size = 98 },
        "udp" => new MonitorPacket(IpProtocol.Udp, source, destination),
        _ => new MonitorPacket(IpProtocol.Tcp, source, destination, flags switch { "S" => "SYN", "S." => "SYN, ACK", "F." => "ACK, FIN", _ => "ACK" }) { Size = flags is "S" or "S." ? 74 : 66 },
    };

    private uint IdentityOf(IPEndPoint address) => agent.IpCache.Lookup(address.Address)?.Identity ?? SecurityIdentity.World;

    // An echo has no ports to make a hash of.
    private uint Hash(ConnectionTuple tuple) => tuple.Protocol == IpProtocol.Icmp ? 0 : (uint)agent.Seed.Fork(tuple.ToString()).Next(int.MaxValue);
}

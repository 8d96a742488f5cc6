using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using CiliumLab.Simulator.Life;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Datapath;

/// <summary>
/// The lab's datapath: says from the state of all nodes whether a packet arrives and whether its answer comes back. A packet never
/// takes a short cut: what ping and curl see is what rules, routes and programs made of it.
/// </summary>
/// <param name="nodes">The nodes; asked at each packet.</param>
/// <param name="listeners">Who listens where.</param>
/// <param name="seed">For rules that match by chance, and ports.</param>
internal sealed class LabPackets(Func<IReadOnlyList<SimulatedNode>> nodes, ListenerTable listeners, Seed seed) : IDatapath, IConnections
{
    private const int FirstPort = 32768;
    private const int PortCount = 28232;

    private readonly Seed _chance = seed.Fork("datapath/chance");
    private readonly Seed _ports = seed.Fork("datapath/ports");
    private readonly ConcurrentDictionary<SimulatedKernel, IAgentPrograms> _programs = new();
    private readonly ConditionalWeakTable<NetworkNamespace, NetfilterConntrack> _connections = [];

    /// <summary>The nodes.</summary>
    public IReadOnlyList<SimulatedNode> Nodes => nodes();

    /// <summary>Those who capture packets.</summary>
    public PacketTaps Taps { get; } = new();

    /// <summary>What answers behind the interface that leads out.</summary>
    public IReadOnlyList<IPAddress> NatAddresses { get; } = [IPAddress.Parse("10.0.2.2"), IPAddress.Parse("10.0.2.3")];

    /// <summary>An agent loads its programs on a node, or takes them away with null.</summary>
    public void SetPrograms(SimulatedNode node, IAgentPrograms? programs)
    {
        if (programs is null)
            _programs.TryRemove(node.Kernel, out _);
        else
            _programs[node.Kernel] = programs;
    }

    /// <summary>The connections that a network tracks.</summary>
    public NetfilterConntrack ConnectionsOf(NetworkNamespace network) => _connections.GetValue(network, static _ => new NetfilterConntrack());

    /// <inheritdoc/>
    public EchoReply Echo(EchoRequest request)
    {
        var from = request.From;
        var link = request.Interface is { } name ? from.FindLink(name) : null;
        var route = from.Lookup(new RouteQuery(request.Destination) { Source = request.Source, OutLink = link });
        var source = request.Source ?? from.SourceFor(route, request.Destination);
        var (path, reply, packet, _) = Exchange(from, request.Destination, 0, "icmp", source, link, request.Size + 28, request.TimeToLive, request.Id);
        var payload = EchoPayload(request, from.Kernel.Clock.GetUtcNow());
        Converse(path, reply, packet).Datagrams(payload, payload, (uint)request.Sequence);
        if (path.Fate == PacketFate.Delivered && reply is null or { Fate: PacketFate.Delivered })
        {
            var jitter = from.Kernel.Jitter(100);
            return new EchoReply(EchoOutcome.Answered)
            {
                From = request.Destination,
                RoundTrip = TimeSpan.FromMicroseconds(path.At == from ? 25 + (jitter / 4) : 330 + jitter + (40 * path.Hops.Count)),
                TimeToLive = 64 - (reply?.Forwarded ?? 0),
            };
        }

        return new EchoReply(path.Fate switch
        {
            PacketFate.HostUnreachable or PacketFate.Rejected => EchoOutcome.HostUnreachable,
            PacketFate.NetworkUnreachable => EchoOutcome.NetworkUnreachable,
            PacketFate.Prohibited => EchoOutcome.Prohibited,
            PacketFate.TimeExceeded => EchoOutcome.TimeExceeded,
            _ => EchoOutcome.Lost,
        })
        {
            From = path.At == from ? source : path.Complainer ?? source,
        };
    }

    /// <inheritdoc/>
    public ConnectReply Connect(ConnectRequest request) => Trace(request).Reply;

    /// <summary>Opens a connection and gives the way of its first packet and of the answer, too.</summary>
    public (ConnectReply Reply, PacketPath? There, PacketPath? Back) Trace(ConnectRequest request)
    {
        var (address, port) = (request.Destination, request.Port);
        var protocol = request.Protocol.ToLowerInvariant();
        if (ProgramsOf(request.From.Kernel)?.TranslateSocket(request.From, address, port, protocol) is { } translation)
        {
            if (translation.Backend is not { } backend)
                return (new ConnectReply(ConnectOutcome.HostUnreachable), null, null);
            (address, port) = (backend.Address, backend.Port);
        }

        Route route;
        try
        {
            route = request.From.Lookup(new RouteQuery(address));
        }
        catch (KernelException error)
        {
            return (new ConnectReply(error.Errno == Errno.HostUnreachable ? ConnectOutcome.HostUnreachable : ConnectOutcome.NetworkUnreachable), null, null);
        }

        var source = request.From.SourceFor(route, address);
        var (path, back, packet, local) = Exchange(request.From, address, port, protocol, source, null, 60, 64, request.SourcePort);
        var peer = new IPEndPoint(address, port);
        var outcome = path.Fate switch
        {
            PacketFate.Delivered => back?.Fate == PacketFate.Delivered ? ConnectOutcome.Connected : ConnectOutcome.TimedOut,
            PacketFate.Rejected => ConnectOutcome.Refused,
            PacketFate.HostUnreachable => ConnectOutcome.HostUnreachable,
            PacketFate.NetworkUnreachable or PacketFate.Prohibited => ConnectOutcome.NetworkUnreachable,
            _ => ConnectOutcome.TimedOut,
        };
        var server = path.At is null ? null : listeners.Find(path.At, packet.Port, request.Protocol.ToUpperInvariant());
        var conversation = Converse(path, server is null && protocol != "tcp" ? null : back, packet);
        if (protocol == "tcp")
            conversation.Open(isRefused: server is null);
        if (outcome != ConnectOutcome.Connected || path.At is null)
        {
            var failed = outcome == ConnectOutcome.Connected ? ConnectOutcome.TimedOut : outcome;
            return (new ConnectReply(failed) { Carried = protocol == "tcp" ? null : conversation.Ask, QuestionId = conversation.QuestionId, Local = local, Peer = peer }, path, back);
        }

        if (server is null)
            return (new ConnectReply(ConnectOutcome.Refused) { Carried = protocol == "tcp" ? null : conversation.Ask, QuestionId = conversation.QuestionId, Local = local, Peer = peer }, path, back);
        return (new ConnectReply(ConnectOutcome.Connected)
        {
            Server = server,
            Carried = conversation.Ask,
            QuestionId = conversation.QuestionId,
            Local = local,
            Peer = peer,
            Client = new IPEndPoint(packet.Source, packet.SourcePort),
            Remote = new IPEndPoint(packet.Destination, packet.Port),
            RoundTrip = TimeSpan.FromMicroseconds(60 + (90 * path.Hops.Count)),
        }, path, back);
    }

    /// <summary>A number from zero to below one.</summary>
    internal double Chance() => (_chance.Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>The programs of a node; null when no agent loaded any.</summary>
    internal IAgentPrograms? ProgramsOf(SimulatedKernel kernel) => _programs.GetValueOrDefault(kernel);

    private Conversation Converse(PacketPath path, PacketPath? back, Packet packet) =>
        new(this, packet.Protocol, path, back?.Fate == PacketFate.Delivered && path.Fate == PacketFate.Delivered ? back : null, (uint)(_ports.Next(int.MaxValue) ^ packet.SourcePort));

    private (PacketPath Path, PacketPath? Back, Packet Packet, IPEndPoint Local) Exchange(
        NetworkNamespace from, IPAddress destination, int port, string protocol, IPAddress? source, Link? bound, int size, int timeToLive, int sourcePort = 0)
    {
        var first = new IPEndPoint(source ?? IPAddress.Any, sourcePort != 0 ? sourcePort : FirstPort + _ports.Next(PortCount));
        var packet = new Packet { Source = first.Address, Destination = destination, Protocol = protocol, SourcePort = first.Port, Port = port, Size = size, TimeToLive = timeToLive };
        var flow = new Dictionary<NetworkNamespace, Tracked>();
        var path = new PacketWalk(this, packet, flow).Send(from, bound);
        if (path.Fate != PacketFate.Delivered || path.At is not { } there)
        {
            Remember(flow, protocol, answered: path is { Fate: PacketFate.Delivered });
            return (path, null, packet, first);
        }

        var answer = new Packet { Source = packet.Destination, Destination = packet.Source, Protocol = protocol, SourcePort = packet.Port, Port = packet.SourcePort, Size = size, IsReply = true };
        var back = there == from ? Reversed(path) : Return(from, answer, there, flow, first, new IPEndPoint(destination, port));
        Remember(flow, protocol, back.Fate == PacketFate.Delivered);
        return (path, back, packet, first);
    }

    // iputils puts the time in front when there is room, and counts behind it.
    private static byte[] EchoPayload(EchoRequest request, DateTimeOffset now)
    {
        const int TimeBytes = 16;
        var payload = new byte[request.Size];
        for (var index = 0; index < payload.Length; index++)
            payload[index] = (byte)index;
        if (payload.Length >= TimeBytes)
        {
            BinaryPrimitives.WriteInt64LittleEndian(payload, now.ToUnixTimeSeconds());
            BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(8), now.Ticks / TimeSpan.TicksPerMicrosecond % 1_000_000);
        }

        return payload;
    }

    // Whoever answers himself is answered the way that he came.
    private static PacketPath Reversed(PacketPath path) => path with
    {
        Sightings =
        [
            .. path.Sightings.Where(static at => at.Arp is null).Reverse().Select(static at => at with
            {
                Source = at.Destination,
                Destination = at.Source,
                SourceMac = at.DestinationMac,
                DestinationMac = at.SourceMac,
                OuterSourceMac = at.OuterDestinationMac,
                OuterDestinationMac = at.OuterSourceMac,
                Outer = at.Outer is { } outer ? (outer.Destination, outer.Source, outer.Id) : null,
                IsOutgoing = at.Link.Kind != LinkKind.Loopback && !at.IsOutgoing,
            }),
        ],
    };

    // An answer that comes from somebody else than who was asked, or to another port, is none.
    private PacketPath Return(NetworkNamespace from, Packet answer, NetworkNamespace there, Dictionary<NetworkNamespace, Tracked> flow, IPEndPoint first, IPEndPoint asked)
    {
        var back = new PacketWalk(this, answer, flow).Send(there);
        if (back.Fate != PacketFate.Delivered || back.At != from)
            return back.Fate == PacketFate.Delivered ? back with { Fate = PacketFate.Lost } : back;
        if (flow.TryGetValue(from, out var own) && own.ReplyFrom.Address.Equals(answer.Source) && own.ReplyFrom.Port == answer.SourcePort)
            (answer.Source, answer.SourcePort) = (own.Destination.Address, own.Destination.Port);
        return answer.Source.Equals(asked.Address) && answer.SourcePort == asked.Port && answer.Destination.Equals(first.Address) && answer.Port == first.Port
            ? back
            : back with { Fate = PacketFate.Lost };
    }

    private void Remember(Dictionary<NetworkNamespace, Tracked> flow, string protocol, bool answered)
    {
        foreach (var (network, seen) in flow)
        {
            if (seen.Source.AddressFamily != AddressFamily.InterNetwork)
                continue;
            var lasts = TimeSpan.FromSeconds(protocol == "tcp" ? 120 : 30);
            ConnectionsOf(network).Add(new NetfilterConnection(protocol, seen.Source, seen.Destination, seen.ReplyFrom, seen.ReplyTo, network.Kernel.Clock.GetUtcNow() + lasts) { ReplyPackets = answered ? 1UL : 0 });
        }
    }
}

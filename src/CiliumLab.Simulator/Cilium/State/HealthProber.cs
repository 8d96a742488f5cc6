using System.Net;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Nodes;

namespace CiliumLab.Simulator.Cilium;

/// <summary>What came of asking one address.</summary>
/// <param name="Address">The address.</param>
/// <param name="EchoNanoseconds">How long an echo took; null when none came.</param>
/// <param name="HttpNanoseconds">How long the agent's answer took; null when none came.</param>
/// <param name="HttpError">Why none came.</param>
internal sealed record HealthPath(IPAddress Address, long? EchoNanoseconds, long? HttpNanoseconds, string HttpError)
{
    public bool IsHealthy => EchoNanoseconds is not null && HttpNanoseconds is not null;

    /// <summary>As models.PathStatus.</summary>
    public JsonObject ToJson() => new()
    {
        ["http"] = new JsonObject().With("latency", HttpNanoseconds).With("status", HttpNanoseconds is null ? HttpError : ""),
        ["icmp"] = new JsonObject().With("latency", EchoNanoseconds).With("status", EchoNanoseconds is null ? "Connection timed out" : ""),
        ["ip"] = Address.ToString(),
    };
}

/// <summary>What came of asking one node.</summary>
internal sealed record HealthOfNode(string Name, HealthPath Host, HealthPath? Endpoint);

/// <summary>Asks all nodes, and the health endpoint on each, whether they are there; once a minute and on demand.</summary>
/// <param name="agent">The agent that asks.</param>
internal sealed class HealthProber(CiliumAgent agent)
{
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    private const int AgentPort = 4240;

    private readonly Seed _noise = agent.Seed.Fork("health");

    /// <summary>The results of the last probe, this node first.</summary>
    public IReadOnlyList<HealthOfNode> Nodes { get; private set; } = [];

    /// <summary>When the last probe was.</summary>
    public DateTimeOffset ProbedAt { get; private set; }

    /// <summary>Begins anew, as cilium-health does with its agent.</summary>
    public void Restart()
    {
        Nodes = [];
        ProbedAt = default;
    }

    /// <summary>
    /// Asks all nodes. Whoever calls holds no node's lock, and none is held while another one's is taken: nodes ask each other at the
    /// same time.
    /// </summary>
    public void Probe()
    {
        DateTimeOffset now;
        List<CiliumNodeView> nodes;
        lock (agent.Node.Kernel.Gate)
        {
            if (!agent.IsReady)
                return;
            now = agent.Now;
            var self = new CiliumNodeView(agent.Node.Name, agent.NodeAddress, agent.Router, agent.Endpoints.Health?.Address, agent.Pool?.Prefix);
            nodes = [self, .. agent.Peers.Nodes];
        }

        var found = nodes.ConvertAll(node => new HealthOfNode(node.Name, Ask(node, node.Address), node.Health is { } health ? Ask(node, health) : null));
        lock (agent.Node.Kernel.Gate)
        {
            if (agent.IsReady)
                (ProbedAt, Nodes) = (now, found);
        }
    }

    private HealthPath Ask(CiliumNodeView node, IPAddress address)
    {
        var isLocal = node.Name == agent.Node.Name;
        EchoReply reply;
        try
        {
            reply = agent.Node.Datapath.Echo(new EchoRequest(agent.Node.Kernel.Network, address));
        }
        catch (KernelException)
        {
            reply = new EchoReply(EchoOutcome.NetworkUnreachable);
        }

        var answered = reply.Outcome == EchoOutcome.Answered;
        var other = agent.Cilium.Find(node.Name);
        var isServed = answered && other is { IsReady: true };
        Record(isLocal, address, answered, isServed, other);
        var echo = answered ? 60_000 + _noise.Next(200_000) + (isLocal ? 0 : reply.RoundTrip.Ticks * 100) : (long?)null;
        return new HealthPath(address, echo, isServed ? echo + 150_000 + _noise.Next(350_000) : null, answered
            ? $"Get \"http://{address}:{AgentPort}/hello\": dial tcp {address}:{AgentPort}: connect: connection refused"
            : $"Get \"http://{address}:{AgentPort}/hello\": context deadline exceeded (Client.Timeout exceeded while awaiting headers)");
    }

    private void Record(bool isLocal, IPAddress address, bool answered, bool isServed, CiliumAgent? other)
    {
        IPEndPoint echo;
        IPEndPoint call;
        lock (agent.Node.Kernel.Gate)
        {
            var from = agent.NodeAddress;
            echo = new IPEndPoint(from, 1024 + _noise.Next(64000));
            call = new IPEndPoint(from, 32768 + _noise.Next(28000));
            if (!isLocal)
                RecordAsked(echo, call, address, answered, isServed);
        }

        if (!answered || other is null)
            return;
        lock (other.Node.Kernel.Gate)
            RecordAnswered(isLocal, echo, call, address, isServed, other);
    }

    private void RecordAsked(IPEndPoint echo, IPEndPoint call, IPAddress address, bool answered, bool isServed)
    {
        var asked = new ConnectionTuple(IpProtocol.Icmp, ConnectionDirection.Out, echo, new IPEndPoint(address, 0));
        agent.Conntrack.Record(new ConnectionReport(asked, SecurityIdentity.Unknown) { IsAnswered = answered });
        agent.Conntrack.Translate(asked, echo);
        Trace(asked, SecurityIdentity.Unknown, "new", "EchoRequest");
        if (isServed)
        {
            var opened = new ConnectionTuple(IpProtocol.Tcp, ConnectionDirection.Out, call, new IPEndPoint(address, AgentPort));
            agent.Conntrack.Record(new ConnectionReport(opened, SecurityIdentity.Unknown) { IsAnswered = true, IsClosed = true, SentFlags = 0x1b, ReceivedFlags = 0x1b });
            Trace(opened, SecurityIdentity.Unknown, "established", "ACK");
        }
    }

    private static void RecordAnswered(bool isLocal, IPEndPoint echo, IPEndPoint call, IPAddress address, bool isServed, CiliumAgent other)
    {
        if (other.Endpoints.Health is not { } endpoint || !address.Equals(endpoint.Address))
            return;
        var identity = isLocal ? SecurityIdentity.Host : other.IpCache.Lookup(echo.Address)?.Identity ?? SecurityIdentity.RemoteNode;
        other.Conntrack.Record(new ConnectionReport(new ConnectionTuple(IpProtocol.Icmp, ConnectionDirection.In, echo, new IPEndPoint(address, 0)), identity) { IsAnswered = true });
        endpoint.Policy.Account(TrafficDirection.Ingress, identity, IpProtocol.Icmp, 0, 1, 50);
        if (!isServed)
            return;
        other.Conntrack.Record(new ConnectionReport(new ConnectionTuple(IpProtocol.Tcp, ConnectionDirection.In, call, new IPEndPoint(address, AgentPort)), identity) { IsAnswered = true, IsClosed = true, SentFlags = 0x1b, ReceivedFlags = 0x1b });
        endpoint.Policy.Account(TrafficDirection.Ingress, identity, IpProtocol.Tcp, AgentPort, 6, 517);
    }

    private void Trace(ConnectionTuple tuple, uint destination, string state, string details)
    {
        agent.Monitor.Account("EGRESS", 1, 98, 1699, "bpf_host.c");
        agent.Monitor.Publish(new TraceMessage("to-network", new MonitorPacket(tuple.Protocol, tuple.Source, tuple.Destination, details))
        {
            SourceIdentity = SecurityIdentity.Host,
            DestinationIdentity = destination,
            State = state,
            Interface = agent.Devices.FirstOrDefault(row => row.Link.Addresses.Any(one => one.Address.Equals(tuple.Source.Address)))?.Link.Name ?? "",
            Hash = tuple.Protocol == IpProtocol.Icmp ? 0 : (uint)_noise.Next(int.MaxValue),
        });
    }
}

using System.Net;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Cilium;

/// <summary>A packet as the monitor shows it.</summary>
/// <param name="Protocol">The protocol.</param>
/// <param name="Source">Address and port; port 0 for echoes.</param>
/// <param name="Destination">Address and port; port 0 for echoes.</param>
/// <param name="Details">TCP flags as <c>ACK</c> or <c>SYN, ACK</c>, or what an ICMP message is, as <c>EchoRequest</c>.</param>
internal sealed record MonitorPacket(IpProtocol Protocol, IPEndPoint Source, IPEndPoint Destination, string Details = "")
{
    private static readonly string[] TcpFlags = ["FIN", "SYN", "RST", "PSH", "ACK", "URG", "ECE", "CWR", "NS"];

    /// <summary>Bytes on the wire.</summary>
    public int Size { get; init; } = 66;

    /// <summary>As the monitor's text has it.</summary>
    public string Text => Protocol == IpProtocol.Icmp
        ? $"{Source.Address} -> {Destination.Address} {Details}"
        : $"{Source} -> {Destination} {Protocol.ToString().ToLowerInvariant()}{(Details.Length > 0 ? " " + Details : "")}";

    /// <summary>As monitor.DissectSummary.</summary>
    public JsonObject ToJson()
    {
        var json = new JsonObject()
            .With("ipv4", $"{{Contents=[..20..] Payload=[..{Size - 34}..] Version=4 IHL=5 TTL=64 Protocol={(Protocol == IpProtocol.Icmp ? "ICMPv4" : Protocol.ToString().ToUpperInvariant())} SrcIP={Source.Address} DstIP={Destination.Address}}}");
        json = Protocol switch
        {
            IpProtocol.Icmp => json.With("icmpv4", $"{{TypeCode={Details}}}"),
            IpProtocol.Tcp => json.With("tcp", $"{{SrcPort={Source.Port} DstPort={Destination.Port} {string.Join(' ', TcpFlags.Select(flag => $"{flag}={(Details.Contains(flag, StringComparison.Ordinal) ? "true" : "false")}"))}}}"),
            _ => json.With(Protocol.ToString().ToLowerInvariant(), $"{{SrcPort={Source.Port} DstPort={Destination.Port}}}"),
        };
        json["l3"] = new JsonObject().With("src", Source.Address.ToString()).With("dst", Destination.Address.ToString());
        if (Protocol != IpProtocol.Icmp)
            json["l4"] = new JsonObject().With("src", Source.Port.ToString(null, null)).With("dst", Destination.Port.ToString(null, null));
        return json;
    }
}

/// <summary>Something that the eBPF programs of a node tell.</summary>
/// <param name="Type">As <c>monitor -t</c> names it: <c>trace</c>, <c>drop</c>, <c>policy-verdict</c>, <c>trace-sock</c>.</param>
internal abstract record MonitorMessage(string Type)
{
    /// <summary>The processor on which it was told.</summary>
    public int Processor { get; init; } = 1;

    /// <summary>The endpoints that it has to do with.</summary>
    public virtual IEnumerable<int> Endpoints => [];

    /// <summary>The line without and with <c>-v</c>.</summary>
    public abstract string Text(bool isNumeric);

    /// <summary>The object of <c>-j</c>; null for what has none and stays a line of text.</summary>
    public virtual JsonObject? ToJson() => null;

    private protected static string Name(uint identity, bool isNumeric) => !isNumeric && identity <= 10
        ? identity == 0 ? "unknown" : SecurityIdentity.OfReserved(identity).Labels[0]["reserved:".Length..]
        : identity.ToString(null, null);
}

/// <summary>A packet passed a point.</summary>
internal sealed record TraceMessage(string Point, MonitorPacket Packet) : MonitorMessage("trace")
{
    public uint Hash { get; init; }

    public uint SourceIdentity { get; init; }

    public uint DestinationIdentity { get; init; }

    /// <summary><c>new</c>, <c>established</c>, <c>reply</c>, <c>related</c>, <c>unknown</c>.</summary>
    public string State { get; init; } = "established";

    public string Interface { get; init; } = "";

    /// <summary>The endpoint that told it; 0 for the host's programs.</summary>
    public int SourceEndpoint { get; init; }

    /// <summary>Where the packet goes: an endpoint's number.</summary>
    public int DestinationEndpoint { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<int> Endpoints => [SourceEndpoint, DestinationEndpoint];

    private string Summary => Point switch
    {
        "to-endpoint" => $"-> endpoint {DestinationEndpoint}",
        "from-endpoint" => $"<- endpoint {SourceEndpoint}",
        ['t', 'o', '-', .. var to] => "-> " + to,
        ['f', 'r', 'o', 'm', '-', .. var from] => "<- " + from,
        _ => Point,
    };

    /// <inheritdoc/>
    public override string Text(bool isNumeric) =>
        $"{Summary} flow 0x{Hash:x} , identity {Name(SourceIdentity, isNumeric)}->{Name(DestinationIdentity, isNumeric)} state {State} ifindex {(Interface.Length > 0 ? Interface : "0")} orig-ip {Packet.Source.Address}: {Packet.Text}";

    /// <inheritdoc/>
    public override JsonObject ToJson() => new JsonObject()
        .With("cpu", $"CPU {Processor:d2}:").With("type", "trace").With("mark", $"0x{Hash:x}").With("ifindex", Interface).With("state", State).With("observationPoint", Point)
        .With("traceSummary", Summary).With("source", SourceEndpoint).With("bytes", Packet.Size).With("srcLabel", SourceIdentity).With("dstLabel", DestinationIdentity)
        .With("dstID", DestinationEndpoint).With("summary", Packet.ToJson());
}

/// <summary>A packet was dropped.</summary>
internal sealed record DropMessage(string Reason, MonitorPacket Packet) : MonitorMessage("drop")
{
    public uint Hash { get; init; }

    public uint SourceIdentity { get; init; }

    public uint DestinationIdentity { get; init; }

    public int SourceEndpoint { get; init; }

    public int DestinationEndpoint { get; init; }

    public int InterfaceIndex { get; init; }

    public string File { get; init; } = "bpf_lxc.c";

    public int Line { get; init; }

    /// <inheritdoc/>
    public override IEnumerable<int> Endpoints => [SourceEndpoint, DestinationEndpoint];

    /// <inheritdoc/>
    public override string Text(bool isNumeric) =>
        $"xx drop ({Reason}) flow 0x{Hash:x} to endpoint {DestinationEndpoint}, ifindex {InterfaceIndex}, file {File}:{Line}, , identity {Name(SourceIdentity, isNumeric)}->{Name(DestinationIdentity, isNumeric)}: {Packet.Text}";

    /// <inheritdoc/>
    public override JsonObject ToJson() => new JsonObject()
        .With("cpu", $"CPU {Processor:d2}:").With("type", "drop").With("mark", $"0x{Hash:x}").With("reason", Reason).With("source", SourceEndpoint).With("bytes", Packet.Size)
        .With("srcLabel", SourceIdentity).With("dstLabel", DestinationIdentity).With("dstID", DestinationEndpoint).With("Line", Line).With("File", 2).With("ExtError", 0)
        .With("Ifindex", InterfaceIndex).With("summary", Packet.ToJson());
}

/// <summary>A policy was asked about a new connection.</summary>
internal sealed record PolicyVerdictMessage(int Endpoint, TrafficDirection Direction, uint RemoteIdentity, bool IsAllowed, MonitorPacket Packet) : MonitorMessage("policy-verdict")
{
    public uint Hash { get; init; }

    /// <summary>It passes although it is denied: the endpoint is in audit mode.</summary>
    public bool IsAudited { get; init; }

    /// <summary>What kind of entry decided.</summary>
    public string Match { get; init; } = "all";

    /// <inheritdoc/>
    public override IEnumerable<int> Endpoints => [Endpoint];

    /// <inheritdoc/>
    public override string Text(bool isNumeric) =>
        $"Policy verdict log: flow 0x{Hash:x} local EP ID {Endpoint}, remote ID {Name(RemoteIdentity, isNumeric)}, proto {(int)Packet.Protocol}, {Direction.ToString().ToLowerInvariant()}, action {(IsAllowed ? "allow" : IsAudited ? "audit" : "deny")}, auth: disabled, match {Match}, {Packet.Text}";
}

/// <summary>The socket load balancer translated an address, or looked whether it must.</summary>
/// <param name="Point"><c>pre-xlate-fwd</c>, <c>post-xlate-fwd</c>, <c>pre-xlate-rev</c>, <c>post-xlate-rev</c>.</param>
/// <param name="Destination">The other end.</param>
/// <param name="Protocol">TCP or UDP.</param>
internal sealed record SocketMessage(string Point, IPEndPoint Destination, IpProtocol Protocol = IpProtocol.Tcp) : MonitorMessage("trace-sock")
{
    public ulong CgroupId { get; init; }

    public ulong SocketCookie { get; init; }

    /// <inheritdoc/>
    public override string Text(bool isNumeric) =>
        $"CPU {Processor:d2}: [{Point}] cgroup_id: {CgroupId} sock_cookie: {SocketCookie}, dst [{Destination.Address}]:{Destination.Port} {Protocol.ToString().ToLowerInvariant()} ";

    /// <inheritdoc/>
    public override JsonObject ToJson() => new JsonObject()
        .With("type", "trace_sock").With("cpu", $"CPU {Processor:d2}:").With("xlatePoint", Point).With("dstIP", Destination.Address.ToString()).With("dstPort", Destination.Port)
        .With("l4Proto", Protocol.ToString().ToUpperInvariant()).With("sockCookie", SocketCookie).With("cgroupID", CgroupId);
}

/// <summary>The agent did something with an endpoint (EndpointNotification of pkg/monitor/api).</summary>
/// <param name="What">As the monitor says it: <c>Endpoint created</c>.</param>
/// <param name="Endpoint">The endpoint.</param>
/// <param name="Labels">Its labels.</param>
/// <param name="Namespace">Its pod's namespace; null when it has no pod.</param>
/// <param name="Pod">Its pod; null when it has none.</param>
internal sealed record AgentMessage(string What, int Endpoint, IReadOnlyList<string> Labels, string? Namespace, string? Pod) : MonitorMessage("agent")
{
    /// <inheritdoc/>
    public override IEnumerable<int> Endpoints => [Endpoint];

    private JsonObject Notification => new JsonObject().With("id", Endpoint).With("labels", GoJson.Array(Labels)).With("pod-name", Pod).With("namespace", Namespace);

    /// <inheritdoc/>
    public override string Text(bool isNumeric) => $">> {What}: {GoJson.Compact(Notification)}";

    /// <inheritdoc/>
    public override JsonObject ToJson() => new JsonObject().With("type", "agent").With("subtype", What).With("message", Notification);
}

/// <summary>Messages were lost, because nobody read them in time.</summary>
/// <param name="Number">How many.</param>
internal sealed record LostMessage(int Number) : MonitorMessage("lost")
{
    /// <inheritdoc/>
    public override string Text(bool isNumeric) => $"CPU {Processor:d2}: Lost {Number} events";
}

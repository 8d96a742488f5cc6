using System.Net;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Cilium;

/// <summary>From which side a connection is seen.</summary>
internal enum ConnectionDirection
{
    Out,
    In,
    Service,
}

/// <summary>IP protocol numbers that the datapath tracks.</summary>
internal enum IpProtocol : byte
{
    Icmp = 1,
    Tcp = 6,
    Udp = 17,
    Sctp = 132,
}

/// <summary>What distinguishes a connection. An echo's identifier is in the place of the port of whoever asked.</summary>
internal sealed record ConnectionTuple(IpProtocol Protocol, ConnectionDirection Direction, IPEndPoint Source, IPEndPoint Destination)
{
    /// <summary>The protocol as Cilium prints it.</summary>
    public string ProtocolName => Protocol.ToString().ToUpperInvariant();

    /// <summary>The direction as Cilium prints it.</summary>
    public string DirectionName => Direction switch { ConnectionDirection.In => "IN", ConnectionDirection.Out => "OUT", _ => "SVC" };

    /// <summary>As tuple.TupleKey4; ports are in the order of the network.</summary>
    /// <param name="swap">Conntrack keeps the addresses the other way round (cilium issue 5848), and only text puts that right.</param>
    public JsonObject ToJson(bool swap)
    {
        var (from, to) = swap ? (Destination, Source) : (Source, Destination);
        return new JsonObject
        {
            ["DestAddr"] = Bytes(to.Address),
            ["SourceAddr"] = Bytes(from.Address),
            ["DestPort"] = GoText.NetworkOrder(Destination.Port),
            ["SourcePort"] = GoText.NetworkOrder(Source.Port),
            ["NextHeader"] = (int)Protocol,
            ["Flags"] = Direction switch { ConnectionDirection.In => 1, ConnectionDirection.Out => 0, _ => 4 },
        };
    }

    internal static JsonArray Bytes(IPAddress address) => [.. address.GetAddressBytes().Select(static part => (JsonNode?)(int)part)];

    /// <inheritdoc/>
    public override string ToString() => $"{ProtocolName} {DirectionName} {Source} -> {Destination}";
}

/// <summary>Packets of a connection that the datapath saw.</summary>
/// <param name="Tuple">The connection.</param>
/// <param name="SourceIdentity">Who began it.</param>
internal sealed record ConnectionReport(ConnectionTuple Tuple, uint SourceIdentity)
{
    /// <summary>TCP flags that were sent, or'ed.</summary>
    public byte SentFlags { get; init; }

    /// <summary>TCP flags that came back, or'ed.</summary>
    public byte ReceivedFlags { get; init; }

    /// <summary>Whether something came back.</summary>
    public bool IsAnswered { get; init; }

    /// <summary>Whether both sides have finished.</summary>
    public bool IsClosed { get; init; }

    /// <summary>The service's number, so that answers get its address; 0 for none.</summary>
    public ushort RevNat { get; init; }

    /// <summary>The backend that was chosen; 0 for none.</summary>
    public uint BackendId { get; init; }
}

/// <summary>A tracked connection.</summary>
internal sealed class ConnectionEntry(ConnectionTuple tuple)
{
    public const ushort RxClosing = 1;
    public const ushort TxClosing = 2;
    public const ushort SeenNonSyn = 16;

    public ConnectionTuple Tuple { get; } = tuple;

    public DateTimeOffset Created { get; init; }

    public DateTimeOffset Expires { get; set; }

    /// <summary>Seconds of the kernel's clock.</summary>
    public uint Lifetime { get; set; }

    public ushort Flags { get; set; }

    public ushort RevNat { get; set; }

    public byte SentFlags { get; set; }

    public byte ReceivedFlags { get; set; }

    public uint LastSent { get; set; }

    public uint LastReceived { get; set; }

    public uint SourceIdentity { get; set; }

    public uint BackendId { get; set; }

    /// <summary>The line of <c>bpf ct list</c>, with the blank that Cilium leaves at its end.</summary>
    public string Text(string? remaining) =>
        $"{Tuple} expires={Lifetime}{(remaining is null ? "" : $" ({remaining})")} Packets=0 Bytes=0 RxFlagsSeen=0x{ReceivedFlags:x2} LastRxReport={LastReceived} TxFlagsSeen=0x{SentFlags:x2} LastTxReport={LastSent} "
        + $"Flags=0x{Flags:x4} [ {Names}] RevNAT={RevNat} SourceSecurityID={SourceIdentity} IfIndex=0 BackendID={(Tuple.Direction == ConnectionDirection.Service ? BackendId : 0)} ";

    /// <summary>As ctmap.CtEntry, whose fields have no JSON names of their own.</summary>
    public JsonObject ToJson() => new()
    {
        ["Union0"] = new JsonArray(0, Tuple.Direction == ConnectionDirection.Service ? BackendId : 0u),
        ["Packets"] = 0,
        ["Bytes"] = 0,
        [nameof(Lifetime)] = Lifetime,
        [nameof(Flags)] = Flags,
        ["RevNAT"] = GoText.NetworkOrder(RevNat),
        ["TxFlagsSeen"] = SentFlags,
        ["RxFlagsSeen"] = ReceivedFlags,
        ["SourceSecurityID"] = SourceIdentity,
        ["LastTxReport"] = LastSent,
        ["LastRxReport"] = LastReceived,
    };

    private string Names => string.Concat(
        (Flags & RxClosing) != 0 ? "RxClosing " : "", (Flags & TxClosing) != 0 ? "TxClosing " : "", (Flags & SeenNonSyn) != 0 ? "SeenNonSyn " : "");
}

/// <summary>An address translation of the node.</summary>
/// <param name="Tuple">The packet that is translated.</param>
/// <param name="Translated">What its source, of a packet that leaves, or its destination, of one that comes in, becomes.</param>
/// <param name="Created">When.</param>
internal sealed record NatEntry(ConnectionTuple Tuple, IPEndPoint Translated, DateTimeOffset Created)
{
    /// <summary>The line of <c>bpf nat list</c>.</summary>
    public string Text(DateTimeOffset now) =>
        $"{Tuple} XLATE_{(Tuple.Direction == ConnectionDirection.In ? "DST" : "SRC")} {Translated} Created={(long)(now - Created).TotalSeconds}sec ago NeedsCT=1";

    /// <summary>As nat.NatEntry4.</summary>
    public JsonObject ToJson(DateTimeOffset bootedAt) => new()
    {
        [nameof(Created)] = (ulong)(Created - bootedAt).Ticks * 100,
        ["NeedsCT"] = 1,
        ["Pad1"] = 0,
        ["Pad2"] = 0,
        ["Addr"] = ConnectionTuple.Bytes(Translated.Address),
        ["Port"] = GoText.NetworkOrder(Translated.Port),
    };
}

/// <summary>
/// The connections and translations of one node. The datapath reports what it sees; entries run out with the clock and go at the next
/// sweep of the agent.
/// </summary>
/// <param name="clock">What time it is.</param>
/// <param name="bootedAt">When the kernel's clock was zero.</param>
internal sealed class BpfConntrack(TimeProvider clock, Func<DateTimeOffset> bootedAt)
{
    // bpf-ct-timeout-* of pkg/option.
    private static readonly TimeSpan AnyLifetime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan SynLifetime = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan TcpLifetime = TimeSpan.FromSeconds(8000);
    private static readonly TimeSpan ClosingLifetime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SweepInterval = TimeSpan.FromMinutes(5);

    private readonly Dictionary<ConnectionTuple, ConnectionEntry> _entries = [];
    private readonly Dictionary<ConnectionTuple, NatEntry> _translations = [];

    /// <summary>The connections, TCP first, as the two maps are read.</summary>
    public IReadOnlyList<ConnectionEntry> Entries
    {
        get
        {
            Sweep();
            return [.. _entries.Values.Where(static entry => entry.Tuple.Protocol == IpProtocol.Tcp), .. _entries.Values.Where(static entry => entry.Tuple.Protocol != IpProtocol.Tcp)];
        }
    }

    /// <summary>The translations.</summary>
    public IReadOnlyList<NatEntry> Translations
    {
        get
        {
            Sweep();
            return [.. _translations.Values];
        }
    }

    /// <summary>Notes packets of a connection.</summary>
    public ConnectionEntry Record(ConnectionReport report)
    {
        var now = clock.GetUtcNow();
        var seconds = (uint)(now - bootedAt()).TotalSeconds;
        if (!_entries.TryGetValue(report.Tuple, out var entry))
            _entries[report.Tuple] = entry = new ConnectionEntry(report.Tuple) { Created = now };
        var lifetime = report.Tuple.Protocol != IpProtocol.Tcp ? AnyLifetime : report.IsClosed ? ClosingLifetime : report.IsAnswered ? TcpLifetime : SynLifetime;
        entry.Expires = now + lifetime;
        entry.Lifetime = seconds + (uint)lifetime.TotalSeconds;
        (entry.RevNat, entry.BackendId, entry.SourceIdentity) = (report.RevNat, report.BackendId, report.SourceIdentity);
        entry.SentFlags |= report.SentFlags;
        entry.ReceivedFlags |= report.ReceivedFlags;
        entry.LastSent = seconds;
        if (report.IsAnswered || report.Tuple.Protocol != IpProtocol.Tcp)
            entry.LastReceived = seconds;
        if (report.Tuple.Protocol == IpProtocol.Tcp)
            entry.Flags |= (ushort)((report.IsAnswered ? ConnectionEntry.SeenNonSyn : 0) | (report.IsClosed ? ConnectionEntry.RxClosing | ConnectionEntry.TxClosing : 0));
        return entry;
    }

    /// <summary>Notes a later packet of a connection.</summary>
    /// <returns>Whether the connection is known.</returns>
    public bool TryRecord(ConnectionTuple tuple, bool isReply, byte flags, bool isLast)
    {
        if (!_entries.TryGetValue(tuple, out var entry))
            return false;
        Record(new ConnectionReport(tuple, entry.SourceIdentity)
        {
            SentFlags = isReply ? (byte)0 : flags,
            ReceivedFlags = isReply ? flags : (byte)0,
            IsAnswered = isReply || entry.ReceivedFlags != 0,
            IsClosed = isLast,
            RevNat = entry.RevNat,
            BackendId = entry.BackendId,
        });
        return true;
    }

    /// <summary>Notes that packets which leave get another source, with the way back.</summary>
    public void Translate(ConnectionTuple leaving, IPEndPoint source)
    {
        var now = clock.GetUtcNow();
        _translations.TryAdd(leaving, new NatEntry(leaving, source, now));
        var back = new ConnectionTuple(leaving.Protocol, ConnectionDirection.In, leaving.Destination, source);
        _translations.TryAdd(back, new NatEntry(back, leaving.Source, now));
    }

    private void Sweep()
    {
        var now = clock.GetUtcNow();
        var since = now - bootedAt();
        var swept = now - TimeSpan.FromTicks(since.Ticks % SweepInterval.Ticks);
        foreach (var entry in _entries.Values.Where(entry => entry.Expires <= now).ToList())
            _entries.Remove(entry.Tuple);
        foreach (var (tuple, entry) in _translations.Where(pair => pair.Value.Created + SweepInterval <= swept).ToList())
        {
            var leaving = tuple.Direction == ConnectionDirection.Out ? tuple : new ConnectionTuple(tuple.Protocol, ConnectionDirection.Out, entry.Translated, tuple.Source);
            if (!_entries.ContainsKey(leaving))
                _translations.Remove(tuple);
        }
    }
}

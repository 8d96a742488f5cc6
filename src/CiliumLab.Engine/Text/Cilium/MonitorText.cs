using System.Globalization;
using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>
/// Reads <c>cilium-dbg monitor</c>, the text with or without <c>-v</c> and the JSON of <c>-j</c>, between whose objects there are lines of
/// text for what has no JSON form. An event comes as soon as its line is there. Formats: pkg/monitor.
/// </summary>
public static partial class MonitorText
{
    private const string Kind = "CiliumMonitor";

    /// <summary>Reads the events in the output's order.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line or item that was not understood.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is something else altogether.</exception>
    public static IEnumerable<MonitorEvent> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = new LineReader(new AgentOutput(text, warn));
        var start = new OutputStart(Kind, warn);
        foreach (var (document, line, number) in JsonDocuments.Read(lines, start))
        {
            if (document is null && Remark().IsMatch(line))
            {
                start.Understood();
            }
            else if ((document is { } item ? MonitorJson.Read(item, line) : FromText(line.TrimEnd())) is { } found)
            {
                start.Understood();
                yield return found with { Node = node };
            }
            else
            {
                start.Warn(new TextWarning(number, line, "expected an event of the datapath or the agent"));
            }
        }

        start.AtEnd();
    }

    private static MonitorEvent? FromText(string line) => Trace(line) ?? Drop(line) ?? Verdict(line) ?? Socket(line) ?? Marked(line) ?? Lost(line) ?? Request(line) ?? Agent(line);

    private static MonitorEvent? Trace(string line) => TraceForm().Match(line) is not { Success: true } form ? null : With(form, new MonitorEvent
    {
        Type = MonitorEventType.Trace,
        Point = (form.Groups["arrow"].Value == "->" ? "to-" : "from-") + form.Groups["point"].Value,
        EndpointId = Number(form.Groups["endpoint"].Value),
        ConnectionState = form.Groups["state"].Value,
        OriginalAddress = CiliumValues.RealAddress(form.Groups["original"].Value),
        Text = line,
    });

    private static MonitorEvent? Drop(string line) => DropForm().Match(line) is not { Success: true } form ? null : With(form, new MonitorEvent
    {
        Type = MonitorEventType.Drop,
        Verdict = MonitorVerdict.Deny,
        DropReason = form.Groups["reason"].Value,
        EndpointId = Number(form.Groups["endpoint"].Value) is > 0 and var endpoint ? endpoint : null,
        File = form.Groups["file"] is { Success: true } file ? file.Value : null,
        Text = line,
    });

    private static MonitorEvent? Verdict(string line)
    {
        if (VerdictForm().Match(line) is not { Success: true } form)
            return null;
        var isIngress = form.Groups["direction"].Value == "ingress";
        var remote = Identity(form.Groups["remote"].Value);
        return With(form, new MonitorEvent
        {
            Type = MonitorEventType.PolicyVerdict,
            EndpointId = Number(form.Groups["endpoint"].Value),
            Direction = isIngress ? TrafficDirection.Ingress : TrafficDirection.Egress,
            Verdict = form.Groups["action"].Value switch { "allow" => MonitorVerdict.Allow, "audit" => MonitorVerdict.Audit, "redirect" => MonitorVerdict.Redirect, _ => MonitorVerdict.Deny },
            PolicyMatch = form.Groups["match"].Value,
            Text = line,
        }) with
        {
            SourceIdentityId = isIngress ? remote : null,
            DestinationIdentityId = isIngress ? null : remote,
            Protocol = byte.TryParse(form.Groups["proto"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var protocol) ? (TransportProtocol)protocol : TransportProtocol.Any,
        };
    }

    private static MonitorEvent? Socket(string line) => SocketForm().Match(line) is not { Success: true } form ? null : new MonitorEvent
    {
        Type = MonitorEventType.TraceSocket,
        Cpu = Number(form.Groups["cpu"].Value),
        Point = form.Groups["point"].Value,
        CgroupId = ulong.TryParse(form.Groups["cgroup"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var cgroup) ? cgroup : null,
        SocketCookie = ulong.TryParse(form.Groups["cookie"].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var cookie) ? cookie : null,
        DestinationAddress = CiliumValues.Address(form.Groups["address"].Value),
        DestinationPort = Number(form.Groups["port"].Value),
        Protocol = CiliumValues.Protocol(form.Groups["protocol"].Value) ?? TransportProtocol.Any,
        Text = line,
    };

    // CPU 01: MARK 0x0 FROM 234 to-endpoint: 74 bytes, state established, interface lxc1, identity 1->2, to endpoint 234
    private static MonitorEvent? Marked(string line)
    {
        if (MarkedForm().Match(line) is not { Success: true } form)
            return null;
        var what = form.Groups["what"].Value;
        var rest = form.Groups["rest"].Value;
        var type = what switch { "DROP" => MonitorEventType.Drop, "DEBUG" => MonitorEventType.Debug, "CAPTURE" => MonitorEventType.Capture, _ when what.Contains('-', StringComparison.Ordinal) => MonitorEventType.Trace, _ => MonitorEventType.Unknown };
        return With(MarkedParts().Match(rest), new MonitorEvent
        {
            Type = type,
            Cpu = Number(form.Groups["cpu"].Value),
            Hash = CiliumValues.TryHex(form.Groups["mark"].Value, out var mark) ? mark : null,
            EndpointId = Number(form.Groups["endpoint"].Value) is > 0 and var endpoint ? endpoint : null,
            Point = type == MonitorEventType.Trace ? what : null,
            Bytes = ulong.TryParse(MarkedBytes().Match(rest).Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? bytes : null,
            ConnectionState = MarkedState().Match(rest) is { Success: true } state ? state.Groups[1].Value : null,
            DropReason = type == MonitorEventType.Drop && MarkedReason().Match(rest) is { Success: true } reason ? reason.Groups[1].Value : null,
            Verdict = type == MonitorEventType.Drop ? MonitorVerdict.Deny : MonitorVerdict.None,
            Details = type == MonitorEventType.Debug ? rest : null,
            Text = line,
        }) with
        {
            Hash = CiliumValues.TryHex(form.Groups["mark"].Value, out var hash) ? hash : null,
        };
    }

    private static MonitorEvent? Lost(string line) =>
        LostForm().Match(line) is { Success: true } form && ulong.TryParse(form.Groups[2].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? new MonitorEvent { Type = MonitorEventType.Lost, Cpu = Number(form.Groups[1].Value), LostCount = count, Text = line }
            : null;

    private static MonitorEvent? Request(string line) => RequestForm().Match(line) is not { Success: true } form ? null : new MonitorEvent
    {
        Type = MonitorEventType.L7,
        Point = form.Groups["kind"].Value.ToLowerInvariant(),
        SourceIdentityId = Identity(form.Groups["source"].Value),
        DestinationIdentityId = Identity(form.Groups["destination"].Value),
        Verdict = form.Groups["verdict"].Value switch { "Forwarded" => MonitorVerdict.Allow, "Denied" => MonitorVerdict.Deny, _ => MonitorVerdict.None },
        Details = form.Groups["details"].Value,
        Text = line,
    };

    private static MonitorEvent? Agent(string line) => AgentForm().Match(line) is { Success: true } form
        ? new MonitorEvent { Type = form.Groups[1].Value == ">>" ? MonitorEventType.Agent : MonitorEventType.Unknown, Details = form.Groups[2].Value, Text = line }
        : null;

    private static MonitorEvent With(Match form, MonitorEvent known)
    {
        var link = form.Groups["link"] is { Success: true, Value: not "0" } name ? name.Value : null;
        known = known with
        {
            Hash = CiliumValues.TryHex(form.Groups["hash"].Value, out var hash) ? hash : null,
            SourceIdentityId = Identity(form.Groups["source"].Value),
            DestinationIdentityId = Identity(form.Groups["destination"].Value),
            Interface = link,
        };
        return Connection().Match(form.Groups["connection"].Value) is { Success: true } connection ? With(known, connection) : known;
    }

    // 10.0.0.1:5 -> 10.0.0.2:80 tcp SYN, ACK  and  10.0.0.1 -> 10.0.0.2 EchoRequest
    private static MonitorEvent With(MonitorEvent known, Match connection)
    {
        var details = connection.Groups["details"].Value.Trim();
        var protocol = CiliumValues.Protocol(connection.Groups["protocol"].Value);
        if (CiliumValues.TrySocket(connection.Groups["from"].Value, out var from, out var fromPort) && CiliumValues.TrySocket(connection.Groups["to"].Value, out var to, out var toPort)
            && protocol is { } transport)
        {
            return known with
            {
                SourceAddress = from,
                SourcePort = fromPort,
                DestinationAddress = to,
                DestinationPort = toPort,
                Protocol = transport,
                Details = details.Length > 0 ? details : null,
            };
        }

        if (!CiliumValues.TryAddress(connection.Groups["from"].Value, out from) || !CiliumValues.TryAddress(connection.Groups["to"].Value, out to))
            return known;
        var word = protocol is null ? $"{connection.Groups["protocol"].Value} {details}".Trim() : details;
        return known with
        {
            SourceAddress = from,
            DestinationAddress = to,
            Protocol = protocol ?? (word.Length == 0 ? TransportProtocol.Any : from.AddressFamily == System.Net.Sockets.AddressFamily.InterNetworkV6 ? TransportProtocol.IcmpV6 : TransportProtocol.Icmp),
            Details = word.Length > 0 ? word : null,
        };
    }

    /// <summary>An identity by name or number; null when it is not known.</summary>
    internal static uint? Identity(string text) =>
        (ReservedIdentity.Number(text) ?? (uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null)) is > 0 and var identity ? identity : null;

    private static int? Number(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    // What it says of itself, and the dissected packet below an event.
    [GeneratedRegex(@"^(?:Listening for events on |Press Ctrl-C to quit|-{10,}|Received an interrupt, disconnecting|(?:Ethernet|IPv4|IPv6|TCP|UDP|SCTP|ICMPv4|ICMPv6|ARP|VXLAN|GENEVE|DNS|Failed to decode layer)\b.*\{?)")]
    private static partial Regex Remark();

    [GeneratedRegex(@"^(?<arrow>->|<-) (?<point>[a-z]+(?:-[a-z]+)*)(?: (?<endpoint>\d+))?(?: from)? flow (?<hash>0x[0-9a-f]+) .*?identity (?<source>\S+?)->(?<destination>\S+) state (?<state>\S+) ifindex (?<link>\S+)(?: orig-ip (?<original>\S+))?: (?<connection>.*)$")]
    private static partial Regex TraceForm();

    [GeneratedRegex(@"^xx drop \((?<reason>[^)]*(?:\([^)]*\))?[^)]*)\).*? flow (?<hash>0x[0-9a-f]+) to endpoint (?<endpoint>\d+), (?:ifindex (?<link>\S+?), )?(?:file (?<file>\S+?), )?.*?identity (?<source>\S+?)->(?<destination>[^\s:]+): (?<connection>.*)$")]
    private static partial Regex DropForm();

    [GeneratedRegex(@"^Policy verdict log: flow (?<hash>0x[0-9a-f]+) local EP ID (?<endpoint>\d+), remote ID (?<remote>\S+), proto (?<proto>\d+), (?<direction>ingress|egress), action (?<action>[a-z]+), (?:auth: \S+, )?match (?<match>[^,]+), (?<connection>.*)$")]
    private static partial Regex VerdictForm();

    [GeneratedRegex(@"^CPU (?<cpu>\d+): \[(?<point>(?:pre|post)-xlate-[a-z]+|unknown)\] cgroup_id: (?<cgroup>\d+) sock_cookie: (?<cookie>\d+), dst \[(?<address>[^\]]*)\]:(?<port>\d+) (?<protocol>\w+)\s*$")]
    private static partial Regex SocketForm();

    [GeneratedRegex(@"^(?:CPU (?<cpu>\d+): )?MARK (?<mark>0x[0-9a-f]+) FROM (?<endpoint>\d+) (?<what>[A-Za-z-]+): (?<rest>.*)$")]
    private static partial Regex MarkedForm();

    [GeneratedRegex(@"^(?=.*\binterface (?<link>[^\s,]+)|)(?=.*\bidentity (?<source>\d+)->(?<destination>\d+)|)")]
    private static partial Regex MarkedParts();

    [GeneratedRegex(@"^(\d+) bytes")]
    private static partial Regex MarkedBytes();

    [GeneratedRegex(@"\bstate ([a-z]+)")]
    private static partial Regex MarkedState();

    [GeneratedRegex(@"\breason ([^,]+)")]
    private static partial Regex MarkedReason();

    [GeneratedRegex(@"^CPU (\d+): Lost (\d+) events")]
    private static partial Regex LostForm();

    [GeneratedRegex(@"^(?:->|<-) (?<kind>Request|Response) (?<details>\w+ from .*?), identity (?<source>\S+?)->(?<destination>[^\s,]+), verdict (?<verdict>\w+)(?<rest>.*)$")]
    private static partial Regex RequestForm();

    [GeneratedRegex(@"^(>>|Unknown event:?) ([A-Z0-9<].*)$")]
    private static partial Regex AgentForm();

    [GeneratedRegex(@"^(?<from>\S+) -> (?<to>\S+)(?: (?<protocol>\S+))?(?<details>.*)$")]
    private static partial Regex Connection();
}

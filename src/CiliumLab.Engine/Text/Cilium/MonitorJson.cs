using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads an object of <c>cilium-dbg monitor -j</c> (TraceNotifyVerbose, DropNotifyVerbose and others of pkg/monitor).</summary>
internal static partial class MonitorJson
{
    private static readonly (string Field, TransportProtocol Protocol)[] Protocols =
    [
        ("tcp", TransportProtocol.Tcp), ("udp", TransportProtocol.Udp), ("icmpv4", TransportProtocol.Icmp), ("icmpv6", TransportProtocol.IcmpV6), ("sctp", TransportProtocol.Sctp),
    ];

    public static MonitorEvent? Read(JsonElement item, string text)
    {
        if (item.Text("type") is not { } type)
            return null;
        var known = new MonitorEvent { Type = MonitorEventType.Unknown, Cpu = Cpu(item.Text("cpu")), Text = text };
        return type switch
        {
            "trace" => Packet(item, known with
            {
                Type = MonitorEventType.Trace,
                Point = item.Text("observationPoint"),
                ConnectionState = item.Text("state"),
                EndpointId = (item.Text("observationPoint") == "to-endpoint" ? item.Int32("dstID") : item.Int32("source")) is > 0 and var endpoint ? endpoint : null,
                OriginalAddress = CiliumValues.RealAddress(item.Text("origIP")),
            }),
            "drop" => Packet(item, known with
            {
                Type = MonitorEventType.Drop,
                Verdict = MonitorVerdict.Deny,
                DropReason = item.Text("reason"),
                EndpointId = item.Int32("dstID") is > 0 and var to ? to : item.Int32("source") is > 0 and var from ? from : null,
                File = item.Integer("Line") is > 0 and var line ? $"{item.Text("File") ?? item.Integer("File")?.ToString(CultureInfo.InvariantCulture)}:{line}" : null,
            }),
            "trace_sock" or "traceSock" => known with
            {
                Type = MonitorEventType.TraceSocket,
                Point = item.Text("xlatePoint"),
                CgroupId = item.Unsigned("cgroupID"),
                SocketCookie = item.Unsigned("sockCookie"),
                DestinationAddress = CiliumValues.Address(item.Text("dstIP")),
                DestinationPort = item.UInt16("dstPort"),
                Protocol = CiliumValues.Protocol(item.Text("l4Proto")) ?? TransportProtocol.Any,
            },
            "logRecord" => known with
            {
                Type = MonitorEventType.L7,
                Point = item.Text("observationPoint") ?? item.Text("flowType"),
                Verdict = item.Text("verdict") switch { "Forwarded" => MonitorVerdict.Allow, "Denied" => MonitorVerdict.Deny, _ => MonitorVerdict.None },
                Details = item.Text("l7Proto"),
            },
            "agent" => known with { Type = MonitorEventType.Agent, Details = item.Text("subtype"), Text = item.GetRawText() },
            "capture" => Packet(item, known with { Type = MonitorEventType.Capture }),
            "debug" => known with { Type = MonitorEventType.Debug, Details = item.Text("message") },
            _ => item.Text("cpu") is null ? null : known,
        };
    }

    private static MonitorEvent Packet(JsonElement item, MonitorEvent known)
    {
        var summary = item.Object("summary");
        var protocol = Array.Find(Protocols, one => summary?.Text(one.Field) is not null);
        return known with
        {
            Hash = CiliumValues.TryHex(item.Text("mark"), out var hash) ? hash : null,
            Bytes = item.Unsigned("bytes"),
            SourceIdentityId = item.UInt32("srcLabel") is > 0 and var source ? source : null,
            DestinationIdentityId = item.UInt32("dstLabel") is > 0 and var destination ? destination : null,
            Interface = item.Text("ifindex") is { } link && link != "0" ? link : item.Integer("Ifindex") is > 0 and var index ? index.ToString(CultureInfo.InvariantCulture) : null,
            Protocol = protocol.Protocol,
            SourceAddress = CiliumValues.Address(summary?.Object("l3")?.Text("src")),
            DestinationAddress = CiliumValues.Address(summary?.Object("l3")?.Text("dst")),
            SourcePort = Port(summary?.Object("l4")?.Text("src")),
            DestinationPort = Port(summary?.Object("l4")?.Text("dst")),
            Details = protocol.Field is null ? null : Details(summary?.Text(protocol.Field) ?? ""),
        };
    }

    // The layers are printed by gopacket: {... SYN=true ACK=false ...} and {... TypeCode=EchoRequest ...}
    private static string? Details(string layer)
    {
        if (TypeCode().Match(layer) is { Success: true } type)
            return type.Groups[1].Value;
        var flags = string.Join(", ", Flag().Matches(layer).Select(static flag => flag.Groups[1].Value).OrderBy(static flag => Array.IndexOf(["SYN", "ACK", "RST", "FIN", "PSH", "URG"], flag)));
        return flags.Length > 0 ? flags : null;
    }

    // The text has the address's port, with a service's name behind it where there is one: 80(http)
    private static int? Port(string? text) => ushort.TryParse(text?.Split('(')[0], NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : null;

    private static int? Cpu(string? text) => int.TryParse(CpuForm().Match(text ?? "").Groups[1].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var cpu) ? cpu : null;

    [GeneratedRegex(@"^CPU (\d+):")]
    private static partial Regex CpuForm();

    [GeneratedRegex(@"\bTypeCode=(\w+)")]
    private static partial Regex TypeCode();

    [GeneratedRegex(@"\b(FIN|SYN|RST|PSH|ACK|URG)=true")]
    private static partial Regex Flag();
}

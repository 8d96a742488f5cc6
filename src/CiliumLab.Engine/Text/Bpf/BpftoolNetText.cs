using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads <c>bpftool net show</c>, text and JSON (src/net.c and src/netlink_dumper.c of bpftool), with older and newer traffic control.</summary>
public static partial class BpftoolNetText
{
    private const string Kind = "BpftoolNet";

    /// <summary>Reads the attachments in the output's order.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line or item that was not understood.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when it is something else altogether.</exception>
    public static IEnumerable<BpfAttachment> Parse(TextReader text, string? node, Action<TextWarning> warn)
    {
        var lines = AgentOutput.Open(text, warn, out var form);
        return form switch
        {
            OutputForm.Json => JsonItems.OfArray(Kind, lines, warn, "the lists xdp, tc, flow_dissector and netfilter", item => FromJson(item, node)).SelectMany(static found => found),
            OutputForm.Text => Lines(lines, node, warn),
            _ => [],
        };
    }

    private static IEnumerable<BpfAttachment> Lines(LineReader lines, string? node, Action<TextWarning> warn)
    {
        var start = new OutputStart(Kind, warn);
        BpfAttachmentKind? section = null;
        while (lines.Next() is { } line)
        {
            if (string.IsNullOrWhiteSpace(line))
                continue;
            if (Section(line.Trim()) is { } next)
            {
                start.Understood();
                section = next;
                continue;
            }

            if (Row(line.Trim(), section, node) is { } attachment)
            {
                start.Understood();
                yield return attachment;
            }
            else
            {
                start.Warn(new TextWarning(lines.Number, line, "expected an attached program"));
            }
        }

        start.AtEnd();
    }

    private static BpfAttachmentKind? Section(string line) => line switch
    {
        "xdp:" => BpfAttachmentKind.Xdp,
        "tc:" => BpfAttachmentKind.Tc,
        "flow_dissector:" => BpfAttachmentKind.FlowDissector,
        "netfilter:" => BpfAttachmentKind.Netfilter,
        _ => null,
    };

    private static BpfAttachment? Row(string line, BpfAttachmentKind? section, string? node)
    {
        if (section is BpfAttachmentKind.FlowDissector or BpfAttachmentKind.Netfilter && Hook().Match(line) is { Success: true } hook)
            return new BpfAttachment { Node = node, Kind = section.Value, Point = hook.Groups["point"].Value is { Length: > 0 } name ? name : null, ProgramId = Number(hook.Groups["id"].Value) };
        if (Device().Match(line) is not { Success: true } device || Number(device.Groups["id"].Value) is not { } id || Number(device.Groups["index"].Value) is not { } index)
            return null;
        var point = device.Groups["point"].Value;

        // Without its heading a line of older traffic control cannot be told from XDP but by its point.
        var kind = KindOf(point);
        if (kind is null)
            return null;
        return new BpfAttachment
        {
            Node = node,
            Interface = device.Groups["name"].Value,
            InterfaceIndex = (int)index,
            Kind = kind.Value,
            Point = point,
            Direction = Direction(point),
            ProgramName = device.Groups["program"].Value.Trim() is { Length: > 0 } program ? program : null,
            ProgramId = id,
            LinkId = Number(device.Groups["link"].Value),
        };
    }

    private static IReadOnlyList<BpfAttachment>? FromJson(JsonElement item, string? node)
    {
        if (item.ValueKind != JsonValueKind.Object || !item.TryGetProperty("tc", out _))
            return null;
        return
        [
            .. item.Items("xdp").SelectMany(device => Xdp(device, node)),
            .. item.Items("tc").Select(device => Tc(device, node)),
            .. item.Items("flow_dissector").Select(hook => new BpfAttachment { Node = node, Kind = BpfAttachmentKind.FlowDissector, ProgramId = hook.UInt32("id") }),
            .. item.Items("netfilter").Select(hook => new BpfAttachment
            {
                Node = node,
                Kind = BpfAttachmentKind.Netfilter,
                Point = $"{hook.Text("pf")} {hook.Text("hook")} prio {hook.Integer("prio")}".Trim(),
                ProgramId = hook.UInt32("prog_id") ?? hook.UInt32("id"),
                LinkId = hook.UInt32("link_id"),
            }),
        ];
    }

    private static IEnumerable<BpfAttachment> Xdp(JsonElement device, string? node)
    {
        var several = device.Items("multi_attachments").ToList();
        return (several.Count > 0 ? several : [device]).Select(one => new BpfAttachment
        {
            Node = node,
            Interface = device.Text("devname"),
            InterfaceIndex = device.Int32("ifindex"),
            Kind = BpfAttachmentKind.Xdp,
            Point = one.Text("mode"),
            Direction = TrafficDirection.Ingress,
            ProgramId = one.UInt32("id"),
        });
    }

    private static BpfAttachment Tc(JsonElement device, string? node)
    {
        var point = device.Text("kind") ?? "";
        return new BpfAttachment
        {
            Node = node,
            Interface = device.Text("devname"),
            InterfaceIndex = device.Int32("ifindex"),
            Kind = KindOf(point) ?? BpfAttachmentKind.Tc,
            Point = point,
            Direction = Direction(point),
            ProgramName = device.Text("name"),
            ProgramId = device.UInt32("prog_id") ?? device.UInt32("id"),
            LinkId = device.UInt32("link_id"),
        };
    }

    private static BpfAttachmentKind? KindOf(string point) => point switch
    {
        _ when point.StartsWith("tcx/", StringComparison.Ordinal) => BpfAttachmentKind.Tcx,
        _ when point.StartsWith("netkit/", StringComparison.Ordinal) => BpfAttachmentKind.Netkit,
        _ when point.Contains("gress", StringComparison.Ordinal) || point.StartsWith("clsact", StringComparison.Ordinal) => BpfAttachmentKind.Tc,
        "driver" or "generic" or "offload" => BpfAttachmentKind.Xdp,
        _ => null,
    };

    private static TrafficDirection? Direction(string point) =>
        point.EndsWith("ingress", StringComparison.Ordinal) || KindOf(point) == BpfAttachmentKind.Xdp ? TrafficDirection.Ingress
        : point.EndsWith("egress", StringComparison.Ordinal) ? TrafficDirection.Egress
        : null;

    private static uint? Number(string text) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= int.MaxValue ? number : null;

    [GeneratedRegex(@"^(?<name>[^\s()]+)\((?<index>\d+)\) (?<point>[a-z]+(?:/[a-z]+)?)(?: (?<program>\S.*?))?? (?:prog_id|id) (?<id>\d+)(?: (?!link_id)[\w-]+)*(?: link_id (?<link>\d+))?(?: [\w-]+)*\s*$")]
    private static partial Regex Device();

    [GeneratedRegex(@"^(?<point>(?:(?:ip|ip6|inet|arp|bridge)\w* \w+ prio -?\d+.*?)?)\s*(?:(?:prog_id|id) (?<id>\d+).*)?$")]
    private static partial Regex Hook();
}

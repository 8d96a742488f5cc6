using System.Globalization;
using System.Text.Json;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>
/// Reads the raw structures that <c>cilium-dbg bpf policy get -o json</c> prints: entries of one map, or with <c>--all</c> a list of maps
/// with their entries. Ports are in the order of the network.
/// </summary>
internal static class PolicyJson
{
    // Identity and direction, which must always match; protocol and port follow.
    private const int FixedBits = 40;
    private const int ProtocolBits = 8;

    public static IEnumerable<BpfPolicyEntry> Read(LineReader lines, string? node, Action<TextWarning> warn) =>
        JsonItems.OfArray(PolicyText.Kind, lines, warn, "a policy entry with its key", item => Entries(item, node)).SelectMany(static entries => entries);

    /// <summary>A counter; null for the value that stands for "not available" (policymap.StatNotAvailable).</summary>
    public static ulong? Counter(ulong? number) => number == ulong.MaxValue ? null : number;

    private static IReadOnlyList<BpfPolicyEntry>? Entries(JsonElement item, string? node)
    {
        if (item.Text("Path") is not { } path)
            return Entry(item, node) is { } only ? [only] : null;
        var endpoint = int.TryParse(item.Text("EndpointID"), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : (int?)null;
        var map = path[(path.LastIndexOf('/') + 1)..];
        var entries = item.Items("Content").Select(content => Entry(content, node)).ToList();
        return entries.Contains(null) ? null : [.. entries.Select(entry => entry! with { EndpointId = endpoint, MapName = map })];
    }

    private static BpfPolicyEntry? Entry(JsonElement item, string? node)
    {
        if (item.Object("Key") is not { } key || key.UInt32("Identity") is not { } identity || key.Integer("TrafficDirection") is not (0 or 1))
            return null;
        var flags = item.Integer("Flags") ?? 0;
        var prefix = key.Int32("Prefixlen") is { } bits ? Math.Max(0, bits - FixedBits) : item.TryGetProperty("Flags", out _) ? (int)(flags >> 3) & 0x1f : (int?)null;
        var port = CiliumValues.FromNetwork(key.UInt16("DestPortNetwork") ?? key.UInt16("DestPort") ?? 0);
        var wild = prefix is null ? (port == 0 ? 16 : 0) : Math.Clamp(16 + ProtocolBits - prefix.Value, 0, 16);
        var proxy = CiliumValues.FromNetwork(item.UInt16("ProxyPortNetwork") ?? item.UInt16("ProxyPort") ?? 0);
        return new BpfPolicyEntry
        {
            Node = node,
            Verdict = (flags & 1) != 0 ? BpfPolicyVerdict.Deny : BpfPolicyVerdict.Allow,
            Direction = key.Integer("TrafficDirection") == 1 ? TrafficDirection.Egress : TrafficDirection.Ingress,
            IdentityId = identity,
            Protocol = (TransportProtocol)(key.UInt16("Nexthdr") ?? 0),
            Port = port,
            LastPort = port | ((1 << wild) - 1),
            ProxyPort = proxy == 0 ? null : proxy,
            Authentication = Authentication(item.Integer("AuthRequirement") ?? item.Integer("AuthType")),
            Bytes = Counter(item.Unsigned("Bytes")),
            Packets = Counter(item.Unsigned("Packets")),
            PrefixLength = prefix,
            Cookie = item.UInt32("Cookie"),
        };
    }

    // policy.AuthType; the highest bit says that a rule asks for it itself
    private static string? Authentication(long? type) => (type & 0x7f) switch
    {
        null => null,
        0 => "disabled",
        1 => "spire",
        2 => "test-always-fail",
        { } other => other.ToString(CultureInfo.InvariantCulture),
    };
}

using System.Buffers.Binary;
using System.Globalization;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Cilium;

/// <summary>Which way a packet goes, seen from an endpoint.</summary>
internal enum TrafficDirection
{
    Ingress = 0,
    Egress = 1,
}

/// <summary>What is done with packets of one kind, and how many there were.</summary>
/// <param name="Direction">Which way.</param>
/// <param name="Identity">Who is at the other end; 0 is anybody.</param>
internal sealed record PolicyEntry(TrafficDirection Direction, uint Identity)
{
    // Bits of the key that are always compared: identity and direction.
    private const int FixedPrefix = 40;

    /// <summary>Compares what packets an entry is for.</summary>
    public static IEqualityComparer<PolicyEntry> ByKey { get; } =
        EqualityComparer<PolicyEntry>.Create(static (one, other) => one?.Key == other?.Key, static entry => entry.Key.GetHashCode());

    /// <summary>Whether they are dropped.</summary>
    public bool IsDeny { get; init; }

    /// <summary>The protocol; 0 for any.</summary>
    public IpProtocol Protocol { get; init; }

    /// <summary>The port, or the first of those with the same first bits.</summary>
    public int Port { get; init; }

    /// <summary>How many bits of protocol and port are compared: 0 for any, 8 for the protocol alone, 24 for one port.</summary>
    public int PortBits { get; init; }

    public ulong Packets { get; set; }

    public ulong Bytes { get; set; }

    /// <summary>Protocol and port as <c>bpf policy get</c> shows them.</summary>
    public string PortText => PortBits switch
    {
        0 => "ANY",
        <= 8 => Protocol.ToString().ToUpperInvariant(),
        24 => string.Create(CultureInfo.InvariantCulture, $"{Port}/{Protocol.ToString().ToUpperInvariant()}"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{Port}-{Port + (1 << (24 - PortBits)) - 1}/{Protocol.ToString().ToUpperInvariant()}"),
    };

    private (TrafficDirection, uint, IpProtocol, int, int) Key => (Direction, Identity, Protocol, Port, PortBits);

    /// <summary>Whether it is for packets of a protocol to a port.</summary>
    public bool Fits(IpProtocol protocol, int port) =>
        PortBits == 0 || (Protocol == protocol && (PortBits <= 8 || port >> (24 - PortBits) == Port >> (24 - PortBits)));

    /// <summary>Whether it is for every protocol and port that another one is for.</summary>
    public bool Covers(PolicyEntry other) => PortBits <= other.PortBits && (PortBits == 0 || (other.PortBits > 0 && Fits(other.Protocol, other.Port)));

    /// <summary>As policymap.PolicyEntryDump, whose fields have no JSON names of their own.</summary>
    public JsonObject ToJson() => new()
    {
        ["ProxyPortNetwork"] = 0,
        ["Flags"] = (IsDeny ? 1 : 0) | (PortBits << 3),
        ["AuthRequirement"] = 0,
        ["Precedence"] = 0,
        [nameof(Packets)] = Packets,
        [nameof(Bytes)] = Bytes,
        [nameof(Key)] = new JsonObject
        {
            ["Prefixlen"] = FixedPrefix + PortBits,
            [nameof(Identity)] = Identity,
            ["TrafficDirection"] = (int)Direction,
            ["Nexthdr"] = (int)Protocol,
            ["DestPortNetwork"] = BinaryPrimitives.ReverseEndianness((ushort)Port),
        },
    };
}

/// <summary>An endpoint's policy as the datapath enforces it.</summary>
internal sealed class PolicyMap
{
    private List<PolicyEntry> _entries = [];

    /// <summary>The entries: ingress first, by identity.</summary>
    public IReadOnlyList<PolicyEntry> Entries => _entries;

    /// <summary>Writes the entries; those that stay keep their counters.</summary>
    public void Replace(IEnumerable<PolicyEntry> entries) =>
        _entries = [.. entries.Select(entry => _entries.Find(old => PolicyEntry.ByKey.Equals(old, entry) && old.IsDeny == entry.IsDeny) ?? entry)];

    /// <summary>The entry that decides about a packet; null when none fits, which denies (bpf/lib/policy.h).</summary>
    public PolicyEntry? Find(TrafficDirection direction, uint identity, IpProtocol protocol, int port)
    {
        var fitting = _entries.Where(entry => entry.Direction == direction && entry.Fits(protocol, port)).ToList();
        var own = fitting.Where(entry => entry.Identity == identity && identity != SecurityIdentity.Unknown).MaxBy(static entry => entry.PortBits);
        var everybody = fitting.Where(static entry => entry.Identity == SecurityIdentity.Unknown).MaxBy(static entry => entry.PortBits);
        return own is null || everybody?.PortBits > own.PortBits ? everybody : own;
    }

    /// <summary>Counts packets, and gives the entry that decides about them.</summary>
    public PolicyEntry? Account(TrafficDirection direction, uint identity, IpProtocol protocol, int port, ulong packets, ulong bytes)
    {
        if (Find(direction, identity, protocol, port) is not { } entry)
            return null;
        entry.Packets += packets;
        entry.Bytes += bytes;
        return entry;
    }
}

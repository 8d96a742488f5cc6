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
    /// <summary>Whether they are dropped.</summary>
    public bool IsDeny { get; init; }

    public ulong Packets { get; set; }

    public ulong Bytes { get; set; }

    /// <summary>Bits of the key that are compared beyond the fixed ones: 0 for any port and protocol.</summary>
    private const int FixedPrefix = 40;

    /// <summary>As policymap.PolicyEntryDump, whose fields have no JSON names of their own.</summary>
    public JsonObject ToJson() => new()
    {
        ["ProxyPortNetwork"] = 0,
        ["Flags"] = IsDeny ? 1 : 0,
        ["AuthRequirement"] = 0,
        ["Precedence"] = 0,
        [nameof(Packets)] = Packets,
        [nameof(Bytes)] = Bytes,
        ["Key"] = new JsonObject
        {
            ["Prefixlen"] = FixedPrefix,
            [nameof(Identity)] = Identity,
            ["TrafficDirection"] = (int)Direction,
            ["Nexthdr"] = 0,
            ["DestPortNetwork"] = 0,
        },
    };
}

/// <summary>An endpoint's policy as the datapath enforces it.</summary>
internal sealed class PolicyMap
{
    private readonly List<PolicyEntry> _entries;

    /// <param name="allowsHost">Whether the node itself always gets in: so it is with every endpoint but the node.</param>
    public PolicyMap(bool allowsHost)
    {
        _entries = [new(TrafficDirection.Ingress, SecurityIdentity.Unknown)];
        if (allowsHost)
            _entries.Add(new(TrafficDirection.Ingress, SecurityIdentity.Host));
        _entries.Add(new(TrafficDirection.Egress, SecurityIdentity.Unknown));
    }

    /// <summary>The entries: ingress first, by identity.</summary>
    public IReadOnlyList<PolicyEntry> Entries => _entries;

    /// <summary>Counts packets, and says whether they may pass.</summary>
    public bool Account(TrafficDirection direction, uint identity, ulong packets, ulong bytes)
    {
        var entry = _entries.Find(entry => entry.Direction == direction && entry.Identity == identity && identity != 0)
            ?? _entries.Find(entry => entry.Direction == direction && entry.Identity == 0);
        if (entry is null)
            return false;
        entry.Packets += packets;
        entry.Bytes += bytes;
        return !entry.IsDeny;
    }
}

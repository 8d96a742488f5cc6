using System.Net;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Cilium;

/// <summary>What is known of a prefix.</summary>
/// <param name="Prefix">The prefix.</param>
/// <param name="Identity">Who is there.</param>
internal sealed record IpCacheEntry(IpPrefix Prefix, uint Identity)
{
    /// <summary>The node behind which it is; null for this one and for what is no pod.</summary>
    public IPAddress? TunnelEndpoint { get; init; }

    /// <summary>The node that has it, as the API tells it; null when it does not.</summary>
    public IPAddress? Host { get; init; }

    /// <summary>The pod, when it is one.</summary>
    public string? PodNamespace { get; init; }

    /// <summary>The pod, when it is one.</summary>
    public string? PodName { get; init; }

    /// <summary>Where the agent has it from, when it says so.</summary>
    public string Source { get; init; } = "";

    /// <summary>The prefix with its length.</summary>
    public string Key => $"{Prefix.Address}/{Prefix.Length}";

    /// <summary>The map's value as Cilium prints it.</summary>
    public string Value => $"identity={Identity} encryptkey=0 tunnelendpoint={TunnelEndpoint?.ToString() ?? "0.0.0.0"} flags=<none>";
}

/// <summary>Which identity is behind which address, on one node. The map outlives the agent.</summary>
/// <param name="cache">The running agent's view of the map.</param>
internal sealed class IpCache(Func<BpfMapCache> cache)
{
    private readonly Dictionary<IpPrefix, IpCacheEntry> _entries = [];

    /// <summary>The entries by address.</summary>
    public IReadOnlyList<IpCacheEntry> Entries => [.. _entries.Values.OrderBy(static entry => entry.Prefix)];

    /// <summary>The entry of exactly this prefix; null when there is none.</summary>
    public IpCacheEntry? Find(IpPrefix prefix) => _entries.GetValueOrDefault(prefix);

    /// <summary>Who is behind an address: the entry with the longest prefix; null when there is none.</summary>
    public IpCacheEntry? Lookup(IPAddress address) =>
        _entries.GetValueOrDefault(IpPrefix.Host(address)) ?? _entries.Values.Where(entry => entry.Prefix.Contains(address)).MaxBy(static entry => entry.Prefix.Length);

    /// <summary>Writes an entry.</summary>
    public void Set(IpCacheEntry entry)
    {
        if (_entries.GetValueOrDefault(entry.Prefix) == entry)
            return;
        _entries[entry.Prefix] = entry;
        cache().Update(entry.Key, entry.Value);
    }

    /// <summary>Removes an entry.</summary>
    public void Remove(IpPrefix prefix)
    {
        if (_entries.Remove(prefix, out var entry))
            cache().Delete(entry.Key);
    }

    /// <summary>Forgets everything, as a restart does before it learns anew.</summary>
    public void Clear() => _entries.Clear();
}

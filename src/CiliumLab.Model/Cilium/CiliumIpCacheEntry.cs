using System.Net;

namespace CiliumLab.Model;

/// <summary>Flags of an entry of the ipcache map (pkg/maps/ipcache).</summary>
[Flags]
public enum IpCacheFlags
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Packets go without a tunnel.</summary>
    SkipTunnel = 1,

    /// <summary>There is a tunnel endpoint.</summary>
    HasTunnel = 2,

    /// <summary>The tunnel endpoint is an IPv6 address.</summary>
    IPv6Tunnel = 4,

    /// <summary>The address belongs to another cluster.</summary>
    RemoteCluster = 8,
}

/// <summary>What an agent knows of an address or network: who is there, and behind which node.</summary>
public sealed record CiliumIpCacheEntry
{
    /// <summary>The node whose agent was asked; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The address or network.</summary>
    public required IPNetwork Prefix { get; init; }

    /// <summary>The cluster that the prefix is of, where clusters' addresses overlap; null elsewhere.</summary>
    public int? ClusterId { get; init; }

    /// <summary>The identity's number; null from <c>ip list</c> as text, unless with <c>-n</c> or reserved.</summary>
    public uint? IdentityId { get; init; }

    /// <summary>The identity's name: a reserved one's, else its number.</summary>
    public string? Identity => IdentityId is { } id ? ReservedIdentity.Name(id) : null;

    /// <summary>The identity's labels; only <c>ip list</c> as text has them.</summary>
    public LabelDictionary Labels { get; init; } = LabelDictionary.Empty;

    /// <summary>The node behind which it is, as the datapath knows it; null for this node, and from <c>ip list</c>.</summary>
    public IPAddress? TunnelEndpoint { get; init; }

    /// <summary>The node that has it, as the agent knows it; only <c>ip list</c> as JSON has it.</summary>
    public IPAddress? HostAddress { get; init; }

    /// <summary>The encryption key's number, 0 for none; null from <c>ip list</c> as text.</summary>
    public byte? EncryptKey { get; init; }

    /// <summary>The map's flags; null from <c>ip list</c>.</summary>
    public IpCacheFlags? Flags { get; init; }

    /// <summary>Where the agent has it from, such as <c>custom-resource</c>; null when it does not say.</summary>
    public string? Source { get; init; }

    /// <summary>The pod's namespace; null when it is no pod or the output does not say.</summary>
    public string? Namespace { get; init; }

    /// <summary>The pod's name; null when it is no pod or the output does not say.</summary>
    public string? Pod { get; init; }
}

using System.Net;

namespace CiliumLab.Model;

/// <summary>Where a node's resolver settings come from.</summary>
public enum NodeDnsSource
{
    /// <summary>systemd-resolved, which knows them per link.</summary>
    Resolved,

    /// <summary>/etc/resolv.conf, which has one list for the whole node.</summary>
    ResolvConf,
}

/// <summary>A DNS server.</summary>
public sealed record NodeDnsServer
{
    /// <summary>Its address; a link-local one carries its scope.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>The port; null for the usual one.</summary>
    public int? Port { get; init; }

    /// <summary>The name that its certificate must carry when the connection is encrypted; null when none is set.</summary>
    public string? ServerName { get; init; }

    /// <summary>The interface that it is asked through; null when routing decides.</summary>
    public string? Interface { get; init; }

    /// <inheritdoc/>
    public override string ToString()
    {
        var address = Port is null ? $"{Address}" : $"{new IPEndPoint(Address, Port.Value)}";
        return $"{address}{(Interface is null ? "" : $"%{Interface}")}{(ServerName is null ? "" : $"#{ServerName}")}";
    }
}

/// <summary>How names are resolved on a node: for the whole node, or for one link.</summary>
public sealed record NodeDns
{
    /// <summary>The node; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The link's name; null for what holds for the whole node.</summary>
    public string? Interface { get; init; }

    /// <summary>The link's index; null for what holds for the whole node.</summary>
    public int? InterfaceIndex { get; init; }

    /// <summary>Where this comes from.</summary>
    public NodeDnsSource Source { get; init; }

    /// <summary>The servers, in the order in which they are tried.</summary>
    public IReadOnlyList<NodeDnsServer> Servers { get; init; } = [];

    /// <summary>The server in use; null when none has been asked yet.</summary>
    public NodeDnsServer? CurrentServer { get; init; }

    /// <summary>Servers for when no other is configured.</summary>
    public IReadOnlyList<NodeDnsServer> FallbackServers { get; init; } = [];

    /// <summary>Domains that are appended to short names.</summary>
    public IReadOnlyList<string> SearchDomains { get; init; } = [];

    /// <summary>Domains whose names go to this link and are not appended (written with a <c>~</c>).</summary>
    public IReadOnlyList<string> RouteDomains { get; init; } = [];

    /// <summary>The protocols in use here, such as <c>DNS</c> or <c>LLMNR/IPv4</c>.</summary>
    public IReadOnlyList<string> Scopes { get; init; } = [];

    /// <summary>Whether names that fit no domain go to this link; null where that has no meaning.</summary>
    public bool? DefaultRoute { get; init; }

    /// <summary>Link-local multicast name resolution: <c>yes</c>, <c>no</c> or <c>resolve</c>.</summary>
    public string? Llmnr { get; init; }

    /// <summary>Multicast DNS: <c>yes</c>, <c>no</c> or <c>resolve</c>.</summary>
    public string? MulticastDns { get; init; }

    /// <summary>DNS over TLS: <c>yes</c>, <c>no</c> or <c>opportunistic</c>.</summary>
    public string? DnsOverTls { get; init; }

    /// <summary>DNSSEC: the setting and whether the server supports it, such as <c>no/unsupported</c>.</summary>
    public string? Dnssec { get; init; }

    /// <summary>How systemd-resolved treats /etc/resolv.conf: <c>stub</c>, <c>static</c>, <c>uplink</c>, <c>foreign</c>.</summary>
    public string? ResolvConfMode { get; init; }

    /// <summary>The resolver's other options (<c>ndots:5</c>, <c>rotate</c>), from /etc/resolv.conf.</summary>
    public IReadOnlyList<string> Options { get; init; } = [];
}

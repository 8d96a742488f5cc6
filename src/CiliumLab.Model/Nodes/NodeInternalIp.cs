using System.Net;

namespace CiliumLab.Model;

/// <summary>The address that a node's kubelet tells the cluster.</summary>
public sealed record NodeInternalIp
{
    /// <summary>The node.</summary>
    public required string Node { get; init; }

    /// <summary>
    /// The addresses of <c>--node-ip</c>, IPv4 and IPv6 on a dual-stack node; empty when the flag is not there and the kubelet takes the
    /// address of the default route's interface.
    /// </summary>
    public IReadOnlyList<IPAddress> Configured { get; init; } = [];

    /// <summary>The file that the flag is in, or belongs in.</summary>
    public string? Path { get; init; }

    /// <summary>The address that the Node object shows; null when the cluster was not asked.</summary>
    public IPAddress? Reported { get; init; }

    /// <summary>Whether this call changed anything.</summary>
    public bool Changed { get; init; }

    /// <summary>The addresses before a change; null when nothing was to be changed.</summary>
    public IReadOnlyList<IPAddress>? Before { get; init; }

    /// <summary>Where the file's backup lies; null when it was not written.</summary>
    public string? Backup { get; init; }
}

using System.Net;

namespace CiliumLab.Model;

/// <summary>What a health probe was sent to.</summary>
public enum CiliumHealthPath
{
    /// <summary>The node.</summary>
    Host,

    /// <summary>Another address of the node.</summary>
    HostSecondary,

    /// <summary>The node's health endpoint, which is reached as a pod is.</summary>
    Endpoint,

    /// <summary>Another address of the health endpoint.</summary>
    EndpointSecondary,
}

/// <summary>One path of cilium-health's matrix: from a node to another node, or to the health endpoint there.</summary>
public sealed record CiliumHealth
{
    /// <summary>The node that probes; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The node that is probed, without the cluster's name before it.</summary>
    public required string Target { get; init; }

    /// <summary>Whether that is the node itself.</summary>
    public bool IsLocal { get; init; }

    /// <summary>What there is probed.</summary>
    public required CiliumHealthPath Path { get; init; }

    /// <summary>The address; null when the output does not say.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>Whether everything that was tried on the path worked; null when nothing is known.</summary>
    public bool? IsReachable { get; init; }

    /// <summary>How long an ICMP echo took; null when it failed or was not tried.</summary>
    public TimeSpan? IcmpLatency { get; init; }

    /// <summary>Why the echo failed; null when it did not.</summary>
    public string? IcmpError { get; init; }

    /// <summary>How long a request to the agent took; null when it failed or was not tried.</summary>
    public TimeSpan? HttpLatency { get; init; }

    /// <summary>Why the request failed; null when it did not.</summary>
    public string? HttpError { get; init; }

    /// <summary>When the probes were made; null when the output does not say.</summary>
    public DateTimeOffset? ProbedAt { get; init; }
}

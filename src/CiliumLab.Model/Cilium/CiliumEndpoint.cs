using System.Net;

namespace CiliumLab.Model;

/// <summary>The state of an endpoint (models.EndpointState).</summary>
public enum CiliumEndpointState
{
    /// <summary>A state that is not known.</summary>
    Unknown,

    /// <summary>Waits for its identity.</summary>
    WaitingForIdentity,

    /// <summary>Not ready.</summary>
    NotReady,

    /// <summary>Its programs are to be built anew.</summary>
    WaitingToRegenerate,

    /// <summary>Its programs are being built.</summary>
    Regenerating,

    /// <summary>Being taken over from before the agent's restart.</summary>
    Restoring,

    /// <summary>Ready.</summary>
    Ready,

    /// <summary>Being removed.</summary>
    Disconnecting,

    /// <summary>Removed.</summary>
    Disconnected,

    /// <summary>Could not be made.</summary>
    Invalid,
}

/// <summary>Whether policy is enforced in one direction.</summary>
public enum PolicyEnforcement
{
    /// <summary>Everything passes.</summary>
    Disabled,

    /// <summary>Policy decides.</summary>
    Enabled,

    /// <summary>Everything passes, and what policy would have stopped is reported.</summary>
    Audit,
}

/// <summary>How well a part of the agent or an endpoint does (models.EndpointHealthStatus, models.Status).</summary>
public enum CiliumHealthState
{
    /// <summary>The output does not say.</summary>
    Unknown,

    /// <summary>All is well.</summary>
    Ok,

    /// <summary>Not made yet.</summary>
    Bootstrap,

    /// <summary>Waits.</summary>
    Pending,

    /// <summary>Works, with a problem.</summary>
    Warning,

    /// <summary>Does not work.</summary>
    Failure,

    /// <summary>Switched off.</summary>
    Disabled,
}

/// <summary>An endpoint of a Cilium agent: a pod, the node itself, or the health probe's peer.</summary>
public sealed record CiliumEndpoint
{
    /// <summary>The node; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The endpoint's number on its node.</summary>
    public required int EndpointId { get; init; }

    /// <summary>The pod's namespace; null for what is no pod, and from text that does not name it in a label.</summary>
    public string? Namespace { get; init; }

    /// <summary>The pod's name; null for what is no pod, and from text.</summary>
    public string? Pod { get; init; }

    /// <summary>The security identity; null when the endpoint has none yet.</summary>
    public uint? IdentityId { get; init; }

    /// <summary>The identity's name: a reserved one's, else its number.</summary>
    public string? Identity => IdentityId is { } id ? ReservedIdentity.Name(id) : null;

    /// <summary>The labels that make the identity.</summary>
    public LabelDictionary Labels { get; init; } = LabelDictionary.Empty;

    /// <summary>The state.</summary>
    public required CiliumEndpointState State { get; init; }

    /// <summary>Whether policy is enforced for what comes in.</summary>
    public PolicyEnforcement IngressPolicy { get; init; }

    /// <summary>Whether policy is enforced for what goes out.</summary>
    public PolicyEnforcement EgressPolicy { get; init; }

    /// <summary>The IPv4 address; null when it has none.</summary>
    public IPAddress? IPv4 { get; init; }

    /// <summary>The IPv6 address; null when it has none.</summary>
    public IPAddress? IPv6 { get; init; }

    /// <summary>The interface on the node; null from text, and for the node itself.</summary>
    public string? Interface { get; init; }

    /// <summary>That interface's index; null from text, and for the node itself.</summary>
    public int? InterfaceIndex { get; init; }

    /// <summary>The hardware address inside the pod; null from text.</summary>
    public string? Mac { get; init; }

    /// <summary>The hardware address of the interface on the node; null from text.</summary>
    public string? NodeMac { get; init; }

    /// <summary>The container's identifier; null from text, and for what is no pod.</summary>
    public string? ContainerId { get; init; }

    /// <summary>
    /// Whether the cluster has a CiliumEndpoint for it, by which other nodes know it; null for what is no pod, and from text.
    /// </summary>
    public bool? HasResource { get; init; }

    /// <summary>Whether only the cluster's CiliumEndpoint tells of it: its agent does not answer, or does not have it.</summary>
    public bool OnlyResource { get; init; }

    /// <summary>How well it does as a whole; unknown from text.</summary>
    public CiliumHealthState Health { get; init; }

    /// <summary>The policy's revision that is in the datapath; null from text.</summary>
    public long? PolicyRevision { get; init; }

    /// <summary>Ports that the proxy takes over; none from text.</summary>
    public IReadOnlyList<CiliumProxyRedirect> ProxyRedirects { get; init; } = [];

    /// <summary>Controllers that fail, with what they say; none from text.</summary>
    public IReadOnlyList<CiliumControllerFailure> FailingControllers { get; init; } = [];
}

/// <summary>A port of an endpoint that goes through the layer 7 proxy (models.ProxyStatistics).</summary>
/// <param name="Direction">From which side.</param>
/// <param name="Protocol">What the proxy understands, such as <c>http</c> or <c>dns</c>.</param>
/// <param name="Port">The port that is redirected.</param>
/// <param name="ProxyPort">The proxy's port.</param>
public sealed record CiliumProxyRedirect(TrafficDirection Direction, string Protocol, int Port, int ProxyPort)
{
    /// <summary>Requests that were let through.</summary>
    public ulong? Forwarded { get; init; }

    /// <summary>Requests that policy denied.</summary>
    public ulong? Denied { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"{Direction} {Port} {Protocol} -> {ProxyPort}";
}

/// <summary>A controller of an agent that fails.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Failures">How often it failed since its last success.</param>
/// <param name="Message">What it says.</param>
/// <param name="Since">The last failure; null when the output does not say.</param>
public sealed record CiliumControllerFailure(string Name, long Failures, string Message, DateTimeOffset? Since)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name} ({Failures}x): {Message}";
}

using System.Net;

namespace CiliumLab.Model;

/// <summary>What kind of frontend a service has (models.ServiceSpecFlags).</summary>
public enum CiliumServiceType
{
    /// <summary>A kind that is not known.</summary>
    Unknown,

    /// <summary>An address inside the cluster.</summary>
    ClusterIP,

    /// <summary>A port of every node.</summary>
    NodePort,

    /// <summary>An external address that somebody routes to the nodes.</summary>
    ExternalIPs,

    /// <summary>A pod's port on its node.</summary>
    HostPort,

    /// <summary>A load balancer's address.</summary>
    LoadBalancer,

    /// <summary>An address that a local redirect policy took over.</summary>
    LocalRedirect,
}

/// <summary>Which backends a frontend uses.</summary>
public enum ServiceTrafficPolicy
{
    /// <summary>Those of all nodes.</summary>
    Cluster,

    /// <summary>Those of the node itself.</summary>
    Local,
}

/// <summary>Whether a backend is given new connections (models.BackendAddress).</summary>
public enum CiliumBackendState
{
    /// <summary>A state that is not known.</summary>
    Unknown,

    /// <summary>It is.</summary>
    Active,

    /// <summary>Only while there is no active one.</summary>
    Terminating,

    /// <summary>Not any more: it ends and does not answer.</summary>
    TerminatingNotServing,

    /// <summary>Not: its health check fails.</summary>
    Quarantined,

    /// <summary>Not: somebody took it out.</summary>
    Maintenance,
}

/// <summary>A frontend of the load balancer and the backends behind it.</summary>
public sealed record CiliumService
{
    /// <summary>The node whose agent was asked; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The service's number, which is also that of its reverse translation; null where text does not have it (1.18 and newer).</summary>
    public ushort? ServiceId { get; init; }

    /// <summary>The Kubernetes service's namespace; null from text.</summary>
    public string? Namespace { get; init; }

    /// <summary>The Kubernetes service's name; null from text.</summary>
    public string? Name { get; init; }

    /// <summary>The frontend's address; 0.0.0.0 or :: is every address of the node.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>The frontend's port.</summary>
    public required int Port { get; init; }

    /// <summary>The protocol; <see cref="TransportProtocol.Any"/> where old versions do not say.</summary>
    public TransportProtocol Protocol { get; init; }

    /// <summary>Whether the frontend is only for traffic from inside the cluster.</summary>
    public bool IsInternal { get; init; }

    /// <summary>The kind.</summary>
    public required CiliumServiceType Type { get; init; }

    /// <summary>The policy for traffic from outside; null from text.</summary>
    public ServiceTrafficPolicy? ExternalTrafficPolicy { get; init; }

    /// <summary>The policy for traffic from inside; null from text.</summary>
    public ServiceTrafficPolicy? InternalTrafficPolicy { get; init; }

    /// <summary>The port on which the node says whether it has backends; null for none, and from text.</summary>
    public ushort? HealthCheckNodePort { get; init; }

    /// <summary>The backends in their order.</summary>
    public IReadOnlyList<CiliumServiceBackend> Backends { get; init; } = [];

    /// <summary>The frontend as Cilium writes it.</summary>
    public string Frontend => SocketText.Of(Address, Port, Protocol) + (IsInternal ? "/i" : "");
}

/// <summary>A backend of a service.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Port">Its port.</param>
/// <param name="Protocol">The protocol; any where old versions do not say.</param>
/// <param name="State">Whether it is given connections.</param>
public sealed record CiliumServiceBackend(IPAddress Address, int Port, TransportProtocol Protocol, CiliumBackendState State)
{
    /// <summary>Its node; null from text.</summary>
    public string? NodeName { get; init; }

    /// <summary>Its zone; null from text.</summary>
    public string? Zone { get; init; }

    /// <summary>Its weight; null from text.</summary>
    public int? Weight { get; init; }

    /// <summary>Whether service affinity of a cluster mesh prefers it.</summary>
    public bool IsPreferred { get; init; }

    /// <summary>As Cilium writes it, with the state when it is not active.</summary>
    public override string ToString() => SocketText.Of(Address, Port, Protocol) + (State == CiliumBackendState.Active ? "" : $" ({State})");
}

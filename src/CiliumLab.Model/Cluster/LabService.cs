using System.Net;

namespace CiliumLab.Model;

/// <summary>A port of a service.</summary>
public sealed record LabServicePort
{
    /// <summary>Its name; null when it has none.</summary>
    public string? Name { get; init; }

    /// <summary><c>TCP</c>, <c>UDP</c> or <c>SCTP</c>.</summary>
    public required string Protocol { get; init; }

    /// <summary>The port at the service's address.</summary>
    public required int Port { get; init; }

    /// <summary>The port, or its name, at the pods.</summary>
    public string? TargetPort { get; init; }

    /// <summary>The port at every node; null when there is none.</summary>
    public int? NodePort { get; init; }

    /// <inheritdoc/>
    public override string ToString() => NodePort is null ? $"{Port}/{Protocol}" : $"{Port}:{NodePort}/{Protocol}";
}

/// <summary>An address that stands behind a service.</summary>
public sealed record LabServiceEndpoint
{
    /// <summary>The address.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>The ports; empty when the slice names none.</summary>
    public IReadOnlyList<int> Ports { get; init; } = [];

    /// <summary>Whether the service sends connections there.</summary>
    public bool Ready { get; init; }

    /// <summary>Whether it is going away.</summary>
    public bool Terminating { get; init; }

    /// <summary>The pod that has the address; null when none is named.</summary>
    public string? Pod { get; init; }

    /// <summary>The node that the pod runs on.</summary>
    public string? Node { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Ports is [var port, ..] ? new IPEndPoint(Address, port).ToString() : Address.ToString();
}

/// <summary>A service of a lab's cluster, and what stands behind it.</summary>
public sealed record LabService
{
    /// <summary>Its namespace.</summary>
    public required string Namespace { get; init; }

    /// <summary>Its name.</summary>
    public required string Service { get; init; }

    /// <summary><c>ClusterIP</c>, <c>NodePort</c>, <c>LoadBalancer</c> or <c>ExternalName</c>.</summary>
    public required string Type { get; init; }

    /// <summary>Its address in the cluster; null for a headless or external one.</summary>
    public IPAddress? ClusterIp { get; init; }

    /// <summary>Whether it has no address of its own, and its name stands for those of its pods.</summary>
    public bool Headless { get; init; }

    /// <summary>Its ports.</summary>
    public IReadOnlyList<LabServicePort> Ports { get; init; } = [];

    /// <summary>The labels by which it chooses its pods; empty when somebody else says what stands behind it.</summary>
    public IReadOnlyDictionary<string, string> Selector { get; init; } = new Dictionary<string, string>();

    /// <summary>What stands behind it, from its EndpointSlices.</summary>
    public IReadOnlyList<LabServiceEndpoint> Endpoints { get; init; } = [];

    /// <summary>The endpoints that get connections.</summary>
    public IEnumerable<LabServiceEndpoint> ReadyEndpoints => Endpoints.Where(endpoint => endpoint.Ready);

    /// <summary>The endpoints that get none.</summary>
    public IEnumerable<LabServiceEndpoint> NotReadyEndpoints => Endpoints.Where(endpoint => !endpoint.Ready);
}

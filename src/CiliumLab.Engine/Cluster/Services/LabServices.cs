using System.Runtime.CompilerServices;
using CiliumLab.Engine.Cluster.Networks;
using CiliumLab.Model;
using k8s.Models;

namespace CiliumLab.Engine.Cluster.Services;

/// <summary>Services as this module shows them.</summary>
public static class LabServices
{
    private const string OfService = "kubernetes.io/service-name";

    /// <summary>Reads services and what stands behind them.</summary>
    /// <param name="client">The cluster.</param>
    /// <param name="ns">Their namespace; null for all.</param>
    /// <param name="labels">A label selector; null for all.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async IAsyncEnumerable<LabService> ReadAsync(
        ClusterClient client, string? ns, string? labels, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var slices = await client.ListAsync<V1EndpointSlice>(new ResourceQuery(ns) { Labels = OfService }, cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
        var byService = slices.ToLookup(slice => (slice.Metadata.NamespaceProperty, slice.Metadata.Labels[OfService]));
        await foreach (var service in client.ListAsync<V1Service>(new ResourceQuery(ns) { Labels = labels }, cancellationToken).ConfigureAwait(false))
            yield return View(service, byService[(service.Metadata.NamespaceProperty, service.Metadata.Name)]);
    }

    /// <summary>The names of the services in a namespace; null for all namespaces.</summary>
    public static async Task<IReadOnlyCollection<string>> NamesAsync(ClusterClient client, string? ns, CancellationToken cancellationToken) =>
        await client.ListAsync<V1Service>(new ResourceQuery(ns), cancellationToken).Select(service => service.Metadata.Name).ToListAsync(cancellationToken).ConfigureAwait(false);

    private static LabService View(V1Service service, IEnumerable<V1EndpointSlice> slices) => new()
    {
        Namespace = service.Metadata.NamespaceProperty,
        Service = service.Metadata.Name,
        Type = service.Spec?.Type ?? "ClusterIP",
        ClusterIp = NetworkTexts.Address(service.Spec?.ClusterIP),
        Headless = service.Spec?.ClusterIP == "None",
        Ports = [.. (service.Spec?.Ports ?? []).Select(Port)],
        Selector = service.Spec?.Selector is { } selector ? new Dictionary<string, string>(selector) : new Dictionary<string, string>(),
        Endpoints = [.. slices.SelectMany(Endpoints).OrderBy(endpoint => endpoint.Node, StringComparer.Ordinal).ThenBy(endpoint => endpoint.Pod, StringComparer.Ordinal)],
    };

    private static LabServicePort Port(V1ServicePort port) => new()
    {
        Name = port.Name,
        Protocol = port.Protocol ?? "TCP",
        Port = port.Port,
        TargetPort = port.TargetPort?.Value,
        NodePort = port.NodePort is > 0 ? port.NodePort : null,
    };

    private static IEnumerable<LabServiceEndpoint> Endpoints(V1EndpointSlice slice) =>
        from endpoint in slice.Endpoints ?? []
        from address in NetworkTexts.Addresses(endpoint.Addresses)
        select new LabServiceEndpoint
        {
            Address = address,
            Ports = [.. (slice.Ports ?? []).Select(port => port.Port).OfType<int>()],
            // A slice that does not say means yes.
            Ready = endpoint.Conditions?.Ready ?? true,
            Terminating = endpoint.Conditions?.Terminating ?? false,
            Pod = endpoint.TargetRef?.Kind == "Pod" ? endpoint.TargetRef.Name : null,
            Node = endpoint.NodeName,
        };
}

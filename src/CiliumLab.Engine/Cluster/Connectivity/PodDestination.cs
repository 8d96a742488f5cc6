using System.Net;
using CiliumLab.Engine.Cluster.Networks;
using CiliumLab.Model;
using k8s.Models;

namespace CiliumLab.Engine.Cluster.Connectivity;

/// <summary>What a pod shall reach: a name as the user gave it, and the URL that it stands for.</summary>
/// <param name="Name">The name.</param>
/// <param name="Url">The URL.</param>
internal sealed record PodDestination(string Name, Uri Url)
{
    /// <summary>
    /// Finds out what a name stands for: a URL or an address is itself; then a service, by its DNS name; then a pod, by its address; and
    /// what is none of these is a host name for the pod's DNS.
    /// </summary>
    /// <param name="client">The cluster.</param>
    /// <param name="from">The namespace of the pod that asks.</param>
    /// <param name="name">The name: <c>webpod</c>, <c>team/webpod</c>, <c>10.244.1.2</c>, <c>10.244.1.2:8080</c>, <c>http://webpod/path</c>.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="LabException"><c>DestinationInvalid</c>, or <c>PodHasNoAddress</c>.</exception>
    public static async Task<PodDestination> FindAsync(ClusterClient client, string from, string name, CancellationToken cancellationToken)
    {
        if (name.Contains("://", StringComparison.Ordinal))
            return new(name, Parse(name, name));
        if (IPEndPoint.TryParse(name, out var end) && name.AsSpan().ContainsAny('.', ':'))
            return new(name, AtAddress(end.Address, end.Port));
        var (ns, plain) = name.Split('/') is [var first, var second] ? (first, second) : (from, name);
        if (await client.FindAsync<V1Service>(ns, plain, cancellationToken).ConfigureAwait(false) is { } service)
            return new(name, Parse(name, $"http://{(ns == from ? plain : $"{plain}.{ns}")}{PortOf(service)}/"));
        if (await client.FindAsync<V1Pod>(ns, plain, cancellationToken).ConfigureAwait(false) is { } pod)
            return new(name, AtPod(pod));
        return new(name, Parse(name, $"http://{name}/"));
    }

    private static string PortOf(V1Service service) =>
        service.Spec?.Ports is { Count: > 0 } ports && !ports.Any(port => port.Port == 80) ? $":{ports[0].Port}" : "";

    private static Uri AtPod(V1Pod pod)
    {
        var address = NetworkTexts.Address(pod.Status?.PodIP) ?? throw new LabException(
            "PodHasNoAddress",
            LabErrorKind.InvalidOperation,
            $"Pod '{pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}' has no address: {Pods.PodReason.Of(pod) ?? pod.Status?.Phase}.",
            pod.Metadata.Name,
            $"See why: Get-LabPod -Namespace {pod.Metadata.NamespaceProperty} -Name {pod.Metadata.Name} | Format-List");
        return AtAddress(address, pod.Spec.Containers.SelectMany(container => container.Ports ?? []).FirstOrDefault()?.ContainerPort ?? 80);
    }

    private static Uri AtAddress(IPAddress address, int port) => new UriBuilder("http", address.ToString(), port is 0 ? 80 : port).Uri;

    private static Uri Parse(string name, string url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw new LabException(
                "DestinationInvalid",
                LabErrorKind.InvalidArgument,
                $"'{name}' is nothing that a pod can ask over HTTP.",
                name,
                "Give a pod, a service, an address or an http:// or https:// URL with -To.");
}

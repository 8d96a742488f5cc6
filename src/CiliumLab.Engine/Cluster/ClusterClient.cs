using System.Runtime.CompilerServices;
using CiliumLab.Engine.Cluster.Connection;
using CiliumLab.Engine.Cluster.Exec;
using CiliumLab.Model;
using k8s;
using k8s.Models;

namespace CiliumLab.Engine.Cluster;

/// <summary>
/// A lab's Kubernetes API. One client per open lab, used by everything at once; <see cref="Labs.LabSession.Cluster"/> opens it at first
/// use. What fails is a <see cref="LabException"/> with the server's own words, after a server that is busy was asked again for a while.
/// </summary>
/// <remarks>
/// Kinds are named by their model classes: the library's (<c>V1Pod</c>), or for custom resources a class of ours with the same attribute.
/// A namespace of null means all namespaces in lists, and "has none" for a single object.
/// </remarks>
public sealed class ClusterClient : IDisposable
{
    private const string FieldManager = "ciliumlab";
    private const int PageSize = 500;

    private readonly Kubernetes _client;

    private ClusterClient(ClusterAddress address, Kubernetes client, TimeProvider clock) => (Address, _client, Clock) = (address, client, clock);

    /// <summary>The API server, as the kubeconfig names it.</summary>
    public Uri Server => Address.Server;

    /// <summary>Who is asked.</summary>
    internal ClusterAddress Address { get; }

    /// <summary>Measures what is waited for.</summary>
    internal TimeProvider Clock { get; }

    /// <summary>Opens a client; nothing is sent yet.</summary>
    /// <exception cref="LabException"><c>KubeConfigNotFound</c>, <c>KubeConfigInvalid</c> or <c>KubeConfigInsecure</c>.</exception>
    internal static ClusterClient Open(string lab, string kubeConfig, ApiPatience? patience = null, TimeProvider? clock = null)
    {
        var time = clock ?? TimeProvider.System;
        var (address, client) = ClusterConnection.Open(lab, kubeConfig, patience ?? new ApiPatience(), time);
        return new ClusterClient(address, client, time);
    }

    /// <summary>A container of a pod as a place to run commands; nothing is sent yet.</summary>
    /// <param name="ns">The pod's namespace.</param>
    /// <param name="pod">The pod.</param>
    /// <param name="container">The container; null for the pod's only or default one.</param>
    /// <param name="node">The node that the pod runs on, for what is said about it.</param>
    public PodShell Shell(string ns, string pod, string? container = null, string? node = null) => new(_client, ns, pod, container, node ?? "");

    /// <inheritdoc/>
    public void Dispose() => _client.Dispose();

    /// <summary>Reads one object.</summary>
    /// <exception cref="LabException"><c>ClusterObjectNotFound</c>, or <c>ClusterKindNotFound</c> when the server does not know the kind.</exception>
    internal async Task<T> ReadAsync<T>(string? ns, string name, CancellationToken cancellationToken)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        using var generic = Generic<T>();
        return ns is null
            ? await generic.ReadAsync<T>(name, cancellationToken).ConfigureAwait(false)
            : await generic.ReadNamespacedAsync<T>(ns, name, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads one object; null when it is not there.</summary>
    internal async Task<T?> FindAsync<T>(string? ns, string name, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        try
        {
            return await ReadAsync<T>(ns, name, cancellationToken).ConfigureAwait(false);
        }
        catch (LabException error) when (error.ErrorId == ApiErrors.NotFound)
        {
            return null;
        }
    }

    /// <summary>Reads objects page by page, each as soon as it is here.</summary>
    internal async IAsyncEnumerable<T> ListAsync<T>(ResourceQuery query, [EnumeratorCancellation] CancellationToken cancellationToken)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        string? next = null;
        do
        {
            var page = await PageAsync<T>(query, PageSize, next, cancellationToken).ConfigureAwait(false);
            foreach (var item in page.Items)
                yield return item;
            next = page.Metadata.ContinueProperty;
        }
        while (!string.IsNullOrEmpty(next));
    }

    /// <summary>Makes an object.</summary>
    /// <exception cref="LabException"><c>ClusterObjectExists</c>, or <c>ClusterRequestInvalid</c> with what is wrong about it.</exception>
    internal async Task<T> CreateAsync<T>(T item, CancellationToken cancellationToken)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        using var generic = Generic<T>();
        var named = Named(item);
        return item.Metadata.NamespaceProperty is { } ns
            ? await generic.CreateNamespacedAsync(named, ns, cancellationToken).ConfigureAwait(false)
            : await generic.CreateAsync(named, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Makes an object as described: creates it, or changes the fields that the description names and leaves the others (server-side apply).
    /// </summary>
    internal async Task<Applied<T>> ApplyAsync<T>(T item, CancellationToken cancellationToken)
        where T : class, IKubernetesObject<V1ObjectMeta>
    {
        var (ns, name) = (item.Metadata.NamespaceProperty, item.Metadata.Name);
        var before = await FindAsync<T>(ns, name, cancellationToken).ConfigureAwait(false);
        var after = await PatchAsync<T>(ns, name, new V1Patch(Named(item), V1Patch.PatchType.ApplyPatch), cancellationToken).ConfigureAwait(false);
        return new Applied<T>(after, before is null, before?.Metadata.ResourceVersion != after.Metadata.ResourceVersion);
    }

    /// <summary>Changes fields of an object (JSON merge patch): a null takes a field away.</summary>
    /// <param name="ns">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="fields">The fields, in the object's own structure.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    internal Task<T> MergeAsync<T>(string? ns, string name, System.Text.Json.Nodes.JsonObject fields, CancellationToken cancellationToken)
        where T : IKubernetesObject<V1ObjectMeta> =>
        PatchAsync<T>(ns, name, new V1Patch(fields.ToJsonString(), V1Patch.PatchType.MergePatch), cancellationToken);

    /// <summary>Deletes an object and, in the background, what belongs to it.</summary>
    /// <param name="ns">Its namespace.</param>
    /// <param name="name">Its name.</param>
    /// <param name="cancellationToken">Stops the request.</param>
    /// <param name="gracePeriod">How long a pod has to end; null for its own.</param>
    /// <returns>False when it was not there.</returns>
    internal async Task<bool> DeleteAsync<T>(string? ns, string name, CancellationToken cancellationToken, TimeSpan? gracePeriod = null)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var kind = ResourceKind.Of<T>();
        var options = new V1DeleteOptions { PropagationPolicy = "Background", GracePeriodSeconds = (long?)gracePeriod?.TotalSeconds };
        try
        {
            using var answer = ns is null
                ? await _client.CustomObjects.DeleteClusterCustomObjectWithHttpMessagesAsync<V1Status>(
                    kind.Group, kind.Version, kind.Plural, name, options, cancellationToken: cancellationToken).ConfigureAwait(false)
                : await _client.CustomObjects.DeleteNamespacedCustomObjectWithHttpMessagesAsync<V1Status>(
                    kind.Group, kind.Version, ns, kind.Plural, name, options, cancellationToken: cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (LabException error) when (error.ErrorId == ApiErrors.NotFound)
        {
            return false;
        }
    }

    /// <summary>The API server's version, with its leading <c>v</c>.</summary>
    internal async Task<string> VersionAsync(CancellationToken cancellationToken)
    {
        using var answer = await _client.Version.GetCodeWithHttpMessagesAsync(cancellationToken: cancellationToken).ConfigureAwait(false);
        return answer.Body.GitVersion;
    }

    /// <summary>One page of a list.</summary>
    internal async Task<ResourceList<T>> PageAsync<T>(ResourceQuery query, int? limit, string? next, CancellationToken cancellationToken)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        using var generic = Generic<T>();
        return query.Namespace is null
            ? await generic.ListAsync<ResourceList<T>>(query.Labels, query.Fields, limit, next, cancellationToken).ConfigureAwait(false)
            : await generic.ListNamespacedAsync<ResourceList<T>>(query.Namespace, query.Labels, query.Fields, limit, next, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends a GET whose answer is read while it arrives.</summary>
    internal async Task<HttpResponseMessage> StreamAsync(string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(_client.BaseUri, path)) { Version = System.Net.HttpVersion.Version20 };
        if (_client.Credentials is { } credentials)
            await credentials.ProcessHttpRequestAsync(request, cancellationToken).ConfigureAwait(false);
        return await _client.HttpClient.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken).ConfigureAwait(false);
    }

    private async Task<T> PatchAsync<T>(string? ns, string name, V1Patch patch, CancellationToken cancellationToken)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        var kind = ResourceKind.Of<T>();
        bool? force = patch.Type == V1Patch.PatchType.ApplyPatch ? true : null;
        using var answer = ns is null
            ? await _client.CustomObjects.PatchClusterCustomObjectWithHttpMessagesAsync<T>(
                patch, kind.Group, kind.Version, kind.Plural, name, fieldManager: FieldManager, force: force, cancellationToken: cancellationToken).ConfigureAwait(false)
            : await _client.CustomObjects.PatchNamespacedCustomObjectWithHttpMessagesAsync<T>(
                patch, kind.Group, kind.Version, ns, kind.Plural, name, fieldManager: FieldManager, force: force, cancellationToken: cancellationToken).ConfigureAwait(false);
        return answer.Body;
    }

    private GenericClient Generic<T>()
        where T : IKubernetesObject
    {
        var kind = ResourceKind.Of<T>();
        return new GenericClient(_client, kind.Group, kind.Version, kind.Plural, disposeClient: false);
    }

    private static T Named<T>(T item)
        where T : IKubernetesObject
    {
        var kind = ResourceKind.Of<T>();
        (item.ApiVersion, item.Kind) = (kind.ApiVersion, kind.Kind);
        return item;
    }
}

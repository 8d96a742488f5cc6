using System.Runtime.CompilerServices;
using CiliumLab.Engine.Cluster.Networks;
using CiliumLab.Model;
using k8s.Models;

namespace CiliumLab.Engine.Cluster.Pods;

/// <summary>Pods as this module shows them.</summary>
public static class LabPods
{
    /// <summary>Reads pods, each as soon as it is known.</summary>
    /// <param name="client">The cluster.</param>
    /// <param name="ns">Their namespace; null for all.</param>
    /// <param name="labels">A label selector; null for all.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public static async IAsyncEnumerable<LabPod> ReadAsync(
        ClusterClient client, string? ns, string? labels, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var cni = await CniInCharge.ReadAsync(client, cancellationToken).ConfigureAwait(false);
        await foreach (var pod in client.ListAsync<V1Pod>(new ResourceQuery(ns) { Labels = labels }, cancellationToken).ConfigureAwait(false))
            yield return await ViewAsync(client, pod, cni, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The names of the namespaces.</summary>
    public static async Task<IReadOnlyCollection<string>> NamespacesAsync(ClusterClient client, CancellationToken cancellationToken) =>
        await client.ListAsync<V1Namespace>(ResourceQuery.All, cancellationToken).Select(item => item.Metadata.Name).ToListAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>The names of the pods in a namespace; null for all namespaces.</summary>
    public static async Task<IReadOnlyCollection<string>> NamesAsync(ClusterClient client, string? ns, CancellationToken cancellationToken) =>
        await client.ListAsync<V1Pod>(new ResourceQuery(ns), cancellationToken).Select(pod => pod.Metadata.Name).ToListAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>Makes sure that a namespace is there.</summary>
    /// <exception cref="LabException"><c>NamespaceNotFound</c>, with those that are.</exception>
    public static async Task RequireNamespaceAsync(ClusterClient client, string ns, CancellationToken cancellationToken)
    {
        if (await client.FindAsync<V1Namespace>(null, ns, cancellationToken).ConfigureAwait(false) is not null)
            return;
        var known = await NamespacesAsync(client, cancellationToken).ConfigureAwait(false);
        throw new LabException(
            "NamespaceNotFound",
            LabErrorKind.ObjectNotFound,
            $"Lab '{client.Address.Lab}' has no namespace '{ns}'. It has: {string.Join(", ", known)}.",
            ns,
            "Choose one of them with -Namespace.");
    }

    /// <summary>A pod, with the last warning about it when it does not run and its status does not say why.</summary>
    internal static async Task<LabPod> ViewAsync(ClusterClient client, V1Pod pod, CniInCharge cni, CancellationToken cancellationToken)
    {
        var view = View(pod, cni);
        // A container that waits for its sandbox says no more than that; the kubelet's events say what keeps it.
        if (view.Phase != PodPhase.Pending || view.Reason?.EndsWith("ContainerCreating", StringComparison.Ordinal) != true)
            return view;
        var about = new ResourceQuery(view.Namespace) { Fields = $"involvedObject.uid={pod.Metadata.Uid},type=Warning" };
        var events = await client.ListAsync<Corev1Event>(about, cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
        var last = events.MaxBy(item => item.LastTimestamp ?? item.EventTime ?? item.Metadata.CreationTimestamp);
        return last is null ? view : view with { Reason = $"{view.Reason}: {last.Reason}: {last.Message?.Trim()}" };
    }

    /// <summary>A pod as its object shows it.</summary>
    internal static LabPod View(V1Pod pod, CniInCharge cni)
    {
        var containers = pod.Status?.ContainerStatuses ?? [];
        return new LabPod
        {
            Namespace = pod.Metadata.NamespaceProperty,
            Pod = pod.Metadata.Name,
            Node = pod.Spec?.NodeName,
            Phase = Enum.TryParse<PodPhase>(pod.Status?.Phase, out var phase) ? phase : PodPhase.Unknown,
            Ready = IsReady(pod),
            ReadyContainers = containers.Count(container => container.Ready),
            Containers = pod.Spec?.Containers?.Count ?? 0,
            Restarts = containers.Sum(container => container.RestartCount),
            Address = NetworkTexts.Address(pod.Status?.PodIP),
            Addresses = NetworkTexts.Addresses(pod.Status?.PodIPs?.Select(address => address.Ip)),
            HostNetwork = pod.Spec?.HostNetwork == true,
            Cni = cni.Kind,
            Managed = cni.Manages(pod),
            Reason = PodReason.Of(pod),
            Owner = Owner(pod),
            Labels = pod.Metadata.Labels is { } labels ? new Dictionary<string, string>(labels) : new Dictionary<string, string>(),
            Created = pod.Metadata.CreationTimestamp is { } created ? new DateTimeOffset(created.ToUniversalTime()) : null,
        };
    }

    /// <summary>Whether all containers of a pod are ready, and it is not going away.</summary>
    internal static bool IsReady(V1Pod pod) =>
        pod.Metadata.DeletionTimestamp is null && pod.Status?.Conditions?.Any(condition => condition is { Type: "Ready", Status: "True" }) == true;

    /// <summary>What keeps a pod alive. A ReplicaSet of a Deployment has the Deployment's name and the hash that its pods are labelled with.</summary>
    internal static string? Owner(V1Pod pod)
    {
        if (pod.Metadata.OwnerReferences?.FirstOrDefault(owner => owner.Controller == true) is not { } owner)
            return null;
        return owner.Kind == "ReplicaSet" && pod.Metadata.Labels?.TryGetValue("pod-template-hash", out var hash) == true
            && owner.Name.EndsWith("-" + hash, StringComparison.Ordinal)
            ? $"Deployment/{owner.Name[..^(hash.Length + 1)]}"
            : $"{owner.Kind}/{owner.Name}";
    }
}

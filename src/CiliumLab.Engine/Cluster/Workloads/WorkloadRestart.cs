using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using CiliumLab.Engine.Cluster.Networks;
using CiliumLab.Engine.Cluster.Pods;
using CiliumLab.Engine.Cluster.Watching;
using CiliumLab.Model;
using k8s.Models;

namespace CiliumLab.Engine.Cluster.Workloads;

/// <summary>Which pods are replaced.</summary>
/// <param name="Namespace">Their namespace; null for all.</param>
/// <param name="Pods">Whether a pod, or a Deployment as a whole, of that name is meant; null for all of them, which restarts Deployments as a whole.</param>
/// <param name="UnmanagedOnly">Only pods whose address is not of the CNI in charge.</param>
public sealed record RestartChoice(string? Namespace, Func<string, bool>? Pods, bool UnmanagedOnly)
{
    /// <summary>Names that a pod or a Deployment must have.</summary>
    public IReadOnlyList<string> Required { get; init; } = [];
}

/// <summary>One workload that is restarted, and the pods of it that are replaced.</summary>
public sealed class RestartPart
{
    internal RestartPart(PodGroup group, IReadOnlyList<V1Pod> pods, int ready, bool rollout) =>
        (Group, Pods, Ready, IsRollout) = (group, pods, ready, rollout);

    /// <summary>The workload, as <c>namespace/Deployment/webpod</c> or <c>namespace/curl-pod</c>.</summary>
    public string Target => $"{Group.Namespace}/{Group.Name}";

    /// <summary>What is done to it.</summary>
    public string Action => IsRollout
        ? "Restart the Deployment, pod by pod"
        : Group.Owner is null ? "Delete the pod and make it again" : $"Delete {string.Join(", ", Pods.Select(pod => pod.Metadata.Name))}; {Group.Owner} makes new ones";

    internal PodGroup Group { get; }

    internal IReadOnlyList<V1Pod> Pods { get; }

    internal int Ready { get; }

    internal bool IsRollout { get; }
}

/// <summary>Replaces pods by new ones, so that they get what has changed since they were made: an address of another CNI, for one.</summary>
public static class WorkloadRestart
{
    // A pod that does not heed SIGTERM, such as a shell that sleeps, is not waited for half a minute.
    private static readonly TimeSpan LongestGrace = TimeSpan.FromSeconds(5);

    // Once a bare pod is deleted it is made again, whatever happens meanwhile.
    private static readonly TimeSpan MakeAgain = TimeSpan.FromSeconds(60);

    /// <summary>What would be restarted.</summary>
    /// <exception cref="LabException"><c>NamespaceNotFound</c>, or <c>PodNotFound</c> for a required name that neither a pod nor a Deployment has.</exception>
    public static async Task<IReadOnlyList<RestartPart>> PlanAsync(ClusterClient client, RestartChoice choice, CancellationToken cancellationToken)
    {
        if (choice.Namespace is { } ns)
            await LabPods.RequireNamespaceAsync(client, ns, cancellationToken).ConfigureAwait(false);
        var cni = await CniInCharge.ReadAsync(client, cancellationToken).ConfigureAwait(false);
        var all = await client.ListAsync<V1Pod>(new ResourceQuery(choice.Namespace), cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
        RequireNames(choice, all);
        var whole = choice is { Pods: null, UnmanagedOnly: false };
        return
        [
            .. from pod in all.Where(CanBeReplaced)
               group pod by PodGroup.Of(pod) into members
               let named = IsNamed(choice, members.Key, members)
               let chosen = members.Where(pod => (named || choice.Pods?.Invoke(pod.Metadata.Name) != false) && (!choice.UnmanagedOnly || cni.Manages(pod) == false)).ToList()
               where chosen.Count > 0 && (!whole || members.Key.Owner is null || IsDeployment(members.Key))
               orderby members.Key.Namespace, members.Key.Name
               select new RestartPart(
                   members.Key,
                   chosen,
                   members.Count(pod => LabPods.IsReady(pod) || chosen.Contains(pod)),
                   (whole || (named && !choice.UnmanagedOnly)) && IsDeployment(members.Key)),
        ];
    }

    // A pattern that some of the pods fit means those pods, even where their Deployment's name fits too.
    private static bool IsNamed(RestartChoice choice, PodGroup group, IEnumerable<V1Pod> members) =>
        choice.Pods is { } means && IsDeployment(group) && means(DeploymentName(group)) && !members.Any(pod => means(pod.Metadata.Name));

    private static void RequireNames(RestartChoice choice, IReadOnlyList<V1Pod> all)
    {
        var known = all.Select(pod => pod.Metadata.Name)
            .Concat(all.Select(PodGroup.Of).Where(IsDeployment).Select(DeploymentName)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        if (choice.Required.FirstOrDefault(name => !known.Contains(name)) is not { } missing)
            return;
        var where = choice.Namespace is { } ns ? $" in namespace '{ns}'" : "";
        throw new LabException(
            "PodNotFound",
            LabErrorKind.ObjectNotFound,
            $"There is no pod or Deployment '{missing}'{where}. {(known.Count == 0 ? "There are none at all" : $"There are: {string.Join(", ", known.Order(StringComparer.Ordinal))}")}.",
            missing,
            $"See them all with: Get-LabPod{(choice.Namespace is { } only ? $" -Namespace {only}" : "")}");
    }

    /// <summary>Restarts one workload, waits until it is ready again, and returns its new pods with the addresses of those they replace.</summary>
    /// <exception cref="LabException"><c>WorkloadNotReady</c> with what is missing.</exception>
    public static async IAsyncEnumerable<LabPod> RestartAsync(
        ClusterClient client, RestartPart part, TimeSpan timeout, Func<string, Task> step, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (part.IsRollout)
        {
            var now = client.Clock.GetUtcNow().ToString("yyyy-MM-dd'T'HH:mm:ssK", CultureInfo.InvariantCulture);
            await client.MergeAsync<V1Deployment>(part.Group.Namespace, DeploymentName(part.Group), RestartedAt(now), cancellationToken).ConfigureAwait(false);
        }
        else if (part.Group.Owner is null)
        {
            await ReplaceAsync(client, part.Pods[0], step, cancellationToken).ConfigureAwait(false);
        }
        else
        {
            foreach (var pod in part.Pods)
                await client.DeleteAsync<V1Pod>(part.Group.Namespace, pod.Metadata.Name, cancellationToken, Grace(pod)).ConfigureAwait(false);
        }

        var leaving = part.Pods.Select(pod => pod.Metadata.Uid).ToHashSet(StringComparer.Ordinal);
        var ready = await part.Group.WaitAsync(client, part.Ready, leaving, timeout, step, cancellationToken).ConfigureAwait(false);
        var cni = await CniInCharge.ReadAsync(client, cancellationToken).ConfigureAwait(false);
        var previous = Addresses(part.Pods);
        var newest = ready.OrderByDescending(pod => pod.Metadata.CreationTimestamp).Take(part.Pods.Count).OrderBy(pod => pod.Metadata.Name, StringComparer.Ordinal);
        foreach (var pod in newest)
            yield return LabPods.View(pod, cni) with { Changed = true, PreviousAddress = Take(previous, pod.Spec.NodeName) };
    }

    // Mirror pods of a node's manifests come back by themselves, and those of the node's network have no address of a CNI.
    private static bool CanBeReplaced(V1Pod pod) =>
        pod.Spec.HostNetwork != true
        && pod.Status?.Phase is not ("Succeeded" or "Failed")
        && pod.Metadata.DeletionTimestamp is null
        && pod.Metadata.OwnerReferences?.Any(owner => owner.Kind is "Node" or "Job") != true;

    private static bool IsDeployment(PodGroup group) => group.Owner?.StartsWith("Deployment/", StringComparison.Ordinal) == true;

    private static string DeploymentName(PodGroup group) => group.Owner!["Deployment/".Length..];

    private static TimeSpan Grace(V1Pod pod) =>
        TimeSpan.FromSeconds(Math.Min(pod.Spec.TerminationGracePeriodSeconds ?? LongestGrace.TotalSeconds, LongestGrace.TotalSeconds));

    private static JsonObject RestartedAt(string time) => new()
    {
        ["spec"] = new JsonObject
        {
            ["template"] = new JsonObject
            {
                ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { ["kubectl.kubernetes.io/restartedAt"] = time } },
            },
        },
    };

    private static async Task ReplaceAsync(ClusterClient client, V1Pod pod, Func<string, Task> step, CancellationToken cancellationToken)
    {
        var (ns, name) = (pod.Metadata.NamespaceProperty, pod.Metadata.Name);
        await step("deleting it").ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        using var limit = new CancellationTokenSource(MakeAgain, client.Clock);
        await client.DeleteAsync<V1Pod>(ns, name, limit.Token, Grace(pod)).ConfigureAwait(false);
        var wait = new ClusterWait($"pod '{ns}/{name}' to be gone", MakeAgain) { ErrorId = "PodNotGone", Target = $"{ns}/{name}" };
        await client.WaitAsync<V1Pod>(
            ResourceQuery.Named(ns, name), wait, left => left.Any(other => other.Metadata.Uid == pod.Metadata.Uid) ? "it is still there" : null, limit.Token).ConfigureAwait(false);
        await client.CreateAsync(Fresh(pod), limit.Token).ConfigureAwait(false);
    }

    /// <summary>The pod as its maker described it, without what the cluster added.</summary>
    private static V1Pod Fresh(V1Pod pod)
    {
        foreach (var container in pod.Spec.Containers.Concat(pod.Spec.InitContainers ?? []))
            container.VolumeMounts = container.VolumeMounts?.Where(mount => !IsToken(mount.Name)).ToList();
        pod.Spec.Volumes = pod.Spec.Volumes?.Where(volume => !IsToken(volume.Name)).ToList();
        pod.Spec.EphemeralContainers = null;
        return new V1Pod
        {
            Metadata = new V1ObjectMeta
            {
                Name = pod.Metadata.Name,
                NamespaceProperty = pod.Metadata.NamespaceProperty,
                Labels = pod.Metadata.Labels,
                Annotations = pod.Metadata.Annotations,
            },
            Spec = pod.Spec,
        };
    }

    private static bool IsToken(string name) => name.StartsWith("kube-api-access-", StringComparison.Ordinal);

    private static List<(string Node, IPAddress? Address)> Addresses(IReadOnlyList<V1Pod> pods) =>
        [.. pods.Select(pod => (pod.Spec.NodeName ?? "", NetworkTexts.Address(pod.Status?.PodIP)))];

    // A new pod takes the place of an old one of its node where there is one, and of any other where not.
    private static IPAddress? Take(List<(string Node, IPAddress? Address)> previous, string? node)
    {
        if (previous.Count == 0)
            return null;
        var index = Math.Max(0, previous.FindIndex(old => old.Node == node));
        var address = previous[index].Address;
        previous.RemoveAt(index);
        return address;
    }
}

using System.Collections.Immutable;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Cilium;

/// <summary>Which labels of a pod and of its namespace make its identity.</summary>
internal static class SecurityLabels
{
    // pkg/labelsfilter: what changes with each rollout, or is the platform's own, is no part of an identity.
    private static readonly string[] Ignored =
    [
        "io.kubernetes", "kubernetes.io", "pod-template-generation", "pod-template-hash", "controller-revision-hash", "statefulset.kubernetes.io/pod-name",
        "batch.kubernetes.io/job-completion-index", "controller-uid", "job-name", "topology.kubernetes.io", "kubernetes.azure.com", "etcd_node", "annotation.",
    ];

    /// <summary>A pod's labels as <c>k8s:key=value</c>, sorted.</summary>
    public static ImmutableArray<string> Of(StoredObject pod, ObjectStore store, CiliumConfiguration configuration)
    {
        var labels = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (key, value) in pod.Labels.Where(static label => IsRelevant(label.Key)))
            labels.Add(Join(key, value));
        foreach (var (key, value) in store.Find(ResourceTypes.Namespaces, null, pod.Namespace)?.Labels ?? new Dictionary<string, string>())
            labels.Add(Join("io.cilium.k8s.namespace.labels." + key, value));
        labels.Add(Join("io.cilium.k8s.policy.cluster", configuration.ClusterName));
        labels.Add(Join("io.cilium.k8s.policy.serviceaccount", pod.Json.Text("spec", "serviceAccountName") is { Length: > 0 } account ? account : "default"));
        labels.Add(Join("io.kubernetes.pod.namespace", pod.Namespace));
        return [.. labels];
    }

    /// <summary>A node's labels as the host endpoint shows them.</summary>
    public static ImmutableArray<string> OfHost(StoredObject? node)
    {
        var labels = new SortedSet<string>(StringComparer.Ordinal) { "reserved:host" };
        foreach (var (key, value) in node?.Labels ?? new Dictionary<string, string>())
        {
            if (key.StartsWith("node-role.kubernetes.io/", StringComparison.Ordinal) || key.StartsWith("node.kubernetes.io/", StringComparison.Ordinal))
                labels.Add(Join(key, value));
        }

        return [.. labels];
    }

    /// <summary>Labels as the field <c>security-labels</c> of a CiliumIdentity has them.</summary>
    public static JsonObject ToJson(ImmutableArray<string> labels)
    {
        var json = new JsonObject();
        foreach (var label in labels)
        {
            var equals = label.IndexOf('=', StringComparison.Ordinal);
            json[equals < 0 ? label : label[..equals]] = equals < 0 ? "" : label[(equals + 1)..];
        }

        return json;
    }

    /// <summary>Labels from the field <c>security-labels</c>.</summary>
    public static ImmutableArray<string> FromJson(JsonObject? json) =>
        [.. (json ?? []).Select(static field => field.Value.AsText() is { Length: > 0 } value ? $"{field.Key}={value}" : field.Key).Order(StringComparer.Ordinal)];

    private static bool IsRelevant(string key) =>
        key.StartsWith("io.kubernetes.pod.namespace", StringComparison.Ordinal) || key.StartsWith("app.kubernetes.io", StringComparison.Ordinal)
        || !(Ignored.Any(prefix => key.StartsWith(prefix, StringComparison.Ordinal)) || key.Contains("beta.kubernetes.io", StringComparison.Ordinal) || key.StartsWith("k8s.io", StringComparison.Ordinal));

    private static string Join(string key, string value) => value.Length == 0 ? "k8s:" + key : $"k8s:{key}={value}";
}

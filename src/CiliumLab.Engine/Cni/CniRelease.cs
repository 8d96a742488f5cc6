using CiliumLab.Engine.Cni.Helm;
using CiliumLab.Model;
using k8s.Models;

namespace CiliumLab.Engine.Cni;

/// <summary>How a CNI is released: its chart, the release's usual name and place, and the workloads that make it up.</summary>
/// <param name="Kind">The CNI.</param>
/// <param name="Release">The usual name of the release.</param>
/// <param name="Namespace">The usual namespace.</param>
/// <param name="Chart">The chart that is installed when nothing else is said.</param>
/// <param name="Agent">The DaemonSet whose pods are its agents.</param>
internal sealed record CniRelease(CniKind Kind, string Release, string Namespace, ChartReference Chart, string Agent)
{
    /// <summary>DaemonSets and Deployments, beside the agent, that must run before the CNI is ready; those that the chart left out are not waited for.</summary>
    public IReadOnlyList<string> Companions { get; init; } = [];

    /// <summary>Labels that its namespace gets; null when the namespace is not its own.</summary>
    public IReadOnlyDictionary<string, string>? NamespaceLabels { get; init; }

    /// <summary>The type of its plugin in CNI configurations.</summary>
    public required string Plugin { get; init; }

    /// <summary>Its API group; null when it has none of its own.</summary>
    public string? Group { get; init; }

    /// <summary>Flannel. flanneld changes the node's network, which pod security would otherwise refuse.</summary>
    public static CniRelease Flannel { get; } = new(
        CniKind.Flannel, "flannel", "kube-flannel", new ChartReference("flannel", new Uri("https://flannel-io.github.io/flannel/"), null), "kube-flannel-ds")
    {
        Plugin = "flannel",
        NamespaceLabels = new Dictionary<string, string> { ["pod-security.kubernetes.io/enforce"] = "privileged" },
    };

    /// <summary>Cilium.</summary>
    public static CniRelease Cilium { get; } = new(
        CniKind.Cilium, "cilium", "kube-system", new ChartReference("cilium", new Uri("https://helm.cilium.io/"), "1.17.5"), "cilium")
    {
        Plugin = "cilium-cni",
        Companions = ["cilium-envoy", "cilium-operator"],
        Group = "cilium.io",
    };

    /// <summary>The CNIs that this module installs.</summary>
    public static IReadOnlyList<CniRelease> All { get; } = [Flannel, Cilium];

    /// <summary>Whether a custom resource definition is of its kinds.</summary>
    public bool Owns(V1CustomResourceDefinition definition) => Group is not null && definition.Spec.Group == Group;

    /// <summary>How a CNI is released.</summary>
    /// <exception cref="LabException"><c>CniNotInstallable</c>.</exception>
    public static CniRelease Of(CniKind kind) =>
        All.FirstOrDefault(release => release.Kind == kind) ?? throw new LabException(
            "CniNotInstallable", LabErrorKind.InvalidArgument, $"'{kind}' is no CNI that this module installs.", kind, $"Choose one of {string.Join(", ", All.Select(release => release.Kind))}.");
}

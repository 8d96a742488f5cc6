using System.Globalization;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>What controllers ask about pods.</summary>
internal static class PodState
{
    /// <summary>The pod's phase.</summary>
    public static string Phase(this StoredObject pod) => pod.Json.Text("status", "phase") ?? "Pending";

    /// <summary>It has ended and will not run again.</summary>
    public static bool IsFinished(this StoredObject pod) => pod.Phase() is "Succeeded" or "Failed";

    /// <summary>It runs or will run, and is not being deleted.</summary>
    public static bool IsActive(this StoredObject pod) => !pod.IsFinished() && !pod.IsTerminating;

    /// <summary>Its Ready condition is True.</summary>
    public static bool IsReady(this StoredObject pod) => pod.Json.Is("Ready");

    /// <summary>The node it is bound to; null when it is bound to none.</summary>
    public static string? NodeName(this StoredObject pod) => pod.Json.Text("spec", "nodeName") is { Length: > 0 } node ? node : null;

    /// <summary>Its first address; null when it has none.</summary>
    public static string? Address(this StoredObject pod) => pod.Json.Text("status", "podIP") is { Length: > 0 } address ? address : null;

    /// <summary>Whether it is in its node's network.</summary>
    public static bool IsHostNetwork(this StoredObject pod) => pod.Json.Flag("spec", "hostNetwork");

    /// <summary>Whether the kubelet made it from a file.</summary>
    public static bool IsMirror(this StoredObject pod) => pod.Json.At("metadata", "annotations", "kubernetes.io/config.mirror") is not null;

    /// <summary>Ready for as long as a workload asks for.</summary>
    /// <param name="pod">The pod.</param>
    /// <param name="minReadySeconds">What the workload asks for.</param>
    /// <param name="now">The time.</param>
    /// <param name="wait">How long until it will be, when it is ready already; zero otherwise.</param>
    public static bool IsAvailable(this StoredObject pod, long minReadySeconds, DateTimeOffset now, out TimeSpan wait)
    {
        wait = TimeSpan.Zero;
        if (!pod.IsReady())
            return false;
        if (minReadySeconds <= 0)
            return true;
        var since = DateTimeOffset.Parse(pod.Json.Condition("Ready").Text("lastTransitionTime") ?? "", CultureInfo.InvariantCulture);
        wait = since + TimeSpan.FromSeconds(minReadySeconds) - now;
        return wait <= TimeSpan.Zero;
    }

    /// <summary>A pod as a workload's template describes it.</summary>
    /// <param name="owner">The workload.</param>
    /// <param name="template">Its spec.template.</param>
    public static JsonObject FromTemplate(StoredObject owner, JsonObject template)
    {
        var metadata = new JsonObject { ["generateName"] = owner.Name + "-", ["namespace"] = owner.Namespace };
        foreach (var field in (ReadOnlySpan<string>)["labels", "annotations"])
        {
            if (template.Object("metadata", field) is { Count: > 0 } map)
                metadata[field] = map.DeepClone();
        }
        metadata["ownerReferences"] = new JsonArray(owner.AsController());
        return new JsonObject { ["metadata"] = metadata, ["spec"] = template["spec"]?.DeepClone() };
    }
}

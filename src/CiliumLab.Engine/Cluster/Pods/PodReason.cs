using k8s.Models;

namespace CiliumLab.Engine.Cluster.Pods;

/// <summary>Why a pod is not running or not ready, from its status alone.</summary>
internal static class PodReason
{
    /// <summary>The reason; null when the pod is well or ended well.</summary>
    public static string? Of(V1Pod pod)
    {
        var status = pod.Status;
        if (pod.Metadata.DeletionTimestamp is not null)
            return "Terminating";
        if (status?.Phase == "Succeeded")
            return null;
        if (status?.Reason is { Length: > 0 } reason)
            return Words(reason, status.Message);
        if (Condition(status, "PodScheduled") is { Status: "False" } unscheduled)
            return Words(unscheduled.Reason, unscheduled.Message);
        var init = status?.InitContainerStatuses?.Select(container => OfContainer(container, initial: true)).FirstOrDefault(text => text is not null);
        return init
            ?? status?.ContainerStatuses?.Select(container => OfContainer(container, initial: false)).FirstOrDefault(text => text is not null)
            ?? (status?.Phase is "Running" ? NotReady(status) : status?.Phase is null or "Pending" ? "Pending" : status.Phase);
    }

    private static string? OfContainer(V1ContainerStatus container, bool initial)
    {
        if (container.State?.Waiting is { } waiting)
            return $"{container.Name}: {Words(waiting.Reason ?? "Waiting", waiting.Message)}";
        if (container.State?.Terminated is { } ended && (ended.ExitCode != 0 || !initial))
            return $"{container.Name}: {Words(ended.Reason ?? "Terminated", ended.Message)} (exit code {ended.ExitCode})";
        return null;
    }

    private static string? NotReady(V1PodStatus status) =>
        Condition(status, "Ready") is { Status: "False" } ready ? Words(ready.Reason, ready.Message) : null;

    private static V1PodCondition? Condition(V1PodStatus? status, string type) => status?.Conditions?.FirstOrDefault(condition => condition.Type == type);

    private static string Words(string? reason, string? message) =>
        string.IsNullOrWhiteSpace(message) ? reason ?? "not ready" : $"{reason}: {message.Trim()}";
}

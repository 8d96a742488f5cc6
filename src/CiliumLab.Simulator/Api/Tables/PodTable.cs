using System.Globalization;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>A pod's row: upstream's rules for READY, STATUS and RESTARTS.</summary>
internal static class PodTable
{
    /// <summary>The layout.</summary>
    public static TableLayout Layout { get; } = new(
        TableLayout.Name,
        new("Ready", 0, static (o, _) => Ready(o)),
        new("Status", 0, static (o, _) => Reason(o)),
        new("Restarts", 0, static (o, now) => Restarts(o, now)),
        TableLayout.Age,
        TableLayout.Text("IP", static o => o.Objects("status", "podIPs").FirstOrDefault().Text("ip") ?? o.Text("status", "podIP"), 1),
        TableLayout.Text("Node", static o => o.Text("spec", "nodeName"), 1),
        TableLayout.Text("Nominated Node", static o => o.Text("status", "nominatedNodeName"), 1),
        TableLayout.Text("Readiness Gates", Gates, 1))
    {
        Conditions = static o => o.Text("status", "phase") switch
        {
            "Succeeded" => Completed("Succeeded", "The pod has completed successfully."),
            "Failed" => Completed("Failed", "The pod failed."),
            _ => null,
        },
    };

    private static JsonArray Completed(string reason, string message) => new(new JsonObject
    {
        ["type"] = "Completed",
        ["status"] = "True",
        ["reason"] = reason,
        ["message"] = message,
    });

    private static string Ready(JsonObject pod)
    {
        var total = pod.Objects("spec", "containers").Count() + Sidecars(pod).Count;
        var ready = pod.Objects("status", "containerStatuses").Count(static c => c.Flag("ready") && c.At("state", "running") is not null);
        var sidecars = Sidecars(pod);
        ready += pod.Objects("status", "initContainerStatuses").Count(c => sidecars.Contains(c.Text("name") ?? "") && c.Flag("ready"));
        return $"{ready}/{total}";
    }

    private static HashSet<string> Sidecars(JsonObject pod) =>
        [.. pod.Objects("spec", "initContainers").Where(static c => c.Text("restartPolicy") == "Always").Select(static c => c.Text("name") ?? "")];

    /// <summary>What STATUS says.</summary>
    public static string Reason(JsonObject pod)
    {
        var reason = pod.Text("status", "reason") ?? pod.Text("status", "phase") ?? "Unknown";
        if (pod.Objects("status", "conditions").Any(static c => c.Text("type") == "PodScheduled" && c.Text("reason") == "SchedulingGated"))
            reason = "SchedulingGated";
        var sidecars = Sidecars(pod);
        var initializing = false;
        var index = -1;
        foreach (var container in pod.Objects("status", "initContainerStatuses"))
        {
            index++;
            if (container.At("state", "terminated") is JsonObject ended && ended.Number("exitCode") == 0)
                continue;
            if (sidecars.Contains(container.Text("name") ?? "") && container.Flag("started"))
                continue;
            reason = container.Object("state", "terminated") is { } failed ? "Init:" + Ended(failed)
                : container.Text("state", "waiting", "reason") is { Length: > 0 } waiting and not "PodInitializing" ? "Init:" + waiting
                : $"Init:{index}/{pod.Objects("spec", "initContainers").Count()}";
            initializing = true;
            break;
        }
        if (!initializing || pod.Objects("status", "conditions").Any(static c => c.Text("type") == "Initialized" && c.Text("status") == "True"))
        {
            var running = false;
            foreach (var container in pod.Objects("status", "containerStatuses").Reverse())
            {
                if (container.Text("state", "waiting", "reason") is { Length: > 0 } waiting)
                    reason = waiting;
                else if (container.Object("state", "terminated") is { } ended)
                    reason = Ended(ended);
                else if (container.Flag("ready") && container.At("state", "running") is not null)
                    running = true;
            }
            if (reason == "Completed" && running)
            {
                reason = pod.Objects("status", "conditions").Any(static c => c.Text("type") == "Ready" && c.Text("status") == "True")
                    ? "Running"
                    : "NotReady";
            }
        }
        if (pod.At("metadata", "deletionTimestamp") is null)
            return reason;
        return pod.Text("status", "reason") == "NodeLost" ? "Unknown" : pod.Text("status", "phase") is "Succeeded" or "Failed" ? reason : "Terminating";
    }

    private static string Ended(JsonObject terminated) =>
        terminated.Text("reason") is { Length: > 0 } reason ? reason
        : terminated.Number("signal") is { } signal and not 0 ? $"Signal:{signal}"
        : $"ExitCode:{terminated.Number("exitCode")}";

    private static string Restarts(JsonObject pod, DateTimeOffset now)
    {
        long restarts = 0;
        DateTimeOffset? last = null;
        foreach (var container in pod.Objects("status", "containerStatuses"))
        {
            restarts += container.Number("restartCount") ?? 0;
            if (DateTimeOffset.TryParse(container.Text("lastState", "terminated", "finishedAt"), CultureInfo.InvariantCulture, out var time) && (last is null || time > last))
                last = time;
        }
        return restarts > 0 && last is not null ? $"{restarts} ({TableLayout.HumanDuration(now - last.Value)} ago)" : restarts.ToString(CultureInfo.InvariantCulture);
    }

    private static string? Gates(JsonObject pod)
    {
        var gates = pod.Objects("spec", "readinessGates").Select(static g => g.Text("conditionType")).ToList();
        if (gates.Count == 0)
            return null;
        var met = gates.Count(g => pod.Objects("status", "conditions").Any(c => c.Text("type") == g && c.Text("status") == "True"));
        return $"{met}/{gates.Count}";
    }
}

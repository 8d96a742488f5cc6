using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>Writes a pod's status as the kubelet words it.</summary>
internal static class PodStatusReport
{
    private static readonly string[] Order = ["PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"];

    /// <summary>Writes what a run has come to into the pod's object.</summary>
    public static void Write(ObjectStore store, PodRun run)
    {
        var now = store.Timestamp;
        store.EditStatus(ResourceTypes.Pods, run.Pod.Namespace, run.Pod.Name, pod =>
        {
            if (pod.Text("metadata", "uid") != run.Pod.Uid)
                return;
            var status = pod.Ensure("status");
            status["phase"] = run.Phase;
            status.SetCondition("PodReadyToStartContainers", run.Network is null || run.IsGone ? "False" : "True", null, null, now);
            SetInitialized(status, run, now);
            SetReady(status, run, now);
            status.SetCondition("PodScheduled", "True", null, null, now);
            Arrange(status);
            status["startTime"] = ObjectStore.Time(run.StartTime);
            if (run.HostAddress is not null)
            {
                status["hostIP"] = run.HostAddress.ToString();
                status["hostIPs"] = new JsonArray(new JsonObject { ["ip"] = run.HostAddress.ToString() });
            }
            if (run.Address is not null)
            {
                status["podIP"] = run.Address.ToString();
                status["podIPs"] = new JsonArray(new JsonObject { ["ip"] = run.Address.ToString() });
            }
            else
            {
                status.Remove("podIP");
                status.Remove("podIPs");
            }
            if (run.Init.Count > 0)
                status["initContainerStatuses"] = new JsonArray([.. run.Init.Select(static c => (JsonNode)c.ToStatus())]);
            status["containerStatuses"] = new JsonArray([.. run.Main.Select(static c => (JsonNode)c.ToStatus())]);
        });
    }

    private static void SetInitialized(JsonObject status, PodRun run, string now)
    {
        var open = run.Init.Where(static c => c.Stage != ContainerStage.Ended || c.Terminated.Number("exitCode") != 0).Select(static c => c.Name).ToList();
        if (open.Count == 0)
            status.SetCondition("Initialized", "True", run.Phase == "Succeeded" ? "PodCompleted" : null, null, now);
        else
            status.SetCondition("Initialized", "False", "ContainersNotInitialized", $"containers with incomplete status: [{string.Join(' ', open)}]", now);
    }

    private static void SetReady(JsonObject status, PodRun run, string now)
    {
        var unready = run.Main.Where(static c => c.Stage != ContainerStage.Running || !c.IsReady).Select(static c => c.Name).ToList();
        foreach (var condition in (ReadOnlySpan<string>)["Ready", "ContainersReady"])
        {
            if (run.Phase is "Succeeded")
                status.SetCondition(condition, "False", "PodCompleted", null, now);
            else if (run.Phase is "Failed")
                status.SetCondition(condition, "False", "PodFailed", null, now);
            else if (unready.Count > 0)
                status.SetCondition(condition, "False", "ContainersNotReady", $"containers with unready status: [{string.Join(' ', unready)}]", now);
            else
                status.SetCondition(condition, "True", null, null, now);
        }
    }

    private static void Arrange(JsonObject status)
    {
        var conditions = status.Array("conditions")!.OfType<JsonObject>().ToList();
        status.Array("conditions")!.Clear();
        foreach (var condition in conditions.OrderBy(static c => Array.IndexOf(Order, c.Text("type"))))
        {
            if (!condition.ContainsKey("lastProbeTime"))
                condition["lastProbeTime"] = null;
            status.Array("conditions")!.Add((JsonNode)condition);
        }
    }
}

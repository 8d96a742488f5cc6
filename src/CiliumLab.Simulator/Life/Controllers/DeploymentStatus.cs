using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>What a Deployment says of itself.</summary>
internal static class DeploymentStatus
{
    /// <summary>Everything that it asks for runs and nothing else does.</summary>
    public static bool IsComplete(StoredObject deployment)
    {
        var wanted = deployment.Json.Number("spec", "replicas") ?? 1;
        var status = deployment.Json.Object("status");
        return (status.Number("updatedReplicas") ?? 0) == wanted && (status.Number("replicas") ?? 0) == wanted
            && (status.Number("availableReplicas") ?? 0) == wanted && (status.Number("observedGeneration") ?? 0) >= (deployment.Json.Number("metadata", "generation") ?? 0);
    }

    /// <summary>Fills the status in.</summary>
    public static void Fill(JsonObject obj, StoredObject deployment, List<StoredObject> sets, StoredObject? current, string now)
    {
        var status = obj.Ensure("status");
        var before = (Count(status, "replicas"), Count(status, "updatedReplicas"), Count(status, "readyReplicas"), Count(status, "availableReplicas"));
        var replicas = sets.Sum(static s => s.Json.Number("status", "replicas") ?? 0);
        var updated = current?.Json.Number("status", "replicas") ?? 0;
        var ready = sets.Sum(static s => s.Json.Number("status", "readyReplicas") ?? 0);
        var available = sets.Sum(static s => s.Json.Number("status", "availableReplicas") ?? 0);
        var wanted = deployment.Json.Number("spec", "replicas") ?? 1;
        status["observedGeneration"] = deployment.Json.Number("metadata", "generation") ?? 1;
        status.SetCount("replicas", replicas);
        status.SetCount("updatedReplicas", updated);
        status.SetCount("readyReplicas", ready);
        status.SetCount("availableReplicas", available);
        status.SetCount("unavailableReplicas", Math.Max(0, sets.Sum(static s => s.Json.Number("spec", "replicas") ?? 0) - available));
        SetAvailable(status, available >= wanted - MaxUnavailable(deployment, wanted), now);
        if (deployment.Json.Flag("spec", "paused"))
        {
            SetProgress(status, "Unknown", "DeploymentPaused", "Deployment is paused", now);
            return;
        }
        if (current is null)
            return;
        var done = updated == wanted && replicas == wanted && available == wanted;
        if (done)
            SetProgress(status, "True", "NewReplicaSetAvailable", $"ReplicaSet \"{current.Name}\" has successfully progressed.", now);
        else if (before != (replicas, updated, ready, available) && (updated > before.Item2 || ready > before.Item3 || available > before.Item4 || replicas - updated < before.Item1 - before.Item2))
            SetProgress(status, "True", "ReplicaSetUpdated", $"ReplicaSet \"{current.Name}\" is progressing.", now);
        else if (status.Objects("conditions").All(static c => c.Text("type") != "Progressing"))
            SetProgress(status, "True", "FoundNewReplicaSet", $"Found new replica set \"{current.Name}\"", now);
    }

    /// <summary>Sets the Progressing condition.</summary>
    public static void SetProgress(JsonObject status, string value, string reason, string message, string now)
    {
        var known = status.Objects("conditions").FirstOrDefault(static c => c.Text("type") == "Progressing");
        if (known.Text("status") == value && known.Text("reason") == reason && known.Text("message") == message && reason != "ReplicaSetUpdated")
            return;
        var condition = status.SetCondition("Progressing", value, reason, message, now);
        condition["lastUpdateTime"] = now;
    }

    private static void SetAvailable(JsonObject status, bool available, string now)
    {
        var value = available ? "True" : "False";
        var known = status.Objects("conditions").FirstOrDefault(static c => c.Text("type") == "Available");
        if (known.Text("status") == value)
            return;
        var condition = status.SetCondition("Available", value,
            available ? "MinimumReplicasAvailable" : "MinimumReplicasUnavailable",
            available ? "Deployment has minimum availability." : "Deployment does not have minimum availability.", now);
        condition["lastUpdateTime"] = now;
    }

    private static long MaxUnavailable(StoredObject deployment, long wanted)
    {
        if (deployment.Json.Text("spec", "strategy", "type") == "Recreate" || wanted == 0)
            return 0;
        var rolling = deployment.Json.Object("spec", "strategy", "rollingUpdate");
        var unavailable = DeploymentRollout.Resolve(rolling?["maxUnavailable"], wanted, up: false);
        if (unavailable == 0 && DeploymentRollout.Resolve(rolling?["maxSurge"], wanted, up: true) == 0)
            unavailable = 1;
        return Math.Min(unavailable, wanted);
    }

    private static long Count(JsonObject status, string name) => status.Number(name) ?? 0;
}

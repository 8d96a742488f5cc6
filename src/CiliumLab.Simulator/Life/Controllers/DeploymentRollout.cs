using System.Globalization;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>One step of a rolling update: first more of the new, then less of the old, within maxSurge and maxUnavailable.</summary>
internal static class DeploymentRollout
{
    /// <summary>How many pods more than wanted there may be.</summary>
    public static long MaxSurge(StoredObject deployment) => Limits(deployment).Surge;

    /// <summary>Scales at most one way: what comes of it shows in the ReplicaSets' status, and brings the next step.</summary>
    public static void Step(StoredObject deployment, List<StoredObject> sets, StoredObject current, Action<StoredObject, StoredObject, long> scale)
    {
        var wanted = deployment.Json.Number("spec", "replicas") ?? 1;
        var (surge, unavailable) = Limits(deployment);
        var now = Replicas(current);
        if (now > wanted)
        {
            scale(deployment, current, wanted);
            return;
        }
        var total = sets.Sum(Replicas);
        if (now < wanted && total < wanted + surge)
        {
            scale(deployment, current, now + Math.Min(wanted + surge - total, wanted - now));
            return;
        }
        var old = sets.Where(s => s.Uid != current.Uid && Replicas(s) > 0).ToList();
        if (old.Count == 0)
            return;
        var least = wanted - unavailable;
        var spare = total - least - (now - Available(current));
        if (spare <= 0)
            return;
        var left = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var set in old)
        {
            // Pods that do not serve anyway cost nothing.
            var sick = Math.Min(spare, Math.Max(0, Replicas(set) - Available(set)));
            left[set.Uid] = Replicas(set) - sick;
            spare -= sick;
        }
        var budget = Math.Max(0, sets.Sum(Available) - least);
        foreach (var set in old)
        {
            var healthy = Math.Min(budget, left[set.Uid]);
            healthy = Math.Min(healthy, Math.Max(0, spare));
            left[set.Uid] -= healthy;
            budget -= healthy;
            spare -= healthy;
            scale(deployment, set, left[set.Uid]);
        }
    }

    /// <summary>A count, or a share of the whole.</summary>
    public static long Resolve(JsonNode? value, long whole, bool up)
    {
        if (value.AsNumber() is { } number)
            return number;
        if (value.AsText() is not { } text || !text.EndsWith('%') || !long.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var percent))
            return 0;
        return up ? ((percent * whole) + 99) / 100 : percent * whole / 100;
    }

    private static (long Surge, long Unavailable) Limits(StoredObject deployment)
    {
        if (deployment.Json.Text("spec", "strategy", "type") == "Recreate")
            return (0, 0);
        var wanted = deployment.Json.Number("spec", "replicas") ?? 1;
        var rolling = deployment.Json.Object("spec", "strategy", "rollingUpdate");
        var surge = Resolve(rolling?["maxSurge"], wanted, up: true);
        var unavailable = Resolve(rolling?["maxUnavailable"], wanted, up: false);
        return (surge, surge == 0 && unavailable == 0 ? 1 : Math.Min(unavailable, wanted));
    }

    private static long Replicas(StoredObject set) => set.Json.Number("spec", "replicas") ?? 0;

    private static long Available(StoredObject set) => set.Json.Number("status", "availableReplicas") ?? 0;
}

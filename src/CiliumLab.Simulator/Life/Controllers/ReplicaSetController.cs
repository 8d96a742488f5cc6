using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>Keeps as many pods of each ReplicaSet as it asks for.</summary>
/// <param name="loop">The loop.</param>
internal sealed class ReplicaSetController(ControlLoop loop) : Controller(loop)
{
    private const int Burst = 500;

    private static readonly EventSource Source = new("replicaset-controller");

    /// <inheritdoc/>
    public override void Changed(ResourceEvent change)
    {
        if (change.Object.Type == ResourceTypes.ReplicaSets)
        {
            Enqueue(change.Object);
        }
        else if (change.Object.Type == ResourceTypes.Pods)
        {
            foreach (var set in PodOwnership.WorkloadsOf(Loop, change, ResourceTypes.ReplicaSets))
                Enqueue(set);
        }
    }

    /// <inheritdoc/>
    public override void Reconcile(string key)
    {
        if (Find(ResourceTypes.ReplicaSets, key) is not { } set)
            return;
        var pods = PodOwnership.Claim(Loop, set).Where(static p => p.IsActive()).ToList();
        if (!set.IsTerminating)
        {
            var wanted = set.Json.Number("spec", "replicas") ?? 1;
            for (var i = 0; i < Math.Min(wanted - pods.Count, Burst); i++)
                Add(set);
            foreach (var pod in DeletionOrder(pods).Take((int)Math.Min(pods.Count - wanted, Burst)))
                Drop(set, pod);
        }
        UpdateStatus(set, pods);
    }

    /// <summary>Which pods go first: those that serve least, then the youngest.</summary>
    internal static IEnumerable<StoredObject> DeletionOrder(IEnumerable<StoredObject> pods) => pods
        .OrderBy(static p => p.NodeName() is not null)
        .ThenBy(static p => p.Phase() switch { "Pending" => 0, "Unknown" => 1, _ => 2 })
        .ThenBy(static p => p.IsReady())
        .ThenByDescending(static p => p.Json.Text("metadata", "creationTimestamp"), StringComparer.Ordinal)
        .ThenByDescending(static p => p.Name, StringComparer.Ordinal);

    private void Add(StoredObject set)
    {
        try
        {
            var pod = Store.Create(ResourceTypes.Pods, PodState.FromTemplate(set, set.Json.Object("spec", "template")!));
            Loop.Events.Normal(set, Source, "SuccessfulCreate", $"Created pod: {pod.Name}");
        }
        catch (ApiException refused) when (refused.Reason != "NotFound")
        {
            Loop.Events.Warning(set, Source, "FailedCreate", $"Error creating: {refused.Message}");
            throw;
        }
    }

    private void Drop(StoredObject set, StoredObject pod)
    {
        Store.Delete(ResourceTypes.Pods, pod.Namespace, pod.Name, new() { Uid = pod.Uid, Propagation = Propagation.Background });
        Loop.Events.Normal(set, Source, "SuccessfulDelete", $"Deleted pod: {pod.Name}");
    }

    private void UpdateStatus(StoredObject set, List<StoredObject> pods)
    {
        var template = LabelSelector.OfLabels(set.Json.Object("spec", "template", "metadata", "labels"));
        var minReady = set.Json.Number("spec", "minReadySeconds") ?? 0;
        var available = 0;
        foreach (var pod in pods)
        {
            if (pod.IsAvailable(minReady, Now, out var wait))
                available++;
            else if (wait > TimeSpan.Zero)
                EnqueueAfter(KeyOf(set), wait);
        }
        Store.EditStatus(ResourceTypes.ReplicaSets, set.Namespace, set.Name, s =>
        {
            var status = s.Ensure("status");
            status["replicas"] = pods.Count;
            status.SetCount("fullyLabeledReplicas", pods.Count(p => template.Matches(p.Labels)));
            status.SetCount("readyReplicas", pods.Count(static p => p.IsReady()));
            status.SetCount("availableReplicas", available);
            status["observedGeneration"] = set.Json.Number("metadata", "generation") ?? 1;
        });
    }
}

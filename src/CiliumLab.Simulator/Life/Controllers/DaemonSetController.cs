using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>Keeps one pod of each DaemonSet on each node that may have it.</summary>
/// <param name="loop">The loop.</param>
internal sealed class DaemonSetController(ControlLoop loop) : Controller(loop)
{
    private const string RevisionLabel = "controller-revision-hash";
    private const string GenerationLabel = "pod-template-generation";

    private static readonly EventSource Source = new("daemonset-controller");

    private static readonly (string Key, string Effect)[] Tolerated =
    [
        ("node.kubernetes.io/not-ready", "NoExecute"),
        ("node.kubernetes.io/unreachable", "NoExecute"),
        ("node.kubernetes.io/disk-pressure", "NoSchedule"),
        ("node.kubernetes.io/memory-pressure", "NoSchedule"),
        ("node.kubernetes.io/pid-pressure", "NoSchedule"),
        ("node.kubernetes.io/unschedulable", "NoSchedule"),
    ];

    /// <inheritdoc/>
    public override void Changed(ResourceEvent change)
    {
        if (change.Object.Type == ResourceTypes.DaemonSets)
        {
            Enqueue(change.Object);
        }
        else if (change.Object.Type == ResourceTypes.Pods)
        {
            foreach (var set in PodOwnership.WorkloadsOf(Loop, change, ResourceTypes.DaemonSets))
                Enqueue(set);
        }
        else if (change.Object.Type == ResourceTypes.Nodes && NodeFit.Matters(change))
        {
            foreach (var set in Store.List(ResourceTypes.DaemonSets).Items)
                Enqueue(set);
        }
    }

    /// <inheritdoc/>
    public override void Reconcile(string key)
    {
        if (Find(ResourceTypes.DaemonSets, key) is not { } set)
            return;
        var pods = PodOwnership.Claim(Loop, set);
        if (set.IsTerminating)
            return;
        var hash = EnsureRevision(set);
        var nodes = Store.List(ResourceTypes.Nodes).Items;
        var sample = Describe(set, hash);
        var byNode = pods.ToLookup(TargetOf, StringComparer.Ordinal);
        var wanted = nodes.Where(n => NodeFit.MayRunDaemon(sample, n)).Select(static n => n.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var pod in pods.Where(p => p.IsFinished() && !p.IsTerminating))
        {
            Loop.Events.Warning(set, Source, "FailedDaemonPod", $"Found failed daemon pod {pod.Namespace}/{pod.Name} on node {pod.NodeName()}, will try to kill it");
            Drop(set, pod, say: false);
        }
        foreach (var node in nodes)
        {
            var here = byNode[node.Name].Where(static p => p.IsActive()).ToList();
            if (wanted.Contains(node.Name) && !byNode[node.Name].Any(static p => !p.IsFinished()))
                Make(set, hash, node.Name);
            foreach (var extra in wanted.Contains(node.Name) ? here.Skip(1) : here.Where(p => !NodeFit.MayStay(p, node)))
                Drop(set, extra);
        }
        Roll(set, hash, wanted, byNode);
        UpdateStatus(set, hash, wanted, [.. Index.ControlledBy(set.Uid, ResourceTypes.Pods).Where(static p => p.IsActive())]);
    }

    private static string TargetOf(StoredObject pod) => pod.NodeName()
        ?? pod.Json.Objects("spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms")
            .SelectMany(static t => t.Objects("matchFields")).SelectMany(static f => f.Texts("values")).FirstOrDefault() ?? "";

    private string EnsureRevision(StoredObject set)
    {
        var hash = TemplateHash.Of(set.Json["spec"]!["template"]);
        var name = $"{set.Name}-{hash}";
        if (Store.Find(ResourceTypes.ControllerRevisions, set.Namespace, name) is null)
        {
            var number = Index.ControlledBy(set.Uid, ResourceTypes.ControllerRevisions).Select(static r => r.Json.Number("revision") ?? 0).DefaultIfEmpty(0).Max() + 1;
            var labels = set.Json.Object("spec", "template", "metadata", "labels")?.Copy() ?? [];
            labels[RevisionLabel] = hash;
            Store.Create(ResourceTypes.ControllerRevisions, new JsonObject
            {
                ["metadata"] = new JsonObject
                {
                    ["name"] = name,
                    ["namespace"] = set.Namespace,
                    ["labels"] = labels,
                    ["ownerReferences"] = new JsonArray(set.AsController()),
                },
                ["data"] = new JsonObject { ["spec"] = new JsonObject { ["template"] = set.Json["spec"]!["template"]!.DeepClone() } },
                ["revision"] = number,
            });
        }
        return hash;
    }

    private static JsonObject Describe(StoredObject set, string hash)
    {
        var pod = PodState.FromTemplate(set, set.Json.Object("spec", "template")!);
        var labels = pod.Ensure("metadata", "labels");
        labels[RevisionLabel] = hash;
        labels[GenerationLabel] = set.Json.Text("metadata", "annotations", "deprecated.daemonset.template.generation") ?? "1";
        var spec = pod.Ensure("spec");
        var tolerations = spec.EnsureArray("tolerations");
        foreach (var (key, effect) in spec.Flag("hostNetwork") ? [.. Tolerated, ("node.kubernetes.io/network-unavailable", "NoSchedule")] : Tolerated)
        {
            if (!tolerations.OfType<JsonObject>().Any(t => t.Text("key") == key && t.Text("effect") == effect && t.Text("operator") == "Exists"))
                tolerations.Add((JsonNode)new JsonObject { ["key"] = key, ["operator"] = "Exists", ["effect"] = effect });
        }
        return pod;
    }

    private void Make(StoredObject set, string hash, string node)
    {
        var pod = Describe(set, hash);
        var required = pod.Ensure("spec").Ensure("affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution");
        var field = new JsonObject { ["key"] = "metadata.name", ["operator"] = "In", ["values"] = new JsonArray(node) };
        if (required.Array("nodeSelectorTerms") is not { Count: > 0 })
            required["nodeSelectorTerms"] = new JsonArray(new JsonObject());
        foreach (var term in required.Objects("nodeSelectorTerms"))
            term["matchFields"] = new JsonArray(field.DeepClone());
        var made = Store.Create(ResourceTypes.Pods, pod);
        Loop.Events.Normal(set, Source, "SuccessfulCreate", $"Created pod: {made.Name}");
    }

    private void Drop(StoredObject set, StoredObject pod, bool say = true)
    {
        Store.Delete(ResourceTypes.Pods, pod.Namespace, pod.Name, new() { Uid = pod.Uid, Propagation = Propagation.Background });
        if (say)
            Loop.Events.Normal(set, Source, "SuccessfulDelete", $"Deleted pod: {pod.Name}");
    }

    private void Roll(StoredObject set, string hash, HashSet<string> wanted, ILookup<string, StoredObject> byNode)
    {
        if (set.Json.Text("spec", "updateStrategy", "type") != "RollingUpdate")
            return;
        var budget = DeploymentRollout.Resolve(set.Json.At("spec", "updateStrategy", "rollingUpdate", "maxUnavailable"), wanted.Count, up: true);
        var old = new List<StoredObject>();
        foreach (var node in wanted)
        {
            var serving = false;
            foreach (var pod in byNode[node].Where(static p => !p.IsFinished()))
            {
                serving |= pod.IsReady() && !pod.IsTerminating;
                if (pod.IsActive() && !IsOf(set, pod, hash))
                    old.Add(pod);
            }
            if (!serving)
                budget--;
        }
        foreach (var pod in old.OrderBy(static p => p.IsReady()).ThenBy(static p => p.NodeName(), StringComparer.Ordinal))
        {
            // A pod that does not serve is replaced whatever the budget says.
            if (pod.IsReady() && budget-- <= 0)
                return;
            Drop(set, pod);
        }
    }

    private static bool IsOf(StoredObject set, StoredObject pod, string hash) => pod.Labels.GetValueOrDefault(RevisionLabel) == hash
        || pod.Labels.GetValueOrDefault(GenerationLabel) == set.Json.Text("metadata", "annotations", "deprecated.daemonset.template.generation");

    private void UpdateStatus(StoredObject set, string hash, HashSet<string> wanted, IReadOnlyList<StoredObject> pods)
    {
        var minReady = set.Json.Number("spec", "minReadySeconds") ?? 0;
        var (scheduled, ready, available, updated, missed) = (0, 0, 0, 0, 0);
        foreach (var node in pods.GroupBy(TargetOf, StringComparer.Ordinal))
        {
            if (!wanted.Contains(node.Key))
            {
                missed++;
                continue;
            }
            var pod = node.OrderBy(static p => p.Json.Text("metadata", "creationTimestamp"), StringComparer.Ordinal).First();
            scheduled++;
            if (pod.IsReady())
                ready++;
            if (pod.IsAvailable(minReady, Now, out var wait))
                available++;
            else if (wait > TimeSpan.Zero)
                EnqueueAfter(KeyOf(set), wait);
            if (IsOf(set, pod, hash))
                updated++;
        }
        Store.EditStatus(ResourceTypes.DaemonSets, set.Namespace, set.Name, d =>
        {
            var status = d.Ensure("status");
            status["currentNumberScheduled"] = scheduled;
            status["numberMisscheduled"] = missed;
            status["desiredNumberScheduled"] = wanted.Count;
            status["numberReady"] = ready;
            status["observedGeneration"] = set.Json.Number("metadata", "generation") ?? 1;
            status.SetCount("updatedNumberScheduled", updated);
            status.SetCount("numberAvailable", available);
            status.SetCount("numberUnavailable", wanted.Count - available);
        });
    }
}

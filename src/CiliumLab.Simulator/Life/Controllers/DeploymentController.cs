using System.Globalization;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>Rolls each Deployment from one pod template to the next through ReplicaSets, as upstream's deployment controller does.</summary>
/// <param name="loop">The loop.</param>
internal sealed class DeploymentController(ControlLoop loop) : Controller(loop)
{
    /// <summary>Counts the templates that a Deployment has had.</summary>
    internal const string Revision = "deployment.kubernetes.io/revision";

    private const string Desired = "deployment.kubernetes.io/desired-replicas";
    private const string Maximum = "deployment.kubernetes.io/max-replicas";

    private static readonly EventSource Source = new("deployment-controller");

    /// <inheritdoc/>
    public override void Changed(ResourceEvent change)
    {
        if (change.Object.Type == ResourceTypes.Deployments)
        {
            Enqueue(change.Object);
        }
        else if (change.Object.Type == ResourceTypes.ReplicaSets)
        {
            foreach (var deployment in PodOwnership.WorkloadsOf(Loop, change, ResourceTypes.Deployments))
                Enqueue(deployment);
        }
        else if (change.Object.Type == ResourceTypes.Pods && change.Type == ResourceEventType.Deleted
            && change.Object.Controller() is { Kind: "ReplicaSet" } owner && Index.ByUid(owner.Uid)?.Controller() is { Kind: "Deployment" } up)
        {
            // Recreate waits for the last pod.
            Enqueue($"{change.Object.Namespace}/{up.Name}");
        }
    }

    /// <inheritdoc/>
    public override void Reconcile(string key)
    {
        if (Find(ResourceTypes.Deployments, key) is not { } deployment)
            return;
        var sets = SetsOf(deployment);
        if (deployment.IsTerminating)
        {
            UpdateStatus(deployment, sets);
            return;
        }
        if (deployment.Json.Flag("spec", "paused"))
        {
            ScaleProportionally(deployment, sets);
        }
        else
        {
            var current = EnsureCurrent(ref deployment, sets);
            if (deployment.Json.Text("spec", "strategy", "type") == "Recreate")
                Recreate(deployment, sets, current);
            else
                DeploymentRollout.Step(deployment, sets, current, Scale);
        }
        sets = SetsOf(deployment);
        UpdateStatus(deployment, sets);
        if (DeploymentStatus.IsComplete(Store.Get(ResourceTypes.Deployments, deployment.Namespace, deployment.Name)))
            ForgetOld(deployment, sets);
    }

    /// <summary>The Deployment's ReplicaSets, the oldest first.</summary>
    private List<StoredObject> SetsOf(StoredObject deployment)
    {
        var selector = LabelSelector.OfObject(deployment.Json.Object("spec", "selector"));
        var mine = new List<StoredObject>();
        foreach (var set in Store.List(ResourceTypes.ReplicaSets, deployment.Namespace, selector).Items)
        {
            if (set.Controller() is { } owner)
            {
                if (owner.Uid == deployment.Uid)
                    mine.Add(set);
            }
            else if (!deployment.IsTerminating && !set.IsTerminating)
            {
                mine.Add(Store.Edit(ResourceTypes.ReplicaSets, set.Namespace, set.Name, s =>
                    s.Ensure("metadata").EnsureArray("ownerReferences").Add((JsonNode)deployment.AsController())));
            }
        }
        return [.. mine.OrderBy(static s => s.Json.Text("metadata", "creationTimestamp"), StringComparer.Ordinal).ThenBy(RevisionOf)];
    }

    private static long RevisionOf(StoredObject obj) =>
        long.TryParse(obj.Json.Text("metadata", "annotations", Revision), CultureInfo.InvariantCulture, out var revision) ? revision : 0;

    private static StoredObject? CurrentOf(StoredObject deployment, IEnumerable<StoredObject> sets) =>
        sets.FirstOrDefault(s => TemplateHash.Same(s.Json.Object("spec", "template"), deployment.Json.Object("spec", "template")));

    private StoredObject EnsureCurrent(ref StoredObject deployment, List<StoredObject> sets)
    {
        var current = CurrentOf(deployment, sets);
        var newest = sets.Where(s => s.Uid != current?.Uid).Select(RevisionOf).DefaultIfEmpty(0).Max() + 1;
        var revision = (current is null ? newest : Math.Max(newest, RevisionOf(current))).ToString(CultureInfo.InvariantCulture);
        var wanted = deployment.Json.Number("spec", "replicas") ?? 1;
        var most = wanted + DeploymentRollout.MaxSurge(deployment);
        var seen = deployment;
        if (current is null)
        {
            current = MakeSet(deployment, sets, revision, wanted, most);
            sets.Add(current);
        }
        else
        {
            var name = current.Name;
            current = Store.Edit(ResourceTypes.ReplicaSets, seen.Namespace, name, s => Annotate(s, seen, revision, wanted, most));
            sets[sets.FindIndex(s => s.Name == name)] = current;
        }
        deployment = Store.Edit(ResourceTypes.Deployments, seen.Namespace, seen.Name, d => d.Ensure("metadata", "annotations")[Revision] = revision);
        return current;
    }

    private StoredObject MakeSet(StoredObject deployment, List<StoredObject> sets, string revision, long wanted, long most)
    {
        var hash = TemplateHash.Of(deployment.Json["spec"]!["template"]);
        var template = deployment.Json.Object("spec", "template")!.Copy();
        template.Ensure("metadata", "labels")["pod-template-hash"] = hash;
        var selector = deployment.Json.Object("spec", "selector")!.Copy();
        selector.Ensure("matchLabels")["pod-template-hash"] = hash;
        var replicas = deployment.Json.Text("spec", "strategy", "type") == "Recreate"
            ? 0
            : Math.Max(0, Math.Min(wanted, most - sets.Sum(static s => s.Json.Number("spec", "replicas") ?? 0)));
        var set = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = $"{deployment.Name}-{hash}",
                ["namespace"] = deployment.Namespace,
                ["labels"] = template["metadata"]!["labels"]!.DeepClone(),
                ["ownerReferences"] = new JsonArray(deployment.AsController()),
            },
            ["spec"] = new JsonObject { ["replicas"] = replicas, ["selector"] = selector, ["template"] = template },
        };
        if (deployment.Json.Number("spec", "minReadySeconds") is { } minReady and > 0)
            set["spec"]!["minReadySeconds"] = minReady;
        Annotate(set, deployment, revision, wanted, most);
        var made = Store.Create(ResourceTypes.ReplicaSets, set);
        if (replicas > 0)
            SayScaled(deployment, made.Name, 0, replicas);
        Store.EditStatus(ResourceTypes.Deployments, deployment.Namespace, deployment.Name, d =>
            DeploymentStatus.SetProgress(d.Ensure("status"), "True", "NewReplicaSetCreated", $"Created new replica set \"{made.Name}\"", Store.Timestamp));
        return made;
    }

    private static void Annotate(JsonObject set, StoredObject deployment, string revision, long wanted, long most)
    {
        var annotations = set.Ensure("metadata", "annotations");
        foreach (var (name, value) in deployment.Json.Object("metadata", "annotations") ?? [])
        {
            if (name is not ("kubectl.kubernetes.io/last-applied-configuration" or Revision or Desired or Maximum))
                annotations[name] = value?.DeepClone();
        }
        annotations[Desired] = wanted.ToString(CultureInfo.InvariantCulture);
        annotations[Maximum] = most.ToString(CultureInfo.InvariantCulture);
        annotations[Revision] = revision;
    }

    private void Scale(StoredObject deployment, StoredObject set, long replicas)
    {
        var before = set.Json.Number("spec", "replicas") ?? 0;
        if (before == replicas)
            return;
        Store.Edit(ResourceTypes.ReplicaSets, set.Namespace, set.Name, s => s.Ensure("spec")["replicas"] = replicas);
        SayScaled(deployment, set.Name, before, replicas);
    }

    private void SayScaled(StoredObject deployment, string set, long from, long to) => Loop.Events.Normal(
        deployment, Source, "ScalingReplicaSet", $"Scaled {(to > from ? "up" : "down")} replica set {set} from {from} to {to}");

    private void Recreate(StoredObject deployment, List<StoredObject> sets, StoredObject current)
    {
        var old = sets.Where(s => s.Uid != current.Uid).ToList();
        foreach (var set in old)
            Scale(deployment, set, 0);
        if (!old.Any(s => Index.ControlledBy(s.Uid, ResourceTypes.Pods).Any(static p => !p.IsFinished())))
            Scale(deployment, current, deployment.Json.Number("spec", "replicas") ?? 1);
    }

    private void ScaleProportionally(StoredObject deployment, List<StoredObject> sets)
    {
        var active = sets.Where(static s => s.Json.Number("spec", "replicas") > 0).ToList();
        var target = active.Count > 0 ? active[^1] : CurrentOf(deployment, sets);
        if (target is null)
            return;
        var others = active.Where(s => s.Uid != target.Uid).Sum(static s => s.Json.Number("spec", "replicas") ?? 0);
        Scale(deployment, target, Math.Max(0, (deployment.Json.Number("spec", "replicas") ?? 1) - others));
    }

    private void ForgetOld(StoredObject deployment, List<StoredObject> sets)
    {
        var current = CurrentOf(deployment, sets);
        var keep = (int)(deployment.Json.Number("spec", "revisionHistoryLimit") ?? 10);
        var old = sets.Where(s => s.Uid != current?.Uid && s.Json.Number("spec", "replicas") == 0 && s.Json.Number("status", "replicas") == 0 && !s.IsTerminating).ToList();
        foreach (var set in old.OrderBy(RevisionOf).Take(old.Count - keep))
            Store.Delete(ResourceTypes.ReplicaSets, set.Namespace, set.Name, new() { Propagation = Propagation.Background });
    }

    private void UpdateStatus(StoredObject deployment, List<StoredObject> sets)
    {
        var current = CurrentOf(deployment, sets);
        Store.EditStatus(ResourceTypes.Deployments, deployment.Namespace, deployment.Name, d => DeploymentStatus.Fill(d, deployment, sets, current, Store.Timestamp));
        var deadline = TimeSpan.FromSeconds(deployment.Json.Number("spec", "progressDeadlineSeconds") ?? 600);
        var now = Store.Get(ResourceTypes.Deployments, deployment.Namespace, deployment.Name);
        if (DeploymentStatus.IsComplete(now) || now.Json.Condition("Progressing") is not { } progress || progress.Text("reason") == "ProgressDeadlineExceeded")
            return;
        var since = DateTimeOffset.Parse(progress.Text("lastUpdateTime") ?? Store.Timestamp, CultureInfo.InvariantCulture);
        if (Now - since < deadline)
        {
            EnqueueAfter(KeyOf(deployment), since + deadline - Now);
            return;
        }
        Store.EditStatus(ResourceTypes.Deployments, deployment.Namespace, deployment.Name, d => DeploymentStatus.SetProgress(
            d.Ensure("status"), "False", "ProgressDeadlineExceeded", $"ReplicaSet \"{current?.Name}\" has timed out progressing.", Store.Timestamp));
    }
}

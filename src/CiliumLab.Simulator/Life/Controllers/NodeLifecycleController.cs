using System.Globalization;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>Marks nodes whose kubelet went silent, taints what is not ready, and evicts pods that do not tolerate it for ever.</summary>
/// <param name="loop">The loop.</param>
internal sealed class NodeLifecycleController(ControlLoop loop) : Controller(loop)
{
    /// <summary>How long a kubelet may be silent.</summary>
    internal static readonly TimeSpan GracePeriod = TimeSpan.FromSeconds(50);

    private const string NotReady = "node.kubernetes.io/not-ready";
    private const string Unreachable = "node.kubernetes.io/unreachable";

    private static readonly EventSource Source = new("node-controller");
    private static readonly EventSource Eviction = new("taint-eviction-controller");

    private readonly HashSet<string> _watched = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public override void Changed(ResourceEvent change)
    {
        if (change.Object.Type == ResourceTypes.Nodes)
        {
            if (NodeFit.Matters(change) || change.Previous!.Json.Condition("Ready").Text("status") != change.Object.Json.Condition("Ready").Text("status"))
                Enqueue("node/" + change.Object.Name);
            if (change.Type == ResourceEventType.Added)
                Loop.Events.Normal(change.Object, Source, "RegisteredNode", $"Node {change.Object.Name} event: Registered Node {change.Object.Name} in Controller");
        }
        else if (change.Object.Type == ResourceTypes.Pods && change.Object.NodeName() is not null && change.Previous?.NodeName() is null && change.Type != ResourceEventType.Deleted)
        {
            Enqueue("pod" + KeyOf(change.Object));
        }
    }

    /// <inheritdoc/>
    public override void Reconcile(string key)
    {
        if (key.StartsWith("pod", StringComparison.Ordinal))
        {
            if (Find(ResourceTypes.Pods, key[3..]) is { } pod && pod.NodeName() is { } on && Store.Find(ResourceTypes.Nodes, null, on) is { } host)
                Evict(pod, host);
            return;
        }
        var name = key["node/".Length..];
        if (Store.Find(ResourceTypes.Nodes, null, name) is not { } node)
        {
            _watched.Remove(name);
            return;
        }
        Watch(node);
        node = Store.Get(ResourceTypes.Nodes, null, name);
        Taint(node);
        node = Store.Get(ResourceTypes.Nodes, null, name);
        // A kubelet that speaks reports its pods itself.
        var silent = node.Json.Condition("Ready").Text("status") == "Unknown";
        foreach (var pod in Index.PodsOn(name))
        {
            if (silent && pod.IsReady())
                MarkNotReady(pod);
            Evict(pod, node);
        }
    }

    private void Watch(StoredObject node)
    {
        var silentSince = LastSign(node);
        var due = silentSince + GracePeriod;
        if (Now < due)
        {
            if (_watched.Add(node.Name))
            {
                Loop.After(due - Now, () =>
                {
                    _watched.Remove(node.Name);
                    Enqueue("node/" + node.Name);
                });
            }
            return;
        }
        Store.EditStatus(ResourceTypes.Nodes, null, node.Name, n =>
        {
            foreach (var condition in n.Objects("status", "conditions").Select(static c => c.Text("type")!).Where(static c => c != "NetworkUnavailable").ToList())
                n.Ensure("status").SetCondition(condition, "Unknown", "NodeStatusUnknown", "Kubelet stopped posting node status.", Store.Timestamp);
        });
        if (node.Json.Condition("Ready").Text("status") != "Unknown")
            Loop.Events.Normal(node, Source, "NodeNotReady", $"Node {node.Name} status is now: NodeNotReady");
    }

    private DateTimeOffset LastSign(StoredObject node)
    {
        var lease = Store.Find(ResourceTypes.Leases, "kube-node-lease", node.Name)?.Json.Text("spec", "renewTime");
        var heartbeat = node.Json.Objects("status", "conditions").Select(static c => c.Text("lastHeartbeatTime")).OfType<string>().Max(StringComparer.Ordinal);
        var latest = DateTimeOffset.Parse(node.Json.Text("metadata", "creationTimestamp")!, CultureInfo.InvariantCulture);
        foreach (var sign in (ReadOnlySpan<string?>)[lease, heartbeat])
        {
            if (sign is not null && DateTimeOffset.Parse(sign, CultureInfo.InvariantCulture) is var time && time > latest)
                latest = time;
        }
        return latest;
    }

    private void Taint(StoredObject node)
    {
        var wanted = node.Json.Condition("Ready").Text("status") switch
        {
            "True" => null,
            "Unknown" => Unreachable,
            _ => NotReady,
        };
        var present = node.Json.Objects("spec", "taints").Where(static t => t.Text("key") is NotReady or Unreachable).Select(static t => (t.Text("key"), t.Text("effect"))).ToHashSet();
        (string?, string?)[] right = wanted is null ? [] : [(wanted, "NoSchedule"), (wanted, "NoExecute")];
        if (present.SetEquals(right))
            return;
        Store.Edit(ResourceTypes.Nodes, null, node.Name, n =>
        {
            var taints = n.Ensure("spec").EnsureArray("taints");
            foreach (var taint in taints.OfType<JsonObject>().Where(t => t.Text("key") is NotReady or Unreachable && !right.Contains((t.Text("key"), t.Text("effect")))).ToList())
                taints.Remove(taint);
            foreach (var (key, effect) in right.Where(r => !present.Contains(r)))
            {
                var taint = new JsonObject { ["key"] = key, ["effect"] = effect };
                if (effect == "NoExecute")
                    taint["timeAdded"] = Store.Timestamp;
                taints.Add((JsonNode)taint);
            }
            if (taints.Count == 0)
                n.Ensure("spec").Remove("taints");
        });
    }

    private void MarkNotReady(StoredObject pod)
    {
        Store.EditStatus(ResourceTypes.Pods, pod.Namespace, pod.Name, p => p.Ensure("status").SetCondition("Ready", "False", null, null, Store.Timestamp));
        Loop.Events.Warning(pod, Source, "NodeNotReady", "Node is not ready");
    }

    private void Evict(StoredObject pod, StoredObject node)
    {
        if (!pod.IsActive())
            return;
        TimeSpan? patience = null;
        foreach (var taint in node.Json.Objects("spec", "taints").Where(static t => t.Text("effect") == "NoExecute"))
        {
            var tolerations = pod.Json.Objects("spec", "tolerations").Where(t => NodeFit.Tolerates(t, taint)).ToList();
            if (tolerations.Exists(static t => t["tolerationSeconds"] is null))
                continue;
            var seconds = tolerations.Count == 0 ? 0 : tolerations.Min(static t => t.Number("tolerationSeconds") ?? 0);
            var since = taint.Text("timeAdded") is { } added ? DateTimeOffset.Parse(added, CultureInfo.InvariantCulture) : Now;
            var left = since + TimeSpan.FromSeconds(seconds) - Now;
            patience = patience is { } known && known < left ? known : left;
        }
        if (patience is null)
            return;
        if (patience > TimeSpan.Zero)
        {
            EnqueueAfter("pod" + KeyOf(pod), patience.Value);
            return;
        }
        Loop.Events.Normal(pod, Eviction, "TaintManagerEviction", $"Marking for deletion Pod {pod.Namespace}/{pod.Name}");
        Store.EditStatus(ResourceTypes.Pods, pod.Namespace, pod.Name, p => p.Ensure("status").SetCondition(
            "DisruptionTarget", "True", "DeletionByTaintManager", "Taint manager: deleting due to NoExecute taint", Store.Timestamp));
        Store.Delete(ResourceTypes.Pods, pod.Namespace, pod.Name, new() { Uid = pod.Uid });
    }
}

using System.Globalization;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>Binds pods to nodes: filters in the order of upstream's plugins, then prefers. What does not fit waits for a change.</summary>
/// <param name="loop">The loop.</param>
/// <param name="seed">Chooses among equals.</param>
internal sealed class Scheduler(ControlLoop loop, Seed seed) : Controller(loop)
{
    private static readonly EventSource Source = new("default-scheduler");

    private readonly HashSet<string> _waiting = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Claim> _claims = new(StringComparer.Ordinal);
    private readonly Dictionary<string, StoredObject> _keepingApart = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Node, string Owner), int> _siblings = [];
    private readonly Dictionary<string, (decimal Cpu, decimal Memory, int Pods)> _used = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public override void Changed(ResourceEvent change)
    {
        if (change.Object.Type == ResourceTypes.Pods)
        {
            Count(change);
            var key = KeyOf(change.Object);
            var freed = change.Type == ResourceEventType.Deleted || change.Object.IsFinished();
            if (freed)
                _waiting.Remove(key);
            if (!freed && change.Object.NodeName() is null && !change.Object.IsTerminating)
                Enqueue(key);
            else if (freed || change.Previous?.NodeName() is null)
                WakeWaiting();
        }
        else if (change.Object.Type == ResourceTypes.Nodes && NodeFit.Matters(change))
        {
            WakeWaiting();
        }
    }

    /// <inheritdoc/>
    public override void Reconcile(string key)
    {
        _waiting.Remove(key);
        if (Find(ResourceTypes.Pods, key) is not { } pod || pod.NodeName() is not null || pod.IsTerminating || pod.IsFinished()
            || pod.Json.Text("spec", "schedulerName") is { } name and not "default-scheduler")
        {
            return;
        }
        if (pod.Json.Array("spec", "schedulingGates") is { Count: > 0 })
        {
            Store.EditStatus(ResourceTypes.Pods, pod.Namespace, pod.Name, p =>
                p.Ensure("status").SetCondition("PodScheduled", "False", "SchedulingGated", "Scheduling is blocked due to non-empty scheduling gates", Store.Timestamp));
            return;
        }
        var nodes = Store.List(ResourceTypes.Nodes).Items;
        var affinity = new PodAffinity(pod, nodes, Index.PodsOn, _keepingApart.Values);
        var refusals = new List<string>();
        var hopeless = 0;
        var fitting = new List<StoredObject>();
        foreach (var node in nodes)
        {
            if (Refusal(pod, node, affinity, out var final) is { } refusal)
            {
                refusals.AddRange(refusal);
                hopeless += final ? 1 : 0;
            }
            else
            {
                fitting.Add(node);
            }
        }
        if (fitting.Count == 0)
            Refuse(pod, nodes.Count, refusals, hopeless);
        else
            Bind(pod, Choose(pod, fitting, affinity));
    }

    private void WakeWaiting()
    {
        foreach (var key in _waiting.Order(StringComparer.Ordinal))
            Enqueue(key);
    }

    /// <summary>Keeps what each node's pods ask for, so that a thousand pods need not be added up a thousand times.</summary>
    private void Count(ResourceEvent change)
    {
        var uid = change.Object.Uid;
        if (_claims.Remove(uid, out var before))
            Add(before, -1);
        _keepingApart.Remove(uid);
        if (change.Type == ResourceEventType.Deleted || change.Object.IsFinished() || change.Object.NodeName() is not { } node)
            return;
        var pod = change.Object;
        Add(_claims[uid] = new Claim(node, pod.Controller()?.Uid ?? "", Quantity.Requested(pod.Json, "cpu"), Quantity.Requested(pod.Json, "memory")), 1);
        if (pod.IsActive() && pod.Json.At("spec", "affinity", "podAntiAffinity", "requiredDuringSchedulingIgnoredDuringExecution") is not null)
            _keepingApart[uid] = pod;
    }

    private void Add(Claim claim, int sign)
    {
        var used = _used.GetValueOrDefault(claim.Node);
        _used[claim.Node] = (used.Cpu + (sign * claim.Cpu), used.Memory + (sign * claim.Memory), used.Pods + sign);
        var count = _siblings.GetValueOrDefault((claim.Node, claim.Owner)) + sign;
        if (count == 0)
            _siblings.Remove((claim.Node, claim.Owner));
        else
            _siblings[(claim.Node, claim.Owner)] = count;
    }

    /// <summary>Why a node does not do, in upstream's words; final when removing other pods would not help.</summary>
    private List<string>? Refusal(StoredObject pod, StoredObject node, PodAffinity affinity, out bool final)
    {
        final = true;
        if (node.Json.Flag("spec", "unschedulable") && !pod.Json.Objects("spec", "tolerations").Any(static t =>
            NodeFit.Tolerates(t, new JsonObject { ["key"] = "node.kubernetes.io/unschedulable", ["effect"] = "NoSchedule" })))
        {
            return ["node(s) were unschedulable"];
        }
        if (NodeFit.Untolerated(pod.Json, node, "NoSchedule", "NoExecute") is { } taint)
            return [$"node(s) had untolerated taint {{{taint.Text("key")}: {taint.Text("value")}}}"];
        if (!NodeFit.Selects(pod.Json, node))
            return ["node(s) didn't match Pod's node affinity/selector"];
        final = false;
        if (HasPortClash(pod, node))
            return ["node(s) didn't have free ports for the requested pod ports"];
        var lacking = Lacking(pod, node).ToList();
        if (lacking.Count > 0)
            return lacking;
        return affinity.Refusal(node) is { } refusal ? [refusal] : null;
    }

    private bool HasPortClash(StoredObject pod, StoredObject node)
    {
        var wanted = HostPorts(pod).ToHashSet();
        return wanted.Count > 0 && Index.PodsOn(node.Name).Where(static p => !p.IsFinished()).SelectMany(HostPorts).Any(wanted.Contains);
    }

    private static IEnumerable<(long Port, string Protocol)> HostPorts(StoredObject pod) => pod.Json.Objects("spec", "containers")
        .SelectMany(static c => c.Objects("ports")).Where(static p => p.Number("hostPort") > 0).Select(static p => (p.Number("hostPort")!.Value, p.Text("protocol") ?? "TCP"));

    private IEnumerable<string> Lacking(StoredObject pod, StoredObject node)
    {
        var free = node.Json.Object("status", "allocatable");
        var used = _used.GetValueOrDefault(node.Name);
        if (used.Pods + 1 > Quantity.Parse(free?["pods"] ?? 110))
            yield return "Too many pods";
        var cpu = Quantity.Requested(pod.Json, "cpu");
        if (cpu > 0 && used.Cpu + cpu > Quantity.Parse(free?["cpu"]))
            yield return "Insufficient cpu";
        var memory = Quantity.Requested(pod.Json, "memory");
        if (memory > 0 && used.Memory + memory > Quantity.Parse(free?["memory"]))
            yield return "Insufficient memory";
    }

    private StoredObject Choose(StoredObject pod, List<StoredObject> nodes, PodAffinity affinity)
    {
        if (nodes.Count == 1)
            return nodes[0];
        var owner = pod.Controller()?.Uid;
        var best = nodes.GroupBy(n => (
                Avoid: n.Json.Objects("spec", "taints").Count(t => t.Text("effect") == "PreferNoSchedule" && !pod.Json.Objects("spec", "tolerations").Any(o => NodeFit.Tolerates(o, t))),
                Wish: -affinity.Preference(n),
                Siblings: owner is null ? 0 : _siblings.GetValueOrDefault((n.Name, owner)),
                Used: decimal.Round(Share(n), 2)))
            .OrderBy(static g => g.Key).First().ToList();
        return best[seed.Next(best.Count)];
    }

    private decimal Share(StoredObject node)
    {
        var cpu = Quantity.Parse(node.Json.At("status", "allocatable", "cpu"));
        var used = _used.GetValueOrDefault(node.Name);
        return (cpu > 0 ? used.Cpu / cpu : 0) + (used.Pods / 110m);
    }

    private void Bind(StoredObject pod, StoredObject node)
    {
        Store.Edit(ResourceTypes.Pods, pod.Namespace, pod.Name, p =>
        {
            p.Ensure("spec")["nodeName"] = node.Name;
            p.Ensure("status").SetCondition("PodScheduled", "True", null, null, Store.Timestamp);
        }, new() { Subresource = "binding" });
        Loop.Events.Normal(pod, Source, "Scheduled", $"Successfully assigned {pod.Namespace}/{pod.Name} to {node.Name}");
    }

    private void Refuse(StoredObject pod, int count, List<string> refusals, int hopeless)
    {
        _waiting.Add(KeyOf(pod));
        var message = "no nodes available to schedule pods";
        if (count > 0)
        {
            // Sorted as text, numbers included, as upstream's histogram is.
            var reasons = refusals.GroupBy(static r => r, StringComparer.Ordinal).Select(static g => $"{g.Count()} {g.Key}").Order(StringComparer.Ordinal);
            var preemption = new List<string>();
            if (count > hopeless)
                preemption.Add($"{count - hopeless} No preemption victims found for incoming pod");
            if (hopeless > 0)
                preemption.Add($"{hopeless} Preemption is not helpful for scheduling");
            message = string.Create(CultureInfo.InvariantCulture, $"0/{count} nodes are available: {string.Join(", ", reasons)}. ") +
                string.Create(CultureInfo.InvariantCulture, $"preemption: 0/{count} nodes are available: {string.Join(", ", preemption.Order(StringComparer.Ordinal))}.");
        }
        Store.EditStatus(ResourceTypes.Pods, pod.Namespace, pod.Name, p =>
            p.Ensure("status").SetCondition("PodScheduled", "False", "Unschedulable", message, Store.Timestamp));
        Loop.Events.Warning(pod, Source, "FailedScheduling", message);
    }

    /// <summary>What a pod takes of its node.</summary>
    private sealed record Claim(string Node, string Owner, decimal Cpu, decimal Memory);
}

using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>Rules of pods about other pods: affinity, anti-affinity and topology spread, within domains of a node label.</summary>
/// <param name="pod">The pod that looks for a node.</param>
/// <param name="nodes">All nodes.</param>
/// <param name="podsOn">The pods that are bound to a node.</param>
/// <param name="keepingApart">The bound pods that themselves have required anti-affinity: few, where pods are many.</param>
internal sealed class PodAffinity(
    StoredObject pod, IReadOnlyList<StoredObject> nodes, Func<string, IReadOnlyList<StoredObject>> podsOn, IReadOnlyCollection<StoredObject> keepingApart)
{
    private const string Required = "requiredDuringSchedulingIgnoredDuringExecution";

    /// <summary>Why a node does not do; null when it does.</summary>
    public string? Refusal(StoredObject node)
    {
        foreach (var constraint in pod.Json.Objects("spec", "topologySpreadConstraints").Where(static c => c.Text("whenUnsatisfiable") != "ScheduleAnyway"))
        {
            if (!node.Labels.ContainsKey(constraint.Text("topologyKey") ?? ""))
                return "node(s) didn't match pod topology spread constraints (missing required label)";
            if (Skew(constraint, node) > (constraint.Number("maxSkew") ?? 1))
                return "node(s) didn't match pod topology spread constraints";
        }
        foreach (var term in pod.Json.Objects("spec", "affinity", "podAffinity", Required))
        {
            if (!HasNeighbor(term, pod, node) && !IsFirstOfItsKind(term))
                return "node(s) didn't match pod affinity rules";
        }
        foreach (var term in pod.Json.Objects("spec", "affinity", "podAntiAffinity", Required))
        {
            if (HasNeighbor(term, pod, node))
                return "node(s) didn't match pod anti-affinity rules";
        }
        foreach (var existing in keepingApart)
        {
            if (nodes.FirstOrDefault(n => n.Name == existing.NodeName()) is not { } other)
                continue;
            foreach (var term in existing.Json.Objects("spec", "affinity", "podAntiAffinity", Required))
            {
                if (SameDomain(term, node, other) && Selects(term, existing, pod))
                    return "node(s) didn't satisfy existing pods anti-affinity rules";
            }
        }
        return null;
    }

    /// <summary>How much the pod's wishes speak for a node.</summary>
    public long Preference(StoredObject node)
    {
        long score = 0;
        foreach (var wish in pod.Json.Objects("spec", "affinity", "podAffinity", "preferredDuringSchedulingIgnoredDuringExecution"))
            score += wish.Object("podAffinityTerm") is { } term && HasNeighbor(term, pod, node) ? wish.Number("weight") ?? 1 : 0;
        foreach (var wish in pod.Json.Objects("spec", "affinity", "podAntiAffinity", "preferredDuringSchedulingIgnoredDuringExecution"))
            score -= wish.Object("podAffinityTerm") is { } term && HasNeighbor(term, pod, node) ? wish.Number("weight") ?? 1 : 0;
        foreach (var wish in pod.Json.Objects("spec", "affinity", "nodeAffinity", "preferredDuringSchedulingIgnoredDuringExecution"))
            score += wish.Object("preference") is { } term && NodeFit.MatchesTerm(term, node) ? wish.Number("weight") ?? 1 : 0;
        foreach (var constraint in pod.Json.Objects("spec", "topologySpreadConstraints").Where(static c => c.Text("whenUnsatisfiable") == "ScheduleAnyway"))
            score -= Skew(constraint, node);
        return score;
    }

    private bool HasNeighbor(JsonObject term, StoredObject asking, StoredObject node) =>
        nodes.Where(other => SameDomain(term, node, other)).Any(other => podsOn(other.Name).Any(p => p.IsActive() && Selects(term, asking, p)));

    /// <summary>A pod that wants to be near its like may be the first of them.</summary>
    private bool IsFirstOfItsKind(JsonObject term) =>
        Selects(term, pod, pod) && !nodes.Any(n => podsOn(n.Name).Any(p => p.IsActive() && Selects(term, pod, p)));

    private static bool SameDomain(JsonObject term, StoredObject node, StoredObject other) =>
        term.Text("topologyKey") is { } key && node.Labels.TryGetValue(key, out var domain) && other.Labels.GetValueOrDefault(key) == domain;

    private static bool Selects(JsonObject term, StoredObject owner, StoredObject other)
    {
        var namespaces = term.Texts("namespaces").ToList();
        var inNamespace = namespaces.Count > 0 ? namespaces.Contains(other.Namespace) : term["namespaceSelector"] is not null || other.Namespace == owner.Namespace;
        return inNamespace && term.Object("labelSelector") is { } selector && LabelSelector.OfObject(selector).Matches(other.Labels);
    }

    private long Skew(JsonObject constraint, StoredObject node)
    {
        var key = constraint.Text("topologyKey") ?? "";
        var selector = LabelSelector.OfObject(constraint.Object("labelSelector"));
        var alike = constraint.Texts("matchLabelKeys").Where(pod.Labels.ContainsKey).ToList();
        var honorsTaints = constraint.Text("nodeTaintsPolicy") == "Honor";
        var domains = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var other in nodes.Where(n => n.Labels.ContainsKey(key) && NodeFit.Selects(pod.Json, n)))
        {
            if (honorsTaints && NodeFit.Untolerated(pod.Json, other, "NoSchedule", "NoExecute") is not null)
                continue;
            domains[other.Labels[key]] = domains.GetValueOrDefault(other.Labels[key])
                + podsOn(other.Name).Count(p => p.IsActive() && p.Namespace == pod.Namespace && selector.Matches(p.Labels)
                    && alike.TrueForAll(label => p.Labels.GetValueOrDefault(label) == pod.Labels[label]));
        }
        var self = selector.Matches(pod.Labels) ? 1 : 0;
        return domains.GetValueOrDefault(node.Labels.GetValueOrDefault(key) ?? "") + self - domains.Values.DefaultIfEmpty(0).Min();
    }
}

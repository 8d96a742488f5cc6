using System.Globalization;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>Whether a pod may be on a node by what the two say of themselves, other pods apart.</summary>
internal static class NodeFit
{
    /// <summary>Whether a change of a node may change where pods fit.</summary>
    public static bool Matters(ResourceEvent change)
    {
        if (change.Previous is not { } before || change.Type == ResourceEventType.Deleted)
            return true;
        return !JsonNode.DeepEquals(before.Json["spec"], change.Object.Json["spec"])
            || !JsonNode.DeepEquals(before.Json.At("metadata", "labels"), change.Object.Json.At("metadata", "labels"))
            || !JsonNode.DeepEquals(before.Json.At("status", "allocatable"), change.Object.Json.At("status", "allocatable"));
    }

    /// <summary>The first taint with one of the effects that the pod does not tolerate; null when there is none.</summary>
    public static JsonObject? Untolerated(JsonObject pod, StoredObject node, params ReadOnlySpan<string> effects)
    {
        foreach (var taint in node.Json.Objects("spec", "taints"))
        {
            if (effects.Contains(taint.Text("effect")!) && !pod.Objects("spec", "tolerations").Any(t => Tolerates(t, taint)))
                return taint;
        }
        return null;
    }

    /// <summary>Whether a toleration covers a taint.</summary>
    public static bool Tolerates(JsonObject toleration, JsonObject taint)
    {
        if (toleration.Text("effect") is { Length: > 0 } effect && effect != taint.Text("effect"))
            return false;
        var key = toleration.Text("key") ?? "";
        if (key.Length > 0 && key != taint.Text("key"))
            return false;
        return toleration.Text("operator") == "Exists" || (key.Length > 0 && (toleration.Text("value") ?? "") == (taint.Text("value") ?? ""));
    }

    /// <summary>Whether nodeSelector and required node affinity accept the node.</summary>
    public static bool Selects(JsonObject pod, StoredObject node)
    {
        foreach (var (key, value) in pod.Object("spec", "nodeSelector") ?? [])
        {
            if (node.Labels.GetValueOrDefault(key) != value.AsText())
                return false;
        }
        var terms = pod.Array("spec", "affinity", "nodeAffinity", "requiredDuringSchedulingIgnoredDuringExecution", "nodeSelectorTerms");
        return terms is null || terms.OfType<JsonObject>().Any(t => MatchesTerm(t, node));
    }

    /// <summary>Whether one term of a node selector accepts the node; an empty term accepts none.</summary>
    public static bool MatchesTerm(JsonObject term, StoredObject node)
    {
        var expressions = term.Objects("matchExpressions").ToList();
        var fields = term.Objects("matchFields").ToList();
        return expressions.Count + fields.Count > 0
            && expressions.TrueForAll(e => Matches(e, node.Labels.GetValueOrDefault(e.Text("key") ?? "")))
            && fields.TrueForAll(f => Matches(f, f.Text("key") == "metadata.name" ? node.Name : null));
    }

    /// <summary>Whether the daemon set controller puts a pod there.</summary>
    public static bool MayRunDaemon(JsonObject pod, StoredObject node) =>
        NameFits(pod, node) && Selects(pod, node) && Untolerated(pod, node, "NoSchedule", "NoExecute") is null;

    /// <summary>Whether the daemon set controller leaves a pod there.</summary>
    public static bool MayStay(StoredObject pod, StoredObject node) =>
        NameFits(pod.Json, node) && Selects(pod.Json, node) && Untolerated(pod.Json, node, "NoExecute") is null;

    private static bool NameFits(JsonObject pod, StoredObject node) => pod.Text("spec", "nodeName") is not { Length: > 0 } name || name == node.Name;

    private static bool Matches(JsonObject expression, string? value)
    {
        var values = expression.Texts("values");
        return expression.Text("operator") switch
        {
            "In" => value is not null && values.Contains(value),
            "NotIn" => value is null || !values.Contains(value),
            "Exists" => value is not null,
            "DoesNotExist" => value is null,
            "Gt" => Number(value) is { } number && Number(values.FirstOrDefault()) is { } limit && number > limit,
            "Lt" => Number(value) is { } number && Number(values.FirstOrDefault()) is { } limit && number < limit,
            _ => false,
        };
    }

    private static long? Number(string? text) => long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : null;
}

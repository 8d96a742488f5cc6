using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>What kinds with a selector and a pod template have in common.</summary>
internal abstract class WorkloadRules : ResourceRules
{
    /// <inheritdoc/>
    public override void Default(JsonObject obj, RuleContext context)
    {
        if (obj.Object("spec", "template", "spec") is { } template)
            PodSpecDefaults.Apply(template);
        obj.Object("spec", "template")?.Object("metadata")?.Remove("creationTimestamp");
    }

    /// <inheritdoc/>
    public override void OnCreate(JsonObject obj, RuleContext context) => obj["status"] = new JsonObject();

    /// <inheritdoc/>
    public override void Validate(JsonObject obj, RuleContext context, FieldErrors errors)
    {
        var selector = obj.Object("spec", "selector");
        var labels = obj.Object("spec", "template", "metadata", "labels");
        if (selector is null)
            errors.Required("spec.selector");
        else if (selector.Object("matchLabels") is null or { Count: 0 } && selector.Array("matchExpressions") is null or { Count: 0 })
            errors.InvalidGo("spec.selector", GoSelector(selector), $"empty selector is invalid for {context.Type.Kind.ToLowerInvariant()}");
        if (selector is null || !LabelSelector.OfObject(selector).Matches((labels ?? []).ToDictionary(static l => l.Key, static l => l.Value.AsText() ?? "")))
            errors.InvalidGo("spec.template.metadata.labels", GoMap(labels), "`selector` does not match template `labels`");
        if (obj.Number("spec", "replicas") is < 0)
            errors.Invalid("spec.replicas", obj.Number("spec", "replicas"), "must be greater than or equal to 0");
        PodSpecChecks.Validate(obj.Object("spec", "template", "spec"), "spec.template.spec", errors);
        if (obj.Text("spec", "template", "spec", "restartPolicy") is { } restart and ("Never" or "OnFailure"))
            errors.NotSupported("spec.template.spec.restartPolicy", restart, "Always");
    }

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject obj, JsonObject old, RuleContext context, FieldErrors errors)
    {
        if (!JsonNode.DeepEquals(obj.At("spec", "selector"), old.At("spec", "selector")))
            errors.InvalidGo("spec.selector", GoSelector(obj.Object("spec", "selector")), "field is immutable");
    }

    /// <summary>A label selector as Go prints it.</summary>
    protected static string GoSelector(JsonObject? selector)
    {
        if (selector is null)
            return "null";
        var expressions = selector.Objects("matchExpressions").Select(static e =>
            $"v1.LabelSelectorRequirement{{Key:\"{e.Text("key")}\", Operator:\"{e.Text("operator")}\", Values:[]string{{{string.Join(", ", e.Texts("values").Select(static v => $"\"{v}\""))}}}}}").ToList();
        return $"v1.LabelSelector{{MatchLabels:{GoMap(selector.Object("matchLabels"))}, MatchExpressions:[]v1.LabelSelectorRequirement" +
            (expressions.Count == 0 ? "(nil)}" : $"{{{string.Join(", ", expressions)}}}}}");
    }

    private static string GoMap(JsonObject? labels) => labels is null
        ? "map[string]string(nil)"
        : "map[string]string{" + string.Join(", ", labels.OrderBy(static l => l.Key, StringComparer.Ordinal).Select(static l => $"\"{l.Key}\":\"{l.Value.AsText()}\"")) + "}";
}

/// <summary>Deployments.</summary>
internal sealed class DeploymentRules : WorkloadRules
{
    /// <inheritdoc/>
    public override void Default(JsonObject obj, RuleContext context)
    {
        base.Default(obj, context);
        var spec = obj.Ensure("spec");
        spec.Default("replicas", 1);
        spec.Default("revisionHistoryLimit", 10);
        spec.Default("progressDeadlineSeconds", 600);
        var strategy = spec.Ensure("strategy");
        strategy.Default("type", "RollingUpdate");
        if (strategy.Text("type") != "RollingUpdate")
            return;
        var rolling = strategy.Ensure("rollingUpdate");
        rolling.Default("maxUnavailable", "25%");
        rolling.Default("maxSurge", "25%");
    }

    /// <inheritdoc/>
    public override void Validate(JsonObject obj, RuleContext context, FieldErrors errors)
    {
        base.Validate(obj, context, errors);
        var strategy = obj.Text("spec", "strategy", "type");
        if (strategy is not ("Recreate" or "RollingUpdate"))
            errors.NotSupported("spec.strategy.type", strategy, "Recreate", "RollingUpdate");
        if (strategy == "Recreate" && obj.At("spec", "strategy", "rollingUpdate") is not null)
            errors.Forbidden("spec.strategy.rollingUpdate", "may not be specified when strategy `type` is 'Recreate'");
    }
}

/// <summary>ReplicaSets.</summary>
internal sealed class ReplicaSetRules : WorkloadRules
{
    /// <inheritdoc/>
    public override void Default(JsonObject obj, RuleContext context)
    {
        base.Default(obj, context);
        obj.Ensure("spec").Default("replicas", 1);
    }

    /// <inheritdoc/>
    public override void OnCreate(JsonObject obj, RuleContext context) => obj["status"] = new JsonObject { ["replicas"] = 0 };
}

/// <summary>DaemonSets.</summary>
internal sealed class DaemonSetRules : WorkloadRules
{
    private const string Generation = "deprecated.daemonset.template.generation";

    /// <inheritdoc/>
    public override void Default(JsonObject obj, RuleContext context)
    {
        base.Default(obj, context);
        var spec = obj.Ensure("spec");
        spec.Default("revisionHistoryLimit", 10);
        var strategy = spec.Ensure("updateStrategy");
        strategy.Default("type", "RollingUpdate");
        if (strategy.Text("type") != "RollingUpdate")
            return;
        strategy.Ensure("rollingUpdate").Default("maxUnavailable", 1);
        strategy.Ensure("rollingUpdate").Default("maxSurge", 0);
    }

    /// <inheritdoc/>
    public override void OnCreate(JsonObject obj, RuleContext context)
    {
        obj.Ensure("metadata", "annotations")[Generation] = "1";
        obj["status"] = new JsonObject
        {
            ["currentNumberScheduled"] = 0,
            ["numberMisscheduled"] = 0,
            ["desiredNumberScheduled"] = 0,
            ["numberReady"] = 0,
        };
    }

    /// <inheritdoc/>
    public override void OnUpdate(JsonObject obj, JsonObject old, RuleContext context)
    {
        if (context.Subresource == "status")
            return;
        _ = long.TryParse(old.Text("metadata", "annotations", Generation), out var generation);
        if (!JsonNode.DeepEquals(obj.At("spec", "template"), old.At("spec", "template")))
            generation++;
        if (generation > 0)
            obj.Ensure("metadata", "annotations")[Generation] = generation.ToString(null, null);
    }
}

/// <summary>StatefulSets.</summary>
internal sealed class StatefulSetRules : WorkloadRules
{
    /// <inheritdoc/>
    public override void Default(JsonObject obj, RuleContext context)
    {
        base.Default(obj, context);
        var spec = obj.Ensure("spec");
        spec.Default("replicas", 1);
        spec.Default("revisionHistoryLimit", 10);
        spec.Default("podManagementPolicy", "OrderedReady");
        var strategy = spec.Ensure("updateStrategy");
        strategy.Default("type", "RollingUpdate");
        if (strategy.Text("type") == "RollingUpdate")
            strategy.Ensure("rollingUpdate").Default("partition", 0);
        var retention = spec.Ensure("persistentVolumeClaimRetentionPolicy");
        retention.Default("whenDeleted", "Retain");
        retention.Default("whenScaled", "Retain");
    }

    /// <inheritdoc/>
    public override void OnCreate(JsonObject obj, RuleContext context) =>
        obj["status"] = new JsonObject { ["replicas"] = 0, ["availableReplicas"] = 0 };
}

/// <summary>Jobs.</summary>
internal sealed class JobRules : ResourceRules
{
    /// <inheritdoc/>
    public override void Default(JsonObject obj, RuleContext context)
    {
        var spec = obj.Ensure("spec");
        if (spec.Object("template", "spec") is { } template)
            PodSpecDefaults.Apply(template);
        if (spec["completions"] is null && spec["parallelism"] is null)
            spec["completions"] = 1;
        spec.Default("parallelism", 1);
        spec.Default("backoffLimit", 6);
        spec.Default("completionMode", "NonIndexed");
        spec.Default("suspend", false);
        spec.Default("manualSelector", false);
        spec.Default("podReplacementPolicy", "TerminatingOrFailed");
    }

    /// <inheritdoc/>
    public override void OnCreate(JsonObject obj, RuleContext context)
    {
        obj["status"] = new JsonObject();
        if (obj.Flag("spec", "manualSelector"))
            return;
        var uid = obj.Text("metadata", "uid");
        var labels = obj.Ensure("spec", "template", "metadata", "labels");
        labels["batch.kubernetes.io/controller-uid"] = uid;
        labels["batch.kubernetes.io/job-name"] = obj.Text("metadata", "name");
        labels["controller-uid"] = uid;
        labels["job-name"] = obj.Text("metadata", "name");
        obj.Ensure("spec", "selector", "matchLabels")["batch.kubernetes.io/controller-uid"] = uid;
    }

    /// <inheritdoc/>
    public override void Validate(JsonObject obj, RuleContext context, FieldErrors errors)
    {
        PodSpecChecks.Validate(obj.Object("spec", "template", "spec"), "spec.template.spec", errors);
        if (obj.Text("spec", "template", "spec", "restartPolicy") == "Always")
            errors.NotSupported("spec.template.spec.restartPolicy", "Always", "OnFailure", "Never");
    }
}

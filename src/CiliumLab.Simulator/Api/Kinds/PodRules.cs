using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>Pods: defaults, the admission plugins that every cluster runs, and what may change afterwards.</summary>
internal sealed class PodRules : ResourceRules
{
    private const string Immutable =
        "pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`," +
        "`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was " +
        "previously negative)";

    /// <inheritdoc/>
    public override void Default(JsonObject obj, RuleContext context)
    {
        var spec = obj.Ensure("spec");
        PodSpecDefaults.Apply(spec);
        spec.Default("enableServiceLinks", true);
        foreach (var container in spec.Objects("containers").Concat(spec.Objects("initContainers")))
        {
            foreach (var (resource, limit) in container.Object("resources", "limits")?.ToArray() ?? [])
                container.Ensure("resources", "requests").Default(resource, limit?.DeepClone());
        }
    }

    /// <inheritdoc/>
    public override void OnCreate(JsonObject obj, RuleContext context)
    {
        var spec = obj.Ensure("spec");
        if (obj.At("metadata", "annotations", "kubernetes.io/config.mirror") is null)
        {
            AddServiceAccount(spec, context);
            Tolerate(spec, "node.kubernetes.io/not-ready");
            Tolerate(spec, "node.kubernetes.io/unreachable");
        }
        SetPriority(spec, context);
        var status = new JsonObject { ["phase"] = "Pending" };
        status["qosClass"] = QosClass(spec);
        obj["status"] = status;
    }

    /// <inheritdoc/>
    public override void Validate(JsonObject obj, RuleContext context, FieldErrors errors) =>
        PodSpecChecks.Validate(obj.Object("spec"), "spec", errors);

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject obj, JsonObject old, RuleContext context, FieldErrors errors)
    {
        if (context.Subresource is "status" or "binding" or "ephemeralcontainers" or "resize")
            return;
        var next = obj["spec"]!.DeepClone().AsObject();
        var before = old["spec"]!.DeepClone().AsObject();
        foreach (var spec in (ReadOnlySpan<JsonObject>)[next, before])
        {
            foreach (var container in spec.Objects("containers").Concat(spec.Objects("initContainers")))
                container.Remove("image");
            spec.Remove("activeDeadlineSeconds");
            spec.Remove("terminationGracePeriodSeconds");
        }
        var tolerations = before.Array("tolerations") ?? [];
        if (tolerations.All(t => (next.Array("tolerations") ?? []).Any(n => JsonNode.DeepEquals(t, n))))
        {
            next.Remove("tolerations");
            before.Remove("tolerations");
        }
        if (!JsonNode.DeepEquals(next, before))
            errors.Forbidden("spec", Immutable);
    }

    /// <inheritdoc/>
    public override long? GracePeriod(JsonObject obj, long? requested)
    {
        if (obj.Text("spec", "nodeName") is not { Length: > 0 } || obj.Text("status", "phase") is "Succeeded" or "Failed")
            return 0;
        return Math.Max(requested ?? obj.Number("spec", "terminationGracePeriodSeconds") ?? 30, 0);
    }

    /// <summary>The quality of service class that a pod's requests and limits give it.</summary>
    public static string QosClass(JsonObject spec)
    {
        var any = false;
        var guaranteed = true;
        foreach (var container in spec.Objects("containers").Concat(spec.Objects("initContainers")))
        {
            var limits = container.Object("resources", "limits");
            var requests = container.Object("resources", "requests");
            foreach (var resource in (ReadOnlySpan<string>)["cpu", "memory"])
            {
                any |= limits?[resource] is not null || requests?[resource] is not null;
                guaranteed &= limits?[resource] is { } limit && (requests?[resource] is not { } request || request.AsDisplay() == limit.AsDisplay());
            }
        }
        return !any ? "BestEffort" : guaranteed ? "Guaranteed" : "Burstable";
    }

    private static void AddServiceAccount(JsonObject spec, RuleContext context)
    {
        spec.Default("serviceAccountName", "default");
        spec["serviceAccount"] = spec["serviceAccountName"]!.DeepClone();
        if (spec["automountServiceAccountToken"] is { } mount && !spec.Flag("automountServiceAccountToken"))
            return;
        const string path = "/var/run/secrets/kubernetes.io/serviceaccount";
        var volume = "kube-api-access-" + context.Seed.NextSuffix();
        var used = false;
        foreach (var container in spec.Objects("containers").Concat(spec.Objects("initContainers")))
        {
            if (container.Objects("volumeMounts").Any(static m => m.Text("mountPath") == path))
                continue;
            container.EnsureArray("volumeMounts").Add((JsonNode)new JsonObject { ["name"] = volume, ["readOnly"] = true, ["mountPath"] = path });
            used = true;
        }
        if (!used)
            return;
        spec.EnsureArray("volumes").Add(JsonNode.Parse($$$"""
            {"name":"{{{volume}}}","projected":{"sources":[
              {"serviceAccountToken":{"expirationSeconds":3607,"path":"token"}},
              {"configMap":{"name":"kube-root-ca.crt","items":[{"key":"ca.crt","path":"ca.crt"}]}},
              {"downwardAPI":{"items":[{"path":"namespace","fieldRef":{"apiVersion":"v1","fieldPath":"metadata.namespace"}}]}}],
             "defaultMode":420}}
            """));
    }

    private static void Tolerate(JsonObject spec, string taint)
    {
        foreach (var toleration in spec.Objects("tolerations"))
        {
            var key = toleration.Text("key") ?? "";
            if ((key == taint || key.Length == 0) && toleration.Text("effect") is null or "" or "NoExecute")
                return;
        }
        spec.EnsureArray("tolerations").Add((JsonNode)new JsonObject
        {
            ["key"] = taint,
            ["operator"] = "Exists",
            ["effect"] = "NoExecute",
            ["tolerationSeconds"] = 300,
        });
    }

    private static void SetPriority(JsonObject spec, RuleContext context)
    {
        var name = spec.Text("priorityClassName");
        long value = 0;
        if (name is { Length: > 0 })
        {
            value = context.Store.Find(ResourceTypes.PriorityClasses, null, name)?.Json.Number("value") ?? name switch
            {
                "system-cluster-critical" => 2000000000,
                "system-node-critical" => 2000001000,
                _ => throw ApiException.Forbidden(context.Type, "", $"no PriorityClass with name {name} was found"),
            };
        }
        spec["priority"] = value;
        spec.Default("preemptionPolicy", "PreemptLowerPriority");
    }
}

using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>Namespaces: the label and the finalizer that everyone has, and what may not be deleted.</summary>
internal sealed class NamespaceRules : ResourceRules
{
    /// <inheritdoc/>
    public override string? CheckName(string name) => NameRules.Label(name);

    /// <inheritdoc/>
    public override void Default(JsonObject obj, RuleContext context) =>
        obj.Ensure("metadata", "labels")["kubernetes.io/metadata.name"] = obj.Text("metadata", "name");

    /// <inheritdoc/>
    public override void OnCreate(JsonObject obj, RuleContext context)
    {
        var finalizers = obj.Ensure("spec").EnsureArray("finalizers");
        if (!finalizers.Any(static f => f.AsText() == "kubernetes"))
            finalizers.Add("kubernetes");
        obj["status"] = new JsonObject { ["phase"] = "Active" };
    }

    /// <inheritdoc/>
    public override void OnUpdate(JsonObject obj, JsonObject old, RuleContext context)
    {
        if (context.Subresource != "finalize")
            obj["spec"] = old["spec"]?.DeepClone();
    }

    /// <inheritdoc/>
    public override bool IsHeld(JsonObject obj) => obj.Array("spec", "finalizers") is { Count: > 0 };

    /// <inheritdoc/>
    public override void OnTerminating(JsonObject obj) => obj.Ensure("status")["phase"] = "Terminating";

    /// <inheritdoc/>
    public override void CheckDelete(StoredObject obj)
    {
        if (obj.Name is "default" or "kube-system" or "kube-public")
            throw ApiException.Forbidden(obj.Type, obj.Name, "this namespace may not be deleted");
    }
}

/// <summary>Nodes.</summary>
internal sealed class NodeRules : ResourceRules
{
    /// <inheritdoc/>
    public override void OnCreate(JsonObject obj, RuleContext context)
    {
        // nothing may be put onto a node before somebody has seen that it is ready
        if (!obj.Objects("spec", "taints").Any(static t => t.Text("key") == "node.kubernetes.io/not-ready" && t.Text("effect") == "NoSchedule"))
            obj.Ensure("spec").EnsureArray("taints").Add((JsonNode)new JsonObject { ["key"] = "node.kubernetes.io/not-ready", ["effect"] = "NoSchedule" });
    }

    /// <inheritdoc/>
    public override void Validate(JsonObject obj, RuleContext context, FieldErrors errors)
    {
        foreach (var (taint, at) in PodSpecChecks.Indexed(obj.Array("spec", "taints"), "spec.taints"))
        {
            if (taint.Text("key") is not { Length: > 0 } key)
                errors.Required(at + ".key");
            else if (NameRules.Qualified(key) is { } complaint)
                errors.Invalid(at + ".key", key, complaint);
            if (taint.Text("effect") is not ("NoSchedule" or "PreferNoSchedule" or "NoExecute"))
                errors.NotSupported(at + ".effect", taint.Text("effect") ?? "", "NoSchedule", "PreferNoSchedule", "NoExecute");
        }
    }

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject obj, JsonObject old, RuleContext context, FieldErrors errors)
    {
        if (old.Text("spec", "podCIDR") is { Length: > 0 } cidr && obj.Text("spec", "podCIDR") != cidr)
            errors.Forbidden("spec", "node updates may only change labels, taints, or capacity (or configSource, if the DynamicKubeletConfig feature gate is enabled)");
    }
}

/// <summary>ConfigMaps.</summary>
internal sealed class ConfigMapRules : ResourceRules
{
    /// <inheritdoc/>
    public override void Validate(JsonObject obj, RuleContext context, FieldErrors errors) => Keys.Validate(obj, "data", errors);

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject obj, JsonObject old, RuleContext context, FieldErrors errors)
    {
        if (old.Flag("immutable") && !JsonNode.DeepEquals(obj["data"], old["data"]))
            errors.Forbidden("data", "field is immutable when `immutable` is set");
    }
}

/// <summary>Secrets.</summary>
internal sealed class SecretRules : ResourceRules
{
    /// <inheritdoc/>
    public override void Default(JsonObject obj, RuleContext context)
    {
        obj.Default("type", "Opaque");
        foreach (var (key, value) in obj.Object("stringData")?.ToArray() ?? [])
            obj.Ensure("data")[key] = Convert.ToBase64String(System.Text.Encoding.UTF8.GetBytes(value.AsText() ?? ""));
        obj.Remove("stringData");
    }

    /// <inheritdoc/>
    public override void Validate(JsonObject obj, RuleContext context, FieldErrors errors) => Keys.Validate(obj, "data", errors);

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject obj, JsonObject old, RuleContext context, FieldErrors errors)
    {
        if (obj.Text("type") != old.Text("type"))
            errors.Invalid("type", obj.Text("type"), "field is immutable");
        if (old.Flag("immutable") && !JsonNode.DeepEquals(obj["data"], old["data"]))
            errors.Forbidden("data", "field is immutable when `immutable` is set");
    }
}

/// <summary>Keys of ConfigMaps and Secrets.</summary>
internal static class Keys
{
    /// <summary>Checks the keys of a map.</summary>
    public static void Validate(JsonObject obj, string map, FieldErrors errors)
    {
        foreach (var (key, _) in obj.Object(map) ?? [])
        {
            if (key.Length == 0 || key.Any(static c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.')))
            {
                errors.Invalid($"{map}[{key}]", key,
                    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')");
            }
        }
    }
}

/// <summary>Endpoints.</summary>
internal sealed class EndpointsRules : ResourceRules
{
    /// <inheritdoc/>
    public override void Default(JsonObject obj, RuleContext context)
    {
        foreach (var port in obj.Objects("subsets").SelectMany(static s => s.Objects("ports")))
            port.Default("protocol", "TCP");
    }

    /// <inheritdoc/>
    public override void Validate(JsonObject obj, RuleContext context, FieldErrors errors)
    {
        foreach (var (subset, at) in PodSpecChecks.Indexed(obj.Array("subsets"), "subsets"))
        {
            foreach (var list in (ReadOnlySpan<string>)["addresses", "notReadyAddresses"])
            {
                foreach (var (address, place) in PodSpecChecks.Indexed(subset.Array(list), $"{at}.{list}"))
                {
                    if (!System.Net.IPAddress.TryParse(address.Text("ip"), out _))
                        errors.Invalid(place + ".ip", address.Text("ip") ?? "", "must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)");
                }
            }
        }
    }
}

/// <summary>PriorityClasses: names that begin with system- are the system's.</summary>
internal sealed class PriorityClassRules : ResourceRules
{
    /// <inheritdoc/>
    public override void Validate(JsonObject obj, RuleContext context, FieldErrors errors)
    {
        if (obj.Text("metadata", "name") is { } name && name.StartsWith("system-", StringComparison.Ordinal) && name is not ("system-node-critical" or "system-cluster-critical"))
        {
            errors.Forbidden("metadata.name",
                $"priority class names with 'system-' prefix are reserved for system use only. error: {name} is not a known system priority class");
        }
    }
}

/// <summary>EndpointSlices.</summary>
internal sealed class EndpointSliceRules : ResourceRules
{
    /// <inheritdoc/>
    public override void Default(JsonObject obj, RuleContext context)
    {
        foreach (var port in obj.Objects("ports"))
        {
            port.Default("name", "");
            port.Default("protocol", "TCP");
        }
    }

    /// <inheritdoc/>
    public override void Validate(JsonObject obj, RuleContext context, FieldErrors errors)
    {
        if (obj.Text("addressType") is not { Length: > 0 } type)
            errors.Required("addressType");
        else if (type is not ("IPv4" or "IPv6" or "FQDN"))
            errors.NotSupported("addressType", type, "FQDN", "IPv4", "IPv6");
    }
}

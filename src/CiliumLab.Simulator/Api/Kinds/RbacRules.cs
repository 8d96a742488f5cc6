using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>Roles and bindings.</summary>
internal sealed class RbacRules : ResourceRules
{
    /// <inheritdoc/>
    public override string? CheckName(string name) => NameRules.PathSegment(name);

    /// <inheritdoc/>
    public override void Default(JsonObject obj, RuleContext context)
    {
        obj.Object("roleRef")?.Default("apiGroup", "rbac.authorization.k8s.io");
        foreach (var subject in obj.Objects("subjects"))
        {
            if (subject.Text("kind") is "User" or "Group")
                subject.Default("apiGroup", "rbac.authorization.k8s.io");
        }
    }

    /// <inheritdoc/>
    public override void Validate(JsonObject obj, RuleContext context, FieldErrors errors)
    {
        foreach (var (rule, at) in PodSpecChecks.Indexed(obj.Array("rules"), "rules"))
        {
            if (!rule.Texts("verbs").Any())
                errors.Required(at + ".verbs", "verbs must contain at least one value");
            if (rule.Texts("nonResourceURLs").Any())
                continue;
            if (!rule.Texts("apiGroups").Any())
                errors.Required(at + ".apiGroups", "resource rules must supply at least one api group");
            if (!rule.Texts("resources").Any())
                errors.Required(at + ".resources", "resource rules must supply at least one resource");
        }
        foreach (var (subject, at) in PodSpecChecks.Indexed(obj.Array("subjects"), "subjects"))
        {
            if (subject.Text("kind") is not ("ServiceAccount" or "User" or "Group"))
                errors.NotSupported(at + ".kind", subject.Text("kind") ?? "", "ServiceAccount", "User", "Group");
        }
    }

    /// <inheritdoc/>
    public override void ValidateUpdate(JsonObject obj, JsonObject old, RuleContext context, FieldErrors errors)
    {
        if (!JsonNode.DeepEquals(obj["roleRef"], old["roleRef"]))
            errors.Invalid("roleRef", obj["roleRef"]?.DeepClone(), "cannot change roleRef");
    }
}

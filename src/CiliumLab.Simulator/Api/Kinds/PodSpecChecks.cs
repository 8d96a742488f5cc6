using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>Upstream's validation of a pod's spec, as far as a lab's mistakes go.</summary>
internal static class PodSpecChecks
{
    /// <summary>Checks a spec.</summary>
    public static void Validate(JsonObject? spec, string path, FieldErrors errors)
    {
        var volumes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (volume, at) in Indexed(spec.Array("volumes"), path + ".volumes"))
        {
            var name = volume.Text("name") ?? "";
            if (name.Length == 0)
                errors.Required(at + ".name");
            else if (NameRules.Label(name) is { } complaint)
                errors.Invalid(at + ".name", name, complaint);
            else if (!volumes.Add(name))
                errors.Duplicate(at + ".name", name);
        }
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (spec.Array("containers") is null or { Count: 0 })
            errors.Required(path + ".containers");
        foreach (var list in (ReadOnlySpan<string>)["containers", "initContainers"])
        {
            foreach (var (container, at) in Indexed(spec.Array(list), $"{path}.{list}"))
                Container(container, at, names, volumes, errors);
        }
        if (spec.Text("restartPolicy") is { } restart and not ("Always" or "OnFailure" or "Never"))
            errors.NotSupported(path + ".restartPolicy", restart, "Always", "OnFailure", "Never");
        if (spec.Text("dnsPolicy") is { } dns and not ("ClusterFirst" or "ClusterFirstWithHostNet" or "Default" or "None"))
            errors.NotSupported(path + ".dnsPolicy", dns, "ClusterFirst", "ClusterFirstWithHostNet", "Default", "None");
        if (spec.Number("terminationGracePeriodSeconds") is < 0)
            errors.Invalid(path + ".terminationGracePeriodSeconds", spec.Number("terminationGracePeriodSeconds"), "must be greater than or equal to 0");
        foreach (var (toleration, at) in Indexed(spec.Array("tolerations"), path + ".tolerations"))
            Toleration(toleration, at, errors);
    }

    /// <summary>A list's objects with their paths.</summary>
    public static IEnumerable<(JsonObject Item, string Path)> Indexed(JsonArray? array, string path)
    {
        for (var i = 0; i < (array?.Count ?? 0); i++)
        {
            if (array![i] is JsonObject item)
                yield return (item, $"{path}[{i}]");
        }
    }

    private static void Container(JsonObject container, string at, HashSet<string> names, HashSet<string> volumes, FieldErrors errors)
    {
        var name = container.Text("name") ?? "";
        if (name.Length == 0)
            errors.Required(at + ".name");
        else if (NameRules.Label(name) is { } complaint)
            errors.Invalid(at + ".name", name, complaint);
        else if (!names.Add(name))
            errors.Duplicate(at + ".name", name);
        var image = container.Text("image") ?? "";
        if (image.Length == 0)
            errors.Required(at + ".image");
        else if (image.Trim() != image)
            errors.Invalid(at + ".image", image, "must not have leading or trailing whitespace");
        if (container.Text("imagePullPolicy") is { } pull and not ("Always" or "IfNotPresent" or "Never"))
            errors.NotSupported(at + ".imagePullPolicy", pull, "Always", "IfNotPresent", "Never");
        foreach (var (port, where) in Indexed(container.Array("ports"), at + ".ports"))
        {
            if (port.Number("containerPort") is not { } number || number == 0)
                errors.Required(where + ".containerPort");
            else if (number is < 1 or > 65535)
                errors.Invalid(where + ".containerPort", number, "must be between 1 and 65535, inclusive");
            if (port.Text("protocol") is { } protocol and not ("TCP" or "UDP" or "SCTP"))
                errors.NotSupported(where + ".protocol", protocol, "SCTP", "TCP", "UDP");
        }
        foreach (var (mount, where) in Indexed(container.Array("volumeMounts"), at + ".volumeMounts"))
        {
            if (mount.Text("name") is not { Length: > 0 } volume)
                errors.Required(where + ".name");
            else if (!volumes.Contains(volume))
                errors.NotFound(where + ".name", volume);
            if (mount.Text("mountPath") is not { Length: > 0 })
                errors.Required(where + ".mountPath");
        }
        foreach (var (variable, where) in Indexed(container.Array("env"), at + ".env"))
        {
            if (variable.Text("name") is not { Length: > 0 })
                errors.Required(where + ".name");
        }
    }

    private static void Toleration(JsonObject toleration, string at, FieldErrors errors)
    {
        if (toleration.Text("operator") is { Length: > 0 } what and not ("Equal" or "Exists"))
            errors.NotSupported(at + ".operator", what, "Equal", "Exists");
        if (toleration.Text("operator") == "Exists" && toleration.Text("value") is { Length: > 0 })
            errors.Invalid(at + ".operator", "Exists", "value must be empty when `operator` is 'Exists'");
        if (toleration.Text("effect") is { Length: > 0 } effect and not ("NoSchedule" or "PreferNoSchedule" or "NoExecute"))
            errors.NotSupported(at + ".effect", effect, "NoSchedule", "PreferNoSchedule", "NoExecute");
    }
}

using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>The scale subresource: wanted and observed replicas of whatever kind has them.</summary>
internal static class ScaleView
{
    /// <summary>An object's Scale.</summary>
    public static JsonObject Of(StoredObject obj)
    {
        var paths = obj.Type.Scale!;
        var status = new JsonObject { ["replicas"] = obj.Json.Number(paths.Status.Split('.')) ?? 0 };
        var selector = paths.Selector is null ? null : obj.Json.At(paths.Selector.Split('.'));
        if (selector is JsonObject labels)
            status["selector"] = (labels.ContainsKey("matchLabels") || labels.ContainsKey("matchExpressions") ? LabelSelector.OfObject(labels) : LabelSelector.OfLabels(labels)).ToString();
        else if (selector.AsText() is { } text)
            status["selector"] = text;
        return new JsonObject
        {
            ["kind"] = "Scale",
            ["apiVersion"] = "autoscaling/v1",
            ["metadata"] = new JsonObject
            {
                ["name"] = obj.Name,
                ["namespace"] = obj.Namespace,
                ["uid"] = obj.Uid,
                ["resourceVersion"] = obj.ResourceVersion.ToString(null, null),
                ["creationTimestamp"] = obj.Json.Text("metadata", "creationTimestamp"),
            },
            ["spec"] = new JsonObject { ["replicas"] = obj.Json.Number(paths.Spec.Split('.')) ?? 0 },
            ["status"] = status,
        };
    }

    /// <summary>Carries a Scale's wish over to the object.</summary>
    public static void Write(JsonObject obj, JsonObject scale, ResourceType type)
    {
        var replicas = scale.Number("spec", "replicas") ?? 0;
        if (replicas < 0)
        {
            throw ApiException.Invalid("autoscaling", "Scale", obj.Text("metadata", "name") ?? "", FieldErrors.Of(e => e.Invalid("spec.replicas", replicas, "must be greater than or equal to 0")));
        }
        if (scale.Text("metadata", "resourceVersion") is { Length: > 0 } version)
            obj.Ensure("metadata")["resourceVersion"] = version;
        var path = type.Scale!.Spec.Split('.');
        obj.Ensure(path.AsSpan(0, path.Length - 1))[path[^1]] = replicas;
    }
}

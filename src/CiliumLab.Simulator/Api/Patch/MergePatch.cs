using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>RFC 7386: an object that looks like the result; null removes.</summary>
internal static class MergePatch
{
    /// <summary>Applies a patch.</summary>
    public static JsonObject Apply(JsonObject target, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null)
                target.Remove(name);
            else if (value is JsonObject change)
                target[name] = Detached(Apply(target[name] as JsonObject ?? [], change));
            else
                target[name] = value.DeepClone();
        }
        return target;
    }

    private static JsonObject Detached(JsonObject obj) => obj.Parent is null ? obj : obj.Copy();
}

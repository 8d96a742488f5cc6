using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>Events have two faces: core/v1, in which they are stored, and events.k8s.io/v1.</summary>
internal static class EventConversion
{
    private static readonly (string Core, string New)[] Names =
    [
        ("involvedObject", "regarding"), ("message", "note"), ("reportingComponent", "reportingController"), ("source", "deprecatedSource"),
        ("firstTimestamp", "deprecatedFirstTimestamp"), ("lastTimestamp", "deprecatedLastTimestamp"), ("count", "deprecatedCount"),
    ];

    /// <summary>The new face of a stored event.</summary>
    public static JsonObject ToNew(JsonObject core)
    {
        var obj = core.Copy();
        obj["apiVersion"] = "events.k8s.io/v1";
        foreach (var (from, to) in Names)
            Rename(obj, from, to);
        return obj;
    }

    /// <summary>The stored form of a new event.</summary>
    public static JsonObject ToCore(JsonObject given)
    {
        var obj = given.Copy();
        obj["apiVersion"] = "v1";
        foreach (var (to, from) in Names)
            Rename(obj, from, to);
        return obj;
    }

    private static void Rename(JsonObject obj, string from, string to)
    {
        if (!obj.TryGetPropertyValue(from, out var value))
            return;
        obj.Remove(from);
        obj[to] = value;
    }
}

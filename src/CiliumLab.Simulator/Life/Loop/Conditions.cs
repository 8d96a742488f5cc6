using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>Reading and writing status.conditions.</summary>
internal static class Conditions
{
    /// <summary>A condition of an object; null when it has none of that type.</summary>
    public static JsonObject? Condition(this JsonObject obj, string type) =>
        obj.Objects("status", "conditions").FirstOrDefault(c => c.Text("type") == type);

    /// <summary>Whether a condition is True.</summary>
    public static bool Is(this JsonObject obj, string type) => obj.Condition(type).Text("status") == "True";

    /// <summary>Sets a condition of a status; its transition time moves only when its status does.</summary>
    /// <param name="status">The status object.</param>
    /// <param name="type">The condition.</param>
    /// <param name="value">True, False or Unknown.</param>
    /// <param name="reason">In one word; null for none.</param>
    /// <param name="message">For people; null for none.</param>
    /// <param name="now">The time of the transition, if it is one.</param>
    /// <returns>The condition.</returns>
    public static JsonObject SetCondition(this JsonObject status, string type, string value, string? reason, string? message, string now)
    {
        var conditions = status.EnsureArray("conditions");
        var condition = conditions.OfType<JsonObject>().FirstOrDefault(c => c.Text("type") == type);
        if (condition is null)
            conditions.Add((JsonNode)(condition = new JsonObject { ["type"] = type }));
        if (condition.Text("status") != value)
            condition["lastTransitionTime"] = now;
        condition["status"] = value;
        Put(condition, "reason", reason);
        Put(condition, "message", message);
        return condition;
    }

    /// <summary>Sets a number that upstream leaves out when it is zero.</summary>
    public static void SetCount(this JsonObject obj, string name, long value)
    {
        if (value == 0)
            obj.Remove(name);
        else
            obj[name] = value;
    }

    private static void Put(JsonObject obj, string name, string? value)
    {
        if (value is null)
            obj.Remove(name);
        else
            obj[name] = value;
    }
}

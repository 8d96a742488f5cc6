using System.Globalization;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>Who says something about an object.</summary>
/// <param name="Component">For instance <c>kubelet</c>.</param>
/// <param name="Host">The node it runs on; null when that does not matter.</param>
internal sealed record EventSource(string Component, string? Host = null);

/// <summary>Writes Event objects. The same saying about the same object counts up, as client-go's correlator does it.</summary>
/// <param name="store">Where events go.</param>
internal sealed class EventRecorder(ObjectStore store)
{
    private const int Remembered = 4096;

    private readonly Dictionary<(string Uid, string Reason, string Message, EventSource Source), (string Namespace, string Name)> _said = [];

    /// <summary>Says that something is as it should be.</summary>
    public void Normal(StoredObject about, EventSource source, string reason, string message, string? fieldPath = null) =>
        Record("Normal", about, source, reason, message, fieldPath);

    /// <summary>Says that something is not as it should be.</summary>
    public void Warning(StoredObject about, EventSource source, string reason, string message, string? fieldPath = null) =>
        Record("Warning", about, source, reason, message, fieldPath);

    private void Record(string type, StoredObject about, EventSource source, string reason, string message, string? fieldPath)
    {
        var key = (about.Uid, reason, message + fieldPath, source);
        var now = store.Timestamp;
        if (_said.TryGetValue(key, out var known) && store.TryEdit(ResourceTypes.Events, known.Namespace, known.Name, e =>
        {
            e["count"] = (e.Number("count") ?? 1) + 1;
            e["lastTimestamp"] = now;
        }) is not null)
        {
            return;
        }
        var ns = about.Namespace.Length > 0 ? about.Namespace : "default";
        var nanoseconds = (store.Clock.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;
        var name = $"{about.Name}.{(nanoseconds + store.Seed.Next(1_000_000)).ToString("x16", CultureInfo.InvariantCulture)}";
        var involved = new JsonObject { ["kind"] = about.Type.Kind };
        if (about.Namespace.Length > 0)
            involved["namespace"] = about.Namespace;
        involved["name"] = about.Name;
        involved["uid"] = about.Uid;
        involved["apiVersion"] = about.Type.ApiVersion;
        involved["resourceVersion"] = about.ResourceVersion.ToString(CultureInfo.InvariantCulture);
        if (fieldPath is not null)
            involved["fieldPath"] = fieldPath;
        var from = new JsonObject { ["component"] = source.Component };
        if (source.Host is not null)
            from["host"] = source.Host;
        try
        {
            store.Create(ResourceTypes.Events, new JsonObject
            {
                ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
                ["involvedObject"] = involved,
                ["reason"] = reason,
                ["message"] = message,
                ["source"] = from,
                ["firstTimestamp"] = now,
                ["lastTimestamp"] = now,
                ["count"] = 1,
                ["type"] = type,
                ["eventTime"] = null,
                ["reportingComponent"] = source.Component,
                ["reportingInstance"] = source.Host ?? "",
            });
        }
        catch (ApiException)
        {
            // The namespace is going away: what is said about its objects is lost, as upstream.
            return;
        }
        if (_said.Count >= Remembered)
            _said.Clear();
        _said[key] = (ns, name);
    }
}

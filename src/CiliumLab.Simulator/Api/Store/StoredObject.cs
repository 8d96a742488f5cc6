using System.Text.Json.Nodes;
using CiliumLab.Simulator.Snapshots;

namespace CiliumLab.Simulator.Api;

/// <summary>
/// One object as it was at one resourceVersion. It never changes: a write makes another one. <see cref="Json"/> is shared by everybody
/// and must not be altered; <see cref="Copy"/> gives a tree to alter.
/// </summary>
internal sealed class StoredObject
{
    private readonly Lock _gate = new();
    [NotInSnapshot]
    private JsonObject? _json;

    /// <summary>Takes the object over: its resourceVersion is set (zero is none: it was never stored), and the text is kept.</summary>
    public StoredObject(ResourceType type, JsonObject obj, long resourceVersion)
    {
        var metadata = obj.Ensure("metadata");
        if (resourceVersion == 0)
            metadata.Remove("resourceVersion");
        else
            metadata["resourceVersion"] = resourceVersion.ToString(null, null);
        Type = type;
        ResourceVersion = resourceVersion;
        Namespace = metadata.Text("namespace") ?? "";
        Name = metadata.Text("name") ?? "";
        Uid = metadata.Text("uid") ?? "";
        Labels = metadata.Object("labels") is { Count: > 0 } labels
            ? labels.ToDictionary(static l => l.Key, static l => l.Value.AsText() ?? "")
            : EmptyLabels;
        Utf8 = obj.ToUtf8();
    }

    /// <summary>The type.</summary>
    public ResourceType Type { get; }

    /// <summary>The namespace; empty for what is not in one.</summary>
    public string Namespace { get; }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The identifier that no other object, past or future, has.</summary>
    public string Uid { get; }

    /// <summary>The store's count of writes when this one was made.</summary>
    public long ResourceVersion { get; }

    /// <summary>metadata.labels.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; }

    /// <summary>The object in its storage version, as it goes over the wire.</summary>
    public byte[] Utf8 { get; }

    /// <summary>The object; for reading only.</summary>
    public JsonObject Json
    {
        get
        {
            lock (_gate)
            {
                if (_json is null)
                {
                    var json = JsonNode.Parse(Utf8)!.AsObject();
                    json.Materialize();
                    _json = json;
                }
                return _json;
            }
        }
    }

    /// <summary>metadata.deletionTimestamp is set.</summary>
    public bool IsTerminating => Json.At("metadata", "deletionTimestamp") is not null;

    /// <summary>The key under which the store sorts.</summary>
    internal string Key => KeyOf(Namespace, Name);

    private static Dictionary<string, string> EmptyLabels { get; } = [];

    /// <summary>A tree of one's own.</summary>
    public JsonObject Copy() => JsonNode.Parse(Utf8)!.AsObject();

    /// <inheritdoc/>
    public override string ToString() => Namespace.Length == 0 ? $"{Type}/{Name}" : $"{Type}/{Namespace}/{Name}";

    internal static string KeyOf(string? ns, string name) => $"{ns}/{name}";
}

using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>metadata.managedFields: who set which field, kept as upstream's structured-merge-diff keeps it.</summary>
internal sealed class ManagedFields
{
    private readonly List<Entry> _entries = [];

    private ManagedFields()
    {
    }

    /// <summary>The entries.</summary>
    public IReadOnlyList<Entry> Entries => _entries;

    /// <summary>One writer's fields.</summary>
    /// <param name="Manager">The writer.</param>
    /// <param name="Operation">Apply or Update.</param>
    /// <param name="ApiVersion">The version it wrote in.</param>
    /// <param name="Subresource">The path it wrote by; empty for the object itself.</param>
    /// <param name="Time">When it last changed what it owns.</param>
    /// <param name="Fields">What it owns.</param>
    internal sealed record Entry(string Manager, string Operation, string ApiVersion, string Subresource, string Time, FieldSet Fields)
    {
        /// <summary>Whether an entry is of the same writer, writing the same way.</summary>
        public bool IsOf(string manager, string operation, string apiVersion, string subresource) =>
            Manager == manager && Operation == operation && Subresource == subresource && (operation == "Apply" || ApiVersion == apiVersion);
    }

    /// <summary>Reads an object's entries.</summary>
    public static ManagedFields Of(JsonObject? obj)
    {
        var managed = new ManagedFields();
        foreach (var entry in obj.Objects("metadata", "managedFields"))
        {
            if (entry.Text("manager") is not { } manager)
                continue;
            managed._entries.Add(new(manager, entry.Text("operation") ?? "Update", entry.Text("apiVersion") ?? "", entry.Text("subresource") ?? "",
                entry.Text("time") ?? "", FieldSet.Parse(entry.Object("fieldsV1"))));
        }
        return managed;
    }

    /// <summary>Records an ordinary write in the object that is about to be stored.</summary>
    public static void RecordUpdate(
        ResourceCatalog catalog, ResourceType type, JsonObject before, JsonObject obj, WriteOptions options, DateTimeOffset now)
    {
        if (options.FieldManager is null && obj.At("metadata", "managedFields") is null && before.At("metadata", "managedFields") is null)
            return;
        var managed = Of(obj);
        var changes = FieldChanges.Between(before, obj, catalog.SchemaOf(type));
        Strip(changes.Changed);
        Strip(changes.Removed);
        if (type.HasStatus && options.Subresource != "status")
        {
            // what the server itself resets on this path belongs to nobody
            changes.Changed.Forget("f:status");
            changes.Removed.Forget("f:status");
        }
        for (var i = 0; i < managed._entries.Count; i++)
        {
            var entry = managed._entries[i];
            managed._entries[i] = entry with { Fields = entry.Fields.Difference(changes.Removed).Difference(changes.Changed) };
        }
        if (options.FieldManager is { } manager && !changes.Changed.IsEmpty)
        {
            var mine = Of(obj)._entries.Find(e => e.IsOf(manager, "Update", options.ApiVersion ?? type.ApiVersion, options.Subresource ?? ""))?.Fields ?? new();
            managed.Set(new(manager, "Update", options.ApiVersion ?? type.ApiVersion, options.Subresource ?? "", ObjectStore.Time(now),
                mine.Difference(changes.Removed).Union(changes.Changed)));
        }
        managed.WriteTo(obj);
    }

    /// <summary>Puts a writer's entry in the place of its former one.</summary>
    public void Set(Entry entry)
    {
        var index = _entries.FindIndex(e => e.IsOf(entry.Manager, entry.Operation, entry.ApiVersion, entry.Subresource));
        if (index < 0)
            _entries.Add(entry);
        else if (_entries[index].ApiVersion == entry.ApiVersion && JsonNode.DeepEquals(_entries[index].Fields.ToJson(), entry.Fields.ToJson()))
            return;
        else
            _entries[index] = entry;
    }

    /// <summary>Takes fields away from everybody but one writer.</summary>
    public void TakeFromOthers(Entry mine, FieldSet fields)
    {
        for (var i = 0; i < _entries.Count; i++)
        {
            if (!_entries[i].IsOf(mine.Manager, mine.Operation, mine.ApiVersion, mine.Subresource))
                _entries[i] = _entries[i] with { Fields = _entries[i].Fields.Difference(fields) };
        }
    }

    /// <summary>Writes the entries into an object, those that own nothing left out.</summary>
    public void WriteTo(JsonObject obj)
    {
        _entries.RemoveAll(static e => e.Fields.IsEmpty);
        if (_entries.Count == 0)
        {
            obj.Ensure("metadata").Remove("managedFields");
            return;
        }
        obj.Ensure("metadata")["managedFields"] = new JsonArray([.. _entries
            .OrderBy(static e => e.Operation, StringComparer.Ordinal).ThenBy(static e => e.Time, StringComparer.Ordinal)
            .ThenBy(static e => e.Manager, StringComparer.Ordinal).Select(ToJson)]);
    }

    /// <summary>Fields that belong to the server, or that name the object, have no owner.</summary>
    public static void Strip(FieldSet set)
    {
        set.Forget("f:apiVersion");
        set.Forget("f:kind");
        if (set["f:metadata"] is not { } metadata)
            return;
        metadata.IsMember = false;
        foreach (var field in (ReadOnlySpan<string>)["name", "namespace", "creationTimestamp", "selfLink", "uid", "generation", "managedFields",
            "resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds"])
        {
            metadata.Forget("f:" + field);
        }
    }

    private static JsonNode ToJson(Entry entry)
    {
        var json = new JsonObject
        {
            ["manager"] = entry.Manager,
            ["operation"] = entry.Operation,
            ["apiVersion"] = entry.ApiVersion,
            ["time"] = entry.Time,
            ["fieldsType"] = "FieldsV1",
            ["fieldsV1"] = entry.Fields.ToJson(),
        };
        if (entry.Subresource.Length > 0)
            json["subresource"] = entry.Subresource;
        return json;
    }
}

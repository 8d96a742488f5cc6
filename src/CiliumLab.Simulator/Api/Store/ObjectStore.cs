using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;

namespace CiliumLab.Simulator.Api;

/// <summary>
/// Everything that the cluster's API holds: the simulator's etcd together with the registry, defaulting and admission before it.
/// HTTP and controllers write through the same methods and see the same rules.
/// <para>
/// A controller uses it in-process:
/// <code>
/// await foreach (var change in store.Watch(ResourceTypes.Pods, null, null, cancellationToken))   // what is there first, then what changes
/// {
///     var pod = change.Object;                                     // immutable; pod.Json is for reading
///     if (pod.Json.Text("spec", "nodeName") is null)
///         store.Edit(ResourceTypes.Pods, pod.Namespace, pod.Name, p => p.Ensure("spec")["nodeName"] = "k8s-w1", new() { Subresource = "binding" });
/// }
/// store.Create(ResourceTypes.Pods, new JsonObject { ["metadata"] = ..., ["spec"] = ... });   // apiVersion and kind are filled in
/// store.EditStatus(ResourceTypes.Nodes, null, "k8s-w1", n => n.Ensure("status")["phase"] = "Ready");
/// store.Delete(ResourceTypes.Pods, "default", "web-0", new() { GracePeriodSeconds = 0 });
/// </code>
/// </para>
/// <list type="bullet">
/// <item><see cref="Edit"/> reads, changes and writes in one step under the lock: no conflict is possible, and a change that changes
/// nothing is not a write and makes no event. <see cref="TryEdit"/> is the same for an object that may be gone.</item>
/// <item>Methods never wait for anything and may be called from any thread. A delegate given to them runs inside the lock: it may read
/// the store, and must neither write to it nor take a node's lock, which others hold when they come here.</item>
/// <item>What is refused is an <see cref="ApiException"/> with the code and words that a client would get.</item>
/// <item>A deleted pod on a node stays, with deletionTimestamp, until somebody deletes it with a zero grace period (the kubelet).
/// Finalizers, <c>foregroundDeletion</c> and <c>orphan</c> among them, keep an object until an Edit empties the list (the garbage
/// collector); a Namespace stays until an Edit with Subresource <c>finalize</c> empties spec.finalizers (the namespace controller).</item>
/// </list>
/// </summary>
internal sealed class ObjectStore
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<(string Group, string Resource), Shelf> _shelves = new();
    private readonly ChangeLog _all;
    private DateTimeOffset _pruned;
    private long _resourceVersion = 1;

    /// <summary>An empty store with the built-in types.</summary>
    /// <param name="clock">The lab's time.</param>
    /// <param name="seed">Names and identifiers.</param>
    /// <param name="settings">Addresses and limits; the lab's usual ones when null.</param>
    public ObjectStore(TimeProvider clock, Seed seed, ClusterSettings? settings = null)
    {
        Clock = clock;
        Seed = seed.Fork("api");
        Settings = settings ?? new ClusterSettings();
        Catalog = new ResourceCatalog();
        _all = new ChangeLog(Settings.HistoryLength);
    }

    /// <summary>Held while everything is read at once.</summary>
    internal Lock Gate => _gate;

    /// <summary>The lab's time.</summary>
    public TimeProvider Clock { get; }

    /// <summary>Names and identifiers.</summary>
    public Seed Seed { get; }

    /// <summary>Addresses and limits.</summary>
    public ClusterSettings Settings { get; }

    /// <summary>The types that exist now, custom ones among them.</summary>
    public ResourceCatalog Catalog { get; }

    /// <summary>The count of writes so far.</summary>
    public long ResourceVersion => Volatile.Read(ref _resourceVersion);

    /// <summary>Now, as timestamps in objects have it: whole seconds.</summary>
    public string Timestamp => Time(Clock.GetUtcNow());

    /// <summary>A time as objects have it.</summary>
    public static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A time as Lease and Event objects have it, with microseconds.</summary>
    public static string MicroTime(DateTimeOffset time) =>
        time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    /// <summary>An object, or null.</summary>
    public StoredObject? Find(ResourceType type, string? ns, string name) =>
        ShelfOf(type).Objects.GetValueOrDefault(StoredObject.KeyOf(ns, name));

    /// <summary>An object.</summary>
    /// <exception cref="ApiException">There is none (404).</exception>
    public StoredObject Get(ResourceType type, string? ns, string name) =>
        Find(type, ns, name) ?? throw ApiException.NotFound(type, name);

    /// <summary>The objects of a type, sorted by namespace and name.</summary>
    /// <param name="type">The type.</param>
    /// <param name="ns">One namespace; null or empty for all.</param>
    /// <param name="labels">Only what this selects.</param>
    /// <param name="fields">Only what this selects.</param>
    public ObjectList List(ResourceType type, string? ns = null, LabelSelector? labels = null, FieldSelector? fields = null)
    {
        lock (_gate)
        {
            return new(_resourceVersion, Select(ShelfOf(type).Objects, ns, labels, fields));
        }
    }

    /// <summary>The objects as they were at an earlier resourceVersion.</summary>
    /// <exception cref="ApiException">Nobody remembers (410), or it has not come yet (504).</exception>
    public ObjectList ListAt(ResourceType type, long resourceVersion, string? ns, LabelSelector? labels, FieldSelector? fields)
    {
        lock (_gate)
        {
            if (resourceVersion > _resourceVersion)
            {
                throw new ApiException(504, "Timeout", $"Too large resource version: {resourceVersion}, current: {_resourceVersion}")
                {
                    Details = new JsonObject
                    {
                        ["causes"] = new JsonArray(new JsonObject
                        {
                            ["reason"] = "ResourceVersionTooLarge",
                            ["message"] = "Too large resource version",
                        }),
                        ["retryAfterSeconds"] = 1,
                    },
                    RetryAfter = 1,
                };
            }
            var shelf = ShelfOf(type);
            shelf.Log.PositionAfter(resourceVersion, _resourceVersion);
            var objects = shelf.Objects.ToBuilder();
            foreach (var change in shelf.Log.Undo(resourceVersion))
            {
                if (change.Previous is null)
                    objects.Remove(change.Object.Key);
                else
                    objects[change.Object.Key] = change.Previous;
            }
            return new(resourceVersion, Select(objects.ToImmutable(), ns, labels, fields));
        }
    }

    /// <summary>
    /// Changes of a type as they come. Without <paramref name="since"/> the objects that are there come first, as additions.
    /// </summary>
    /// <param name="type">The type.</param>
    /// <param name="ns">One namespace; null or empty for all.</param>
    /// <param name="since">Only what happened after this resourceVersion (usually a list's).</param>
    /// <param name="cancellationToken">Ends the enumeration with an exception, as usual.</param>
    /// <exception cref="ApiException">The changes since then are no longer known (410): list again.</exception>
    public async IAsyncEnumerable<ResourceEvent> Watch(
        ResourceType type, string? ns, long? since, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var reader = OpenWatch(type, ns, since, out var present);
        foreach (var obj in present)
            yield return new(ResourceEventType.Added, obj, null);
        while (true)
        {
            var changes = reader.Read(out var more);
            foreach (var change in changes)
                yield return change;
            if (changes.Count == 0)
                await more.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Changes of every type after a resourceVersion, in the order in which they happened (the garbage collector's view).</summary>
    public async IAsyncEnumerable<ResourceEvent> WatchAll(long since, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var position = _all.PositionAfter(since, ResourceVersion);
        while (true)
        {
            var changes = _all.Read(ref position, out var more);
            foreach (var change in changes)
                yield return change;
            if (changes.Count == 0)
                await more.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A reader of changes for whoever wants to wait for more than one thing.</summary>
    /// <param name="type">The type.</param>
    /// <param name="ns">One namespace; null or empty for all.</param>
    /// <param name="since">Only what happened after this; null for the objects there now, and what follows.</param>
    /// <param name="present">The objects there now when <paramref name="since"/> is null, nothing otherwise.</param>
    public ChangeReader OpenWatch(ResourceType type, string? ns, long? since, out IReadOnlyList<StoredObject> present)
    {
        lock (_gate)
        {
            var shelf = ShelfOf(type);
            present = since is null ? Select(shelf.Objects, ns, null, null) : [];
            return new ChangeReader(shelf.Log, ns, since ?? _resourceVersion, shelf.Log.PositionAfter(since ?? _resourceVersion, _resourceVersion));
        }
    }

    /// <summary>A reader of the changes of every type after a resourceVersion, in the order in which they happened.</summary>
    public ChangeReader OpenWatchAll(long since) => new(_all, null, since, _all.PositionAfter(since, ResourceVersion));

    /// <summary>Adds an object. What is given is not altered and not kept.</summary>
    /// <returns>The object with everything that was filled in.</returns>
    /// <exception cref="ApiException">It exists (409), is invalid (422), or its namespace is missing (404) or going away (403).</exception>
    public StoredObject Create(ResourceType type, JsonObject obj, WriteOptions? options = null)
    {
        lock (_gate)
        {
            return CreateLocked(type, obj.Copy(), options ?? WriteOptions.None, tracked: false);
        }
    }

    /// <summary>Replaces an object.</summary>
    /// <param name="type">The type.</param>
    /// <param name="obj">The whole object; a metadata.resourceVersion in it must be the present one.</param>
    /// <param name="options">The path among others.</param>
    /// <exception cref="ApiException">It is missing (404), was changed meanwhile (409), or is invalid (422).</exception>
    public StoredObject Update(ResourceType type, JsonObject obj, WriteOptions? options = null)
    {
        lock (_gate)
        {
            var old = Get(type, obj.Text("metadata", "namespace"), obj.Text("metadata", "name") ?? "");
            return UpdateLocked(type, old, obj.Copy(), options ?? WriteOptions.None, tracked: false);
        }
    }

    /// <summary>Reads an object, lets it be changed, and writes it, with nobody in between.</summary>
    /// <exception cref="ApiException">It is missing (404) or invalid (422).</exception>
    public StoredObject Edit(ResourceType type, string? ns, string name, Action<JsonObject> change, WriteOptions? options = null)
    {
        lock (_gate)
        {
            var old = Get(type, ns, name);
            var obj = old.Copy();
            change(obj);
            return UpdateLocked(type, old, obj, options ?? WriteOptions.None, tracked: false);
        }
    }

    /// <summary>Like <see cref="Edit"/>; null when the object is not there.</summary>
    public StoredObject? TryEdit(ResourceType type, string? ns, string name, Action<JsonObject> change, WriteOptions? options = null)
    {
        lock (_gate)
        {
            return Find(type, ns, name) is null ? null : Edit(type, ns, name, change, options);
        }
    }

    /// <summary>Edits status through the status path; null when the object is not there.</summary>
    public StoredObject? EditStatus(ResourceType type, string? ns, string name, Action<JsonObject> change) =>
        TryEdit(type, ns, name, change, WriteOptions.Status());

    /// <summary>
    /// Server-side apply and other patches: <paramref name="change"/> gets the present object (null when there is none) and
    /// returns the whole next one, with managedFields already right when <paramref name="tracked"/>.
    /// </summary>
    internal StoredObject Transform(
        ResourceType type, string? ns, string name, Func<JsonObject?, JsonObject> change, WriteOptions options, bool tracked, out bool created)
    {
        lock (_gate)
        {
            var old = Find(type, ns, name);
            created = old is null;
            var obj = change(old?.Copy());
            return old is null ? CreateLocked(type, obj, options, tracked) : UpdateLocked(type, old, obj, options, tracked);
        }
    }

    /// <summary>Deletes an object, or begins to.</summary>
    /// <exception cref="ApiException">It is missing (404), or is not the one meant (409).</exception>
    public DeleteResult Delete(ResourceType type, string? ns, string name, DeleteOptions? options = null)
    {
        lock (_gate)
        {
            return DeleteLocked(type, Get(type, ns, name), options ?? new());
        }
    }

    /// <summary>
    /// Goes on counting after a number that clients may have seen before the store was taken back to an earlier state, and forgets
    /// what was before: they must list again, and do not take what comes for what they know. etcdutl does it so
    /// (<c>snapshot restore --bump-revision --mark-compacted</c>).
    /// </summary>
    public void CountOnFrom(long resourceVersion)
    {
        lock (_gate)
            _resourceVersion = Math.Max(_resourceVersion, resourceVersion) + 1;
        Compact();
    }

    /// <summary>Forgets history: every watch and list from before is too old (410). For faults and tests.</summary>
    public void Compact()
    {
        lock (_gate)
        {
            foreach (var shelf in _shelves.Values)
                shelf.Log.Compact(_resourceVersion);
            _all.Compact(_resourceVersion);
        }
    }

    private static StoredObject[] Select(
        ImmutableSortedDictionary<string, StoredObject> objects, string? ns, LabelSelector? labels, FieldSelector? fields)
    {
        IEnumerable<StoredObject> found = objects.Values;
        if (!string.IsNullOrEmpty(ns))
            found = found.Where(o => o.Namespace == ns);
        if (labels is { IsEmpty: false })
            found = found.Where(o => labels.Matches(o.Labels));
        if (fields is { IsEmpty: false })
            found = found.Where(fields.Matches);
        return [.. found];
    }

    private StoredObject CreateLocked(ResourceType type, JsonObject obj, WriteOptions options, bool tracked)
    {
        var now = Clock.GetUtcNow();
        var context = new RuleContext(this, type, now) { Subresource = options.Subresource };
        Prune(type, now);
        var metadata = ObjectMetadata.Prepare(type, obj, context);
        RequireNamespace(type, metadata);
        if (type.HasStatus && type.Custom is not null)
            obj.Remove("status");
        type.Rules.Default(obj, context);
        type.Rules.OnCreate(obj, context);
        type.Custom?.Schema(type.StorageVersion)?.Prune(obj);
        type.Custom?.Schema(type.StorageVersion)?.Default(obj);
        Check(type, obj, null, context);
        if (ShelfOf(type).Objects.ContainsKey(StoredObject.KeyOf(metadata.Text("namespace"), metadata.Text("name")!)))
            throw ApiException.AlreadyExists(type, metadata.Text("name")!);
        if (!tracked)
            ManagedFields.RecordUpdate(Catalog, type, [], obj, options, now);
        foreach (var warning in type.Rules.Warnings(obj))
            options.Warn?.Invoke(warning);
        if (options.DryRun)
            return new StoredObject(type, obj, 0);
        var stored = new StoredObject(type, obj, ++_resourceVersion);
        Put(stored, null, ResourceEventType.Added);
        type.Rules.Stored(stored, context);
        return stored;
    }

    private StoredObject UpdateLocked(ResourceType type, StoredObject old, JsonObject obj, WriteOptions options, bool tracked)
    {
        var now = Clock.GetUtcNow();
        var context = new RuleContext(this, type, now) { Subresource = options.Subresource };
        var before = old.Json;
        if (obj.Text("metadata", "uid") is { Length: > 0 } uid && uid != old.Uid)
        {
            var folder = type.Group.Length == 0 || !type.Group.Contains('.', StringComparison.Ordinal) ? type.Resource : $"{type.Group}/{type.Resource}";
            throw ApiException.Conflict(type, old.Name,
                $"StorageError: invalid object, Code: 4, Key: /registry/{folder}/{old.Key.TrimStart('/')}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: {uid}, UID in object meta: {old.Uid}");
        }
        var version = obj.Text("metadata", "resourceVersion");
        if (version is { Length: > 0 } and not "0" && version != old.ResourceVersion.ToString(CultureInfo.InvariantCulture))
            throw ApiException.Stale(type, old.Name);
        if (string.IsNullOrEmpty(version) && !type.UnconditionalUpdate && options.Subresource is null)
        {
            throw ApiException.Invalid(type, old.Name, FieldErrors.Of(static e => e.Invalid("metadata.resourceVersion", 0, "must be specified for an update")));
        }
        obj = ObjectMetadata.ForUpdate(type, obj, before, options.Subresource);
        type.Rules.Default(obj, context);
        type.Rules.OnUpdate(obj, before, context);
        type.Custom?.Schema(type.StorageVersion)?.Prune(obj);
        type.Custom?.Schema(type.StorageVersion)?.Default(obj);
        ObjectMetadata.CountGeneration(type, obj, before, options.Subresource);
        Check(type, obj, before, context);
        if (!tracked)
            ManagedFields.RecordUpdate(Catalog, type, before, obj, options, now);
        if (JsonNode.DeepEquals(obj, before))
            return old;
        foreach (var warning in type.Rules.Warnings(obj))
            options.Warn?.Invoke(warning);
        if (options.DryRun)
            return new StoredObject(type, obj, old.ResourceVersion);
        if (obj.At("metadata", "deletionTimestamp") is not null && !IsHeld(type, obj) && (obj.Number("metadata", "deletionGracePeriodSeconds") ?? 0) == 0)
            return Remove(old, obj);
        var stored = new StoredObject(type, obj, ++_resourceVersion);
        Put(stored, old, ResourceEventType.Modified);
        type.Rules.Stored(stored, context);
        return stored;
    }

    private DeleteResult DeleteLocked(ResourceType type, StoredObject old, DeleteOptions options)
    {
        if (options.Uid is { } uid && uid != old.Uid)
        {
            throw ApiException.Conflict(type with { Group = "", Resource = type.Kind }, old.Name,
                $"the UID in the precondition ({uid}) does not match the UID in record ({old.Uid}). The object might have been deleted and then recreated");
        }
        if (options.ResourceVersion is { } version && version != old.ResourceVersion.ToString(CultureInfo.InvariantCulture))
        {
            throw ApiException.Conflict(type with { Group = "", Resource = type.Kind }, old.Name,
                $"the ResourceVersion in the precondition ({version}) does not match the ResourceVersion in record ({old.ResourceVersion}). The object might have been modified");
        }
        type.Rules.CheckDelete(old);
        var now = Clock.GetUtcNow();
        var obj = old.Copy();
        var metadata = obj.Ensure("metadata");
        if (options.Propagation is { } propagation)
            ObjectMetadata.SetPropagation(metadata, propagation);
        var grace = type.Rules.GracePeriod(obj, options.GracePeriodSeconds);
        var held = IsHeld(type, obj);
        if (metadata["deletionTimestamp"] is null)
        {
            if (!held && grace is null or 0)
                return options.DryRun ? new(old, true) : new(Remove(old, obj), true);
            metadata["deletionTimestamp"] = Time(now + TimeSpan.FromSeconds(grace ?? 0));
            // a namespace knows of no grace
            if (!type.Rules.IsHeld(obj))
                metadata["deletionGracePeriodSeconds"] = grace ?? 0;
            if (metadata.Number("generation") is { } generation and > 0)
                metadata["generation"] = generation + 1;
            type.Rules.OnTerminating(obj);
        }
        else if (grace is not null && options.GracePeriodSeconds is { } shorter && shorter < (metadata.Number("deletionGracePeriodSeconds") ?? 0))
        {
            metadata["deletionTimestamp"] = Time(now + TimeSpan.FromSeconds(shorter));
            metadata["deletionGracePeriodSeconds"] = shorter;
        }
        if (!held && (metadata.Number("deletionGracePeriodSeconds") ?? 0) == 0)
            return options.DryRun ? new(old, true) : new(Remove(old, obj), true);
        if (options.DryRun || JsonNode.DeepEquals(obj, old.Json))
            return new(old, false);
        var stored = new StoredObject(type, obj, ++_resourceVersion);
        Put(stored, old, ResourceEventType.Modified);
        type.Rules.Stored(stored, new RuleContext(this, type, now));
        return Find(type, stored.Namespace, stored.Name) is { } still ? new(still, false) : new(stored, true);
    }

    private static bool IsHeld(ResourceType type, JsonObject obj) =>
        obj.Array("metadata", "finalizers") is { Count: > 0 } || type.Rules.IsHeld(obj);

    private static void Check(ResourceType type, JsonObject obj, JsonObject? before, RuleContext context)
    {
        var errors = new FieldErrors();
        ObjectMetadata.Validate(type, obj, before, errors);
        if (context.Subresource != "status")
            type.Rules.Validate(obj, context, errors);
        if (before is not null)
            type.Rules.ValidateUpdate(obj, before, context, errors);
        type.Custom?.Schema(type.StorageVersion)?.Validate(obj, errors);
        if (errors.All.Count > 0)
            throw ApiException.Invalid(type, obj.Text("metadata", "name") ?? "", errors);
    }

    private void RequireNamespace(ResourceType type, JsonObject metadata)
    {
        if (!type.Namespaced)
            return;
        var ns = metadata.Text("namespace")!;
        var found = Find(ResourceTypes.Namespaces, null, ns) ?? throw ApiException.NotFound(ResourceTypes.Namespaces, ns);
        if (!found.IsTerminating)
            return;
        throw ApiException.Forbidden(type, metadata.Text("name")!,
            $"unable to create new content in namespace {ns} because it is being terminated",
            new JsonObject
            {
                ["reason"] = "NamespaceTerminating",
                ["message"] = $"namespace {ns} is being terminated",
                ["field"] = "metadata.namespace",
            });
    }

    private StoredObject Remove(StoredObject old, JsonObject last)
    {
        var gone = new StoredObject(old.Type, last, ++_resourceVersion);
        Put(gone, old, ResourceEventType.Deleted);
        old.Type.Rules.Removed(gone, new RuleContext(this, old.Type, Clock.GetUtcNow()));
        return gone;
    }

    private void Put(StoredObject obj, StoredObject? old, ResourceEventType what)
    {
        var shelf = ShelfOf(obj.Type);
        shelf.Objects = what == ResourceEventType.Deleted ? shelf.Objects.Remove(obj.Key) : shelf.Objects.SetItem(obj.Key, obj);
        var change = new ResourceEvent(what, obj, old);
        shelf.Log.Append(change);
        _all.Append(change);
    }

    /// <summary>Events live for an hour; looking for old ones once a minute is enough.</summary>
    private void Prune(ResourceType type, DateTimeOffset now)
    {
        if (type.TimeToLive is not { } life || now - _pruned < TimeSpan.FromMinutes(1))
            return;
        _pruned = now;
        foreach (var old in ShelfOf(type).Objects.Values)
        {
            var last = old.Json.Text("lastTimestamp") ?? old.Json.Text("metadata", "creationTimestamp");
            if (DateTimeOffset.TryParse(last, CultureInfo.InvariantCulture, out var time) && now - time > life)
                Remove(old, old.Copy());
        }
    }

    private Shelf ShelfOf(ResourceType type) =>
        _shelves.GetOrAdd((type.Group, type.Resource), static (_, length) => new Shelf(length), Settings.HistoryLength);

    private sealed class Shelf(int historyLength)
    {
        public ImmutableSortedDictionary<string, StoredObject> Objects = ImmutableSortedDictionary.Create<string, StoredObject>(StringComparer.Ordinal);

        public ChangeLog Log { get; } = new(historyLength);
    }
}

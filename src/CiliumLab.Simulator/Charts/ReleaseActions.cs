using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Charts;

/// <summary>How a release is made.</summary>
internal sealed record ReleaseOptions
{
    /// <summary>Whether a missing namespace is made.</summary>
    public bool CreateNamespace { get; init; }

    /// <summary>Whether nothing is changed.</summary>
    public bool DryRun { get; init; }

    /// <summary>Whether former values are kept below the new ones.</summary>
    public bool ReuseValues { get; init; }

    /// <summary>Whether former values are forgotten.</summary>
    public bool ResetValues { get; init; }
}

/// <summary>An action of Helm failed.</summary>
/// <param name="message">What it says behind <c>Error:</c>.</param>
internal sealed class ReleaseException(string message) : Exception(message);

/// <summary>What Helm does with releases: it makes, changes and removes the objects of a chart, and keeps account of them.</summary>
/// <param name="store">The cluster.</param>
internal sealed class ReleaseActions(ObjectStore store)
{
    private const string NameKey = "meta.helm.sh/release-name";
    private const string NamespaceKey = "meta.helm.sh/release-namespace";
    private const string ManagedKey = "app.kubernetes.io/managed-by";

    private static readonly WriteOptions Writer = new() { FieldManager = "helm" };

    /// <summary>The releases.</summary>
    public ReleaseStore Releases { get; } = new(store);

    /// <summary>Installs a chart.</summary>
    public Release Install(Chart chart, string name, string ns, JsonObject config, ReleaseOptions options)
    {
        var history = Releases.History(ns, name);
        if (history.Count > 0 && history[^1].Status is not ("uninstalled" or "failed"))
            throw new ReleaseException("cannot re-use a name that is still in use");
        var release = Render(chart, name, ns, config, history.Count + 1, store.Clock.GetUtcNow());
        if (options.DryRun)
            return release.With("pending-install", "Dry run complete");
        var objects = release.Objects.ToArray();
        CheckOwnership(objects, name, ns);
        if (options.CreateNamespace && store.Find(ResourceTypes.Namespaces, null, ns) is null)
            store.Create(ResourceTypes.Namespaces, new JsonObject { ["metadata"] = new JsonObject { ["name"] = ns, ["labels"] = new JsonObject { ["name"] = ns } } }, Writer);
        try
        {
            Releases.Save(release.With("pending-install", "Initial install underway"));
        }
        catch (ApiException error)
        {
            throw new ReleaseException("create: failed to create: " + error.Message);
        }

        return Carry(release, objects, [], "Install complete");
    }

    /// <summary>Upgrades a release.</summary>
    public Release Upgrade(Chart chart, string name, string ns, JsonObject config, ReleaseOptions options)
    {
        var history = Releases.History(ns, name);
        var current = history.LastOrDefault(release => release.Status == "deployed") ?? history.LastOrDefault(static release => release.Status is "failed" or "superseded");
        if (current is null || history[^1].Status == "uninstalled")
            throw new ReleaseException($"\"{name}\" has no deployed releases");
        if (!options.ResetValues && (options.ReuseValues || config.Count == 0))
            config = ChartValues.Merge(current.Config, config, keepNulls: true);
        var release = Render(chart, name, ns, config, history[^1].Revision + 1, DateTimeOffset.Parse(current.Json.Text("info", "first_deployed")!, CultureInfo.InvariantCulture));
        if (options.DryRun)
            return release.With("pending-upgrade", "Dry run complete");
        var objects = release.Objects.ToArray();
        var before = current.Objects.ToArray();
        CheckOwnership([.. objects.Where(made => !before.Any(old => Same(old, made)))], name, ns);
        Releases.Save(release.With("pending-upgrade", "Preparing upgrade"));
        var done = Carry(release, objects, before, "Upgrade complete");
        foreach (var old in Releases.History(ns, name).Where(old => old.Revision < done.Revision && old.Status == "deployed"))
            Releases.Save(old.With("superseded", old.Json.Text("info", "description") ?? ""));
        return done;
    }

    /// <summary>Removes a release's objects, and the account of it unless that is wanted.</summary>
    public void Uninstall(string name, string ns, bool keepHistory)
    {
        var history = Releases.History(ns, name);
        if (history.Count == 0)
            throw new ReleaseException($"uninstall: Release not loaded: {name}: release: not found");
        var last = history[^1];
        if (last.Status == "uninstalled")
            throw new ReleaseException($"the release named \"{name}\" is already deleted");
        foreach (var made in last.Objects.Reverse())
            Delete(made, ns);
        if (keepHistory)
        {
            var gone = last.With("uninstalled", "Uninstallation complete");
            gone.Json.Ensure("info")["deleted"] = Stamp(store.Clock.GetUtcNow());
            Releases.Save(gone);
            return;
        }

        foreach (var release in history)
            Releases.Remove(release);
    }

    /// <summary>Notes that a release did not become ready in time.</summary>
    public void Fail(Release release, string reason) => Releases.Save(release.With("failed", reason));

    /// <summary>What of a release is not ready yet; null when all is.</summary>
    public string? Unready(Release release)
    {
        foreach (var made in release.Objects)
        {
            var (kind, name, ns) = (made.Text("kind"), made.Text("metadata", "name")!, made.Text("metadata", "namespace") ?? release.Namespace);
            if (kind == "DaemonSet" && store.Find(ResourceTypes.DaemonSets, ns, name)?.Json is { } set)
            {
                var wanted = set.Number("status", "desiredNumberScheduled") ?? 0;
                if (set.Number("status", "observedGeneration") != set.Number("metadata", "generation") || (set.Number("status", "numberReady") ?? 0) < wanted || (set.Number("status", "updatedNumberScheduled") ?? 0) < wanted)
                    return $"DaemonSet/{ns}/{name}";
            }
            else if (kind == "Deployment" && store.Find(ResourceTypes.Deployments, ns, name)?.Json is { } deployment
                && (deployment.Number("status", "observedGeneration") != deployment.Number("metadata", "generation")
                    || (deployment.Number("status", "availableReplicas") ?? 0) < (deployment.Number("spec", "replicas") ?? 1)))
            {
                return $"Deployment/{ns}/{name}";
            }
        }

        return null;
    }

    private static bool Same(JsonObject one, JsonObject other) =>
        one.Text("kind") == other.Text("kind") && one.Text("metadata", "name") == other.Text("metadata", "name") && one.Text("metadata", "namespace") == other.Text("metadata", "namespace");

    private static string Stamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fffffff'00Z'", CultureInfo.InvariantCulture);

    private Release Render(Chart chart, string name, string ns, JsonObject config, int revision, DateTimeOffset first)
    {
        var wrong = chart.Defaults.Check(config).ToArray();
        if (wrong.Length > 0)
            throw new ReleaseException($"values don't meet the specifications of the schema(s) in the following chart(s):\n{chart.Name}:\n{string.Join('\n', wrong)}\n");
        var context = new ChartContext(name, ns, ChartValues.Merge(chart.Defaults.Values, config), store.Seed.Fork($"chart/{ns}/{name}/{revision}"), store.Clock.GetUtcNow());
        var manifest = new StringBuilder();
        string? notes;
        try
        {
            foreach (var made in chart.RenderInOrder(context))
                manifest.Append($"---\n# Source: {made.Template}\n").Append(YamlText.Write(made.Object, sort: false));
            notes = chart.Notes(context);
        }
        catch (ChartException error)
        {
            throw new ReleaseException(error.Message);
        }

        var info = new JsonObject
        {
            ["first_deployed"] = Stamp(first),
            ["last_deployed"] = Stamp(store.Clock.GetUtcNow()),
            ["deleted"] = "",
            ["description"] = "",
            ["status"] = "pending-install",
        };
        if (notes is not null)
            info["notes"] = notes;
        var json = new JsonObject { ["name"] = name, ["info"] = info };
        json["chart"] = new JsonObject { ["metadata"] = chart.Metadata, ["lock"] = null, ["templates"] = new JsonArray(), ["values"] = chart.Defaults.Values.DeepClone(), ["schema"] = null, ["files"] = null };
        if (config.Count > 0)
            json["config"] = config.DeepClone();
        (json["manifest"], json["version"], json["namespace"]) = (manifest.ToString(), revision, ns);
        return new Release(json);
    }

    private Release Carry(Release release, JsonObject[] objects, JsonObject[] before, string description)
    {
        try
        {
            foreach (var made in objects)
                Apply(made, before.FirstOrDefault(old => Same(old, made)), release);
            foreach (var gone in before.Where(old => !objects.Any(made => Same(old, made))))
                Delete(gone, release.Namespace);
        }
        catch (ApiException error)
        {
            Fail(release, $"Release \"{release.Name}\" failed: {error.Message}");
            throw new ReleaseException(error.Message);
        }

        var done = release.With("deployed", description);
        Releases.Save(done);
        return done;
    }

    private ResourceType TypeOf(JsonObject made) => store.Catalog.FindKind(made.Text("apiVersion")!, made.Text("kind")!)
        ?? throw new ReleaseException($"unable to build kubernetes objects from release manifest: resource mapping not found for name: \"{made.Text("metadata", "name")}\" namespace: \"{made.Text("metadata", "namespace")}\" from \"\": no matches for kind \"{made.Text("kind")}\" in version \"{made.Text("apiVersion")}\"\nensure CRDs are installed first");

    private static string? NamespaceOf(ResourceType type, JsonObject made, string ns) => type.Namespaced ? made.Text("metadata", "namespace") ?? ns : null;

    private void Apply(JsonObject made, JsonObject? before, Release release)
    {
        var type = TypeOf(made);
        var ns = NamespaceOf(type, made, release.Namespace);
        var wanted = made.Copy();
        var metadata = wanted.Ensure("metadata");
        if (ns is not null)
            metadata["namespace"] = ns;
        metadata.Ensure("labels")[ManagedKey] = "Helm";
        metadata.Ensure("annotations")[NameKey] = release.Name;
        metadata.Ensure("annotations")[NamespaceKey] = release.Namespace;
        if (store.Find(type, ns, metadata.Text("name")!) is null)
            store.Create(type, wanted, Writer);
        else
            store.Edit(type, ns, metadata.Text("name")!, live => Lay(live, before ?? wanted, wanted), Writer);
    }

    // Three ways, as Helm patches: what the chart no longer says goes, what it says is set, what others added stays.
    private static void Lay(JsonObject live, JsonObject before, JsonObject wanted)
    {
        foreach (var (key, _) in before)
        {
            if (!wanted.ContainsKey(key) && key is not ("apiVersion" or "kind"))
                live.Remove(key);
        }

        foreach (var (key, value) in wanted)
        {
            if (value is JsonObject inner && live[key] is JsonObject there)
                Lay(there, before[key] as JsonObject ?? inner, inner);
            else if (value is JsonArray list && live[key] is JsonArray old && list.All(static item => item is JsonObject one && one.ContainsKey("name")))
                LayByName(old, before[key] as JsonArray ?? list, list);
            else
                live[key] = value?.DeepClone();
        }
    }

    private static void LayByName(JsonArray live, JsonArray before, JsonArray wanted)
    {
        static string Name(JsonNode? item) => item.Text("name") ?? "";
        foreach (var gone in live.OfType<JsonObject>().Where(item => before.Any(old => Name(old) == Name(item)) && !wanted.Any(now => Name(now) == Name(item))).ToArray())
            live.Remove(gone);
        foreach (var item in wanted.OfType<JsonObject>())
        {
            if (live.OfType<JsonObject>().FirstOrDefault(old => Name(old) == Name(item)) is { } there)
                Lay(there, before.OfType<JsonObject>().FirstOrDefault(old => Name(old) == Name(item)) ?? item, item);
            else
                live.Add(item.DeepClone());
        }
    }

    private void Delete(JsonObject made, string ns)
    {
        if (store.Catalog.FindKind(made.Text("apiVersion")!, made.Text("kind")!) is not { } type)
            return;
        var name = made.Text("metadata", "name")!;
        if (store.Find(type, NamespaceOf(type, made, ns), name) is not null)
            store.Delete(type, NamespaceOf(type, made, ns), name, new DeleteOptions { Propagation = Propagation.Background });
    }

    private void CheckOwnership(IReadOnlyList<JsonObject> objects, string name, string ns)
    {
        foreach (var made in objects)
        {
            var type = TypeOf(made);
            var where = NamespaceOf(type, made, ns);
            var title = made.Text("metadata", "name")!;
            if (store.Find(type, where, title) is not { } there)
                continue;
            var complaints = new List<string>();
            Compare("label", ManagedKey, there.Json.Text("metadata", "labels", ManagedKey), "Helm");
            Compare("annotation", NameKey, there.Json.Text("metadata", "annotations", NameKey), name);
            Compare("annotation", NamespaceKey, there.Json.Text("metadata", "annotations", NamespaceKey), ns);
            if (complaints.Count > 0)
                throw new ReleaseException($"Unable to continue with install: {type.Kind} \"{title}\" in namespace \"{where}\" exists and cannot be imported into the current release: invalid ownership metadata; {string.Join("; ", complaints)}");

            void Compare(string form, string key, string? value, string wanted)
            {
                if (value is null)
                    complaints.Add($"{form} validation error: missing key \"{key}\": must be set to \"{wanted}\"");
                else if (value != wanted)
                    complaints.Add($"{form} validation error: key \"{key}\" must equal \"{wanted}\": current value is \"{value}\"");
            }
        }
    }
}

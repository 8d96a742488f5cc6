using System.Globalization;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Charts;

/// <summary>A revision of a release, in the JSON that Helm keeps (pkg/release).</summary>
/// <param name="Json">The record.</param>
internal sealed record Release(JsonObject Json)
{
    /// <summary>Its name.</summary>
    public string Name => Json.Text("name")!;

    /// <summary>Its namespace.</summary>
    public string Namespace => Json.Text("namespace")!;

    /// <summary>Its revision.</summary>
    public int Revision => (int)(Json.Number("version") ?? 0);

    /// <summary><c>deployed</c>, <c>superseded</c>, <c>failed</c>, <c>uninstalled</c>, <c>pending-install</c>.</summary>
    public string Status => Json.Text("info", "status") ?? "unknown";

    /// <summary>When it was last deployed.</summary>
    public DateTimeOffset DeployedAt => DateTimeOffset.Parse(Json.Text("info", "last_deployed")!, CultureInfo.InvariantCulture);

    /// <summary>What the user gave.</summary>
    public JsonObject Config => Json.Object("config") ?? [];

    /// <summary>The chart's defaults.</summary>
    public JsonObject ChartValues => Json.Object("chart", "values") ?? [];

    /// <summary>What it consists of, as YAML.</summary>
    public string Manifest => Json.Text("manifest") ?? "";

    /// <summary>The chart's name and version, joined as lists show it.</summary>
    public string Chart => $"{Json.Text("chart", "metadata", "name")}-{Json.Text("chart", "metadata", "version")}";

    /// <summary>The version of what it installs.</summary>
    public string AppVersion => Json.Text("chart", "metadata", "appVersion") ?? "";

    /// <summary>The objects of the manifest.</summary>
    public IEnumerable<JsonObject> Objects => Manifest.Split("---\n", StringSplitOptions.RemoveEmptyEntries).Select(static text => YamlText.Read(text)).OfType<JsonObject>();

    /// <summary>A copy in another state.</summary>
    public Release With(string status, string description)
    {
        var copy = Json.Copy();
        copy.Ensure("info")["status"] = status;
        copy.Ensure("info")["description"] = description;
        return new Release(copy);
    }
}

/// <summary>Where Helm keeps releases: Secrets named <c>sh.helm.release.v1.NAME.vREVISION</c>.</summary>
/// <param name="store">The cluster.</param>
internal sealed class ReleaseStore(ObjectStore store)
{
    private const string Type = "helm.sh/release.v1";

    /// <summary>Releases of a namespace, or of all; every revision.</summary>
    public IEnumerable<Release> All(string? ns) => store.List(ResourceTypes.Secrets, ns).Items
        .Where(static secret => secret.Json.Text("type") == Type && secret.Labels.GetValueOrDefault("owner") == "helm")
        .Select(static secret => Decode(secret.Json.Text("data", "release")!))
        .OrderBy(static release => release.Name, StringComparer.Ordinal).ThenBy(static release => release.Revision);

    /// <summary>The revisions of a release, the earliest first.</summary>
    public IReadOnlyList<Release> History(string ns, string name) => [.. All(ns).Where(release => release.Name == name)];

    /// <summary>Keeps a revision, or what became of it.</summary>
    public void Save(Release release)
    {
        var name = NameOf(release);
        var secret = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["namespace"] = release.Namespace,
                ["labels"] = new JsonObject
                {
                    ["modifiedAt"] = store.Clock.GetUtcNow().ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture),
                    ["name"] = release.Name,
                    ["owner"] = "helm",
                    ["status"] = release.Status,
                    ["version"] = release.Revision.ToString(CultureInfo.InvariantCulture),
                },
            },
            ["type"] = Type,
            ["data"] = new JsonObject { ["release"] = Encode(release) },
        };
        if (store.Find(ResourceTypes.Secrets, release.Namespace, name) is null)
            store.Create(ResourceTypes.Secrets, secret, new WriteOptions { FieldManager = "helm" });
        else
            store.Update(ResourceTypes.Secrets, secret, new WriteOptions { FieldManager = "helm" });
    }

    /// <summary>Forgets a revision.</summary>
    public void Remove(Release release) => store.Delete(ResourceTypes.Secrets, release.Namespace, NameOf(release));

    private static string NameOf(Release release) => string.Create(CultureInfo.InvariantCulture, $"sh.helm.release.v1.{release.Name}.v{release.Revision}");

    // Helm writes gzip in base64, and the Secret is base64 once more.
    private static string Encode(Release release)
    {
        using var packed = new MemoryStream();
        using (var zip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            zip.Write(release.Json.ToUtf8());
        return Convert.ToBase64String(Encoding.ASCII.GetBytes(Convert.ToBase64String(packed.GetBuffer().AsSpan(0, (int)packed.Length))));
    }

    private static Release Decode(string data)
    {
        using var packed = new MemoryStream(Convert.FromBase64String(Encoding.ASCII.GetString(Convert.FromBase64String(data))));
        using var zip = new GZipStream(packed, CompressionMode.Decompress);
        using var plain = new MemoryStream();
        zip.CopyTo(plain);
        return new Release((JsonObject)JsonNode.Parse(plain.ToArray())!);
    }
}

using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Nodes.Files;
using CiliumLab.Simulator.Nodes.Programs;

namespace CiliumLab.Simulator.Charts;

/// <summary>The repositories that a user added, in his <c>repositories.yaml</c>.</summary>
/// <param name="call">The run, for whose user they are.</param>
internal sealed class HelmRepositories(ProgramCall call)
{
    private string Path => $"{call.Variable("XDG_CONFIG_HOME") ?? (call.Variable("HOME") ?? call.User.Home) + "/.config"}/helm/repositories.yaml";

    /// <summary>Name and address of each.</summary>
    public IReadOnlyList<(string Name, string Url)> All => call.Node.Files.Find(Path) is RegularFile && YamlText.Read(call.Node.Files.ReadText(Path)) is { } file
        ? [.. file.Objects("repositories").Select(static entry => (entry.Text("name") ?? "", entry.Text("url") ?? ""))]
        : [];

    /// <summary>Writes them.</summary>
    public void Write(IEnumerable<(string Name, string Url)> repositories)
    {
        var file = new JsonObject
        {
            ["apiVersion"] = "",
            ["generated"] = "0001-01-01T00:00:00Z",
            ["repositories"] = new JsonArray([.. repositories.Select(static entry => (JsonNode)new JsonObject
            {
                ["caFile"] = "",
                ["certFile"] = "",
                ["insecure_skip_tls_verify"] = false,
                ["keyFile"] = "",
                ["name"] = entry.Name,
                ["pass_credentials_all"] = false,
                ["password"] = "",
                ["url"] = entry.Url,
                ["username"] = "",
            })]),
        };
        call.Node.Files.Put(Path, YamlText.Write(file), 0b110_100_100, call.User.Name);
    }

    /// <summary>A chart by <c>repository/name</c>, by an OCI reference, or by a folder of the node.</summary>
    /// <exception cref="ReleaseException">There is none.</exception>
    public Chart Find(string reference, string? version, string? url = null)
    {
        var slash = reference.IndexOf('/', StringComparison.Ordinal);
        string name;
        string repository;
        if (url is not null)
        {
            (name, repository) = (reference, url);
        }
        else
        {
            if (reference.StartsWith("oci://", StringComparison.Ordinal))
                return Published(reference, version);
            if (reference.StartsWith('.') || reference.StartsWith('/') || reference.Contains("://", StringComparison.Ordinal))
                return InFolder(reference);
            if (slash <= 0)
                throw new ReleaseException($"non-absolute URLs should be in form of repo_name/path_to_chart, got: {reference}");
            (repository, name) = (reference[..slash], reference[(slash + 1)..]);
            url = All.FirstOrDefault(entry => entry.Name == repository).Url ?? throw new ReleaseException($"repo {repository} not found");
        }

        var charts = (ChartRepositories.Find(url) ?? throw Unreachable(url)).Where(chart => chart.Name == name).ToArray();
        if (charts.Length == 0)
            throw new ReleaseException($"chart \"{name}\" matching {version} not found in {repository} index. (try 'helm repo update'): no chart name found");
        return charts.FirstOrDefault(chart => Fits(chart, version))
            ?? throw new ReleaseException($"chart \"{name}\" matching {version} not found in {repository} index. (try 'helm repo update'): no chart version found for {name}-{version}");
    }

    private static bool Fits(Chart chart, string? version) =>
        version is null || chart.Version == version || chart.Version == "v" + version || "v" + chart.Version == version;

    private static Chart Published(string reference, string? version) =>
        ChartRepositories.FindPublished(reference).FirstOrDefault(chart => Fits(chart, version))
        ?? throw new ReleaseException($"failed to perform \"FetchReference\" on source: {reference["oci://".Length..]}:{version ?? "latest"}: not found");

    // Templates of a folder are not rendered: it stands for the known chart that its Chart.yaml names.
    private Chart InFolder(string path)
    {
        var folder = System.IO.Path.IsPathRooted(path) ? path : System.IO.Path.Combine(call.Variable("HOME") ?? call.User.Home, path);
        if (call.Node.Files.Find(folder) is null)
            throw new ReleaseException($"path \"{path}\" not found");
        if (call.Node.Files.Find(folder + "/Chart.yaml") is not RegularFile || YamlText.Read(call.Node.Files.ReadText(folder + "/Chart.yaml")) is not { } chart)
            throw new ReleaseException("Chart.yaml file is missing");
        var (name, version) = (chart.Text("name") ?? "", chart.Text("version"));
        return ChartRepositories.All.FirstOrDefault(known => known.Name == name && Fits(known, version))
            ?? throw new ReleaseException($"the simulator cannot render the chart {name} {version}: it knows {string.Join(", ", ChartRepositories.All.Select(static known => $"{known.Name} {known.Version}"))}");
    }

    /// <summary>What Helm says of an address where nothing answers.</summary>
    public static ReleaseException Unreachable(string url)
    {
        var host = Uri.TryCreate(url, UriKind.Absolute, out var address) ? address.Host : url;
        return new ReleaseException($"looks like \"{url}\" is not a valid chart repository or cannot be reached: Get \"{url.TrimEnd('/')}/index.yaml\": dial tcp: lookup {host} on 127.0.0.53:53: no such host");
    }
}

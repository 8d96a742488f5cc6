using System.Text.Json;
using System.Text.Json.Nodes;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cni.Helm;

/// <summary>
/// Helm 3 or 4, run where it is installed: on the control plane with the administrator's kubeconfig, or on this computer with the lab's.
/// Answers are read from <c>-o json</c>.
/// </summary>
internal sealed class HelmClient
{
    private readonly IHelmPlace _place;

    private HelmClient(IHelmPlace place) => _place = place;

    /// <summary>The Helm of a lab: on the control plane, as root, or a program of this computer with the lab's kubeconfig.</summary>
    /// <param name="session">The lab.</param>
    /// <param name="path">The program of this computer; null for the control plane's.</param>
    public static HelmClient Of(LabSession session, string? path) =>
        new(path is null ? new NodeHelm(session.ControlPlane) : new LocalHelm(path, session.Cluster.Address.KubeConfig));

    /// <summary>The release of a name; null when there is none.</summary>
    public async Task<HelmRelease?> FindAsync(string release, string ns, CancellationToken cancellationToken) =>
        await ListAsync(cancellationToken, "--namespace", ns, "--filter", $"^{release}$").ConfigureAwait(false) is [var found, ..] ? found : null;

    /// <summary>All releases, failed and unfinished ones included.</summary>
    public Task<IReadOnlyList<HelmRelease>> ListAsync(CancellationToken cancellationToken) => ListAsync(cancellationToken, "--all-namespaces");

    /// <summary>The values of a release.</summary>
    /// <param name="release">The release.</param>
    /// <param name="ns">Its namespace.</param>
    /// <param name="computed">The chart's defaults too, or only what was given.</param>
    /// <param name="cancellationToken">Stops helm.</param>
    public async Task<HelmValues> ValuesAsync(string release, string ns, bool computed, CancellationToken cancellationToken)
    {
        string[] words = ["get", "values", release, "--namespace", ns, "-o", "json", .. computed ? ["--all"] : Array.Empty<string>()];
        var text = await RunAsync(words, "", cancellationToken).ConfigureAwait(false);
        return Parse(text, words) is JsonObject tree ? HelmValues.Of(tree) : HelmValues.None;
    }

    /// <summary>The chart's own values.yaml, with its comments; null when the chart cannot be had.</summary>
    public async Task<string?> TryShowValuesAsync(ChartReference chart, CancellationToken cancellationToken)
    {
        var result = await _place.RunAsync(["show", "values", .. chart.Words], "", cancellationToken).ConfigureAwait(false);
        return result.ExitCode == 0 ? result.Output : null;
    }

    /// <summary>The objects that a chart makes when no values are given; none when the chart cannot be had.</summary>
    public async Task<IReadOnlyList<JsonObject>> TryRenderAsync(string release, string ns, ChartReference chart, CancellationToken cancellationToken)
    {
        var result = await _place.RunAsync(["template", release, .. chart.Words, "--namespace", ns], "", cancellationToken).ConfigureAwait(false);
        return result.ExitCode == 0 ? [.. YamlJson.ReadAll(result.Output).OfType<JsonObject>()] : [];
    }

    /// <summary>Installs a chart, or brings a release to other values or another version.</summary>
    public Task InstallAsync(string release, string ns, ChartReference chart, HelmValues values, CancellationToken cancellationToken) =>
        RunAsync(
            ["upgrade", "--install", release, .. chart.Words, "--namespace", ns, "--reset-values", "--values", "-", "-o", "json"],
            values.ToYaml(),
            cancellationToken);

    /// <summary>Takes a release away and waits until its objects are gone.</summary>
    public Task UninstallAsync(string release, string ns, TimeSpan timeout, CancellationToken cancellationToken) =>
        RunAsync(["uninstall", release, "--namespace", ns, "--wait", "--timeout", $"{(long)timeout.TotalSeconds}s"], "", cancellationToken);

    private async Task<IReadOnlyList<HelmRelease>> ListAsync(CancellationToken cancellationToken, params string[] which)
    {
        string[] words = ["list", "--all", .. which, "-o", "json"];
        using var text = new StringReader(await RunAsync(words, "", cancellationToken).ConfigureAwait(false));
        return [.. HelmText.ParseList(text, _place.Target, static _ => { })];
    }

    private async Task<string> RunAsync(string[] words, string input, CancellationToken cancellationToken)
    {
        var result = await _place.RunAsync(words, input, cancellationToken).ConfigureAwait(false);
        return result.ExitCode switch
        {
            0 => result.Output,
            127 or 126 => throw Missing(result),
            _ => throw Failed(words, result),
        };
    }

    private JsonNode? Parse(string text, string[] words)
    {
        try
        {
            return JsonNode.Parse(text);
        }
        catch (JsonException error)
        {
            throw new LabException(
                "HelmAnswerNotUnderstood",
                LabErrorKind.InvalidData,
                $"'helm {words[0]}' in {_place.Name} did not answer in JSON: {text.Trim().Split('\n')[0]}",
                _place.Target,
                $"See what it says: {_place.ByHand(words)}",
                error);
        }
    }

    private LabException Missing(NodeCommandResult result) =>
        new(
            "HelmNotFound",
            LabErrorKind.NotInstalled,
            $"There is no helm in {_place.Name}: {result.Error.Trim()}",
            _place.Target,
            "Install Helm 3 there: https://helm.sh/docs/intro/install/ tells how (New-LabCluster -Provider Vagrant does it); or use one of this computer with -HelmPath.");

    private LabException Failed(string[] words, NodeCommandResult result)
    {
        var said = string.Join(' ', result.Error.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        said = said.StartsWith("Error: ", StringComparison.Ordinal) ? said["Error: ".Length..] : said;
        return new LabException(
            "HelmFailed",
            LabErrorKind.RemoteCommandFailed,
            $"'helm {words[0]}' failed in {_place.Name}: {said}",
            _place.Target,
            $"Try it by hand: {_place.ByHand(words)}");
    }
}

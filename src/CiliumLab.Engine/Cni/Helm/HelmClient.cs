using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cni.Helm;

/// <summary>
/// Helm 3 or 4, run where it is installed: on the control plane with the administrator's kubeconfig, or on this computer with the lab's.
/// Answers are read from <c>-o json</c>.
/// </summary>
internal sealed class HelmClient
{
    private const string AdminKubeConfig = "/etc/kubernetes/admin.conf";

    private readonly ICommandRunner _place;
    private readonly string _program;
    private readonly string _kubeConfig;
    private readonly bool _sudo;

    private HelmClient(ICommandRunner place, string program, string kubeConfig, bool sudo) =>
        (_place, _program, _kubeConfig, _sudo) = (place, program, kubeConfig, sudo);

    /// <summary>Helm on the control plane, as root.</summary>
    public static HelmClient On(INodeShell controlPlane) => new(controlPlane, "helm", AdminKubeConfig, sudo: true);

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
        var text = await RunAsync(words, default, cancellationToken).ConfigureAwait(false);
        return Parse(text, words) is JsonObject tree ? HelmValues.Of(tree) : HelmValues.None;
    }

    /// <summary>The chart's own values.yaml, with its comments; null when the chart cannot be had.</summary>
    public async Task<string?> TryShowValuesAsync(ChartReference chart, CancellationToken cancellationToken)
    {
        var result = await _place.RunAsync(Command(["show", "values", .. chart.Words], default), cancellationToken).ConfigureAwait(false);
        return result.ExitCode == 0 ? result.Output : null;
    }

    /// <summary>Installs a chart, or brings a release to other values or another version.</summary>
    public Task InstallAsync(string release, string ns, ChartReference chart, HelmValues values, CancellationToken cancellationToken) =>
        RunAsync(
            ["upgrade", "--install", release, .. chart.Words, "--namespace", ns, "--reset-values", "--values", "-", "-o", "json"],
            Encoding.UTF8.GetBytes(values.ToYaml()),
            cancellationToken);

    /// <summary>Takes a release away and waits until its objects are gone.</summary>
    public Task UninstallAsync(string release, string ns, TimeSpan timeout, CancellationToken cancellationToken) =>
        RunAsync(["uninstall", release, "--namespace", ns, "--wait", "--timeout", $"{(long)timeout.TotalSeconds}s"], default, cancellationToken);

    private async Task<IReadOnlyList<HelmRelease>> ListAsync(CancellationToken cancellationToken, params string[] which)
    {
        string[] words = ["list", "--all", .. which, "-o", "json"];
        using var text = new StringReader(await RunAsync(words, default, cancellationToken).ConfigureAwait(false));
        return [.. HelmText.ParseList(text, _place.Node, static _ => { })];
    }

    private NodeCommand Command(IEnumerable<string> words, ReadOnlyMemory<byte> input) =>
        new([_program, .. words, "--kubeconfig", _kubeConfig]) { Sudo = _sudo, Input = input };

    private async Task<string> RunAsync(string[] words, ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        var command = Command(words, input);
        var result = await _place.RunAsync(command, cancellationToken).ConfigureAwait(false);
        return result.ExitCode switch
        {
            0 => result.Output,
            127 or 126 => throw Missing(result),
            _ => throw Failed(words, command, result),
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
                $"'helm {words[0]}' in {_place.Place} did not answer in JSON: {text.Trim().Split('\n')[0]}",
                _place.Node,
                $"See what it says: {_place.ByHand(Command(words, default))}",
                error);
        }
    }

    private LabException Missing(NodeCommandResult result) =>
        new(
            "HelmNotFound",
            LabErrorKind.NotInstalled,
            $"There is no helm in {_place.Place}: {result.Error.Trim()}",
            _place.Node,
            "Install Helm 3 there: https://helm.sh/docs/intro/install/ tells how (New-LabCluster -Provider Vagrant does it); or use one of this computer with -HelmPath.");

    private LabException Failed(string[] words, NodeCommand command, NodeCommandResult result)
    {
        var said = string.Join(' ', result.Error.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));
        said = said.StartsWith("Error: ", StringComparison.Ordinal) ? said["Error: ".Length..] : said;
        return new LabException(
            "HelmFailed",
            LabErrorKind.RemoteCommandFailed,
            $"'helm {words[0]}' failed in {_place.Place}: {said}",
            _place.Node,
            $"Try it by hand: {_place.ByHand(command with { Input = default })}");
    }
}

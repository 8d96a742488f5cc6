using System.Globalization;
using System.Net;
using System.Text.Json;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cni;

/// <summary>What flanneld and its plugin keep in files, and what those say.</summary>
internal sealed class FlannelFiles : IArtifactGroup
{
    private const string DefaultNetwork = "cbr0";
    private const string SubnetFile = "/run/flannel/subnet.env";
    private static readonly string[] Folders = ["/run/flannel", "/var/lib/cni/flannel"];

    // libcni keeps results in the second, and did in the first before 1.0.
    private static readonly string[] ResultFolders = ["/var/lib/cni/cache/results", "/var/lib/cni/results"];
    private static readonly string[] ConfigNames = ["10-flannel.conf", "10-flannel.conflist"];

    private static readonly string[] NetworkVariables = ["FLANNEL_NETWORK", "FLANNEL_IPV6_NETWORK"];

    private readonly INodeShell _shell;

    private FlannelFiles(INodeShell shell, IReadOnlyList<CniArtifact> artifacts, IReadOnlyList<IPNetwork> networks, bool bridgeIsOfOthers) =>
        (_shell, Artifacts, Networks, BridgeIsOfOthers) = (shell, artifacts, networks, bridgeIsOfOthers);

    /// <inheritdoc/>
    public IReadOnlyList<CniArtifact> Artifacts { get; }

    /// <summary>The networks that flanneld gave out, as it wrote them down; empty when it did not.</summary>
    public IReadOnlyList<IPNetwork> Networks { get; }

    /// <summary>Whether another CNI configuration of the node uses the bridge too.</summary>
    public bool BridgeIsOfOthers { get; }

    /// <summary>Looks at the node's CNI configuration and at the places where flannel's files lie.</summary>
    public static async Task<FlannelFiles> FindAsync(INodeShell shell, CancellationToken cancellationToken)
    {
        var configs = new List<CniConfig>();
        await foreach (var config in CniConfigs.ReadAsync(shell, cancellationToken).ConfigureAwait(false))
            configs.Add(config);
        var own = configs.Where(IsFlannels).ToList();
        string[] networks = [.. own.Select(config => config.Name).OfType<string>().Where(ArtifactNames.IsNetworkName).Append(DefaultNetwork).Distinct(StringComparer.Ordinal)];

        // The configuration goes last: it knows the network's name, and so a second run finds what a first one did not come to.
        var artifacts = new List<CniArtifact>();
        foreach (var network in networks)
            artifacts.AddRange(await FindAsync(shell, [.. ResultFolders, "-maxdepth", "1", "-type", "f", "-name", $"{network}-*"], CniArtifactKind.File, cancellationToken).ConfigureAwait(false));
        artifacts.AddRange(await FindAsync(
            shell, [.. Folders, .. networks.Select(network => $"/var/lib/cni/networks/{network}"), "-maxdepth", "0", "-type", "d"], CniArtifactKind.Folder, cancellationToken).ConfigureAwait(false));
        artifacts.AddRange(await FindAsync(shell, ["/opt/cni/bin/flannel", .. own.Select(config => config.Path), "-maxdepth", "0", "-type", "f"], CniArtifactKind.File, cancellationToken).ConfigureAwait(false));
        var subnet = EnvironmentFile.Parse(await shell.TryReadTextAsync(SubnetFile, cancellationToken).ConfigureAwait(false) ?? "");
        return new FlannelFiles(
            shell,
            artifacts,
            [.. NetworkVariables.SelectMany(name => Parse(subnet.Find(name)?.Value))],
            configs.Except(own).SelectMany(config => config.Plugins).Any(UsesBridge));
    }

    /// <inheritdoc/>
    public Task BackUpAsync(ArtifactBackup backup, CancellationToken cancellationToken) =>
        backup.CopyAsync(Artifacts.Select(artifact => artifact.Name), cancellationToken);

    /// <inheritdoc/>
    public async Task RemoveAsync(Func<CniArtifact, ValueTask> removed, CancellationToken cancellationToken)
    {
        await _shell.ReadOutputAsync(NodeCommand.AsRoot(["rm", "-rf", "--", .. Artifacts.Select(artifact => artifact.Name)]), cancellationToken).ConfigureAwait(false);
        foreach (var artifact in Artifacts)
            await removed(artifact).ConfigureAwait(false);
    }

    // Cilium renames the configurations of others to *.cilium_bak.
    private static bool IsFlannels(CniConfig config) =>
        config.Plugins.Any(plugin => plugin.Type == "flannel")
        || ConfigNames.Any(name => config.Path.EndsWith($"/{name}", StringComparison.Ordinal) || config.Path.EndsWith($"/{name}.cilium_bak", StringComparison.Ordinal));

    private static bool UsesBridge(CniPlugin plugin)
    {
        if (plugin.Type != "bridge")
            return false;
        using var document = JsonDocument.Parse(plugin.Json);
        return document.RootElement.Text("bridge") is null or ArtifactNames.Bridge;
    }

    private static IEnumerable<IPNetwork> Parse(string? networks) =>
        (networks ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(text => IPNetwork.TryParse(text, out var network) ? network : (IPNetwork?)null).OfType<IPNetwork>();

    private static async Task<IReadOnlyList<CniArtifact>> FindAsync(
        INodeShell shell, IEnumerable<string> what, CniArtifactKind kind, CancellationToken cancellationToken)
    {
        var find = NodeCommand.AsRoot(["find", .. what, "-printf", "%s %p\\n"]);
        var result = await shell.RunAsync(find, cancellationToken).ConfigureAwait(false);

        // find ends with 1 when one of the places is not there; that is the normal case.
        if (result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Any(line => !line.Contains("No such file", StringComparison.Ordinal)))
            throw NodeShellCommands.Failure(result, find);
        return [.. result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ', 2)).Where(line => line.Length == 2).Select(line => new CniArtifact
        {
            Node = shell.Node,
            Owner = CniArtifactOwner.Flannel,
            Kind = kind,
            Name = line[1],
            Detail = kind == CniArtifactKind.File ? string.Create(CultureInfo.InvariantCulture, $"{line[0]} bytes") : "with everything in it",
        })];
    }
}

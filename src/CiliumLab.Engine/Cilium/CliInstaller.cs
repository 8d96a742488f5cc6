using System.Text.RegularExpressions;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cilium;

/// <summary>Where cilium-cli comes from.</summary>
/// <param name="Version">The version, with its <c>v</c>; null for the newest stable one, or for whatever the file holds.</param>
/// <param name="Path">A file that was fetched before; null to fetch it.</param>
/// <param name="Sha256">Its checksum; null when it lies beside the file.</param>
/// <param name="Releases">Where releases are published.</param>
/// <param name="Stable">Where the newest stable version is written.</param>
public sealed record CliSource(string? Version, string? Path, string? Sha256, Uri Releases, Uri Stable);

/// <summary>Puts cilium-cli on a node. It is fetched and checked here, so the node needs no way to the internet.</summary>
/// <param name="shell">The node.</param>
public sealed partial class CliInstaller(INodeShell shell)
{
    private const string Name = "cilium";
    private const string Place = "/usr/local/bin/cilium";

    /// <summary>The version that is there; null when there is none.</summary>
    public async Task<string?> InstalledAsync(CancellationToken cancellationToken)
    {
        var result = await shell.RunAsync(NodeCommand.Of(Place, "version", "--client"), cancellationToken).ConfigureAwait(false);
        return result.ExitCode == 0 && VersionLine().Match(result.Output) is { Success: true } found ? found.Groups["version"].Value : null;
    }

    /// <summary>Installs it. A version that is there already is left alone; what does not run is taken away again.</summary>
    /// <exception cref="LabException">The archive cannot be had, is not what was published, or does not run on the node.</exception>
    public async Task<ToolInstallation> InstallAsync(CliSource source, Func<string, Task> step, CancellationToken cancellationToken)
    {
        var before = await InstalledAsync(cancellationToken).ConfigureAwait(false);
        var version = source.Version ?? (source.Path is null ? await CliArchive.StableVersionAsync(source.Stable, cancellationToken).ConfigureAwait(false) : null);
        var unchanged = new ToolInstallation { Node = shell.Node, Name = Name, Version = before ?? "", Before = before, Path = Place };
        if (before is not null && before == version)
            return unchanged;
        await step("fetching the archive").ConfigureAwait(false);
        var archive = source.Path is { } path
            ? await CliArchive.ReadAsync(path, source.Sha256, cancellationToken).ConfigureAwait(false)
            : await CliArchive.DownloadAsync(source.Releases, version!, await ArchitectureAsync(cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
        var program = archive.Unpack();
        await step("writing the program").ConfigureAwait(false);
        var backup = await shell.WriteFileAsync(Place, program, cancellationToken).ConfigureAwait(false);
        await shell.ReadOutputAsync(NodeCommand.AsRoot("chmod", "755", Place), cancellationToken).ConfigureAwait(false);
        return await InstalledAsync(cancellationToken).ConfigureAwait(false) is { } now
            ? unchanged with { Version = now, Sha256 = archive.Checksum, Backup = backup, Changed = now != before }
            : throw await TakenAwayAsync(backup, cancellationToken).ConfigureAwait(false);
    }

    private async Task<string> ArchitectureAsync(CancellationToken cancellationToken) =>
        (await shell.ReadOutputAsync(NodeCommand.Of("uname", "-m"), cancellationToken).ConfigureAwait(false)).Trim() switch
        {
            "x86_64" => "amd64",
            "aarch64" => "arm64",
            var other => throw new LabException("CliArchitectureUnknown", LabErrorKind.NotInstalled, $"There is no cilium-cli for the architecture {other} of node '{shell.Node}'.", shell.Node, "Use it on a node with x86_64 or aarch64."),
        };

    private async Task<LabException> TakenAwayAsync(string? backup, CancellationToken cancellationToken)
    {
        var undo = backup is null ? NodeCommand.AsRoot("rm", "-f", Place) : NodeCommand.AsRoot("mv", "-f", backup, Place);
        await shell.RunAsync(undo, cancellationToken).ConfigureAwait(false);
        return new LabException(
            "CliDoesNotRun",
            LabErrorKind.InvalidData,
            $"The program of the archive does not run on node '{shell.Node}', so {(backup is null ? "it was taken away again" : "the one from before was put back")}.",
            shell.Node,
            "Check that the archive is for the node's architecture: Get-NodeInfo");
    }

    [GeneratedRegex(@"^cilium-cli: (?<version>v\S+)", RegexOptions.Multiline)]
    private static partial Regex VersionLine();
}

using System.Globalization;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cni;

/// <summary>A folder on a node, for root alone, that holds what is needed to put removed things back by hand.</summary>
internal sealed class ArtifactBackup
{
    private const string Parent = "/var/lib/ciliumlab/backup";

    // How long a node may take to remove an unfinished folder after a failure or Ctrl+C.
    private static readonly TimeSpan DiscardTime = TimeSpan.FromSeconds(20);

    private readonly INodeShell _shell;

    private ArtifactBackup(INodeShell shell, string folder) => (_shell, Folder) = (shell, folder);

    /// <summary>The folder.</summary>
    public string Folder { get; }

    /// <summary>Makes the folder and fills it; when that fails, no folder is left.</summary>
    /// <exception cref="LabException"><c>NodeDiskFull</c>, <c>BackupFailed</c>, or what reaching the node throws.</exception>
    public static async Task<ArtifactBackup> MakeAsync(
        INodeShell shell, CniArtifactOwner owner, IEnumerable<IArtifactGroup> groups, TimeProvider clock, CancellationToken cancellationToken)
    {
        var stamp = clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture);
        var backup = new ArtifactBackup(shell, $"{Parent}/{owner.ToString().ToLowerInvariant()}-{stamp}");
        try
        {
            await backup.RunAsync(NodeCommand.AsRoot("mkdir", "-p", "-m", "700", "--", Parent), cancellationToken).ConfigureAwait(false);
            await backup.RunAsync(NodeCommand.AsRoot("mkdir", "-m", "700", "--", backup.Folder), cancellationToken).ConfigureAwait(false);
            foreach (var group in groups)
                await group.BackUpAsync(backup, cancellationToken).ConfigureAwait(false);
            return backup;
        }
        catch (LabException error) when (error.Kind == LabErrorKind.ConnectionError)
        {
            throw;
        }
        catch (Exception error) when (error is LabException or OperationCanceledException)
        {
            await backup.DiscardAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Writes a text into the folder.</summary>
    public Task WriteAsync(string name, string text, CancellationToken cancellationToken) =>
        _shell.WriteTextAsync($"{Folder}/{name}", text, cancellationToken);

    /// <summary>Writes what a command prints into the folder.</summary>
    public async Task WriteOutputAsync(string name, NodeCommand command, CancellationToken cancellationToken) =>
        await WriteAsync(name, await _shell.ReadOutputAsync(command, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);

    /// <summary>Copies files and folders under their whole paths, with owners, modes and times.</summary>
    public async Task CopyAsync(IEnumerable<string> paths, CancellationToken cancellationToken)
    {
        foreach (var siblings in paths.GroupBy(path => path[..path.LastIndexOf('/')], StringComparer.Ordinal))
        {
            var target = $"{Folder}/files{siblings.Key}";
            await RunAsync(NodeCommand.AsRoot("mkdir", "-p", "--", target), cancellationToken).ConfigureAwait(false);
            await RunAsync(NodeCommand.AsRoot(["cp", "-a", "--", .. siblings, target]), cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task RunAsync(NodeCommand command, CancellationToken cancellationToken)
    {
        var result = await _shell.RunAsync(command, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode == 0)
            return;
        var diskFull = result.Error.Contains("No space left on device", StringComparison.Ordinal);
        throw new LabException(
            diskFull ? "NodeDiskFull" : "BackupFailed",
            diskFull ? LabErrorKind.ResourceUnavailable : LabErrorKind.RemoteCommandFailed,
            $"No backup could be made on node '{_shell.Node}', so nothing was removed: {result.Error.Trim()}",
            _shell.Node,
            $"See what room there is: Invoke-NodeCommand -Node {_shell.Node} -Command df, '-h', {Parent}");
    }

    // Its own time limit: the caller's token may be cancelled already.
    private async Task DiscardAsync()
    {
        using var limit = new CancellationTokenSource(DiscardTime);
        try
        {
            await _shell.RunAsync(NodeCommand.AsRoot("rm", "-rf", "--", Folder), limit.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is LabException or OperationCanceledException)
        {
            // The failure that led here is the one to tell.
        }
    }
}

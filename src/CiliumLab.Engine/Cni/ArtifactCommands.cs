using CiliumLab.Engine.Nodes;

namespace CiliumLab.Engine.Cni;

/// <summary>Commands that remove something.</summary>
internal static class ArtifactCommands
{
    /// <summary>Runs a command that must succeed, unless it says that what it is to remove is not there.</summary>
    /// <param name="shell">The node.</param>
    /// <param name="command">The command.</param>
    /// <param name="gone">How the command says so.</param>
    /// <param name="cancellationToken">Signals the command.</param>
    /// <exception cref="CiliumLab.Model.LabException"><c>NodeCommandFailed</c>.</exception>
    public static async Task RunAsync(INodeShell shell, NodeCommand command, string gone, CancellationToken cancellationToken)
    {
        var result = await shell.RunAsync(command, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0 && !result.Error.Contains(gone, StringComparison.Ordinal))
            throw NodeShellCommands.Failure(result, command);
    }
}

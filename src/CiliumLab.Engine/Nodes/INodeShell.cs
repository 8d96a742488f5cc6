using CiliumLab.Engine.Labs.Description;

namespace CiliumLab.Engine.Nodes;

/// <summary>
/// How a node is reached and changed: run commands (a cancelled one gets TERM first, KILL when it does not go), and read, write and
/// delete files. One implementation for each kind of node (SSH, the simulator); everything above this interface is the same code for
/// all of them.
/// </summary>
/// <remarks>
/// Every member throws <see cref="CiliumLab.Model.LabException"/> with the node's name as target when the node cannot be
/// reached, and <see cref="OperationCanceledException"/> when the token is cancelled.
/// </remarks>
public interface INodeShell : ICommandRunner
{
    /// <summary>The lab that the node belongs to.</summary>
    string Lab { get; }

    /// <summary>What is written down about the node.</summary>
    NodeDescription Description { get; }

    /// <summary>The node's name in its lab.</summary>
    string ICommandRunner.Node => Description.Node;

    /// <inheritdoc/>
    string ICommandRunner.Place => $"node '{Node}'";

    /// <inheritdoc/>
    string ICommandRunner.ByHand(NodeCommand command) => NodeShellCommands.ByHand(Node, command);

    /// <summary>Where its SSH server is, as <c>user@host:port</c>; null when the node is not reached over SSH.</summary>
    string? SshEndpoint => null;

    /// <summary>Reads a whole file as root.</summary>
    /// <exception cref="CiliumLab.Model.LabException"><c>NodeFileNotFound</c> when there is none.</exception>
    Task<byte[]> ReadFileAsync(string path, CancellationToken cancellationToken);

    /// <summary>
    /// Replaces or creates a file as root: a temporary file in the same folder, the same owner and mode as before (or 0644 root),
    /// then a rename. What was there is kept beside it.
    /// </summary>
    /// <returns>Where the backup lies; null when there was no file before.</returns>
    Task<string?> WriteFileAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken);

    /// <summary>Deletes a file as root, keeping a backup beside it.</summary>
    /// <returns>Where the backup lies; null when there was no such file.</returns>
    Task<string?> DeleteFileAsync(string path, CancellationToken cancellationToken);
}

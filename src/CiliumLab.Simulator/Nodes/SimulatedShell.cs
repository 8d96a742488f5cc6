using System.Globalization;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;
using CiliumLab.Simulator.Nodes.Files;

namespace CiliumLab.Simulator.Nodes;

/// <summary>Reaches a simulated node as SSH reaches a real one.</summary>
/// <param name="node">The node.</param>
/// <param name="lab">The lab's name, for advice.</param>
/// <param name="description">What is written down about the node; its user is who logs in.</param>
internal sealed class SimulatedShell(SimulatedNode node, string lab, NodeDescription description) : INodeShell
{
    /// <inheritdoc/>
    public string Lab => lab;

    /// <inheritdoc/>
    public NodeDescription Description => description;

    private NodeUser User => description.User is { } name ? NodeUser.Find(name) ?? throw ShellErrors.NoSuchUser(node, name) : NodeUser.Vagrant;

    /// <inheritdoc/>
    public async Task<IRunningCommand> StartAsync(NodeCommand command, CancellationToken cancellationToken)
    {
        await ConnectAsync(cancellationToken).ConfigureAwait(false);
        if (command.Arguments.Any(argument => argument.Contains('\0', StringComparison.Ordinal)))
            throw ShellErrors.ArgumentHasNul(node);
        return SimulatedRunningCommand.Start(node, command, User, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<byte[]> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        await ConnectAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return node.Files.Read(path, NodeUser.Root);
        }
        catch (KernelException error)
        {
            throw ShellErrors.FileNotRead(node, path, error);
        }
    }

    /// <inheritdoc/>
    public async Task<string?> WriteFileAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken)
    {
        await ConnectAsync(cancellationToken).ConfigureAwait(false);
        lock (node.Kernel.Gate)
        {
            string? temporary = null;
            try
            {
                var target = node.Files.Resolve(path);
                var old = node.Files.Find(target);
                if (old is Folder)
                    throw new KernelException(Errno.IsDirectory);
                temporary = $"{FolderOf(target)}/.ciliumlab.{node.Seed.NextSuffix(8)}".Replace("//", "/", StringComparison.Ordinal);
                node.Files.Write(temporary, content.ToArray(), NodeUser.Root);
                string? backup = null;
                if (old is RegularFile file)
                {
                    backup = BackupOf(target);
                    node.Files.Write(backup, file.Content, NodeUser.Root);
                    Inherit(node.Files.Get(backup), file).ModifiedAt = file.ModifiedAt;
                    Inherit(node.Files.Get(temporary), file);
                }

                node.Files.Rename(temporary, target, NodeUser.Root);
                return backup;
            }
            catch (KernelException error)
            {
                if (temporary is not null && node.Files.Find(temporary) is not null)
                    node.Files.Remove(temporary, NodeUser.Root);
                throw ShellErrors.FileNotChanged(node, path, "written", error);
            }
        }
    }

    /// <inheritdoc/>
    public async Task<string?> DeleteFileAsync(string path, CancellationToken cancellationToken)
    {
        await ConnectAsync(cancellationToken).ConfigureAwait(false);
        lock (node.Kernel.Gate)
        {
            if (node.Files.Find(path, follow: false) is null)
                return null;
            var backup = BackupOf(path);
            try
            {
                node.Files.Rename(path, backup, NodeUser.Root);
                return backup;
            }
            catch (KernelException error)
            {
                throw ShellErrors.FileNotChanged(node, path, "deleted", error);
            }
        }
    }

    internal static string FolderOf(string path) => path.LastIndexOf('/') is > 0 and var slash ? path[..slash] : "/";

    private static FileEntry Inherit(FileEntry entry, FileEntry from)
    {
        (entry.Owner, entry.Group, entry.Mode) = (from.Owner, from.Group, from.Mode);
        return entry;
    }

    private string BackupOf(string path) =>
        $"{path}.ciliumlab-{node.Clock.GetUtcNow().ToString("yyyyMMdd'T'HHmmssfff'Z'", CultureInfo.InvariantCulture)}.bak";

    private async Task ConnectAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (node.Faults.Delay is { Ticks: > 0 } delay)
        {
            node.Faults.Strike(LabFaultKind.NodeSlow);
            await Task.Delay(delay, node.Clock, cancellationToken).ConfigureAwait(false);
        }

        if (!node.Faults.Unreachable && node.IsPoweredOn)
            return;
        var error = ShellErrors.Unreachable(node, lab, description);
        if (node.IsPoweredOn)
            node.Faults.Strike(LabFaultKind.NodeUnreachable);
        throw error;
    }
}

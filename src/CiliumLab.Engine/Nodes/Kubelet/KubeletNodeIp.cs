using System.Net;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Nodes.Kubelet;

/// <summary>
/// The kubelet's <c>--node-ip</c> in the files that hold its flags. The kubelet's unit puts KUBELET_EXTRA_ARGS behind
/// KUBELET_KUBEADM_ARGS and the last flag counts, so a flag in the former is the one that is read and changed.
/// </summary>
public static class KubeletNodeIp
{
    private const string KubeadmFile = "/var/lib/kubelet/kubeadm-flags.env";
    private const string KubeadmVariable = "KUBELET_KUBEADM_ARGS";
    private const string ExtraVariable = "KUBELET_EXTRA_ARGS";

    // Debian's and Red Hat's packages of the kubelet.
    private static readonly string[] ExtraFiles = ["/etc/default/kubelet", "/etc/sysconfig/kubelet"];

    // How long a node may take to put things back after a failure or Ctrl+C.
    private static readonly TimeSpan RestoreTime = TimeSpan.FromSeconds(20);

    /// <summary>Reads what is configured on a node.</summary>
    /// <exception cref="LabException"><c>KubeletFlagsNotFound</c> when there is no kubelet that kubeadm set up.</exception>
    public static async Task<NodeInternalIp> ReadAsync(INodeShell shell, CancellationToken cancellationToken)
    {
        var source = await FindAsync(shell, cancellationToken).ConfigureAwait(false);
        return new NodeInternalIp { Node = shell.Node, Configured = source.Arguments.NodeIp, Path = source.Path };
    }

    /// <summary>Sets the flag, restarts the kubelet and waits until it runs; does nothing when all is as wanted.</summary>
    /// <param name="shell">The node.</param>
    /// <param name="choice">Which addresses.</param>
    /// <param name="confirm">Asks whether the change, which it is told, may be made.</param>
    /// <param name="clock">Measures how long the kubelet has been up.</param>
    /// <param name="cancellationToken">Stops the work; a file that was written is put back.</param>
    /// <returns>What was done; null when the change was not confirmed.</returns>
    /// <exception cref="LabException"><c>KubeletRestartFailed</c> after which the old file is back, or what reading throws.</exception>
    public static async Task<NodeInternalIp?> SetAsync(
        INodeShell shell, NodeIpChoice choice, Func<string, Task<bool>> confirm, TimeProvider clock, CancellationToken cancellationToken)
    {
        var source = await FindAsync(shell, cancellationToken).ConfigureAwait(false);
        var wanted = await choice.ResolveAsync(shell, cancellationToken).ConfigureAwait(false);
        var before = source.Arguments.NodeIp;
        var result = new NodeInternalIp { Node = shell.Node, Configured = wanted, Path = source.Path, Before = before };
        if (source.Arguments.HasNodeIp(wanted))
            return result;
        var was = source.Arguments.NodeIpText is { } old ? $"--node-ip={old}" : "no --node-ip";
        if (!await confirm($"Set --node-ip={string.Join(',', wanted)} in {source.Path} (now: {was}) and restart the kubelet").ConfigureAwait(false))
            return null;
        var backup = await ChangeAsync(shell, source, wanted, clock, cancellationToken).ConfigureAwait(false);
        return result with { Changed = true, Backup = backup };
    }

    private static async Task<string?> ChangeAsync(
        INodeShell shell, Source source, IReadOnlyList<IPAddress> wanted, TimeProvider clock, CancellationToken cancellationToken)
    {
        var unit = new KubeletUnit(shell, clock);
        var text = source.File.With(source.Variable, source.Arguments.WithNodeIp(wanted));
        var backup = await shell.WriteTextAsync(source.Path, text, cancellationToken).ConfigureAwait(false);
        string? failure;
        try
        {
            failure = await unit.RestartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // With the new file in place and the old kubelet running, the next call would find nothing to do.
            await PutBackAsync(shell, source).ConfigureAwait(false);
            throw;
        }
        catch (LabException error)
        {
            failure = error.Message;
        }

        if (failure is null)
            return backup;
        var restored = await PutBackAsync(shell, source).ConfigureAwait(false);
        throw new LabException(
            "KubeletRestartFailed",
            LabErrorKind.RemoteCommandFailed,
            $"The kubelet of node '{shell.Node}' does not run with --node-ip={string.Join(',', wanted)}: {failure} {restored}",
            shell.Node,
            $"Look at it with: Invoke-NodeCommand -Node {shell.Node} -Sudo -Command 'journalctl', '--unit=kubelet', '--lines=50', '--no-pager'");
    }

    // Its own time limit: the caller's token may be cancelled already.
    private static async Task<string> PutBackAsync(INodeShell shell, Source source)
    {
        using var limit = new CancellationTokenSource(RestoreTime);
        try
        {
            await shell.WriteTextAsync(source.Path, source.Text, limit.Token).ConfigureAwait(false);
            var again = await shell.RunAsync(NodeCommand.AsRoot("systemctl", "restart", "kubelet"), limit.Token).ConfigureAwait(false);
            return again.ExitCode == 0
                ? $"{source.Path} was restored, and the kubelet was restarted with it."
                : $"{source.Path} was restored, but the kubelet does not restart with it either: {again.Error.Trim()}";
        }
        catch (Exception error) when (error is OperationCanceledException or LabException)
        {
            return $"{source.Path} could not be restored: {error.Message}";
        }
    }

    private static async Task<Source> FindAsync(INodeShell shell, CancellationToken cancellationToken)
    {
        foreach (var path in ExtraFiles)
        {
            var extra = await ReadAsync(shell, path, ExtraVariable, cancellationToken).ConfigureAwait(false);
            if (extra?.Arguments.NodeIpText is not null)
                return extra;
        }

        return await ReadAsync(shell, KubeadmFile, KubeadmVariable, cancellationToken).ConfigureAwait(false)
            ?? throw new LabException(
                "KubeletFlagsNotFound",
                LabErrorKind.ObjectNotFound,
                $"Node '{shell.Node}' has no {KubeadmFile}: kubeadm has not set up a kubelet there.",
                shell.Node,
                "Join the node to the cluster with kubeadm first, or choose other nodes with -Node.");
    }

    private static async Task<Source?> ReadAsync(INodeShell shell, string path, string variable, CancellationToken cancellationToken)
    {
        if (await shell.TryReadTextAsync(path, cancellationToken).ConfigureAwait(false) is not { } text)
            return null;
        var file = EnvironmentFile.Parse(text);
        // systemd skips a line that it does not understand; it matters only when the flags may be in it.
        if (path == KubeadmFile && file.Find(variable) is null && file.NotUnderstood is [var broken, ..])
        {
            throw new LabException(
                "KubeletFlagsNotUnderstood",
                LabErrorKind.InvalidData,
                $"Line {broken.Line} of {path} on node '{shell.Node}' is not understood ({broken.Reason}): {broken.Text}",
                shell.Node,
                "Repair the file; systemd reads it as NAME=\"value\" lines and # comments.");
        }

        return new Source(path, variable, text, file, new KubeletArguments(file.Find(variable)?.Value ?? ""));
    }

    private sealed record Source(string Path, string Variable, string Text, EnvironmentFile File, KubeletArguments Arguments);
}

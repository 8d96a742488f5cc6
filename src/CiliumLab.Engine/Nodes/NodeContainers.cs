using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Nodes;

/// <summary>The containers of a node's runtime, asked through crictl.</summary>
public static class NodeContainers
{
    // What crictl says when nobody answers on the runtime's socket.
    private static readonly string[] RuntimeIsDown =
        ["connect: no such file", "connect: connection refused", "code = Unavailable", "validate service connection", "unable to determine runtime", "context deadline exceeded", "code = DeadlineExceeded"];

    /// <summary>Reads the containers.</summary>
    /// <param name="shell">The node.</param>
    /// <param name="all">Whether those that do not run are wanted too.</param>
    /// <param name="warn">Is told of what was not understood.</param>
    /// <param name="cancellationToken">Stops the reading.</param>
    /// <exception cref="LabException"><c>CrictlNotFound</c> or <c>ContainerRuntimeUnavailable</c>.</exception>
    public static async Task<IReadOnlyList<NodeContainer>> ReadAsync(
        INodeShell shell, bool all, Action<TextWarning> warn, CancellationToken cancellationToken)
    {
        var command = all ? NodeCommand.AsRoot("crictl", "ps", "--all", "-o", "json") : NodeCommand.AsRoot("crictl", "ps", "-o", "json");
        var result = await shell.RunAsync(command, cancellationToken).ConfigureAwait(false);
        if (result.ExitCode == 0)
            return [.. CrictlPsText.Parse(new StringReader(result.Output), shell.Node, warn)];
        if (NodeShellCommands.IsProgramMissing(result))
        {
            throw new LabException(
                "CrictlNotFound",
                LabErrorKind.NotInstalled,
                $"Node '{shell.Node}' has no crictl, so its containers cannot be listed: {result.Error.Trim()}",
                shell.Node,
                "Install the package cri-tools on the node (kubeadm's repository has it), or choose other nodes with -Node.");
        }

        if (RuntimeIsDown.Any(words => result.Error.Contains(words, StringComparison.OrdinalIgnoreCase)))
        {
            throw new LabException(
                "ContainerRuntimeUnavailable",
                LabErrorKind.ConnectionError,
                $"The container runtime of node '{shell.Node}' does not answer: {LastLine(result.Error)}",
                shell.Node,
                $"Look at it with: Invoke-NodeCommand -Node {shell.Node} -Sudo -Command 'systemctl', 'status', 'containerd' (crictl reads its endpoint from /etc/crictl.yaml)");
        }

        throw NodeShellCommands.Failure(result, command);
    }

    private static string LastLine(string text) =>
        text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).LastOrDefault("it says nothing");
}

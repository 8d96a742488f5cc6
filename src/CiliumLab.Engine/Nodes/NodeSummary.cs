using CiliumLab.Model;

namespace CiliumLab.Engine.Nodes;

/// <summary>What can be said about a node in one look: whether it answers, and the versions of what it runs.</summary>
public static class NodeSummary
{
    /// <summary>Looks at a node. One that does not answer is a result too.</summary>
    public static async Task<LabNode> ReadAsync(INodeShell shell, CancellationToken cancellationToken)
    {
        var description = shell.Description;
        var node = new LabNode
        {
            Node = description.Node,
            Lab = shell.Lab,
            Role = description.Role,
            SshEndpoint = shell.SshEndpoint,
        };
        try
        {
            var kernel = shell.RunAsync(NodeCommand.Of("uname", "-r"), cancellationToken);
            var system = shell.RunAsync(NodeCommand.Of("cat", "/etc/os-release"), cancellationToken);
            var kubelet = shell.RunAsync(NodeCommand.Of("kubelet", "--version"), cancellationToken);
            var containerd = shell.RunAsync(NodeCommand.Of("containerd", "--version"), cancellationToken);
            await Task.WhenAll(kernel, system, kubelet, containerd).ConfigureAwait(false);
            return node with
            {
                State = NodeState.Reachable,
                KernelVersion = Said(kernel)?.Trim(),
                OperatingSystem = Said(system)?.Split('\n')
                    .FirstOrDefault(line => line.StartsWith("PRETTY_NAME=", StringComparison.Ordinal))?["PRETTY_NAME=".Length..].Trim('"'),
                KubernetesVersion = Word(Said(kubelet), 1)?.TrimStart('v'),
                ContainerdVersion = Word(Said(containerd), 2)?.TrimStart('v'),
            };
        }
        catch (LabException error)
        {
            return node with { State = NodeState.Unreachable, Reason = error.Message };
        }
    }

    private static string? Said(Task<NodeCommandResult> command) => command.Result is { ExitCode: 0 } result ? result.Output : null;

    // "Kubernetes v1.33.2" and "containerd github.com/containerd/containerd v1.7.27 05044ec..."
    private static string? Word(string? text, int index) =>
        text?.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).ElementAtOrDefault(index);
}

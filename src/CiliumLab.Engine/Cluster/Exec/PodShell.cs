using System.Net.WebSockets;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;
using k8s;

namespace CiliumLab.Engine.Cluster.Exec;

/// <summary>
/// A container of a pod as a place where commands run, with everything that <see cref="NodeShellCommands"/> offers. Kubernetes cannot
/// signal a command: one that is cancelled loses its connection, and ends when it next writes, unless it is <see cref="NodeCommand.Lasting"/>.
/// </summary>
public sealed class PodShell : ICommandRunner
{
    private readonly Kubernetes _client;

    /// <summary>Names a container; nothing is sent yet.</summary>
    internal PodShell(Kubernetes client, string ns, string pod, string? container, string node)
    {
        _client = client;
        (Namespace, Pod, Container, Node) = (ns, pod, container, node);
    }

    /// <summary>The pod's namespace.</summary>
    public string Namespace { get; }

    /// <summary>The pod's name.</summary>
    public string Pod { get; }

    /// <summary>The container; null for the pod's only or default one.</summary>
    public string? Container { get; }

    /// <inheritdoc/>
    public string Node { get; }

    /// <inheritdoc/>
    public string Place => $"pod '{Namespace}/{Pod}'";

    /// <inheritdoc/>
    public string ByHand(NodeCommand command) =>
        $"kubectl exec -n {Namespace} {Pod}{(Container is null ? "" : $" -c {Container}")} -- {ShellQuoting.Join(command.Arguments)}";

    /// <inheritdoc/>
    /// <exception cref="LabException">
    /// <c>ClusterObjectNotFound</c>, <c>ClusterRequestInvalid</c> (no such container, the pod does not run), or what every request throws.
    /// </exception>
    public async Task<IRunningCommand> StartAsync(NodeCommand command, CancellationToken cancellationToken)
    {
        if (command.Sudo)
            throw new ArgumentException("A container has no sudo: commands run as its user.", nameof(command));
        var channels = new ExecChannels(await ConnectAsync(command, cancellationToken).ConfigureAwait(false), command);
        if (!command.Input.IsEmpty && !channels.CanCloseInput)
        {
            channels.Dispose();
            throw new LabException(
                "PodInputNotSupported",
                LabErrorKind.NotInstalled,
                $"The API server is too old to tell a command in {Place} where its input ends (it speaks {ExecChannels.OlderProtocol}).",
                $"{Namespace}/{Pod}",
                "Use Kubernetes 1.30 or later.");
        }

        return PodRunningCommand.Start(this, command, channels, cancellationToken);
    }

    private async Task<WebSocket> ConnectAsync(NodeCommand command, CancellationToken cancellationToken)
    {
        try
        {
            return await _client.WebSocketNamespacedPodExecAsync(
                Uri.EscapeDataString(Pod), Uri.EscapeDataString(Namespace), command.Lasting ? LastingProcess.Announced(command.Arguments) : command.Arguments, Container, stderr: true,
                stdin: !command.Input.IsEmpty, stdout: true, tty: false, ExecChannels.Protocol, customHeaders: null, cancellationToken).ConfigureAwait(false);
        }
        catch (WebSocketException error) when (error.InnerException is LabException refusal)
        {
            throw refusal;
        }
        catch (WebSocketException error)
        {
            throw Broken(command, error.Message, error);
        }
    }

    /// <summary>The error for a connection that did not last as long as its command.</summary>
    internal LabException Broken(NodeCommand command, string reason, Exception? error) =>
        new(
            "PodConnectionLost",
            LabErrorKind.ConnectionError,
            $"The connection to {Place} broke while '{ShellQuoting.Join(command.Arguments)}' ran: {reason.TrimEnd('.')}. Whether the command finished there is not known.",
            $"{Namespace}/{Pod}",
            $"See whether the pod is well: Get-LabPod -Namespace {Namespace} -Name {Pod}",
            error);
}

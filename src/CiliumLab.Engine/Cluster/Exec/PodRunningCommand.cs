using System.Net.WebSockets;
using System.Text;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cluster.Exec;

/// <summary>A command that runs in a container.</summary>
internal sealed class PodRunningCommand : IRunningCommand
{
    private readonly PodShell _shell;
    private readonly NodeCommand _command;
    private readonly ExecChannels _channels;
    private readonly CancellationToken _userToken;
    private readonly CancellationTokenSource _asked;
    private readonly CancellationTokenSource _ending = new();
    private readonly Task<Exception?> _received;
    private readonly Task _sent;
    private readonly Task _ended;

    private PodRunningCommand(PodShell shell, NodeCommand command, ExecChannels channels, CancellationToken cancellationToken)
    {
        (_shell, _command, _channels, _userToken) = (shell, command, channels, cancellationToken);
        _asked = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (command.Timeout is { } timeout)
            _asked.CancelAfter(timeout);
        _received = Task.Run(() => channels.ReceiveAsync(_ending.Token), CancellationToken.None);
        _sent = command.Input.IsEmpty ? Task.CompletedTask : Task.Run(SendAsync, CancellationToken.None);
        _ended = EndWhenAskedAsync();
    }

    /// <inheritdoc/>
    public Stream Output => _channels.Output;

    /// <summary>Begins to read what the command says.</summary>
    public static PodRunningCommand Start(PodShell shell, NodeCommand command, ExecChannels channels, CancellationToken cancellationToken) =>
        new(shell, command, channels, cancellationToken);

    /// <inheritdoc/>
    public async Task<CommandExit> WaitAsync()
    {
        var broken = await _received.ConfigureAwait(false);
        if (_command.Lasting)
            _userToken.ThrowIfCancellationRequested();
        var error = Encoding.UTF8.GetString(_channels.Beside.Span);
        if (ExecStatus.Read(_channels.Status) is { } status)
        {
            return status.ExitCode is { } code
                ? new CommandExit(code, error + status.Message)
                : throw NotStarted(status.Message);
        }

        _userToken.ThrowIfCancellationRequested();
        if (_asked.IsCancellationRequested)
            throw TimedOut();
        throw _shell.Broken(_command, broken?.Message ?? "the API server closed it without a status", broken);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // A reader that stopped early must not leave the receiver waiting for room.
        await _channels.Output.DisposeAsync().ConfigureAwait(false);
        await _asked.CancelAsync().ConfigureAwait(false);
        await _ended.ConfigureAwait(false);
        await _received.ConfigureAwait(false);
        await _sent.ConfigureAwait(false);
        _channels.Dispose();
        _asked.Dispose();
        _ending.Dispose();
    }

    private async Task EndWhenAskedAsync()
    {
        var asked = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var registration = _asked.Token.Register(asked.SetResult);
        await using (registration.ConfigureAwait(false))
        {
            if (await Task.WhenAny(_received, asked.Task).ConfigureAwait(false) == _received)
                return;
        }

        if (_command.Lasting)
            await new LastingProcess(_shell, _channels).EndAsync(_received).ConfigureAwait(false);
        await _ending.CancelAsync().ConfigureAwait(false);
    }

    private async Task SendAsync()
    {
        try
        {
            await _channels.SendAsync(_command.Input, _ending.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            // The command ended without reading its input, or the connection broke: its end tells which.
        }
    }

    private LabException NotStarted(string message) =>
        new(
            "PodCommandNotStarted",
            LabErrorKind.RemoteCommandFailed,
            $"'{ShellQuoting.Join(_command.Arguments)}' did not run in {_shell.Place}: {message.TrimEnd('.')}.",
            $"{_shell.Namespace}/{_shell.Pod}",
            $"Try it by hand: {_shell.ByHand(_command)}");

    private LabException TimedOut() =>
        new(
            "PodCommandTimedOut",
            LabErrorKind.OperationTimeout,
            $"'{ShellQuoting.Join(_command.Arguments)}' took longer than {_command.Timeout!.Value.TotalSeconds:0.###} s in {_shell.Place} and was left alone.",
            $"{_shell.Namespace}/{_shell.Pod}",
            "Give it more time with -Timeout, or see whether the pod is well: Get-LabPod");
}

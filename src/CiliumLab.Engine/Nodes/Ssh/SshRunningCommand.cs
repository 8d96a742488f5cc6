using System.Globalization;
using System.Text;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Model;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace CiliumLab.Engine.Nodes.Ssh;

/// <summary>A command that runs over SSH.</summary>
internal sealed class SshRunningCommand : IRunningCommand
{
    private const int MostErrorText = 1024 * 1024;
    private const int MostNoiseBeforeMark = 256 * 1024;
    private const int InputPiece = 32 * 1024;

    // How long a signalled command may still take to go away before it is left behind.
    private static readonly TimeSpan LastWait = TimeSpan.FromSeconds(3);

    private readonly NodeDescription _node;
    private readonly NodeCommand _command;
    private readonly SshConnection _connection;
    private readonly IDisposable _session;
    private readonly Sudo? _sudo;
    private readonly SshCommand _remote;
    private readonly Task _ended;
    private readonly int _processId;
    private readonly CancellationToken _userToken;
    private readonly CancellationTokenSource _ending;
    private readonly CancellationTokenRegistration _onEnding;
    private readonly CancellationTokenRegistration _onLost;
    private readonly TaskCompletionSource _leftBehind = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _signalled = Task.CompletedTask;

    private SshRunningCommand(
        NodeDescription node,
        NodeCommand command,
        SshConnection connection,
        IDisposable session,
        Sudo? sudo,
        SshCommand remote,
        Task ended,
        int processId,
        CancellationTokenSource ending,
        CancellationToken cancellationToken)
    {
        _node = node;
        _command = command;
        _connection = connection;
        _session = session;
        _sudo = sudo;
        _remote = remote;
        _ended = ended;
        _processId = processId;
        _userToken = cancellationToken;
        Output = new SshOutputStream(remote.OutputStream, Task.WhenAny(ended, _leftBehind.Task));
        _ending = ending;
        _onEnding = _ending.Token.Register(() => _signalled = Task.Run(SignalAsync));
        _onLost = connection.Lost.Register(() =>
        {
            _leftBehind.TrySetResult();
            Wake(remote);
        });
        if (command.Timeout is { } timeout)
            _ending.CancelAfter(timeout);
    }

    /// <inheritdoc/>
    public Stream Output { get; }

    /// <summary>Sends a command and waits until it has begun on the node.</summary>
    /// <remarks>Blocks its thread for the round trips, as the library does; call it on a thread of its own.</remarks>
    public static SshRunningCommand Begin(
        NodeDescription node, NodeCommand command, SshConnection connection, IDisposable session, Sudo? sudo, CancellationToken cancellationToken)
    {
        var (line, input) = RemoteCommandLine.Build(node.Node, command, sudo);
        var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var remote = connection.Prepare(line);
        try
        {
            var ended = Send(node, command, remote);
            Feed(remote, input, ending.Token);
            int processId;
            using (connection.Lost.Register(() => Wake(remote)))
                processId = ReadProcessId(node, command, remote, ended);
            return new SshRunningCommand(node, command, connection, session, sudo, remote, ended, processId, ending, cancellationToken);
        }
        catch
        {
            ending.Dispose();
            Discard(remote, connection);
            throw;
        }
    }

    /// <inheritdoc/>
    public async Task<CommandExit> WaitAsync()
    {
        await Task.WhenAny(_ended, _leftBehind.Task).ConfigureAwait(false);
        await _signalled.ConfigureAwait(false);
        _userToken.ThrowIfCancellationRequested();
        if (_ending.IsCancellationRequested)
            throw TimedOut();
        if (_ended.IsFaulted)
            throw SshErrors.Lost(_node, _command, _ended.Exception.InnerException!.Message, _ended.Exception.InnerException);
        if (!_ended.IsCompleted)
            throw SshErrors.Lost(_node, _command, "the node stopped answering.", null);
        var said = _remote.Error;
        if (said.Length > MostErrorText)
            said = said[..MostErrorText];
        if (_remote.ExitSignal is { Length: > 0 } signal)
            return new CommandExit(128 + SignalNumber(signal), said);
        return _remote.ExitStatus is { } code
            ? new CommandExit(code, said)
            : throw SshErrors.Lost(_node, _command, "the server closed the session without an exit code.", null);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_ended.IsCompleted)
            await _ending.CancelAsync().ConfigureAwait(false);
        await _onEnding.DisposeAsync().ConfigureAwait(false);
        await _onLost.DisposeAsync().ConfigureAwait(false);
        await _signalled.ConfigureAwait(false);
        _ending.Dispose();
        Discard(_remote, _connection);
        _session.Dispose();
    }

    // What failed before the command was sent may be tried again; what failed later may have run.
    private static Task Send(NodeDescription node, NodeCommand command, SshCommand remote)
    {
        SendingText.Sent = false;
        try
        {
            return remote.ExecuteAsync(CancellationToken.None);
        }
        catch (Exception error) when (SendingText.Sent && SshErrors.IsConnectionLoss(error))
        {
            throw SshErrors.Lost(node, command, error.Message, error);
        }
        catch (SshException error) when (error.GetType() == typeof(SshException))
        {
            throw new SessionRefusedException(error);
        }
    }

    private static void Feed(SshCommand remote, ReadOnlyMemory<byte> input, CancellationToken ending)
    {
        if (input.IsEmpty)
            return;
        if (input.Length <= RemoteCommandLine.SmallInput)
            Write();
        else
            _ = Task.Factory.StartNew(Write, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

        void Write()
        {
            try
            {
                using var stream = remote.CreateInputStream();
                for (var rest = input; !rest.IsEmpty && !ending.IsCancellationRequested; rest = rest[Math.Min(InputPiece, rest.Length)..])
                    stream.Write(rest.Span[..Math.Min(InputPiece, rest.Length)]);
            }
            catch (Exception error) when (SshErrors.IsConnectionLoss(error))
            {
                // The command ended without reading its input, or the connection broke: its end tells which.
            }
        }
    }

    private static int ReadProcessId(NodeDescription node, NodeCommand command, SshCommand remote, Task ended)
    {
        var noise = new StringBuilder();
        var line = new StringBuilder();
        while (noise.Length < MostNoiseBeforeMark)
        {
            var next = remote.OutputStream.ReadByte();
            if (next >= 0 && next != '\n')
            {
                line.Append((char)next);
                continue;
            }

            var text = line.ToString();
            if (text.StartsWith(RemoteCommandLine.ProcessIdMark, StringComparison.Ordinal)
                && int.TryParse(text.AsSpan(RemoteCommandLine.ProcessIdMark.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var processId))
            {
                return processId;
            }

            noise.Append(text).Append(' ');
            line.Clear();
            if (next < 0)
                break;
        }

        if (ended.IsFaulted)
            throw SshErrors.Lost(node, command, ended.Exception.InnerException!.Message, ended.Exception.InnerException);
        if (!ended.IsCompleted)
            throw SshErrors.Lost(node, command, "the node stopped answering.", null);
        throw new LabException(
            "NodeShellUnusable",
            LabErrorKind.InvalidOperation,
            $"The login shell of node '{node.Node}' does not run commands; it said: {(noise.ToString().Trim() is { Length: > 0 } said ? said : remote.Error.Trim())}",
            node.Node,
            "Log in as a user whose shell is sh, bash, dash, ksh or zsh.");
    }

    private async Task SignalAsync()
    {
        if (_ended.IsCompleted)
            return;
        await _connection.SignalAsync(_node.Node, _processId, _sudo).ConfigureAwait(false);
        await Task.WhenAny(_ended, Task.Delay(LastWait)).ConfigureAwait(false);
        if (_ended.IsCompleted)
            return;
        _leftBehind.TrySetResult();
        _remote.Dispose();
    }

    // Disposing a command closes its channel, which on a lost connection waits for an answer that nobody sends.
    private static void Discard(SshCommand remote, SshConnection connection)
    {
        if (connection.Lost.IsCancellationRequested)
            _ = Task.Run(remote.Dispose);
        else
            remote.Dispose();
    }

    // Readers wait in these streams; the command itself is not disposed here, because it would first talk to a node that is gone.
    private static void Wake(SshCommand remote)
    {
        remote.OutputStream.Dispose();
        remote.ExtendedOutputStream.Dispose();
    }

    private LabException TimedOut() =>
        new(
            "NodeCommandTimedOut",
            LabErrorKind.OperationTimeout,
            $"'{ShellQuoting.Join(_command.Arguments)}' took longer than {_command.Timeout!.Value.TotalSeconds:0.###} s on node '{_node.Node}' and was ended.",
            _node.Node,
            "Give it more time with -Timeout, or see what the node is busy with: Invoke-NodeCommand -Node " + _node.Node + " -Command 'uptime'");

    private static int SignalNumber(string name) => name switch
    {
        "HUP" => 1,
        "INT" => 2,
        "QUIT" => 3,
        "ILL" => 4,
        "ABRT" => 6,
        "FPE" => 8,
        "KILL" => 9,
        "USR1" => 10,
        "SEGV" => 11,
        "USR2" => 12,
        "PIPE" => 13,
        "ALRM" => 14,
        "TERM" => 15,
        _ => 0,
    };
}

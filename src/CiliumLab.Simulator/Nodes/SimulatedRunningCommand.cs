using System.IO.Pipelines;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;
using CiliumLab.Simulator.Nodes.Programs;

namespace CiliumLab.Simulator.Nodes;

/// <summary>A command that runs on a simulated node. Its output goes through a pipe that makes it wait for its reader.</summary>
internal sealed class SimulatedRunningCommand : IRunningCommand
{
    private const int Terminated = 128 + 15;
    private const int MostErrorText = 1024 * 1024;
    private const int PipeSize = 64 * 1024;

    private readonly SimulatedNode _node;
    private readonly NodeCommand _command;
    private readonly CancellationToken _userToken;
    private readonly CancellationTokenSource _timeout;
    private readonly CancellationTokenSource _ending;
    private readonly Pipe _pipe = new(new PipeOptions(pauseWriterThreshold: PipeSize, resumeWriterThreshold: PipeSize / 2, useSynchronizationContext: false));
    private readonly Task<CommandExit> _run;
    private int _bytesLeft;
    private volatile bool _lost;

    private SimulatedRunningCommand(SimulatedNode node, NodeCommand command, NodeUser user, CancellationToken cancellationToken)
    {
        _node = node;
        _command = command;
        _userToken = cancellationToken;
        _bytesLeft = node.Faults.DropAfterBytes ?? int.MaxValue;
        _timeout = command.Timeout is { } timeout ? new CancellationTokenSource(timeout, node.Clock) : new CancellationTokenSource();
        _ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _timeout.Token);
        Output = _pipe.Reader.AsStream();
        node.Faults.ConnectionsBroken += Break;
        _run = Task.Run(() => RunAsync(user));
    }

    /// <inheritdoc/>
    public Stream Output { get; }

    /// <summary>Starts a command.</summary>
    public static SimulatedRunningCommand Start(SimulatedNode node, NodeCommand command, NodeUser user, CancellationToken cancellationToken) =>
        new(node, command, user, cancellationToken);

    /// <inheritdoc/>
    public async Task<CommandExit> WaitAsync()
    {
        var exit = await _run.ConfigureAwait(false);
        _userToken.ThrowIfCancellationRequested();
        if (_lost)
            throw ShellErrors.Lost(_node, _command);
        return _timeout.IsCancellationRequested ? throw ShellErrors.TimedOut(_node, _command) : exit;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_run.IsCompleted)
            await _ending.CancelAsync().ConfigureAwait(false);
        await _pipe.Reader.CompleteAsync().ConfigureAwait(false);
        await _run.ConfigureAwait(false);
        _node.Faults.ConnectionsBroken -= Break;
        _ending.Dispose();
        _timeout.Dispose();
    }

    private void Break()
    {
        if (_run.IsCompleted)
            return;
        _lost = true;
        _ending.Cancel();
    }

    private async Task<CommandExit> RunAsync(NodeUser login)
    {
        var underSudo = _command.Sudo && !login.IsRoot;
        var user = _command.Sudo ? NodeUser.Root : login;
        var call = new ProgramCall
        {
            Node = _node,
            Name = _command.Arguments[0],
            Arguments = [.. _command.Arguments.Skip(1)],
            User = user,
            Network = _node.Kernel.Network,
            Folder = login.Home,
            Environment =
            [
                new("LANG", "en_US.UTF-8"), new("HOME", user.Home), new("USER", user.Name), new("LOGNAME", user.Name), new("SHELL", "/bin/bash"),
                new("PATH", string.Join(':', NodePrograms.SearchPath)), new("LC_ALL", "C"),
            ],
            Input = _command.Input,
            Output = new ProgramOutput(WriteAsync),
            CancellationToken = _ending.Token,
        };
        var code = Terminated;
        try
        {
            code = await _node.Programs.RunAsync(call, underSudo).ConfigureAwait(false);
            await call.Output.FlushAsync(_ending.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Why is known to whoever ended it.
        }
        finally
        {
            await _pipe.Writer.CompleteAsync().ConfigureAwait(false);
        }

        if (_bytesLeft <= 0)
        {
            _lost = true;
            _node.Faults.Strike(LabFaultKind.ConnectionDropped);
        }

        var said = call.Error.ToString();
        return new CommandExit(code, said.Length > MostErrorText ? said[..MostErrorText] : said);
    }

    private async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        const int chunk = 16 * 1024;
        while (!bytes.IsEmpty)
        {
            var part = bytes[..Math.Min(Math.Min(chunk, bytes.Length), Math.Max(0, _bytesLeft))];
            if (_bytesLeft != int.MaxValue)
                _bytesLeft -= part.Length;
            if (!part.IsEmpty && (await _pipe.Writer.WriteAsync(part, cancellationToken).ConfigureAwait(false)).IsCompleted)
                throw new OperationCanceledException("Nobody reads any more.");
            if (_bytesLeft <= 0)
                throw new OperationCanceledException("The connection broke.");
            bytes = bytes[part.Length..];
        }
    }
}

using System.Diagnostics;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Model;

namespace CiliumLab.Engine.Nodes.Ssh;

/// <summary>A node over SSH: one connection, opened at first use and shared by every command.</summary>
/// <param name="description">How the node is reached.</param>
/// <param name="lab">The lab's name, for advice.</param>
/// <param name="credential">What the user gave to log in with.</param>
/// <param name="knownHosts">The lab's pinned host keys.</param>
public sealed class SshNodeShell(NodeDescription description, string lab, SshCredential credential, KnownHosts knownHosts)
    : INodeShell, IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closed = new();
    private Task<SshConnection>? _connection;
    private Sudo? _sudo;

    /// <inheritdoc/>
    public string Lab => lab;

    /// <inheritdoc/>
    public NodeDescription Description => description;

    /// <inheritdoc/>
    public string SshEndpoint => $"{User}@{description.Host}:{description.Port}";

    private string Node => description.Node;

    private string User => description.User ?? credential.User ?? Environment.UserName;

    /// <inheritdoc/>
    public async Task<IRunningCommand> StartAsync(NodeCommand command, CancellationToken cancellationToken)
    {
        if (command.ReadsError)
            throw new ArgumentException("Over SSH standard error is only read when the command has ended.", nameof(command));
        var sudo = command.Sudo && User != "root" ? await SudoAsync(cancellationToken).ConfigureAwait(false) : null;
        return await BeginAsync(command, sudo, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<byte[]> ReadFileAsync(string path, CancellationToken cancellationToken) =>
        NodeFiles.ReadAsync(this, path, cancellationToken);

    /// <inheritdoc/>
    public Task<string?> WriteFileAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        NodeFiles.WriteAsync(this, path, content, cancellationToken);

    /// <inheritdoc/>
    public Task<string?> DeleteFileAsync(string path, CancellationToken cancellationToken) =>
        NodeFiles.DeleteAsync(this, path, cancellationToken);

    /// <summary>Closes the connection, also one that is only being made; no other is made afterwards.</summary>
    public async ValueTask DisposeAsync()
    {
        Task<SshConnection>? connection;
        lock (_gate)
        {
            connection = _connection;
            _connection = null;
            _closed.Cancel();
        }

        if (connection is not null)
            await CloseAsync(connection).ConfigureAwait(false);
    }

    private async Task<IRunningCommand> BeginAsync(NodeCommand command, Sudo? sudo, CancellationToken cancellationToken)
    {
        var pooled = _connection is { IsCompletedSuccessfully: true } made ? made.Result : null;
        var connection = await ConnectionAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return await BeginAsync(connection, command, sudo, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not LabException and not OperationCanceledException && SshErrors.IsConnectionLoss(error))
        {
            Forget(connection);
            if (connection != pooled)
                throw SshErrors.NotConnected(description, User, error);

            // A pooled connection turned out dead before the command was sent: once more on a new one.
            connection = await ConnectionAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await BeginAsync(connection, command, sudo, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception again) when (again is not LabException and not OperationCanceledException && SshErrors.IsConnectionLoss(again))
            {
                Forget(connection);
                throw SshErrors.NotConnected(description, User, again);
            }
        }
    }

    private async Task<IRunningCommand> BeginAsync(
        SshConnection connection, NodeCommand command, Sudo? sudo, CancellationToken cancellationToken)
    {
        while (true)
        {
            var session = await connection.ReserveAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                return await BeginAsync(connection, session, command, sudo, cancellationToken).ConfigureAwait(false);
            }
            catch (SessionRefusedException error)
            {
                // The server allows fewer sessions than usual: this one waits until another has ended.
                if (!connection.Withdraw(session))
                    throw SshErrors.NoSession(description, error);
            }
        }
    }

    private async Task<IRunningCommand> BeginAsync(
        SshConnection connection, IDisposable session, NodeCommand command, Sudo? sudo, CancellationToken cancellationToken)
    {
        var beginning = Task.Factory.StartNew(
            () => SshRunningCommand.Begin(description, command, connection, session, sudo, cancellationToken),
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        try
        {
            return await beginning.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            _ = AbandonAsync(beginning, session);
            throw;
        }
        catch (Exception error) when (error is not SessionRefusedException)
        {
            session.Dispose();
            throw;
        }
    }

    // Cancelled while it was being sent: it is ended as soon as it can be named.
    private static async Task AbandonAsync(Task<SshRunningCommand> beginning, IDisposable session)
    {
        try
        {
            var running = await beginning.ConfigureAwait(false);
            await running.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception)
        {
            // It never ran, and nobody waits for the reason any more.
            session.Dispose();
        }
    }

    // All commands that need a connection wait for the same one, and share its failure: a node that is down is waited for once. A command that
    // is cancelled meanwhile leaves the connection to the next.
    private async Task<SshConnection> ConnectionAsync(CancellationToken cancellationToken)
    {
        Task<SshConnection> connection;
        Task<SshConnection>? broken = null;
        lock (_gate)
        {
            if (_closed.IsCancellationRequested)
                throw SshErrors.Closed(description, lab);
            if (_connection is not { } known || (known.IsCompleted && !(known.IsCompletedSuccessfully && known.Result.IsOpen)))
            {
                broken = _connection;
                _connection = Task.Run(
                    () => SshConnection.OpenAsync(description, User, lab, credential, knownHosts, _closed.Token), CancellationToken.None);
            }

            connection = _connection!;
        }

        if (broken is not null)
            _ = CloseAsync(broken);
        try
        {
            return await connection.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw SshErrors.Closed(description, lab);
        }
    }

    private static async Task CloseAsync(Task<SshConnection> connection)
    {
        try
        {
            (await connection.ConfigureAwait(false)).Dispose();
        }
        catch (Exception error) when (error is LabException or OperationCanceledException)
        {
            // It was never made.
        }
    }

    private void Forget(SshConnection connection)
    {
        lock (_gate)
        {
            if (_connection is { IsCompletedSuccessfully: true } known && known.Result == connection)
                _connection = null;
        }

        connection.GiveUp();
    }

    private async Task<Sudo> SudoAsync(CancellationToken cancellationToken)
    {
        if (_sudo is { } known)
            return known;
        var nothing = NodeCommand.Of("true");
        var answer = await TryAsync(Sudo.Free).ConfigureAwait(false);
        if (answer.ExitCode == 0)
            return _sudo = Sudo.Free;
        if (credential.PasswordOf(User) is { } password)
        {
            var withPassword = Sudo.WithPassword(password);
            answer = await TryAsync(withPassword).ConfigureAwait(false);
            if (answer.ExitCode == 0)
                return _sudo = withPassword;
        }

        throw new LabException(
            "SudoRefused",
            LabErrorKind.PermissionDenied,
            $"User '{User}' may not become root on node '{Node}': {answer.Error.Trim().ReplaceLineEndings(" ")}",
            Node,
            credential.PasswordOf(User) is null
                ? $"Give the password with Connect-LabCluster ... -Credential {User}, or allow it on the node: echo '{User} ALL=(ALL) NOPASSWD: ALL' > /etc/sudoers.d/{User}"
                : $"Check the password, and that '{User}' is in sudoers on the node.");

        async Task<NodeCommandResult> TryAsync(Sudo sudo)
        {
            var running = await BeginAsync(nothing, sudo, cancellationToken).ConfigureAwait(false);
            return await NodeShellCommands.CollectAsync(Node, nothing, running, Stopwatch.StartNew(), cancellationToken).ConfigureAwait(false);
        }
    }
}

using System.Globalization;
using System.Net.Sockets;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Model;
using Renci.SshNet;
using Renci.SshNet.Common;

namespace CiliumLab.Engine.Nodes.Ssh;

/// <summary>One open SSH connection to a node, shared by all commands that run there.</summary>
internal sealed class SshConnection : IDisposable
{
    // sshd allows 10 sessions in a connection by default; two are kept free for signals and probes.
    private const int SessionsAtOnce = 8;
    private const int SessionsForSignals = 2;

    // How long a server may take to answer a connection or a request.
    private static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan ProbeEvery = TimeSpan.FromSeconds(5);

    private readonly SshClient _client;
    private readonly SemaphoreSlim _sessions = new(SessionsAtOnce);
    private readonly Timer _probe;
    private readonly CancellationTokenSource _lost = new();
    private readonly Lock _counting = new();
    private int _allowed = SessionsAtOnce;
    private int _running;
    private int _probing;

    private SshConnection(SshClient client)
    {
        _client = client;
        _probe = new Timer(_ => Probe());
    }

    /// <summary>False when the connection is known to be gone; true does not promise that it works.</summary>
    public bool IsOpen => !Lost.IsCancellationRequested && _client.IsConnected;

    /// <summary>Cancelled when the connection is given up; the library tells its commands nothing then.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Connects, checks who answers, and logs in.</summary>
    public static async Task<SshConnection> OpenAsync(
        NodeDescription node, string user, string lab, SshCredential credential, KnownHosts knownHosts, CancellationToken cancellationToken)
    {
        var pinned = knownHosts.Find(node.Node);
        HostKey? offered = null;
        var client = new SshClient(Settings(node, user, credential, pinned)) { KeepAliveInterval = KeepAlive };
        client.HostKeyReceived += (_, received) =>
        {
            // The library trusts every key unless told otherwise.
            offered = HostKey.FromBlob(received.HostKey);
            received.CanTrust = pinned is null || offered.Equals(pinned);
        };
        try
        {
            await client.ConnectAsync(cancellationToken).ConfigureAwait(false);

            // Another session may have been the first while this one connected.
            pinned = knownHosts.PinFirst(node.Node, offered!);
            return offered!.Equals(pinned) ? new SshConnection(client) : throw SshErrors.HostKeyChanged(node, lab, pinned, offered);
        }
        catch (LabException)
        {
            client.Dispose();
            throw;
        }
        catch (Exception error)
        {
            client.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            if (pinned is not null && offered is not null && !offered.Equals(pinned))
                throw SshErrors.HostKeyChanged(node, lab, pinned, offered);
            if (error is SshException or SocketException or IOException or OperationCanceledException or ObjectDisposedException or ArgumentException)
                throw SshErrors.NotConnected(node, user, error);
            throw;
        }
    }

    /// <summary>Waits for a free session; dispose what is returned to give it back.</summary>
    public async Task<IDisposable> ReserveAsync(CancellationToken cancellationToken)
    {
        await _sessions.WaitAsync(cancellationToken).ConfigureAwait(false);
        Count(1);
        return new Reservation(this);
    }

    /// <summary>Takes a session out of use because the server did not open it, and keeps some free for signals.</summary>
    /// <returns>False when nothing else runs: then waiting would not help.</returns>
    public bool Withdraw(IDisposable session)
    {
        lock (_counting)
        {
            if (_running == 1)
            {
                session.Dispose();
                return false;
            }

            if (_allowed > 1)
            {
                var spare = _allowed == SessionsAtOnce ? SessionsForSignals : 0;
                _allowed -= 1 + spare;
                for (; spare > 0; spare--)
                    _ = _sessions.WaitAsync();
                Count(-1);
                return true;
            }
        }

        session.Dispose();
        return true;
    }

    /// <summary>Makes a command that has not been sent yet.</summary>
    public SshCommand Prepare(string line) => _client.CreateCommand(line);

    /// <summary>
    /// Ends a command and everything that it started: TERM at once, and KILL two seconds later for what still lives. Returns when TERM
    /// was sent; the rest happens on the node, so that many commands can be signalled at the same time.
    /// </summary>
    public async Task SignalAsync(string node, int processId, Sudo? sudo)
    {
        var group = "-" + processId.ToString(CultureInfo.InvariantCulture);
        string[] script =
        [
            "sh", "-c",
            """
            kill -s TERM -- "$1" || exit
            trap '' HUP
            (n=0; while kill -s 0 -- "$1" && [ $n -lt 20 ]; do sleep 0.1; n=$((n+1)); done; kill -s KILL -- "$1") </dev/null >/dev/null 2>&1 &
            """,
            "sh", group,
        ];
        var (line, input) = RemoteCommandLine.Build(node, new NodeCommand(script), sudo);
        try
        {
            using var command = _client.CreateCommand(line);
            var ended = command.ExecuteAsync(CancellationToken.None);
            if (!input.IsEmpty)
            {
                using var stream = command.CreateInputStream();
                stream.Write(input.Span);
            }

            await ended.WaitAsync(AnswerTime).ConfigureAwait(false);
        }
        catch (Exception error) when (SshErrors.IsConnectionLoss(error) || error is TimeoutException)
        {
            // The connection is gone; sshd ends the session's processes by hanging up.
        }
    }

    /// <summary>Tells the running commands that the connection is gone, and closes it without making anybody wait.</summary>
    public void GiveUp()
    {
        _lost.Cancel();
        _ = Task.Run(Dispose);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_counting)
        {
            _lost.Cancel();
            _probe.Dispose();
        }

        _client.Dispose();
    }

    private static ConnectionInfo Settings(NodeDescription node, string user, SshCredential credential, HostKey? pinned)
    {
        var settings = new ConnectionInfo(node.Host, node.Port, user, SshAuthentication.Methods(node, user, credential))
        {
            Timeout = AnswerTime,
            MaxSessions = SessionsAtOnce + SessionsForSignals,
            Encoding = new SendingText(),
        };
        if (pinned is null)
            return settings;

        // A server has several keys; asking for the pinned one's type first keeps a healthy server from looking changed.
        var algorithms = settings.HostKeyAlgorithms;
        var place = 0;
        foreach (var name in AlgorithmsOf(pinned.Type))
        {
            if (!algorithms.TryGetValue(name, out var make))
                continue;
            algorithms.Remove(name);
            algorithms.Insert(place++, name, make);
        }

        return settings;
    }

    private static string[] AlgorithmsOf(string keyType) =>
        keyType == "ssh-rsa" ? ["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"] : [keyType];

    // A peer that vanished without a word is noticed by asking it something; a keep-alive that needs no answer is not enough.
    private void Probe()
    {
        if (Interlocked.Exchange(ref _probing, 1) == 1)
            return;
        try
        {
            using var command = _client.CreateCommand(":");
            using var patience = new CancellationTokenSource(AnswerTime);
            command.ExecuteAsync(patience.Token).GetAwaiter().GetResult();
        }
        catch (SshException error) when (error.GetType() == typeof(SshException))
        {
            // All sessions are taken. That the server says so is an answer too.
        }
        catch (Exception error) when (SshErrors.IsConnectionLoss(error) || error is OperationCanceledException)
        {
            GiveUp();
        }
        finally
        {
            Volatile.Write(ref _probing, 0);
        }
    }

    private void Release()
    {
        Count(-1);
        _sessions.Release();
    }

    // While something runs the peer is asked whether it lives; the count and the timer change together.
    private void Count(int change)
    {
        lock (_counting)
        {
            var before = _running;
            _running += change;
            if (!Lost.IsCancellationRequested && (before == 0 || _running == 0))
            {
                var every = _running == 0 ? Timeout.InfiniteTimeSpan : ProbeEvery;
                _probe.Change(every, every);
            }
        }
    }

    private sealed class Reservation(SshConnection connection) : IDisposable
    {
        private int _released;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _released, 1) == 0)
                connection.Release();
        }
    }
}

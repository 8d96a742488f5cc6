using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace CiliumLab.Tests.Integration;

/// <summary>
/// A port of this machine that leads to a node's SSH server and can be slow, deaf or torn: faults of the way to a node,
/// without touching the node, and with a known moment at which they begin.
/// </summary>
public sealed class NodePort : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly ConcurrentDictionary<Socket, byte> _sockets = [];
    private readonly CancellationTokenSource _closed = new();
    private readonly int _target;
    private readonly Task _accepting;
    private volatile TaskCompletionSource? _deaf;
    private long _bytesLeft = long.MaxValue;
    private int _accepted;

    internal NodePort(string node, int target)
    {
        Node = node;
        _target = target;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>The node behind the port.</summary>
    public string Node { get; }

    /// <summary>The port, on 127.0.0.1.</summary>
    public int Port { get; }

    /// <summary>How much later everything arrives, in each direction.</summary>
    public TimeSpan Delay { get; set; }

    /// <summary>How many connections have been made: tells a pooled connection from a new one.</summary>
    public int Accepted => Volatile.Read(ref _accepted);

    /// <summary>While true nothing passes, though connections stay and new ones are taken.</summary>
    public bool Deaf
    {
        get => _deaf is not null;
        set
        {
            if (value)
                _deaf ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            else
                Interlocked.Exchange(ref _deaf, null)?.SetResult();
        }
    }

    /// <summary>Resets every open connection now; new ones are taken.</summary>
    public void Cut()
    {
        foreach (var socket in _sockets.Keys)
            Reset(socket);
    }

    /// <summary>Resets every connection after so many more bytes, both directions counted together.</summary>
    public void CutAfter(long bytes) => Interlocked.Exchange(ref _bytesLeft, bytes);

    /// <summary>Resets every connection and refuses new ones.</summary>
    public void Refuse()
    {
        _listener.Stop();
        Cut();
    }

    public async ValueTask DisposeAsync()
    {
        await _closed.CancelAsync();
        Refuse();
        Deaf = false;
        await _accepting;
        _closed.Dispose();
    }

    private async Task AcceptAsync()
    {
        var passing = new List<Task>();
        try
        {
            while (true)
            {
                var client = await _listener.AcceptSocketAsync(_closed.Token);
                Interlocked.Increment(ref _accepted);
                passing.Add(PassAsync(client));
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException or InvalidOperationException)
        {
            // the port was closed or refuses
        }

        await Task.WhenAll(passing);
    }

    private async Task PassAsync(Socket client)
    {
        using var server = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        using (client)
        {
            _sockets[client] = _sockets[server] = 0;
            client.NoDelay = server.NoDelay = true;
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _target, _closed.Token);
                await Task.WhenAll(PumpAsync(client, server), PumpAsync(server, client));
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                Reset(client);
                Reset(server);
            }

            _sockets.TryRemove(client, out _);
            _sockets.TryRemove(server, out _);
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[64 * 1024];
        try
        {
            while (await from.ReceiveAsync(buffer, _closed.Token) is > 0 and var count)
            {
                if (Delay > TimeSpan.Zero)
                    await Task.Delay(Delay, _closed.Token);
                if (_deaf is { } deaf)
                    await deaf.Task.WaitAsync(_closed.Token);
                if (Interlocked.Add(ref _bytesLeft, -count) < 0)
                {
                    Interlocked.Exchange(ref _bytesLeft, long.MaxValue);
                    Cut();
                    return;
                }

                for (var sent = 0; sent < count;)
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent), _closed.Token);
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // one half is gone, so is the other
            Reset(from);
            Reset(to);
        }
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Close();
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // closed already
        }
    }
}

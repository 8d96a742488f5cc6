using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using CiliumLab.Model;

namespace CiliumLab.Simulator.Detached;

/// <summary>
/// The process that a detached lab lives in. It ends when it has nothing to do and no lab runs in it: when the lab was stopped, removed
/// or never started. Told to end, it keeps the lab first; killed, it leaves what it wrote down last, as a machine does that loses power.
/// </summary>
internal sealed class LabHost : IDisposable
{
    /// <summary>The line that says that the lab can be reached.</summary>
    public const string Ready = "ready";

    private const int Backlog = 512;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan BetweenTries = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan BetweenWrites = TimeSpan.FromMinutes(1);

    private readonly string _folder;
    private readonly LabHostRequests _requests;
    private readonly CancellationTokenSource _ending = new();
    private readonly Lock _gate = new();
    private int _busy;

    private LabHost(string folder) => (_folder, _requests) = (folder, new LabHostRequests(folder));

    /// <summary>Hosts a lab until it is stopped or removed. Where another process does already, waits until that one can be reached.</summary>
    /// <returns>The process's exit code.</returns>
    public static int Run(string folder)
    {
        LeaveTerminal();
        return RunAsync(folder, Console.Out).GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public void Dispose() => _ending.Dispose();

    private static async Task<int> RunAsync(string folder, TextWriter said)
    {
        using var claim = await ClaimAsync(folder).ConfigureAwait(false);
        if (claim is null)
        {
            await said.WriteLineAsync(Ready).ConfigureAwait(false);
            return 0;
        }

        LabHostFile.Clear(folder);
        var file = LabHostFile.Choose(folder);
        try
        {
            using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
            File.Delete(file.Socket);
            listener.Bind(new UnixDomainSocketEndPoint(file.Socket));
            if (!OperatingSystem.IsWindows())
                File.SetUnixFileMode(file.Socket, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            file.Write(folder);
            listener.Listen(Backlog);
            await said.WriteLineAsync(Ready).ConfigureAwait(false);
            await said.FlushAsync().ConfigureAwait(false);
            using var host = new LabHost(folder);
            await host.ServeAsync(listener).ConfigureAwait(false);
        }
        finally
        {
            LabHostFile.Clear(folder);
        }

        return 0;
    }

    // Another process may have the lab, or have had it and be about to end.
    private static async Task<FileStream?> ClaimAsync(string folder)
    {
        var waited = Stopwatch.StartNew();
        while (true)
        {
            if (LabHostFile.Claim(folder) is { } claim)
                return claim;
            if (LabHostFile.Read(folder) is { } other && await other.ConnectAsync(CancellationToken.None).ConfigureAwait(false) is { } connection)
            {
                connection.Dispose();
                return null;
            }

            if (waited.Elapsed > Patience)
                throw new TimeoutException($"Another process holds the lab in '{folder}' and does not answer.");
            await Task.Delay(BetweenTries).ConfigureAwait(false);
        }
    }

    // A session of its own: neither Ctrl+C nor the end of the terminal that the lab was made at reaches it. On Windows it has no console.
    private static void LeaveTerminal()
    {
        if (!OperatingSystem.IsWindows())
            _ = SetSessionId();
    }

    [DllImport("libc", EntryPoint = "setsid")]
    private static extern int SetSessionId();

    private async Task ServeAsync(Socket listener)
    {
        using var termination = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            _ = EndKeepingAsync();
        });
        _ending.CancelAfter(Patience);
        var writing = WriteDownAsync();
        try
        {
            while (true)
            {
                var client = await listener.AcceptAsync(_ending.Token).ConfigureAwait(false);
                Begin();
                _ = Task.Run(() => AnswerAsync(client));
            }
        }
        catch (OperationCanceledException)
        {
            // There is nothing more to do.
        }

        await writing.ConfigureAwait(false);
    }

    private async Task AnswerAsync(Socket client)
    {
        try
        {
            using var channel = new ControlChannel(client);
            await _requests.AnswerAsync(channel).ConfigureAwait(false);
        }
        finally
        {
            Finish();
        }
    }

    private void Begin()
    {
        lock (_gate)
        {
            if (++_busy == 1)
                _ending.CancelAfter(Timeout.InfiniteTimeSpan);
        }
    }

    private void Finish()
    {
        lock (_gate)
        {
            if (--_busy == 0 && !InProcessLabs.IsRunning(_folder))
                _ending.CancelAfter(_requests.HadLab ? TimeSpan.Zero : Patience);
        }
    }

    private async Task EndKeepingAsync()
    {
        try
        {
            await _requests.StopAsync().ConfigureAwait(false);
        }
        finally
        {
            await _ending.CancelAsync().ConfigureAwait(false);
        }
    }

    private async Task WriteDownAsync()
    {
        using var timer = new PeriodicTimer(BetweenWrites);
        try
        {
            while (await timer.WaitForNextTickAsync(_ending.Token).ConfigureAwait(false))
            {
                try
                {
                    await InProcessLabs.KeepAsync(_folder, _ending.Token).ConfigureAwait(false);
                }
                catch (LabException)
                {
                    // It did not hold still, or the disk is full: what was written before is still there.
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
    }
}

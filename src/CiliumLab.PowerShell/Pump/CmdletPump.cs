using System.Collections.Concurrent;
using System.Management.Automation;
using System.Threading.Channels;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Pump;

/// <summary>
/// Carries what asynchronous work wants to say to the pipeline thread, the only one that may write. The queue is bounded, so
/// a slow consumer slows the producers and a large answer never sits in memory.
/// </summary>
internal sealed class CmdletPump
{
    private const int Capacity = 256;

    private readonly Channel<Action<Cmdlet>> _queue = Channel.CreateBounded<Action<Cmdlet>>(
        new BoundedChannelOptions(Capacity) { SingleReader = true, SingleWriter = false });

    private readonly ConcurrentDictionary<(string ErrorId, string Message), bool> _told = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open = 1;
    private int _closed;

    /// <summary>Completes when all work has ended and no more can be started.</summary>
    public Task Ended => _ended.Task;

    /// <summary>Starts a piece of work on the thread pool. Its failure becomes one non-terminating error.</summary>
    public void Start(Func<WorkOutput, CancellationToken, Task> work, SemaphoreSlim throttle, CancellationToken stopping)
    {
        Interlocked.Increment(ref _open);
        _ = Task.Run(() => RunAsync(work, throttle, stopping), CancellationToken.None);
    }

    /// <summary>Says that no more work will be started; again is harmless.</summary>
    public void Close()
    {
        if (Interlocked.Exchange(ref _closed, 1) == 0)
            Leave();
    }

    /// <summary>Queues something for the pipeline thread; waits while the queue is full.</summary>
    public ValueTask PostAsync(Action<Cmdlet> item, CancellationToken stopping) => _queue.Writer.WriteAsync(item, stopping);

    /// <summary>Queues an error, unless these very words were said before: what fails for the whole lab would be told once for each node.</summary>
    public ValueTask PostErrorAsync(LabException error, CancellationToken stopping) =>
        _told.TryAdd((error.ErrorId, error.Message), true) ? PostAsync(cmdlet => cmdlet.WriteError(LabErrors.ToRecord(error)), stopping) : ValueTask.CompletedTask;

    /// <summary>On the pipeline thread: writes what is there and returns.</summary>
    public void DrainAvailable(Cmdlet cmdlet)
    {
        while (_queue.Reader.TryRead(out var item))
            item(cmdlet);
    }

    /// <summary>On the pipeline thread: writes until all work has ended or the cmdlet is stopped.</summary>
    public void DrainToEnd(Cmdlet cmdlet, CancellationToken stopping)
    {
        try
        {
            while (_queue.Reader.WaitToReadAsync(stopping).AsTask().GetAwaiter().GetResult())
                DrainAvailable(cmdlet);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // Stopped: what is still queued is not wanted any more, and the work is being cancelled by the same token.
        }
    }

    private async Task RunAsync(Func<WorkOutput, CancellationToken, Task> work, SemaphoreSlim throttle, CancellationToken stopping)
    {
        var output = new WorkOutput(this, stopping);
        try
        {
            await throttle.WaitAsync(stopping).ConfigureAwait(false);
            try
            {
                await work(output, stopping).ConfigureAwait(false);
            }
            catch (LabException error)
            {
                await output.ErrorAsync(error).ConfigureAwait(false);
            }
            catch (Exception error) when (error is not OperationCanceledException || !stopping.IsCancellationRequested)
            {
                await output.ErrorAsync(LabErrors.Unexpected(error)).ConfigureAwait(false);
            }
            finally
            {
                await output.EndStepsAsync().ConfigureAwait(false);
                throttle.Release();
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The user stopped the cmdlet; there is nobody left to tell.
        }
        finally
        {
            Leave();
        }
    }

    private void Leave()
    {
        if (Interlocked.Decrement(ref _open) != 0)
            return;
        _queue.Writer.TryComplete();
        _ended.TrySetResult();
    }
}

using System.Management.Automation;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Pump;

/// <summary>
/// The base of every cmdlet: asynchronous work on the thread pool, its output written on the pipeline thread, and one token
/// that Ctrl+C, a closed pipeline and disposal cancel.
/// </summary>
public abstract class LabCmdlet : PSCmdlet, IDisposable
{
    // How long a stopped cmdlet waits for its remote commands to be signalled before it gives the prompt back.
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(3);

    private readonly CancellationTokenSource _stopping = new();
    private readonly CmdletPump _pump = new();
    private readonly Lazy<SemaphoreSlim> _throttle;
    private bool _started;
    private bool _disposed;

    /// <summary>Prepares the cmdlet; nothing runs yet.</summary>
    protected LabCmdlet() => _throttle = new Lazy<SemaphoreSlim>(() => new SemaphoreSlim(Parallelism));

    /// <summary>How many pieces of work run at once.</summary>
    private protected virtual int Parallelism => 16;

    /// <summary>Starts a piece of work and returns at once; what it says is written as the pipeline goes on.</summary>
    private protected void Start(Func<WorkOutput, CancellationToken, Task> work)
    {
        _started = true;
        _pump.Start(work, _throttle.Value, _stopping.Token);
        _pump.DrainAvailable(this);
    }

    /// <summary>Writes what the work has said so far.</summary>
    private protected void DrainAvailable() => _pump.DrainAvailable(this);

    /// <summary>Runs something short on the pipeline thread; a <see cref="LabException"/> ends the cmdlet.</summary>
    private protected T Require<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (LabException error)
        {
            ThrowTerminatingError(LabErrors.ToRecord(error));
            throw;
        }
    }

    /// <summary>Waits on the pipeline thread for something short; a <see cref="LabException"/> ends the cmdlet.</summary>
    private protected T Require<T>(Func<CancellationToken, Task<T>> action) =>
        Require(() =>
        {
            try
            {
                return Task.Run(() => action(_stopping.Token), _stopping.Token).GetAwaiter().GetResult();
            }
            catch (OperationCanceledException) when (Stopping)
            {
                throw new PipelineStoppedException();
            }
        });

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        _pump.Close();
        _pump.DrainToEnd(this, _stopping.Token);
    }

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        try
        {
            _stopping.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Asked to stop on another thread while the pipeline just came to its end.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Cancels what still runs and waits a moment for it to end.</summary>
    /// <param name="disposing">False when called by a finalizer, which this class does not have.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (_disposed || !disposing)
            return;
        _disposed = true;
        _stopping.Cancel();
        if (!_started)
        {
            _stopping.Dispose();
            return;
        }

        // EndProcessing does not run after an upstream error or Select-Object -First.
        _pump.Close();
        if (_pump.Ended.Wait(StopGrace))
            _stopping.Dispose();
    }
}

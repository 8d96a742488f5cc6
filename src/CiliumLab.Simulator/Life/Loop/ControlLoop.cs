using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Snapshots;

namespace CiliumLab.Simulator.Life;

/// <summary>
/// The one thread of control of a cluster's controllers and kubelets. It reads every change of the store, lets each controller note what
/// it must look at, and then does the noted work one piece at a time: so each piece sees a world in which everything before it has
/// happened, and the same seed gives the same lab. Nothing polls: it sleeps until a change, a posted action or the next due time.
/// </summary>
internal sealed class ControlLoop : IAsyncDisposable
{
    private static readonly TimeSpan LongestBackoff = TimeSpan.FromMinutes(1);

    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly Queue<(Controller Controller, string Key)> _work = new();
    private readonly HashSet<(Controller Controller, string Key)> _queued = [];
    private readonly Dictionary<(Controller Controller, string Key), int> _failures = [];
    private readonly PriorityQueue<Action, (DateTimeOffset Due, long Order)> _timed = new();
    private readonly List<Controller> _controllers = [];
    private readonly List<TaskCompletionSource> _settling = [];
    [NotInSnapshot]
    private CancellationTokenSource _stop;
    [NotInSnapshot]
    private ITimer _timer;
    [NotInSnapshot]
    private Task _run;
    [NotInSnapshot]
    private ConcurrentQueue<Exception> _unexpected;
    private ChangeReader _changes;
    private TaskCompletionSource _pulse = new(TaskCreationOptions.RunContinuationsAsynchronously);
    [NotInSnapshot]
    private DateTimeOffset? _armed;
    private long _order;
    private int _hasRung;
    private int _disposed;

    /// <summary>Starts the loop.</summary>
    /// <param name="store">What it watches.</param>
    public ControlLoop(ObjectStore store)
    {
        Store = store;
        Index = new ClusterIndex();
        Events = new EventRecorder(store);
        _changes = store.OpenWatchAll(store.ResourceVersion);
        Load();
        Resume();
    }

    /// <summary>The cluster's objects.</summary>
    public ObjectStore Store { get; }

    /// <summary>Objects by node and by owner, as of the change seen last.</summary>
    public ClusterIndex Index { get; }

    /// <summary>Writes Event objects.</summary>
    public EventRecorder Events { get; }

    /// <summary>The lab's time.</summary>
    public TimeProvider Clock => Store.Clock;

    /// <summary>Now.</summary>
    public DateTimeOffset Now => Clock.GetUtcNow();

    /// <summary>Errors that no controller expects; a controller that failed tries again later.</summary>
    public ConcurrentQueue<Exception> Failures => _unexpected;

    /// <summary>When the next timed work is due; null when there is none. Exact only while the loop rests.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            lock (_timed)
                return _timed.TryPeek(out _, out var at) ? at.Due : null;
        }
    }

    /// <summary>Begins to run, for the first time or in a lab that comes out of a snapshot.</summary>
    [MemberNotNull(nameof(_stop), nameof(_timer), nameof(_run), nameof(_unexpected))]
    public void Resume()
    {
        (_stop, _unexpected) = (new CancellationTokenSource(), new ConcurrentQueue<Exception>());
        _timer = Clock.CreateTimer(static loop => ((ControlLoop)loop!).Ring(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        _run = Task.Run(RunAsync);
    }

    /// <summary>Does something on the loop, from any thread.</summary>
    public void Post(Action action)
    {
        _posted.Enqueue(action);
        Wake();
    }

    /// <summary>Does something on the loop and waits for it.</summary>
    public async Task DoAsync(Action action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() =>
        {
            try
            {
                action();
                done.SetResult();
            }
            catch (Exception error)
            {
                done.SetException(error);
            }
        });
        await done.Task.WaitAsync(_stop.Token).ConfigureAwait(false);
    }

    /// <summary>Waits until everything that follows from what has happened so far, without time passing, is done.</summary>
    public async Task SettleAsync(CancellationToken cancellationToken = default)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(() => _settling.Add(done));
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
        await done.Task.WaitAsync(both.Token).ConfigureAwait(false);
    }

    /// <summary>Adds a controller; it is shown everything that is there. On the loop only.</summary>
    public void Add(Controller controller)
    {
        _controllers.Add(controller);
        foreach (var obj in Index.All)
            controller.Changed(new(ResourceEventType.Added, obj, null));
    }

    /// <summary>Takes a controller away with the work noted for it. On the loop only.</summary>
    public void Remove(Controller controller)
    {
        _controllers.Remove(controller);
        _queued.RemoveWhere(work => work.Controller == controller);
    }

    /// <summary>Notes work; noting it twice is noting it once. On the loop only.</summary>
    public void Enqueue(Controller controller, string key)
    {
        if (_queued.Add((controller, key)))
            _work.Enqueue((controller, key));
    }

    /// <summary>Does something on the loop later. On the loop only; other threads <see cref="Post"/> first.</summary>
    public void After(TimeSpan delay, Action action)
    {
        if (delay <= TimeSpan.Zero)
        {
            Post(action);
            return;
        }
        lock (_timed)
            _timed.Enqueue(action, (Now + delay, _order++));
    }

    /// <summary>Notes work later. On the loop only.</summary>
    public void EnqueueAfter(Controller controller, string key, TimeSpan delay) => After(delay, () => Enqueue(controller, key));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
            return;
        await _stop.CancelAsync().ConfigureAwait(false);
        Wake();
        await _run.ConfigureAwait(false);
        await _timer.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private void Wake() => Volatile.Read(ref _pulse).TrySetResult();

    private void Ring()
    {
        Volatile.Write(ref _hasRung, 1);
        Wake();
    }

    private async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            var pulse = _pulse;
            if (pulse.Task.IsCompleted)
                Volatile.Write(ref _pulse, pulse = new(TaskCreationOptions.RunContinuationsAsynchronously));
            var busy = TakePosted() | TakeDue();
            busy |= TakeChanges(out var more);
            if (!busy && !DoOne())
            {
                if (!_posted.IsEmpty)
                    continue;
                Arm();
                foreach (var waiting in _settling)
                    waiting.TrySetResult();
                _settling.Clear();
                await Task.WhenAny(more, pulse.Task).ConfigureAwait(false);
            }
        }
    }

    private bool TakePosted()
    {
        var any = false;
        for (var count = _posted.Count; count > 0 && _posted.TryDequeue(out var action); count--)
        {
            any = true;
            Guard(action);
        }
        return any;
    }

    private bool TakeDue()
    {
        var any = false;
        var now = Now;
        while (true)
        {
            Action action;
            lock (_timed)
            {
                if (!_timed.TryPeek(out action!, out var at) || at.Due > now)
                    return any;
                _timed.Dequeue();
            }
            any = true;
            Guard(action);
        }
    }

    private bool TakeChanges(out Task more)
    {
        try
        {
            var changes = _changes.Read(out more);
            foreach (var change in changes)
                Show(change);
            return changes.Count > 0;
        }
        catch (ApiException tooOld) when (tooOld.Code == 410)
        {
            _changes = Store.OpenWatchAll(Store.ResourceVersion);
            Load();
            more = Task.CompletedTask;
            return true;
        }
    }

    private void Load()
    {
        var before = Index.All.ToDictionary(static o => (o.Type, o.Namespace, o.Name));
        foreach (var type in Store.Catalog.Types)
        {
            foreach (var obj in Store.List(type).Items)
            {
                before.Remove((type, obj.Namespace, obj.Name), out var old);
                if (old is null || old.ResourceVersion != obj.ResourceVersion)
                    Show(new(old is null ? ResourceEventType.Added : ResourceEventType.Modified, obj, old));
            }
        }
        foreach (var gone in before.Values)
            Show(new(ResourceEventType.Deleted, gone, gone));
    }

    private void Show(ResourceEvent change)
    {
        Index.Apply(change);
        foreach (var controller in _controllers)
        {
            try
            {
                controller.Changed(change);
            }
            catch (Exception error)
            {
                // One controller's fault must not stop the others.
                Failures.Enqueue(error);
            }
        }
    }

    private bool DoOne()
    {
        while (_work.TryDequeue(out var work))
        {
            if (!_queued.Remove(work))
                continue;
            try
            {
                work.Controller.Reconcile(work.Key);
                _failures.Remove(work);
            }
            catch (Exception error)
            {
                if (error is not ApiException)
                    Failures.Enqueue(error);
                var times = _failures[work] = _failures.GetValueOrDefault(work) + 1;
                var delay = TimeSpan.FromMilliseconds(100 * Math.Pow(2, Math.Min(times, 12)));
                EnqueueAfter(work.Controller, work.Key, delay < LongestBackoff ? delay : LongestBackoff);
            }
            return true;
        }
        return false;
    }

    private void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (Exception error)
        {
            Failures.Enqueue(error);
        }
    }

    // A real timer may ring a little early; it must then be set again for the same time.
    private void Arm()
    {
        var due = NextDue;
        if (Interlocked.Exchange(ref _hasRung, 0) == 0 && due == _armed)
            return;
        _armed = due;
        var delay = due is { } at ? at - Now : Timeout.InfiniteTimeSpan;
        _timer.Change(due is null || delay > TimeSpan.Zero ? delay : TimeSpan.FromTicks(1), Timeout.InfiniteTimeSpan);
    }
}

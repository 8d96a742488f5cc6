namespace CiliumLab.Simulator.Api;

/// <summary>
/// The recent changes of one type (or of all). Watches read it at their own pace from a position of their own, so a slow one costs
/// nothing and is told that it is too late when its position was dropped.
/// </summary>
/// <param name="limit">How many changes are kept.</param>
internal sealed class ChangeLog(int limit)
{
    private readonly Lock _gate = new();
    private readonly List<ResourceEvent> _events = [];
    private TaskCompletionSource _pulse = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _dropped;

    /// <summary>The resourceVersion of the newest change that is no longer kept.</summary>
    public long CompactedThrough { get; private set; }

    /// <summary>Adds a change and wakes the readers.</summary>
    public void Append(ResourceEvent change)
    {
        TaskCompletionSource pulse;
        lock (_gate)
        {
            _events.Add(change);
            if (_events.Count > limit + (limit / 4) + 16)
                Drop(_events.Count - limit);
            pulse = _pulse;
            _pulse = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        pulse.TrySetResult();
    }

    /// <summary>Forgets every change so far: watches and lists from before are too old.</summary>
    /// <param name="resourceVersion">The store's resourceVersion now.</param>
    public void Compact(long resourceVersion)
    {
        lock (_gate)
        {
            Drop(_events.Count);
            CompactedThrough = resourceVersion;
        }
    }

    /// <summary>The position after a resourceVersion.</summary>
    /// <exception cref="ApiException">The changes after it are no longer kept.</exception>
    public long PositionAfter(long resourceVersion, long newest)
    {
        lock (_gate)
        {
            if (resourceVersion < CompactedThrough)
                throw ApiException.Expired($"too old resource version: {resourceVersion} ({newest})");
            var low = 0;
            var high = _events.Count;
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (_events[middle].ResourceVersion <= resourceVersion)
                    low = middle + 1;
                else
                    high = middle;
            }
            return _dropped + low;
        }
    }

    /// <summary>The changes from a position on, and what to wait for when there are none.</summary>
    /// <exception cref="ApiException">The position is no longer kept.</exception>
    public IReadOnlyList<ResourceEvent> Read(ref long position, out Task more)
    {
        lock (_gate)
        {
            more = _pulse.Task;
            if (position < _dropped)
                throw ApiException.Expired($"too old resource version: {CompactedThrough - 1} ({CompactedThrough})");
            var from = (int)(position - _dropped);
            if (from == _events.Count)
                return [];
            var batch = _events.GetRange(from, _events.Count - from);
            position += batch.Count;
            return batch;
        }
    }

    /// <summary>The changes after a resourceVersion, newest first.</summary>
    public IReadOnlyList<ResourceEvent> Undo(long resourceVersion)
    {
        lock (_gate)
        {
            return [.. _events.AsEnumerable().Reverse().TakeWhile(e => e.ResourceVersion > resourceVersion)];
        }
    }

    private void Drop(int count)
    {
        if (count == 0)
            return;
        CompactedThrough = _events[count - 1].ResourceVersion;
        _events.RemoveRange(0, count);
        _dropped += count;
    }
}

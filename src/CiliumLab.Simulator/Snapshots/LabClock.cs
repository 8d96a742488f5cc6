namespace CiliumLab.Simulator.Snapshots;

/// <summary>
/// A lab's time: it begins at any moment, and may run faster than the clock behind it. So a lab that is restored goes on at the moment
/// at which it was taken, and neither leases nor ages know of the time between; and who is in a hurry need not wait for images.
/// </summary>
internal sealed class LabClock : TimeProvider
{
    private readonly TimeProvider _source;
    private readonly DateTimeOffset _start;
    private readonly int _speed;
    private readonly long _origin;

    private LabClock(TimeProvider source, DateTimeOffset start, int speed) => (_source, _start, _speed, _origin) = (source, start, speed, source.GetTimestamp());

    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => _source.LocalTimeZone;

    /// <inheritdoc/>
    public override long TimestampFrequency => _source.TimestampFrequency;

    /// <summary>A clock that shows the source's time now.</summary>
    /// <param name="source">The clock that runs.</param>
    /// <param name="speed">How many seconds pass in one of the source's.</param>
    public static LabClock Now(TimeProvider source, int speed) => From(source, source.GetUtcNow(), speed);

    /// <summary>A clock that shows a time now.</summary>
    /// <param name="source">The clock that runs.</param>
    /// <param name="now">The time.</param>
    /// <param name="speed">How many seconds pass in one of the source's.</param>
    public static LabClock From(TimeProvider source, DateTimeOffset now, int speed) => new(source, now, speed);

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => _start + (_source.GetElapsedTime(_origin) * _speed);

    /// <inheritdoc/>
    public override long GetTimestamp() => (_source.GetTimestamp() - _origin) * _speed;

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        new LabTimer(_source.CreateTimer(callback, state, Real(dueTime), Real(period)), this);

    // A timer of less than its own unit would not wait at all, or, as a period, never come again.
    private TimeSpan Real(TimeSpan time) => time > TimeSpan.Zero ? TimeSpan.FromMilliseconds(Math.Max(1, time.TotalMilliseconds / _speed)) : time;

    private sealed class LabTimer(ITimer timer, LabClock clock) : ITimer
    {
        public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(clock.Real(dueTime), clock.Real(period));

        public void Dispose() => timer.Dispose();

        public ValueTask DisposeAsync() => timer.DisposeAsync();
    }
}

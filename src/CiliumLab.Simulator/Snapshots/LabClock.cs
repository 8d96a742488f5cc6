namespace CiliumLab.Simulator.Snapshots;

/// <summary>
/// A lab's time: that of another clock, late by what the lab has spent in a snapshot. So a lab that is restored goes on at the moment
/// at which it was taken, and neither leases nor ages know of the time between.
/// </summary>
/// <param name="source">The clock that runs.</param>
/// <param name="offset">What is added to it.</param>
internal sealed class LabClock(TimeProvider source, TimeSpan offset) : TimeProvider
{
    /// <inheritdoc/>
    public override TimeZoneInfo LocalTimeZone => source.LocalTimeZone;

    /// <inheritdoc/>
    public override long TimestampFrequency => source.TimestampFrequency;

    /// <summary>A clock that shows a time now.</summary>
    public static LabClock From(TimeProvider source, DateTimeOffset now) => new(source, now - source.GetUtcNow());

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => source.GetUtcNow() + offset;

    /// <inheritdoc/>
    public override long GetTimestamp() => source.GetTimestamp();

    /// <inheritdoc/>
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        source.CreateTimer(callback, state, dueTime, period);
}

using CiliumLab.Simulator.Snapshots;
using Microsoft.Extensions.Time.Testing;

namespace CiliumLab.Tests.Simulator.Snapshots;

public sealed class LabClockTests
{
    private static readonly DateTimeOffset Then = new(2025, 7, 14, 23, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _source = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    [Fact]
    public void Runs_from_the_time_that_it_was_given_as_fast_as_it_was_told()
    {
        var clock = LabClock.From(_source, Then, 4);
        var stamp = clock.GetTimestamp();

        _source.Advance(TimeSpan.FromSeconds(10));

        Assert.Equal(Then + TimeSpan.FromSeconds(40), clock.GetUtcNow());
        Assert.Equal(TimeSpan.FromSeconds(40), clock.GetElapsedTime(stamp));
    }

    [Fact]
    public void Timers_come_when_the_labs_time_has_passed_also_after_a_change()
    {
        var (clock, calls) = (LabClock.Now(_source, 10), 0);
        using var timer = clock.CreateTimer(_ => calls++, null, TimeSpan.FromSeconds(30), Timeout.InfiniteTimeSpan);

        _source.Advance(TimeSpan.FromSeconds(2.9));
        Assert.Equal(0, calls);
        _source.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(1, calls);
        timer.Change(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(5));
        _source.Advance(TimeSpan.FromSeconds(1.5));
        Assert.Equal(4, calls);
    }
}

using CiliumLab.Simulator;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Life;

namespace CiliumLab.Tests.Simulator.Life;

/// <summary>The machine's timers count in another unit than its clock, and fire a little before their time.</summary>
public class HastyTimerTests
{
    [Fact]
    public async Task What_is_due_later_happens_though_the_timer_fires_early()
    {
        await using var loop = new ControlLoop(new ObjectStore(new HastyClock(), new Seed(1)));
        var done = new TaskCompletionSource();
        loop.Post(() => loop.After(TimeSpan.FromMilliseconds(50), done.SetResult));

        await done.Task.WaitAsync(TimeSpan.FromSeconds(20), TestContext.Current.CancellationToken);
    }

    private sealed class HastyClock : TimeProvider
    {
        private static readonly TimeSpan Haste = TimeSpan.FromMilliseconds(10);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => new Timer(base.CreateTimer(callback, state, dueTime, period));

        private sealed class Timer(ITimer timer) : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => timer.Change(dueTime > Haste ? dueTime - Haste : dueTime, period);

            public void Dispose() => timer.Dispose();

            public ValueTask DisposeAsync() => timer.DisposeAsync();
        }
    }
}

using System.Threading.Channels;
using CiliumLab.PowerShell.Nodes;

namespace CiliumLab.Tests.Nodes;

/// <summary>What nodes say at the same time comes out node by node.</summary>
public sealed class NodeTurnsTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_node_that_has_begun_goes_on_to_its_end_although_another_has_more_to_say()
    {
        var turns = new NodeTurns(Timeout.InfiniteTimeSpan);
        var (first, second, written) = (Channel.CreateUnbounded<string>(), Channel.CreateUnbounded<string>(), Channel.CreateUnbounded<string>());

        await first.Writer.WriteAsync("a1", Cancellation);
        var a = Write(turns, first, written);
        Assert.Equal("a1", await written.Reader.ReadAsync(Cancellation));
        await second.Writer.WriteAsync("b1", Cancellation);
        second.Writer.Complete();
        var b = Write(turns, second, written);
        await first.Writer.WriteAsync("a2", Cancellation);
        first.Writer.Complete();
        await Task.WhenAll(a, b);

        Assert.Equal("a2", await written.Reader.ReadAsync(Cancellation));
        Assert.Equal("b1", await written.Reader.ReadAsync(Cancellation));
    }

    [Fact]
    public async Task A_node_that_falls_silent_does_not_hold_up_the_others()
    {
        var turns = new NodeTurns(TimeSpan.Zero);
        var (silent, other, written) = (Channel.CreateUnbounded<string>(), Channel.CreateUnbounded<string>(), Channel.CreateUnbounded<string>());

        await silent.Writer.WriteAsync("a1", Cancellation);
        var a = Write(turns, silent, written);
        Assert.Equal("a1", await written.Reader.ReadAsync(Cancellation));
        await other.Writer.WriteAsync("b1", Cancellation);
        other.Writer.Complete();
        await Write(turns, other, written);
        Assert.Equal("b1", await written.Reader.ReadAsync(Cancellation));

        await silent.Writer.WriteAsync("a2", Cancellation);
        silent.Writer.Complete();
        await a;
        Assert.Equal("a2", await written.Reader.ReadAsync(Cancellation));
    }

    [Fact]
    public async Task A_node_that_fails_gives_its_turn_up_and_a_record_that_does_not_fit_takes_none()
    {
        var turns = new NodeTurns(Timeout.InfiniteTimeSpan);
        var (failing, unfit, other, written) =
            (Channel.CreateUnbounded<string>(), Channel.CreateUnbounded<string>(), Channel.CreateUnbounded<string>(), Channel.CreateUnbounded<string>());

        await unfit.Writer.WriteAsync("-", Cancellation);
        var waiting = Write(turns, unfit, written);
        await failing.Writer.WriteAsync("a1", Cancellation);
        failing.Writer.Complete(new InvalidDataException("broken"));
        await Assert.ThrowsAsync<InvalidDataException>(() => Write(turns, failing, written));
        await other.Writer.WriteAsync("b1", Cancellation);
        other.Writer.Complete();
        await Write(turns, other, written);
        unfit.Writer.Complete();
        await waiting;

        Assert.Equal("a1", await written.Reader.ReadAsync(Cancellation));
        Assert.Equal("b1", await written.Reader.ReadAsync(Cancellation));
        Assert.False(written.Reader.TryRead(out _));
    }

    private static Task Write(NodeTurns turns, Channel<string> source, Channel<string> written) => turns.WriteAllAsync(
        source.Reader.ReadAllAsync(Cancellation), record => record != "-", record => written.Writer.WriteAsync(record, Cancellation), Cancellation);
}

namespace CiliumLab.Tests.Integration;

/// <summary>Puts right what a test has broken or laid out, once, at the end of its <c>await using</c>.</summary>
internal sealed class Repair(Func<Task> repair) : IAsyncDisposable
{
    private Func<Task>? _repair = repair;

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _repair, null) is { } pending)
            await pending();
    }
}

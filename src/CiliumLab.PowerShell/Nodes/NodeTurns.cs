using System.Threading.Channels;

namespace CiliumLab.PowerShell.Nodes;

/// <summary>
/// Keeps what one node says together, so that a table does not jump between nodes from line to line. The nodes still work at
/// the same time: the first that has something to write has the turn until it is done, or until it falls silent for longer than
/// the others should wait. Nothing is collected; a node that waits for its turn waits with its next record in hand.
/// </summary>
/// <param name="patience">How long a node that has the turn may be silent.</param>
internal sealed class NodeTurns(TimeSpan patience)
{
    // There is room for one: who has written into it has the turn.
    private readonly Channel<bool> _turn = Channel.CreateBounded<bool>(1);

    /// <summary>Writes a node's records that fit, as they come, while it has the turn.</summary>
    public async Task WriteAllAsync<T>(
        IAsyncEnumerable<T> records, Func<T, bool> selects, Func<T, ValueTask> write, CancellationToken cancellationToken)
    {
        var mine = false;
        var source = records.GetAsyncEnumerator(cancellationToken);
        try
        {
            while (await NextAsync().ConfigureAwait(false))
            {
                if (!selects(source.Current))
                    continue;
                if (!mine)
                {
                    await _turn.Writer.WriteAsync(true, cancellationToken).ConfigureAwait(false);
                    mine = true;
                }

                await write(source.Current).ConfigureAwait(false);
            }
        }
        finally
        {
            GiveUp();
            await source.DisposeAsync().ConfigureAwait(false);
        }

        async ValueTask<bool> NextAsync()
        {
            var next = source.MoveNextAsync();
            if (!mine || next.IsCompleted)
                return await next.ConfigureAwait(false);
            var coming = next.AsTask();
            try
            {
                // Not cancelled here: the source must have answered before it can be disposed, and it knows the token.
                return await coming.WaitAsync(patience, CancellationToken.None).ConfigureAwait(false);
            }
            catch (TimeoutException)
            {
                GiveUp();
                return await coming.ConfigureAwait(false);
            }
        }

        void GiveUp()
        {
            if (mine)
                _turn.Reader.TryRead(out _);
            mine = false;
        }
    }
}

using System.Runtime.CompilerServices;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cilium;

/// <summary>
/// A stream of an agent that goes on until it is not wanted any more: one that breaks, or whose agent restarts, is opened again with a
/// warning. What never answered is not tried again, unless it was the connection that failed.
/// </summary>
/// <param name="open">Opens the stream.</param>
/// <param name="warn">Is told of each break.</param>
internal sealed class ResumedStream<T>(Func<CancellationToken, IAsyncEnumerable<T>> open, Action<TextWarning> warn)
{
    // Three quarters of a minute together: as long as an agent needs to come back.
    private static readonly TimeSpan[] Pauses = [.. new[] { 0.25, 0.5, 1, 2, 4, 8, 10, 10, 10 }.Select(TimeSpan.FromSeconds)];

    /// <summary>How often it was opened again.</summary>
    public int Resumptions { get; private set; }

    /// <summary>Reads until the token is cancelled.</summary>
    /// <exception cref="LabException">It cannot be opened, or not again.</exception>
    public async IAsyncEnumerable<T> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var hasAnswered = false;
        for (var failures = 0; ; failures++)
        {
            LabException? broken = null;
            var items = open(cancellationToken).GetAsyncEnumerator(cancellationToken);
            await using (items.ConfigureAwait(false))
            {
                while (true)
                {
                    try
                    {
                        if (!await items.MoveNextAsync().ConfigureAwait(false))
                            break;
                    }
                    catch (LabException error)
                    {
                        broken = error;
                        break;
                    }

                    (hasAnswered, failures) = (true, 0);
                    yield return items.Current;
                }
            }

            var isLastTry = failures >= Pauses.Length || (!hasAnswered && broken is not null and not { Kind: LabErrorKind.ConnectionError });
            if (isLastTry && broken is not null)
                throw broken;
            if (isLastTry)
                yield break;
            if (failures == 0)
                warn(new TextWarning(0, "", $"The stream ended ({broken?.Message.TrimEnd('.') ?? "the agent's command came to its end"}); it is opened again, and what happened in between may be missing"));
            await Task.Delay(Pauses[failures], cancellationToken).ConfigureAwait(false);
            Resumptions++;
        }
    }
}

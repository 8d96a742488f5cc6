using System.Management.Automation;
using System.Runtime.CompilerServices;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Text;
using CiliumLab.PowerShell.Completion;
using CiliumLab.PowerShell.Labs;
using CiliumLab.PowerShell.Nodes;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Cilium;

/// <summary>
/// The base of cmdlets that follow something in agents: all of them from the beginning, until there was enough. What runs in the agents'
/// containers ends with the cmdlet.
/// </summary>
public abstract class AgentStreamCmdlet : LabScopedCmdlet
{
    private readonly CancellationTokenSource _enough = new();
    private int _written;

    /// <summary>The nodes to ask: names, wildcards, or piped nodes; all nodes when it is not given.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [NodeName]
    [ArgumentCompleter(typeof(NodeNameCompleter))]
    public string[]? Node { get; set; }

    /// <summary>How long to follow; until it is stopped when it is not given.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan? Duration { get; set; }

    /// <summary>After how many objects, of all nodes together, to stop.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int? Count { get; set; }

    // A node that had to wait for its turn would be one that nobody listens to.
    private protected sealed override int Parallelism => int.MaxValue;

    /// <summary>The chosen nodes' names; a name that fits none is an error.</summary>
    private protected IReadOnlyList<string> NodeNames()
    {
        var session = Session;
        return NodePattern.Select(session.Description.Name, session.Nodes, Node, error => WriteError(LabErrors.ToRecord(error)));
    }

    /// <summary>Starts to write what a node says, until there was enough.</summary>
    /// <param name="node">The node.</param>
    /// <param name="read">Reads it; what it opened is closed when it is told to end.</param>
    private protected void StartStream<T>(string node, Func<WorkOutput, Action<TextWarning>, CancellationToken, IAsyncEnumerable<T>> read)
        where T : notnull
    {
        var (duration, count) = (Duration, Count);
        Start(async (output, stopping) =>
        {
            using var end = CancellationTokenSource.CreateLinkedTokenSource(stopping, _enough.Token);
            if (duration is { } time)
                end.CancelAfter(time);
            try
            {
                await foreach (var item in LimitedAsync(read(output, Warn, end.Token), count, end.Token).ConfigureAwait(false))
                    await output.WriteAsync(item).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested && !stopping.IsCancellationRequested)
            {
                // There was enough.
            }

            void Warn(TextWarning warning) => output.WarningAsync($"{node}: {warning}").AsTask().GetAwaiter().GetResult();
        });
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (disposing)
            _enough.Dispose();
    }

    private async IAsyncEnumerable<T> LimitedAsync<T>(IAsyncEnumerable<T> items, int? count, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await foreach (var item in items.WithCancellation(cancellationToken).ConfigureAwait(false))
        {
            var number = Interlocked.Increment(ref _written);
            if (number > count)
                yield break;
            yield return item;
            if (number != count)
                continue;
            await _enough.CancelAsync().ConfigureAwait(false);
            yield break;
        }
    }
}

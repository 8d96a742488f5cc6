using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Nodes;

/// <summary>The base of cmdlets that only read: each record of each node that fits is written as soon as it is known, node by node.</summary>
/// <typeparam name="T">The record that the cmdlet returns.</typeparam>
public abstract class NodeReadCmdlet<T> : NodeCmdlet
    where T : notnull
{
    private readonly NodeTurns _turns = new(TimeSpan.FromMilliseconds(250));

    /// <summary>Reads a node's records.</summary>
    private protected abstract IAsyncEnumerable<T> ReadAsync(
        INodeShell shell, Action<TextWarning> warn, CancellationToken cancellationToken);

    /// <summary>
    /// How a node's records are read, when that needs more than the node: called on the pipeline thread, so this is where the lab is taken
    /// that the next object may change.
    /// </summary>
    private protected virtual Func<INodeShell, Action<TextWarning>, CancellationToken, IAsyncEnumerable<T>> Reader() => ReadAsync;

    /// <summary>Whether a record fits the cmdlet's other parameters.</summary>
    private protected virtual bool Selects(T item) => true;

    /// <summary>
    /// Whether a record fits, when a parameter that says so is bound from the pipeline: called on the pipeline thread, before the
    /// next object changes the parameter, and what is returned must hold a copy.
    /// </summary>
    private protected virtual Func<T, bool> Selector() => Selects;

    /// <summary>
    /// The values that a parameter holds now: null when it was not given, none when a pipeline object had no value for it, as a
    /// blackhole route has no interface.
    /// </summary>
    private protected TValue[]? Given<TValue>(string parameter, TValue[]? value) =>
        value ?? (MyInvocation.BoundParameters.ContainsKey(parameter) ? [] : null);

    private protected sealed override Func<INodeShell, WorkOutput, CancellationToken, Task> Work()
    {
        var (read, selects) = (Reader(), Selector());
        return (shell, output, cancellationToken) => RunAsync(shell, output, read, selects, cancellationToken);
    }

    private protected sealed override Task RunAsync(INodeShell shell, WorkOutput output, CancellationToken cancellationToken) =>
        RunAsync(shell, output, Reader(), Selector(), cancellationToken);

    private Task RunAsync(
        INodeShell shell,
        WorkOutput output,
        Func<INodeShell, Action<TextWarning>, CancellationToken, IAsyncEnumerable<T>> read,
        Func<T, bool> selects,
        CancellationToken cancellationToken) =>
        _turns.WriteAllAsync(read(shell, Warn(shell, output), cancellationToken), selects, item => output.WriteAsync(item), cancellationToken);
}

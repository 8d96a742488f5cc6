using CiliumLab.Engine.Cilium;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.PowerShell.Nodes;

namespace CiliumLab.PowerShell.Cilium;

/// <summary>The base of cmdlets that read from the Cilium agents of nodes: all at once, and an agent that cannot answer is one error.</summary>
/// <typeparam name="T">The record that the cmdlet returns.</typeparam>
public abstract class AgentReadCmdlet<T> : NodeReadCmdlet<T>
    where T : notnull
{
    /// <summary>Asks the agent of a node. Parameters must not be read here that a later pipeline object may change.</summary>
    private protected abstract IAsyncEnumerable<T> ReadAsync(CiliumAgents agents, string node, Action<TextWarning> warn, CancellationToken cancellationToken);

    private protected override Func<INodeShell, Action<TextWarning>, CancellationToken, IAsyncEnumerable<T>> Reader()
    {
        var agents = Require(() => Session.Agents);
        return (shell, warn, cancellationToken) => ReadAsync(agents, shell.Node, warn, cancellationToken);
    }

    private protected sealed override IAsyncEnumerable<T> ReadAsync(INodeShell shell, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        Reader()(shell, warn, cancellationToken);
}

using System.Management.Automation;
using System.Text.RegularExpressions;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;
using CiliumLab.PowerShell.Labs;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Nodes;

/// <summary>
/// The base of cmdlets that act on nodes: all chosen nodes at once, each on its own; a node that fails is one error with that
/// node as its target, and the others still answer.
/// </summary>
public abstract partial class NodeCmdlet : LabScopedCmdlet
{
    /// <summary>The nodes to ask: names, wildcards, or piped nodes; all nodes when it is not given.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [NodeName]
    [ArgumentCompleter(typeof(NodeNameCompleter))]
    public virtual string[]? Node { get; set; }

    /// <summary>How many nodes are worked on at once.</summary>
    [Parameter]
    [ValidateRange(1, 1024)]
    public int ThrottleLimit { get; set; } = 16;

    private protected override int Parallelism => ThrottleLimit;

    /// <summary>Works on one node, on the thread pool. Parameters must not be read here that a later pipeline object may change.</summary>
    private protected abstract Task RunAsync(INodeShell shell, WorkOutput output, CancellationToken cancellationToken);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var session = Session;
        var nodes = NodePattern.Select(
            session.Description.Name, session.Nodes, Node, NotFound);
        var work = Work();
        foreach (var node in nodes)
        {
            var shell = session.Shell(node);
            Start((output, cancellationToken) => work(shell, output, cancellationToken));
        }
    }

    /// <summary>Reports a name that fits no node; the others are still worked on.</summary>
    private protected virtual void NotFound(LabException error) => WriteError(LabErrors.ToRecord(WithHint(error)));

    /// <summary>
    /// What is done on each node for the object that came down the pipeline. Called on the pipeline thread, so this is where
    /// parameters are read that the next object may change.
    /// </summary>
    private protected virtual Func<INodeShell, WorkOutput, CancellationToken, Task> Work() => RunAsync;

    // Get-NodeInterface eth1 is what one types first; the node comes first, though.
    private LabException WithHint(LabException error)
    {
        var second = MyInvocation.MyCommand.ParameterSets
            .FirstOrDefault(set => set.Name == ParameterSetName)?.Parameters.FirstOrDefault(parameter => parameter.Position == 1);
        return second is null || MyInvocation.ExpectingInput || NamedNode().IsMatch(MyInvocation.Line)
            ? error
            : new LabException(
                error.ErrorId,
                error.Kind,
                error.Message,
                error.Target,
                $"See the nodes with: Get-LabNode. If it is no node's name: {MyInvocation.MyCommand.Name} -{second.Name} {error.Target}",
                error);
    }

    [GeneratedRegex(@"\s-Node[\s:]", RegexOptions.IgnoreCase)]
    private static partial Regex NamedNode();

    /// <summary>Hands a parser's complaints on as warnings that name the node.</summary>
    private protected static Action<TextWarning> Warn(INodeShell shell, WorkOutput output) =>
        warning => output.WarningAsync($"{shell.Node}: {warning}").AsTask().GetAwaiter().GetResult();
}

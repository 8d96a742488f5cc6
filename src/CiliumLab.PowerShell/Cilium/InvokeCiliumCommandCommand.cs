using System.Management.Automation;
using CiliumLab.Engine.Cilium;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;
using CiliumLab.PowerShell.Nodes;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Cilium;

/// <summary>Invoke-CiliumCommand: runs a command of the agent's CLI, for what no cmdlet covers.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "CiliumCommand")]
[OutputType(typeof(NodeCommandResult))]
public sealed class InvokeCiliumCommandCommand : NodeCmdlet
{
    /// <summary>The command's words, without the program.</summary>
    [Parameter(Position = 0, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string[] Command { get; set; } = [];

    /// <inheritdoc/>
    [Parameter(ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [NodeName]
    [ArgumentCompleter(typeof(NodeNameCompleter))]
    public override string[]? Node { get; set; }

    private protected override Func<INodeShell, WorkOutput, CancellationToken, Task> Work()
    {
        var (agents, words) = (Require(() => Session.Agents), Command);
        return (shell, output, cancellationToken) => WriteAsync(agents, shell, words, output, cancellationToken);
    }

    private protected override Task RunAsync(INodeShell shell, WorkOutput output, CancellationToken cancellationToken) => Work()(shell, output, cancellationToken);

    private static async Task WriteAsync(CiliumAgents agents, INodeShell shell, string[] words, WorkOutput output, CancellationToken cancellationToken) =>
        await output.WriteAsync(await agents.RunAsync(shell.Node, words, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false);
}

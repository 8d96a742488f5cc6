using System.Management.Automation;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;

namespace CiliumLab.PowerShell.Nodes;

/// <summary>Get-NodeBridge: bridges and their ports.</summary>
[Cmdlet(VerbsCommon.Get, "NodeBridge")]
[OutputType(typeof(NodeBridge))]
public sealed class GetNodeBridgeCommand : NodeReadCmdlet<NodeBridge>
{
    /// <summary>Only bridges with this name; wildcards work.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("Interface")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(BridgeNameCompleter))]
    public string[]? Name { get; set; }

    private protected override IAsyncEnumerable<NodeBridge> ReadAsync(
        INodeShell shell, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        NodeLinks.BridgesAsync(shell, warn, cancellationToken);

    private protected override Func<NodeBridge, bool> Selector()
    {
        var names = Given(nameof(Name), Name);
        return bridge => Wildcards.Match(names, bridge.Name);
    }
}

using System.Management.Automation;
using System.Runtime.CompilerServices;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Nodes;

/// <summary>Get-NodeContainer: the containers of a node's runtime.</summary>
[Cmdlet(VerbsCommon.Get, "NodeContainer")]
[OutputType(typeof(NodeContainer))]
public sealed class GetNodeContainerCommand : NodeReadCmdlet<NodeContainer>
{
    /// <summary>Only containers with this name; wildcards work.</summary>
    [Parameter(Position = 1)]
    [SupportsWildcards]
    public string[]? Name { get; set; }

    /// <summary>Only containers of pods in this namespace; wildcards work.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[]? Namespace { get; set; }

    /// <summary>Only containers of pods with this name; wildcards work.</summary>
    [Parameter]
    [SupportsWildcards]
    public string[]? Pod { get; set; }

    /// <summary>Only containers in these states.</summary>
    [Parameter]
    public NodeContainerState[]? State { get; set; }

    /// <summary>Containers that do not run, too.</summary>
    [Parameter]
    public SwitchParameter All { get; set; }

    private protected override async IAsyncEnumerable<NodeContainer> ReadAsync(
        INodeShell shell, Action<TextWarning> warn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var all = All || (State?.Any(state => state != NodeContainerState.Running) ?? false);
        foreach (var container in await NodeContainers.ReadAsync(shell, all, warn, cancellationToken).ConfigureAwait(false))
            yield return container;
    }

    private protected override bool Selects(NodeContainer item) =>
        Wildcards.Match(Name, item.Name)
        && Wildcards.Match(Namespace, item.Namespace)
        && Wildcards.Match(Pod, item.Pod)
        && (State is null || State.Contains(item.State));
}

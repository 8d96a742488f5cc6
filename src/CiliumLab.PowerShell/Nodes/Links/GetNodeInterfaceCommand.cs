using System.Management.Automation;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;

namespace CiliumLab.PowerShell.Nodes;

/// <summary>Get-NodeInterface: network interfaces with their addresses.</summary>
[Cmdlet(VerbsCommon.Get, "NodeInterface")]
[OutputType(typeof(NodeInterface))]
public sealed class GetNodeInterfaceCommand : NodeReadCmdlet<NodeInterface>
{
    /// <summary>Only interfaces with this name or alternative name; wildcards work.</summary>
    [Parameter(Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("Interface")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(InterfaceNameCompleter))]
    public string[]? Name { get; set; }

    /// <summary>Only interfaces of this kind, such as veth, bridge, vxlan or ether; wildcards work.</summary>
    [Parameter]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(InterfaceKindCompleter))]
    public string[]? Kind { get; set; }

    private protected override IAsyncEnumerable<NodeInterface> ReadAsync(
        INodeShell shell, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        NodeLinks.InterfacesAsync(shell, warn, cancellationToken);

    private protected override Func<NodeInterface, bool> Selector()
    {
        var (names, kinds) = (Given(nameof(Name), Name), Kind);
        return link => Wildcards.AnyMatch(names, [link.Name, .. link.AlternativeNames]) && Wildcards.Match(kinds, link.Kind);
    }
}

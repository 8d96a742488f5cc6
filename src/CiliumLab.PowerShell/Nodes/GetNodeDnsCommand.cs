using System.Management.Automation;
using System.Runtime.CompilerServices;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;

namespace CiliumLab.PowerShell.Nodes;

/// <summary>Get-NodeDns: how names are resolved.</summary>
[Cmdlet(VerbsCommon.Get, "NodeDns")]
[OutputType(typeof(NodeDns))]
public sealed class GetNodeDnsCommand : NodeReadCmdlet<NodeDns>
{
    /// <summary>Only links with this name; wildcards work. What holds for the whole node is left out then.</summary>
    [Parameter(Position = 1)]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(InterfaceNameCompleter))]
    public string[]? Interface { get; set; }

    private protected override async IAsyncEnumerable<NodeDns> ReadAsync(
        INodeShell shell, Action<TextWarning> warn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var dns in await NodeDnsSettings.ReadAsync(shell, warn, cancellationToken).ConfigureAwait(false))
            yield return dns;
    }

    private protected override bool Selects(NodeDns item) => Wildcards.Match(Interface, item.Interface);
}

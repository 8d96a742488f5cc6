using System.Management.Automation;
using System.Runtime.CompilerServices;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Nodes;

/// <summary>Get-NodeInfo: what a node is.</summary>
[Cmdlet(VerbsCommon.Get, "NodeInfo")]
[OutputType(typeof(NodeInfo))]
public sealed class GetNodeInfoCommand : NodeReadCmdlet<NodeInfo>
{
    private protected override async IAsyncEnumerable<NodeInfo> ReadAsync(
        INodeShell shell, Action<TextWarning> warn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return await NodeInfos.ReadAsync(shell, warn, cancellationToken).ConfigureAwait(false);
    }
}

using System.Management.Automation;
using System.Runtime.CompilerServices;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Nodes.Kubelet;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Nodes;

/// <summary>Get-NodeInternalIp: the address that a node's kubelet is told to use.</summary>
[Cmdlet(VerbsCommon.Get, "NodeInternalIp")]
[OutputType(typeof(NodeInternalIp))]
public sealed class GetNodeInternalIpCommand : NodeReadCmdlet<NodeInternalIp>
{
    private protected override async IAsyncEnumerable<NodeInternalIp> ReadAsync(
        INodeShell shell, Action<TextWarning> warn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        yield return await KubeletNodeIp.ReadAsync(shell, cancellationToken).ConfigureAwait(false);
    }
}

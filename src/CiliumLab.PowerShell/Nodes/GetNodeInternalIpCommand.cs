using System.Management.Automation;
using CiliumLab.Engine.Cluster.Nodes;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Nodes.Kubelet;
using CiliumLab.Model;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Nodes;

/// <summary>Get-NodeInternalIp: the address that a node's kubelet is told to use, and the one that the cluster knows.</summary>
[Cmdlet(VerbsCommon.Get, "NodeInternalIp")]
[OutputType(typeof(NodeInternalIp))]
public sealed class GetNodeInternalIpCommand : ClusterNodeCmdlet
{
    private protected override async Task RunAsync(
        INodeShell shell, Task<ClusterNodes?> known, WorkOutput output, CancellationToken cancellationToken)
    {
        var result = await KubeletNodeIp.ReadAsync(shell, cancellationToken).ConfigureAwait(false);
        var nodes = await known.ConfigureAwait(false);
        await output.WriteAsync(result with { Reported = nodes?.InternalIp(shell.Node) }).ConfigureAwait(false);
    }
}

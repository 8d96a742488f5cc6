using System.Management.Automation;
using CiliumLab.Engine.Cilium;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;
using CiliumLab.PowerShell.Labs;
using CiliumLab.PowerShell.Nodes;

namespace CiliumLab.PowerShell.Cilium;

/// <summary>Get-CiliumNode: the pod networks of nodes, Cilium's and Kubernetes', and how much of them is used.</summary>
[Cmdlet(VerbsCommon.Get, "CiliumNode")]
[OutputType(typeof(CiliumNode))]
public sealed class GetCiliumNodeCommand : LabScopedCmdlet
{
    /// <summary>The nodes: names, wildcards, or piped nodes; all nodes when it is not given.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [SupportsWildcards]
    [NodeName]
    [ArgumentCompleter(typeof(NodeNameCompleter))]
    public string[]? Node { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (session, names) = (Session, Node);
        Start(async (output, cancellationToken) =>
        {
            foreach (var node in await CiliumNodes.ReadAsync(session, output.ErrorAsync, cancellationToken).ConfigureAwait(false))
            {
                if (Wildcards.Match(names, node.Node))
                    await output.WriteAsync(node).ConfigureAwait(false);
            }
        });
    }
}

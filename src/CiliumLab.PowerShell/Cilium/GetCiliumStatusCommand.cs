using System.Management.Automation;
using CiliumLab.Engine.Cilium;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Cilium;

/// <summary>Get-CiliumStatus: what every agent says about itself.</summary>
[Cmdlet(VerbsCommon.Get, "CiliumStatus")]
[OutputType(typeof(CiliumAgentStatus))]
public sealed class GetCiliumStatusCommand : AgentReadCmdlet<CiliumAgentStatus>
{
    private protected override IAsyncEnumerable<CiliumAgentStatus> ReadAsync(CiliumAgents agents, string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        agents.ReadAsync(node, ["status", "-o", "json"], CiliumStatusText.Parse, warn, cancellationToken);
}

using System.Management.Automation;
using CiliumLab.Engine.Cilium;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Cilium;

/// <summary>Get-CiliumHealth: how every agent reaches nodes and endpoints.</summary>
[Cmdlet(VerbsCommon.Get, "CiliumHealth")]
[OutputType(typeof(CiliumHealth))]
public sealed class GetCiliumHealthCommand : AgentReadCmdlet<CiliumHealth>
{
    private protected override IAsyncEnumerable<CiliumHealth> ReadAsync(CiliumAgents agents, string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        agents.HealthAsync(node, warn, cancellationToken);
}

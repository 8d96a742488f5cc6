using System.Management.Automation;
using CiliumLab.Engine.Cilium;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Cilium;

/// <summary>Get-CiliumStatus: how Cilium does as a whole, or what every agent says about itself.</summary>
[Cmdlet(VerbsCommon.Get, "CiliumStatus")]
[OutputType(typeof(CiliumStatus), typeof(CiliumAgentStatus))]
public sealed class GetCiliumStatusCommand : AgentReadCmdlet<CiliumAgentStatus>
{
    /// <summary>Every agent's own status with its datapath's settings, instead of one for the cluster.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (Detailed || MyInvocation.BoundParameters.ContainsKey(nameof(Node)))
        {
            base.ProcessRecord();
            return;
        }

        var session = Session;
        Start(async (output, cancellationToken) => await output.WriteAsync(await CiliumOverview.ReadAsync(session, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false));
    }

    private protected override IAsyncEnumerable<CiliumAgentStatus> ReadAsync(CiliumAgents agents, string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        agents.StatusAsync(node, warn, cancellationToken);
}

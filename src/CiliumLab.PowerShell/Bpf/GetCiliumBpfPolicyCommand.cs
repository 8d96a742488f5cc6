using System.Management.Automation;
using CiliumLab.Engine.Cilium;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using CiliumLab.PowerShell.Cilium;

namespace CiliumLab.PowerShell.Bpf;

/// <summary>Get-CiliumBpfPolicy: the policy maps of endpoints.</summary>
[Cmdlet(VerbsCommon.Get, "CiliumBpfPolicy")]
[OutputType(typeof(BpfPolicyEntry))]
public sealed class GetCiliumBpfPolicyCommand : AgentReadCmdlet<BpfPolicyEntry>
{
    /// <summary>The maps of these endpoints.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public int[]? EndpointId { get; set; }

    private protected override IAsyncEnumerable<BpfPolicyEntry> ReadAsync(CiliumAgents agents, string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        ResolvedEntries.PolicyAsync(agents, node, warn, cancellationToken);

    private protected override Func<BpfPolicyEntry, bool> Selector()
    {
        var endpointId = Given(nameof(EndpointId), EndpointId);
        return item => (endpointId is null || (item.EndpointId is { } endpoint && endpointId.Contains(endpoint)));
    }
}

using System.Management.Automation;
using CiliumLab.Engine.Cilium;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Cilium;

/// <summary>Get-CiliumIdentity: the security identities that agents know.</summary>
[Cmdlet(VerbsCommon.Get, "CiliumIdentity")]
[OutputType(typeof(CiliumIdentity))]
public sealed class GetCiliumIdentityCommand : AgentReadCmdlet<CiliumIdentity>
{
    /// <summary>The identities with these numbers.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public uint[]? IdentityId { get; set; }

    private protected override IAsyncEnumerable<CiliumIdentity> ReadAsync(CiliumAgents agents, string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        agents.IdentitiesAsync(node, warn, cancellationToken);

    private protected override Func<CiliumIdentity, bool> Selector()
    {
        var identityId = Given(nameof(IdentityId), IdentityId);
        return item => identityId is null || identityId.Contains(item.IdentityId);
    }
}

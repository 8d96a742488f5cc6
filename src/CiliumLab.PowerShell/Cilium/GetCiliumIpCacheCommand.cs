using System.Management.Automation;
using CiliumLab.Engine.Cilium;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Cilium;

/// <summary>Get-CiliumIpCache: which identity and tunnel endpoint the datapath has for each prefix.</summary>
[Cmdlet(VerbsCommon.Get, "CiliumIpCache")]
[OutputType(typeof(CiliumIpCacheEntry))]
public sealed class GetCiliumIpCacheCommand : AgentReadCmdlet<CiliumIpCacheEntry>
{
    /// <summary>The entries of these identities.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    public uint[]? IdentityId { get; set; }

    private protected override IAsyncEnumerable<CiliumIpCacheEntry> ReadAsync(CiliumAgents agents, string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        ResolvedEntries.IpCacheAsync(agents, node, warn, cancellationToken);

    private protected override Func<CiliumIpCacheEntry, bool> Selector()
    {
        var identityId = Given(nameof(IdentityId), IdentityId);
        return item => (identityId is null || (item.IdentityId is { } identity && identityId.Contains(identity)));
    }
}

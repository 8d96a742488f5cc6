using System.Management.Automation;
using CiliumLab.Engine.Cni;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using CiliumLab.PowerShell.Nodes;

namespace CiliumLab.PowerShell.Cni;

/// <summary>Get-CniArtifact: what Flannel and kube-proxy left on the nodes.</summary>
[Cmdlet(VerbsCommon.Get, "CniArtifact")]
[OutputType(typeof(CniArtifact))]
public sealed class GetCniArtifactCommand : NodeReadCmdlet<CniArtifact>
{
    /// <summary>Whose; everybody's when it is not given.</summary>
    [Parameter(Position = 1)]
    public CniArtifactOwner[]? Owner { get; set; }

    /// <summary>Only these sorts of things.</summary>
    [Parameter]
    public CniArtifactKind[]? Kind { get; set; }

    private protected override IAsyncEnumerable<CniArtifact> ReadAsync(
        INodeShell shell, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        CniArtifacts.FindAsync(shell, Owner ?? Enum.GetValues<CniArtifactOwner>(), warn, cancellationToken);

    private protected override bool Selects(CniArtifact item) => Kind is null || Kind.Contains(item.Kind);
}

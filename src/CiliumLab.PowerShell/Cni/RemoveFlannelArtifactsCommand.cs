using System.Management.Automation;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Cni;

/// <summary>Remove-FlannelArtifacts: removes what Flannel leaves on the nodes when it is uninstalled.</summary>
[Cmdlet(VerbsCommon.Remove, "FlannelArtifacts", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(CniArtifactRemoval))]
public sealed class RemoveFlannelArtifactsCommand : ArtifactRemovalCmdlet
{
    private protected override CniArtifactOwner Owner => CniArtifactOwner.Flannel;
}

using System.Management.Automation;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Cni;

/// <summary>Remove-KubeProxy: removes what kube-proxy keeps on the nodes and leaves there when it ends.</summary>
[Cmdlet(VerbsCommon.Remove, "KubeProxy", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.High)]
[OutputType(typeof(CniArtifactRemoval))]
public sealed class RemoveKubeProxyCommand : ArtifactRemovalCmdlet
{
    private protected override CniArtifactOwner Owner => CniArtifactOwner.KubeProxy;
}

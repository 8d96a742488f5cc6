using System.Management.Automation;
using CiliumLab.PowerShell.Labs;

namespace CiliumLab.PowerShell.Cni;

/// <summary>The base of cmdlets that use Helm: the control plane's, or one of this computer.</summary>
public abstract class HelmCmdlet : LabScopedCmdlet
{
    /// <summary>A Helm of this computer; the control plane's when it is not given.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? HelmPath { get; set; }

    private protected string? Helm => HelmPath is null ? null : GetUnresolvedProviderPathFromPSPath(HelmPath);
}

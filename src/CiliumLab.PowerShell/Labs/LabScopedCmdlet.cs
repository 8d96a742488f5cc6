using System.Management.Automation;
using CiliumLab.Engine.Labs;
using CiliumLab.PowerShell.Completion;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Labs;

/// <summary>The base of cmdlets that work on a lab.</summary>
public abstract class LabScopedCmdlet : LabCmdlet
{
    /// <summary>The lab to work on; the current lab when it is not given.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ArgumentCompleter(typeof(LabNameCompleter))]
    public string? Lab { get; set; }

    private protected LabSession Session => Require(() => RunspaceLabs.Here.Session(Lab));
}

using System.Management.Automation;
using CiliumLab.Engine.Tracing.Paths;
using CiliumLab.Model;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Tracing;

/// <summary>Compare-PodPath: two traces side by side, hop by hop.</summary>
[Cmdlet(VerbsData.Compare, "PodPath")]
[OutputType(typeof(PodPathComparison))]
public sealed class ComparePodPathCommand : LabCmdlet
{
    /// <summary>The path to compare with, such as one from before a change.</summary>
    [Parameter(Position = 0, Mandatory = true)]
    [ValidateNotNull]
    public PodPath? ReferencePath { get; set; }

    /// <summary>The path that is compared.</summary>
    [Parameter(Position = 1, Mandatory = true, ValueFromPipeline = true)]
    [ValidateNotNull]
    public PodPath? DifferencePath { get; set; }

    /// <summary>Leaves out hops at which both do the same.</summary>
    [Parameter]
    public SwitchParameter ExcludeSame { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var row in PathComparison.Rows(ReferencePath!, DifferencePath!))
        {
            if (!ExcludeSame || row.Difference != PathDifference.Same)
                WriteObject(row);
        }
    }
}

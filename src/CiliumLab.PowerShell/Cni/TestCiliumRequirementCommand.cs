using System.Management.Automation;
using System.Runtime.CompilerServices;
using CiliumLab.Engine.Cni.Requirements;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using CiliumLab.PowerShell.Nodes;

namespace CiliumLab.PowerShell.Cni;

/// <summary>Test-CiliumRequirement: whether nodes have what a version of Cilium and its features need.</summary>
[Cmdlet(VerbsDiagnostic.Test, "CiliumRequirement")]
[OutputType(typeof(RequirementCheck), typeof(bool))]
public sealed class TestCiliumRequirementCommand : NodeReadCmdlet<RequirementCheck>
{
    private int _failed;
    private int _asked;
    private int _answered;

    /// <summary>The version of Cilium.</summary>
    [Parameter]
    public Version Version { get; set; } = new(1, 17, 5);

    /// <summary>The features that are wanted.</summary>
    [Parameter(Position = 1)]
    public CiliumFeature[] Feature { get; set; } = [CiliumFeature.Base];

    /// <summary>Returns one Boolean instead of the checks.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        base.EndProcessing();
        if (Quiet)
            WriteObject(_failed == 0 && _asked > 0 && _answered == _asked);
    }

    private protected override void NotFound(LabException error)
    {
        Interlocked.Increment(ref _asked);
        base.NotFound(error);
    }

    // A node that cannot be asked does not meet the requirements.
    private protected override async IAsyncEnumerable<RequirementCheck> ReadAsync(
        INodeShell shell, Action<TextWarning> warn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _asked);
        await foreach (var check in CiliumRequirements.CheckAsync(shell, Version, Feature, warn, cancellationToken).ConfigureAwait(false))
            yield return check;
        Interlocked.Increment(ref _answered);
    }

    private protected override bool Selects(RequirementCheck item)
    {
        if (item.Status == RequirementStatus.Failed)
            Interlocked.Increment(ref _failed);
        return !Quiet;
    }
}

using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Providers;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Labs;

/// <summary>The base of cmdlets that look at what is broken in a lab on purpose.</summary>
public abstract class FaultCmdlet : LabScopedCmdlet
{
    private protected (LabDescription Lab, string Folder, ILabFaults Faults) Board()
    {
        var session = Session;
        return (session.Description, session.Folder, Require(() => LabProviders.FaultsOf(session.Description)));
    }

    /// <summary>The faults that the given kinds and nodes choose; everything that is null chooses all.</summary>
    private protected static IReadOnlyList<LabFault> Select(IReadOnlyList<LabFault> faults, LabFaultKind[]? kinds, string[]? nodes) =>
    [
        .. faults.Where(fault => (kinds is null || kinds.Contains(fault.Kind))
            && (nodes is null || (fault.Node is not null && nodes.Any(node => NodePattern.Matches(node, fault.Node))))),
    ];
}

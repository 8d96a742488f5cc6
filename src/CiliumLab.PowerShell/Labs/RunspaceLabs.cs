using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using CiliumLab.Engine.Labs;

namespace CiliumLab.PowerShell.Labs;

/// <summary>The labs that a runspace has open; they are closed when the runspace ends.</summary>
internal static class RunspaceLabs
{
    private static readonly ConditionalWeakTable<Runspace, LabConnections> ByRunspace = [];

    /// <summary>The connections of the runspace that runs on this thread.</summary>
    public static LabConnections Here => ByRunspace.GetValue(Runspace.DefaultRunspace, Open);

    private static LabConnections Open(Runspace runspace)
    {
        var connections = new LabConnections(LabStore.ForUser());
        runspace.StateChanged += (_, change) =>
        {
            if (change.RunspaceStateInfo.State is RunspaceState.Closing or RunspaceState.Closed or RunspaceState.Broken)
                _ = connections.DisposeAsync().AsTask();
        };
        return connections;
    }
}

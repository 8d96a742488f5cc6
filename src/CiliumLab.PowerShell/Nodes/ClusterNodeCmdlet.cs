using System.Collections.Concurrent;
using CiliumLab.Engine.Cluster.Nodes;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Nodes;

/// <summary>The base of cmdlets that ask each node, and the cluster once for all of them what it knows about its nodes.</summary>
public abstract class ClusterNodeCmdlet : NodeCmdlet
{
    private readonly ConcurrentDictionary<LabSession, Lazy<Task<ClusterNodes?>>> _known = [];

    /// <summary>Works on one node.</summary>
    /// <param name="shell">The node.</param>
    /// <param name="known">What the cluster says; null when the lab has no API, or it does not answer, of which a warning is given.</param>
    /// <param name="output">What is to be written.</param>
    /// <param name="cancellationToken">Stops the work.</param>
    private protected abstract Task RunAsync(
        INodeShell shell, Task<ClusterNodes?> known, WorkOutput output, CancellationToken cancellationToken);

    private protected sealed override Func<INodeShell, WorkOutput, CancellationToken, Task> Work()
    {
        var session = Session;
        return (shell, output, cancellationToken) => RunAsync(session, shell, output, cancellationToken);
    }

    private protected sealed override Task RunAsync(INodeShell shell, WorkOutput output, CancellationToken cancellationToken) =>
        RunAsync(Session, shell, output, cancellationToken);

    private Task RunAsync(LabSession session, INodeShell shell, WorkOutput output, CancellationToken cancellationToken)
    {
        var known = _known.GetOrAdd(session, lab => new(() => Task.Run(() => AskAsync(lab, output, cancellationToken), cancellationToken))).Value;
        return RunAsync(shell, known, output, cancellationToken);
    }

    // Without an answer what the nodes say themselves is still worth having.
    private static async Task<ClusterNodes?> AskAsync(LabSession session, WorkOutput output, CancellationToken cancellationToken)
    {
        if (!session.HasCluster)
            return null;
        try
        {
            return await ClusterNodes.ReadAsync(session.Cluster, cancellationToken).ConfigureAwait(false);
        }
        catch (LabException error)
        {
            await output.WarningAsync($"What the cluster knows about its nodes is missing. {error.Message}").ConfigureAwait(false);
            return null;
        }
    }
}

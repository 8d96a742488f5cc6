using CiliumLab.Engine.Cluster;
using CiliumLab.PowerShell.Labs;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Cluster;

/// <summary>The base of cmdlets that work with a lab's Kubernetes API.</summary>
public abstract class ClusterCmdlet : LabScopedCmdlet
{
    /// <summary>Starts a piece of work with the API. It is opened there, so that the pipeline does not wait for its library.</summary>
    private protected void StartOnCluster(Func<ClusterClient, WorkOutput, CancellationToken, Task> work)
    {
        var session = Session;
        Start((output, cancellationToken) => work(session.Cluster, output, cancellationToken));
    }
}

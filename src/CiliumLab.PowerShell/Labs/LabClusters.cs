using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Model;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Labs;

/// <summary>Shows a lab to the user.</summary>
internal static class LabClusters
{
    /// <summary>Writes a lab. A kubeconfig that cannot be read is an error beside it; the lab's nodes are there all the same.</summary>
    public static async Task WriteAsync(LabDescription lab, LabConnections connections, WorkOutput output, CancellationToken cancellationToken)
    {
        Uri? apiServer = null;
        try
        {
            apiServer = lab.KubeConfig is null ? null : KubeConfigFile.ApiServer(lab.KubeConfig);
        }
        catch (LabException error)
        {
            await output.ErrorAsync(error).ConfigureAwait(false);
        }

        var running = await new LabLifecycle(connections).IsRunningAsync(lab, cancellationToken).ConfigureAwait(false);
        var open = connections.Open.Contains(lab.Name, StringComparer.OrdinalIgnoreCase);
        await output.WriteAsync(new LabCluster
        {
            Name = lab.Name,
            Provider = lab.Provider,
            State = !running ? LabState.Stopped : open ? LabState.Connected : LabState.Disconnected,
            Current = string.Equals(connections.Current, lab.Name, StringComparison.OrdinalIgnoreCase),
            Nodes = [.. lab.Nodes.Select(node => node.Node)],
            ApiServer = apiServer,
            KubeConfig = lab.KubeConfig,
            Path = connections.Store.Folder(lab.Name),
        }).ConfigureAwait(false);
    }
}

using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Providers;
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

        LabPower? power = null;
        try
        {
            power = await new LabLifecycle(connections).PowerAsync(lab, cancellationToken).ConfigureAwait(false);
        }
        catch (LabException error)
        {
            await output.ErrorAsync(error).ConfigureAwait(false);
        }

        var open = connections.Open.Contains(lab.Name, StringComparer.OrdinalIgnoreCase);
        await output.WriteAsync(new LabCluster
        {
            Name = lab.Name,
            Provider = lab.Provider,
            State = lab.Unfinished ? LabState.Unfinished : State(power, open),
            Reason = power?.Reason,
            Current = string.Equals(connections.Current, lab.Name, StringComparison.OrdinalIgnoreCase),
            Nodes = [.. lab.Nodes.Select(node => node.Node)],
            ApiServer = apiServer,
            KubeConfig = lab.KubeConfig,
            Path = connections.Store.Folder(lab.Name),
        }).ConfigureAwait(false);
    }

    private static LabState State(LabPower? power, bool open) => power?.State switch
    {
        LabPowerState.Running => open ? LabState.Connected : LabState.Disconnected,
        LabPowerState.Stopped => LabState.Stopped,
        LabPowerState.Partial => LabState.Partial,
        LabPowerState.Missing => LabState.Missing,
        _ => LabState.Unknown,
    };
}

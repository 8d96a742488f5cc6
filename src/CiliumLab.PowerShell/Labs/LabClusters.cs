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
    /// <param name="lab">The lab.</param>
    /// <param name="connections">The labs that are open.</param>
    /// <param name="output">Where it is written.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <param name="power">What its machines do, where that is known without asking.</param>
    public static async Task WriteAsync(
        LabDescription lab, LabConnections connections, WorkOutput output, CancellationToken cancellationToken, LabPower? power = null)
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

        try
        {
            if (power is null && !lab.Unfinished)
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
            Reason = lab.Unfinished ? "New-LabCluster did not come to its end; the same command goes on." : power?.Reason,
            Current = string.Equals(connections.Current, lab.Name, StringComparison.OrdinalIgnoreCase),
            Detached = lab.Topology is { Detached: true },
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

using System.Management.Automation;
using CiliumLab.Engine.Cluster.Networks;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Cluster;

/// <summary>Get-LabClusterNetwork: how the cluster's network is set up.</summary>
[Cmdlet(VerbsCommon.Get, "LabClusterNetwork")]
[OutputType(typeof(ClusterNetwork))]
public sealed class GetLabClusterNetworkCommand : ClusterCmdlet
{
    /// <inheritdoc/>
    protected override void ProcessRecord() =>
        StartOnCluster(async (client, output, cancellationToken) =>
            await output.WriteAsync(await ClusterNetworks.ReadAsync(client, cancellationToken).ConfigureAwait(false)).ConfigureAwait(false));
}

using System.Management.Automation;
using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Cluster.Workloads;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Cluster;

/// <summary>Uninstall-LabWorkload: takes the sample application away.</summary>
[Cmdlet(VerbsLifecycle.Uninstall, "LabWorkload", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(LabPod))]
public sealed class UninstallLabWorkloadCommand : SampleWorkloadCmdlet
{
    private protected override string Action => "Delete webpod, its service and curl-pod";

    private protected override IAsyncEnumerable<LabPod> WorkAsync(ClusterClient client, Func<string, Task> step, CancellationToken cancellationToken) =>
        LabWorkloads.UninstallAsync(client, Namespace, Timeout, step, cancellationToken);
}

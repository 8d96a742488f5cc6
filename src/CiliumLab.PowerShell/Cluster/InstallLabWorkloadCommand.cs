using System.Management.Automation;
using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Cluster.Workloads;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Cluster;

/// <summary>Install-LabWorkload: brings the sample application.</summary>
[Cmdlet(VerbsLifecycle.Install, "LabWorkload", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Low)]
[OutputType(typeof(LabPod))]
public sealed class InstallLabWorkloadCommand : SampleWorkloadCmdlet
{
    /// <summary>How many webpod servers there are.</summary>
    [Parameter]
    [ValidateRange(1, 100)]
    public int Replicas { get; set; } = 2;

    private protected override string Action => $"Install webpod ({Replicas} pods and a service) and curl-pod";

    private protected override IAsyncEnumerable<LabPod> WorkAsync(ClusterClient client, Func<string, Task> step, CancellationToken cancellationToken) =>
        LabWorkloads.InstallAsync(client, Namespace, Replicas, Timeout, step, cancellationToken);
}

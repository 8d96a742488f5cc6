using System.Management.Automation;
using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Cluster.Workloads;
using CiliumLab.Engine.Labs;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;
using CiliumLab.PowerShell.Nodes;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Cluster;

/// <summary>Restart-LabWorkload: replaces pods by new ones.</summary>
[Cmdlet(VerbsLifecycle.Restart, "LabWorkload", SupportsShouldProcess = true, ConfirmImpact = ConfirmImpact.Medium)]
[OutputType(typeof(LabPod))]
public sealed class RestartLabWorkloadCommand : ClusterCmdlet
{
    /// <summary>Only these pods, or Deployments as a whole by their names; wildcards work.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("Name")]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(PodNameCompleter))]
    public string[]? Pod { get; set; }

    /// <summary>The namespace: default when it is not given, and all of them with -UnmanagedOnly.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NamespaceCompleter))]
    public string? Namespace { get; set; }

    /// <summary>Exactly the pods whose address is not of the CNI in charge.</summary>
    [Parameter]
    public SwitchParameter UnmanagedOnly { get; set; }

    /// <summary>How long a workload may take to be ready again.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(3);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var pods = Pod;
        var choice = new RestartChoice(
            Namespace ?? (UnmanagedOnly ? null : "default"), pods is null ? null : name => Wildcards.Match(pods, name), UnmanagedOnly)
        {
            Required = [.. (pods ?? []).Where(name => !NodePattern.IsWildcard(name))],
        };
        var session = Session;
        foreach (var part in Require(cancellationToken => WorkloadRestart.PlanAsync(session.Cluster, choice, cancellationToken)))
        {
            if (ShouldProcess(part.Target, part.Action))
                StartOnCluster((client, output, cancellationToken) => RestartAsync(client, part, output, cancellationToken));
        }
    }

    private async Task RestartAsync(ClusterClient client, RestartPart part, WorkOutput output, CancellationToken cancellationToken)
    {
        Task Step(string step) => output.StepAsync(part.Target, step).AsTask();
        await foreach (var pod in WorkloadRestart.RestartAsync(client, part, Timeout, Step, cancellationToken).ConfigureAwait(false))
            await output.WriteAsync(pod).ConfigureAwait(false);
    }
}

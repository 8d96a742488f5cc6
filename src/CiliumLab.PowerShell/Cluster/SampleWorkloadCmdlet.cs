using System.Management.Automation;
using CiliumLab.Engine.Cluster;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Cluster;

/// <summary>The base of the cmdlets that bring the sample application and take it away.</summary>
public abstract class SampleWorkloadCmdlet : ClusterCmdlet
{
    /// <summary>The namespace; it must be there.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NamespaceCompleter))]
    public string Namespace { get; set; } = "default";

    /// <summary>How long it may take.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromMinutes(3);

    /// <summary>What is done, for the question whether to do it.</summary>
    private protected abstract string Action { get; }

    /// <summary>Does it.</summary>
    private protected abstract IAsyncEnumerable<LabPod> WorkAsync(
        ClusterClient client, Func<string, Task> step, CancellationToken cancellationToken);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var target = $"namespace '{Namespace}' of lab '{Session.Description.Name}'";
        if (!ShouldProcess(target, Action))
            return;
        StartOnCluster(async (client, output, cancellationToken) =>
        {
            await foreach (var pod in WorkAsync(client, step => output.StepAsync(Namespace, step).AsTask(), cancellationToken).ConfigureAwait(false))
                await output.WriteAsync(pod).ConfigureAwait(false);
        });
    }
}

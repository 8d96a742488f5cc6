using System.Management.Automation;
using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Cluster.Connectivity;
using CiliumLab.Model;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Cluster;

/// <summary>Test-PodConnectivity: what a pod reaches over HTTP, and who answers.</summary>
[Cmdlet(VerbsDiagnostic.Test, "PodConnectivity")]
[OutputType(typeof(PodConnectivity), typeof(bool))]
public sealed class TestPodConnectivityCommand : PodDestinationCmdlet
{
    private int _tests;
    private int _failures;

    /// <summary>How many requests are sent to each destination.</summary>
    [Parameter]
    [ValidateRange(1, 10000)]
    public int Count { get; set; } = 1;

    /// <summary>How long each request may take.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>One Boolean instead of the results: whether every request was answered, and well.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        foreach (var from in From)
        {
            foreach (var to in To)
                StartOnCluster((client, output, cancellationToken) => TestAsync(client, from, to, output, cancellationToken));
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        base.EndProcessing();
        if (Quiet)
            WriteObject(_failures == 0 && _tests > 0);
    }

    private async Task TestAsync(ClusterClient client, string from, string to, WorkOutput output, CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _tests);
        try
        {
            var result = await new PodReachability(client, Count, Timeout)
                .TestAsync(from, Namespace, to, step => output.StepAsync(from, step).AsTask(), cancellationToken).ConfigureAwait(false);
            if (!result.Succeeded)
                Interlocked.Increment(ref _failures);
            if (!Quiet)
                await output.WriteAsync(result).ConfigureAwait(false);
        }
        catch (LabException error) when (Quiet)
        {
            // A pod that cannot be asked is a "no" like any other.
            Interlocked.Increment(ref _failures);
            await output.VerboseAsync($"{from}: {error.Message}").ConfigureAwait(false);
        }
    }
}

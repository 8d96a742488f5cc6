using System.Management.Automation;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Tracing.Paths;
using CiliumLab.Model;
using CiliumLab.PowerShell.Cluster;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Tracing;

/// <summary>Trace-PodPath: the way of a packet from a pod to a destination, hop by hop, each with its evidence.</summary>
[Cmdlet(VerbsDiagnostic.Trace, "PodPath")]
[OutputType(typeof(PodPath))]
public sealed class TracePodPathCommand : PodDestinationCmdlet
{
    /// <summary>The destination's port; that of the service, or 80, when it is not given.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int? Port { get; set; }

    /// <summary>The protocol.</summary>
    [Parameter]
    [ValidateSet("Tcp", "Udp", "Icmp")]
    public TransportProtocol Protocol { get; set; } = TransportProtocol.Tcp;

    /// <summary>Sends a request as well, and says whether it fares as the trace says.</summary>
    [Parameter]
    public SwitchParameter Verify { get; set; }

    /// <summary>How long that request may take.</summary>
    [Parameter]
    [Seconds]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(3);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var session = Session;
        foreach (var from in From)
        {
            foreach (var to in To)
            {
                var question = new PathQuestion(from, Namespace, to, Protocol, Port);
                Start((output, cancellationToken) => TraceAsync(session, question, output, cancellationToken));
            }
        }
    }

    private async Task TraceAsync(LabSession session, PathQuestion question, WorkOutput output, CancellationToken cancellationToken)
    {
        await output.StepAsync(question.From, $"trace to {question.To}").ConfigureAwait(false);
        var path = await new PathTracer(session).TraceAsync(question, cancellationToken).ConfigureAwait(false);
        if (Verify)
        {
            await output.StepAsync(question.From, $"send to {question.To}").ConfigureAwait(false);
            path = path with { Verification = await new PathVerifier(session.Cluster, Timeout).VerifyAsync(path, cancellationToken).ConfigureAwait(false) };
        }

        await output.WriteAsync(path).ConfigureAwait(false);
    }
}

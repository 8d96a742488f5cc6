using System.Management.Automation;
using CiliumLab.Engine.Tracing;
using CiliumLab.Model;
using CiliumLab.PowerShell.Cluster;
using CiliumLab.PowerShell.Completion;
using CiliumLab.PowerShell.Labs;

namespace CiliumLab.PowerShell.Tracing;

/// <summary>Test-SocketLoadBalancing: shows whether a service's address is translated at the socket or on the wire.</summary>
[Cmdlet(VerbsDiagnostic.Test, "SocketLoadBalancing")]
[OutputType(typeof(SocketLoadBalancingTest), typeof(bool))]
public sealed class TestSocketLoadBalancingCommand : LabScopedCmdlet
{
    /// <summary>The service that is asked.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [PodName]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(ServiceNameCompleter))]
    public string Service { get; set; } = "webpod";

    /// <summary>The pod that asks; it needs curl and strace.</summary>
    [Parameter(Position = 1)]
    [PodName]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PodNameCompleter))]
    public string From { get; set; } = "curl-pod";

    /// <summary>The namespace of what is named without one.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NamespaceCompleter))]
    public string Namespace { get; set; } = "default";

    /// <summary>One Boolean instead of the result.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (check, from, service, ns, quiet) = (new SocketLoadBalancingCheck(Session), From, Service, Namespace, Quiet);
        Start(async (output, cancellationToken) =>
        {
            await output.StepAsync(from, $"asking {service}").ConfigureAwait(false);
            var test = await check.RunAsync(from, service, ns, cancellationToken).ConfigureAwait(false);
            await output.WriteAsync(quiet ? test.SocketLoadBalanced : test).ConfigureAwait(false);
        });
    }
}

using System.Management.Automation;
using CiliumLab.Engine.Tracing.SystemCalls;
using CiliumLab.Model;

namespace CiliumLab.PowerShell.Tracing;

/// <summary>Measure-PodSystemCall: how often a command that runs in a pod makes which system call, and how long they take.</summary>
[Cmdlet(VerbsDiagnostic.Measure, "PodSystemCall")]
[OutputType(typeof(SystemCallSummary))]
public sealed class MeasurePodSystemCallCommand : TracedCommandCmdlet
{
    private protected override IAsyncEnumerable<object> ReadAsync(
        SystemCallTraces traces, string pod, string ns, TraceRequest request, Action<TracedEnd> ended, CancellationToken cancellationToken) =>
        traces.MeasureAsync(pod, ns, request, ended, cancellationToken);
}

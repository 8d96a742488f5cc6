using System.Management.Automation;
using CiliumLab.Engine.Tracing.SystemCalls;
using CiliumLab.Model;
using CiliumLab.PowerShell.Completion;

namespace CiliumLab.PowerShell.Tracing;

/// <summary>Trace-PodSystemCall: the system calls of a command that runs in a pod, decoded, as they happen.</summary>
[Cmdlet(VerbsDiagnostic.Trace, "PodSystemCall")]
[OutputType(typeof(SystemCall))]
public sealed class TracePodSystemCallCommand : TracedCommandCmdlet
{
    /// <summary>The calls, or classes of them; those of sockets when it is not given.</summary>
    [Parameter]
    [ValidatePattern(@"^[%!/a-z_][a-z0-9_@%]*$")]
    [ArgumentCompleter(typeof(SystemCallCompleter))]
    public override string[] Name { get; set; } = ["network"];

    private protected override IAsyncEnumerable<object> ReadAsync(
        SystemCallTraces traces, string pod, string ns, TraceRequest request, Action<TracedEnd> ended, CancellationToken cancellationToken) =>
        traces.TraceAsync(pod, ns, request, ended, cancellationToken);
}

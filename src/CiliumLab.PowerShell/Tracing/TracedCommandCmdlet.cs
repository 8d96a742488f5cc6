using System.Management.Automation;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Tracing.SystemCalls;
using CiliumLab.PowerShell.Cluster;
using CiliumLab.PowerShell.Completion;
using CiliumLab.PowerShell.Pump;

namespace CiliumLab.PowerShell.Tracing;

/// <summary>The base of cmdlets that run a command in pods under strace.</summary>
public abstract class TracedCommandCmdlet : ClusterCmdlet
{
    /// <summary>The pods to run it in; they need strace.</summary>
    [Parameter(Position = 0, Mandatory = true, ValueFromPipelineByPropertyName = true)]
    [PodName]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PodNameCompleter))]
    public string[] Pod { get; set; } = [];

    /// <summary>The command's words.</summary>
    [Parameter(Position = 1, Mandatory = true)]
    [ValidateNotNullOrEmpty]
    public string[] Command { get; set; } = [];

    /// <summary>The calls, or classes of them.</summary>
    [Parameter]
    [ValidatePattern(@"^[%!/a-z_][a-z0-9_@%]*$")]
    [ArgumentCompleter(typeof(SystemCallCompleter))]
    public virtual string[] Name { get; set; } = [];

    /// <summary>The namespace of pods that are named without one.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(NamespaceCompleter))]
    public string Namespace { get; set; } = "default";

    /// <inheritdoc/>
    protected override void BeginProcessing()
    {
        if (Command is [var only] && only.Contains(' ', StringComparison.Ordinal))
        {
            WriteWarning(
                $"'{only}' is run as one program's name. Give words of their own: -Command {ShellQuoting.JoinForPowerShell(only.Split(' ', StringSplitOptions.RemoveEmptyEntries))}");
        }
    }

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        var (request, ns) = (new TraceRequest(Command, Name), Namespace);
        foreach (var pod in Pod)
        {
            StartOnCluster(async (client, output, cancellationToken) =>
            {
                TracedEnd? end = null;
                await foreach (var item in ReadAsync(new SystemCallTraces(client), pod, ns, request, ended => end = ended, cancellationToken).ConfigureAwait(false))
                    await output.WriteAsync(item).ConfigureAwait(false);
                await TellAsync(pod, request.Command[0], end, output).ConfigureAwait(false);
            });
        }
    }

    /// <summary>Runs it in one pod.</summary>
    private protected abstract IAsyncEnumerable<object> ReadAsync(
        SystemCallTraces traces, string pod, string ns, TraceRequest request, Action<TracedEnd> ended, CancellationToken cancellationToken);

    // What the command said is not what was asked for, and explains how it ended.
    private static async Task TellAsync(string pod, string program, TracedEnd? end, WorkOutput output)
    {
        if (end is null)
            return;
        if (end.Output.Length > 0)
            await output.VerboseAsync($"{pod}: {program} wrote: {end.Output.TrimEnd()}").ConfigureAwait(false);
        if (end.ExitCode != 0)
            await output.WarningAsync($"{pod}: {program} ended with exit code {end.ExitCode}{(end.Error.Length > 0 ? $": {end.Error}" : ".")}").ConfigureAwait(false);
        else if (end.Error.Length > 0)
            await output.VerboseAsync($"{pod}: {program} wrote on standard error: {end.Error}").ConfigureAwait(false);
    }
}

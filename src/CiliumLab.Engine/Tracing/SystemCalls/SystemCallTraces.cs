using System.Text.RegularExpressions;
using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Cluster.Pods;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.SystemCalls;

/// <summary>Runs commands in pods under strace.</summary>
/// <param name="client">The cluster.</param>
public sealed partial class SystemCallTraces(ClusterClient client)
{
    private const int NoSuchProgram = 127;

    /// <summary>The calls of a command while it runs; the last is the command's end, with its exit code.</summary>
    /// <param name="pod">The pod's name, or <c>namespace/name</c>; it needs strace.</param>
    /// <param name="ns">The namespace of a pod that is named without one.</param>
    /// <param name="request">What is traced.</param>
    /// <param name="ended">Is told how the command ended, and what it wrote itself.</param>
    /// <param name="cancellationToken">Ends the command.</param>
    /// <exception cref="LabException">As <see cref="TraceInAsync"/>, or there is no such pod, or it does not run.</exception>
    public async IAsyncEnumerable<SystemCall> TraceAsync(
        string pod, string ns, TraceRequest request, Action<TracedEnd> ended, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var found = await RunningPod.FindAsync(client, pod, ns, cancellationToken).ConfigureAwait(false);
        var (space, name, node) = (found.Metadata.NamespaceProperty, found.Metadata.Name, found.Spec.NodeName);
        await foreach (var call in TraceInAsync(client.Shell(space, name, null, node), request, ended, cancellationToken).ConfigureAwait(false))
            yield return call with { Namespace = space, Pod = name };
    }

    /// <summary>How often a command made which call.</summary>
    /// <param name="pod">The pod's name, or <c>namespace/name</c>; it needs strace.</param>
    /// <param name="ns">The namespace of a pod that is named without one.</param>
    /// <param name="request">What is counted.</param>
    /// <param name="ended">Is told how the command ended, and what it wrote itself.</param>
    /// <param name="cancellationToken">Ends the command.</param>
    /// <exception cref="LabException">As <see cref="TraceInAsync"/>, or there is no such pod, or it does not run.</exception>
    public async IAsyncEnumerable<SystemCallSummary> MeasureAsync(
        string pod, string ns, TraceRequest request, Action<TracedEnd> ended, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var found = await RunningPod.FindAsync(client, pod, ns, cancellationToken).ConfigureAwait(false);
        var (space, name, node) = (found.Metadata.NamespaceProperty, found.Metadata.Name, found.Spec.NodeName);
        await foreach (var row in MeasureInAsync(client.Shell(space, name, null, node), request, ended, cancellationToken).ConfigureAwait(false))
            yield return row with { Namespace = space, Pod = name };
    }

    /// <summary>Traces a command in a place that keeps standard error apart.</summary>
    /// <exception cref="LabException"><c>StraceMissing</c>, <c>StraceNotPermitted</c>, <c>TracedCommandNotFound</c>.</exception>
    internal static IAsyncEnumerable<SystemCall> TraceInAsync(ICommandRunner place, TraceRequest request, Action<TracedEnd> ended, CancellationToken cancellationToken) =>
        RunAsync(place, request, request.Traced(), isTable: false, (text, warn) => StraceText.Parse(text, place.Node, warn), ended, cancellationToken);

    /// <summary>Counts the calls of a command in a place that keeps standard error apart.</summary>
    /// <exception cref="LabException"><c>StraceMissing</c>, <c>StraceNotPermitted</c>, <c>TracedCommandNotFound</c>.</exception>
    internal static IAsyncEnumerable<SystemCallSummary> MeasureInAsync(ICommandRunner place, TraceRequest request, Action<TracedEnd> ended, CancellationToken cancellationToken) =>
        RunAsync(place, request, request.Counted(), isTable: true, (text, warn) => StraceSummaryText.Parse(text, place.Node, warn), ended, cancellationToken);

    private static IAsyncEnumerable<T> RunAsync<T>(
        ICommandRunner place, TraceRequest request, NodeCommand command, bool isTable, Func<TextReader, Action<TextWarning>, IEnumerable<T>> parse, Action<TracedEnd> ended, CancellationToken cancellationToken)
    {
        StraceOutput? output = null;
        var any = false;
        IEnumerable<T> Read(TextReader text)
        {
            output = new StraceOutput(text, isTable);
            foreach (var record in parse(output, _ => { }))
            {
                any = true;
                yield return record;
            }
        }

        LabException? Judge(CommandExit exit)
        {
            var said = output?.Own ?? "";
            if (!any && exit.ExitCode != 0)
                return Failure(place, request, command, exit, said);
            ended(new TracedEnd(exit.ExitCode, exit.Error, said));
            return null;
        }

        return place.ParseOutputAsync(command, Read, cancellationToken, Judge);
    }

    private static LabException Failure(ICommandRunner place, TraceRequest request, NodeCommand command, CommandExit exit, string said)
    {
        if (exit.ExitCode == NoSuchProgram)
        {
            return new LabException(
                "StraceMissing",
                LabErrorKind.NotInstalled,
                $"There is no strace in {place.Place}.",
                place.Node,
                "Use a pod whose image has it, such as nicolaka/netshoot: Install-LabWorkload brings one, curl-pod.");
        }

        if (Forbidden().IsMatch(said))
        {
            return new LabException(
                "StraceNotPermitted",
                LabErrorKind.PermissionDenied,
                $"strace may not trace in {place.Place}: {said}",
                place.Node,
                "Give the container the capability SYS_PTRACE in its securityContext, or run it on a kernel since 4.8 with the runtime's default seccomp profile.");
        }

        if (NoCommand().IsMatch(said))
        {
            return new LabException(
                "TracedCommandNotFound",
                LabErrorKind.ObjectNotFound,
                $"There is no program '{request.Command[0]}' in {place.Place}: {said}",
                request.Command[0],
                "Give a program of the container's image, and its arguments as words of their own.");
        }

        return NodeShellCommands.Failure(place, command, exit with { Error = said });
    }

    [GeneratedRegex(@"ptrace\(.*(?:Operation not permitted|Permission denied)|PTRACE_\w+.*not permitted")]
    private static partial Regex Forbidden();

    [GeneratedRegex(@"^\S*strace: (?:Can(?:no|')t (?:find|stat)|exec: )", RegexOptions.Multiline)]
    private static partial Regex NoCommand();
}

/// <summary>How a traced command ended.</summary>
/// <param name="ExitCode">Its exit code; 128 and more for a signal.</param>
/// <param name="Output">What it wrote on standard output, its first megabyte.</param>
/// <param name="Error">What it wrote on standard error, its beginning.</param>
public sealed record TracedEnd(int ExitCode, string Output, string Error);

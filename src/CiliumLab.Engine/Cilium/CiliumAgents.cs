using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Cluster.Exec;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using k8s.Models;

namespace CiliumLab.Engine.Cilium;

/// <summary>
/// The agents of a cluster: where each node's is, and its command line. The program is <c>cilium-dbg</c> since 1.15 and was <c>cilium</c>
/// before; each agent is tried once and remembered.
/// </summary>
/// <param name="client">The cluster.</param>
public sealed partial class CiliumAgents(ClusterClient client)
{
    private const string Namespace = "kube-system";
    private const string Container = "cilium-agent";
    private const string Program = "cilium-dbg";
    private const string OlderProgram = "cilium";
    private const int NoSuchProgram = 127;

    private readonly ConcurrentDictionary<string, string> _programs = new(StringComparer.Ordinal);

    /// <summary>What the agents told the cluster of their endpoints.</summary>
    public Task<EndpointResources> EndpointResourcesAsync(CancellationToken cancellationToken) => EndpointResources.ReadAsync(client, cancellationToken);

    /// <summary>Runs a command of the agent's CLI and returns what it said, whatever its exit code.</summary>
    /// <param name="node">The agent's node.</param>
    /// <param name="words">The command's words, without the program.</param>
    /// <param name="cancellationToken">Ends the command.</param>
    public async Task<NodeCommandResult> RunAsync(string node, IReadOnlyList<string> words, CancellationToken cancellationToken)
    {
        try
        {
            var (shell, program) = await OpenAsync(node, cancellationToken).ConfigureAwait(false);
            return await shell.RunAsync(new NodeCommand([program, .. words]), cancellationToken).ConfigureAwait(false);
        }
        catch (LabException error) when (IsOfPod(node, error))
        {
            throw Of(node, error);
        }
    }

    /// <summary>Runs a command of the agent's CLI that must succeed, and reads records from what it says while it says it.</summary>
    /// <param name="node">The agent's node.</param>
    /// <param name="words">The command's words, without the program.</param>
    /// <param name="parse">Reads the records.</param>
    /// <param name="warn">Is told of what was not understood.</param>
    /// <param name="cancellationToken">Ends the command.</param>
    /// <param name="explain">Tells a failure that has an error of its own.</param>
    public IAsyncEnumerable<T> ReadAsync<T>(
        string node,
        IReadOnlyList<string> words,
        Func<TextReader, string?, Action<TextWarning>, IEnumerable<T>> parse,
        Action<TextWarning> warn,
        CancellationToken cancellationToken,
        Func<CommandExit, LabException?>? explain = null) =>
        OfNodeAsync(node, ReadAsync(node, words, isLasting: false, parse, warn, explain, cancellationToken), cancellationToken);

    /// <summary>
    /// Runs a command of the agent's CLI that goes on until it is ended, and reads records from what it says. Whoever stops reading ends it
    /// in the container too.
    /// </summary>
    /// <param name="node">The agent's node.</param>
    /// <param name="words">The command's words, without the program.</param>
    /// <param name="parse">Reads the records.</param>
    /// <param name="warn">Is told of what was not understood.</param>
    /// <param name="cancellationToken">Ends the command.</param>
    /// <param name="explain">Tells a failure that has an error of its own.</param>
    public IAsyncEnumerable<T> FollowAsync<T>(
        string node,
        IReadOnlyList<string> words,
        Func<TextReader, string?, Action<TextWarning>, IEnumerable<T>> parse,
        Action<TextWarning> warn,
        CancellationToken cancellationToken,
        Func<CommandExit, LabException?>? explain = null) =>
        OfNodeAsync(node, ReadAsync(node, words, isLasting: true, parse, warn, explain, cancellationToken), cancellationToken);

    /// <summary>Runs another program of the agent's container, such as <c>bpftool</c>, and reads records from what it says.</summary>
    /// <param name="node">The agent's node.</param>
    /// <param name="words">The program and its words.</param>
    /// <param name="parse">Reads the records.</param>
    /// <param name="warn">Is told of what was not understood.</param>
    /// <param name="cancellationToken">Ends the command.</param>
    public IAsyncEnumerable<T> ReadProgramAsync<T>(
        string node,
        IReadOnlyList<string> words,
        Func<TextReader, string?, Action<TextWarning>, IEnumerable<T>> parse,
        Action<TextWarning> warn,
        CancellationToken cancellationToken) =>
        OfNodeAsync(node, ReadContainerAsync(node, words, parse, warn, cancellationToken), cancellationToken);

    private async IAsyncEnumerable<T> ReadContainerAsync<T>(
        string node,
        IReadOnlyList<string> words,
        Func<TextReader, string?, Action<TextWarning>, IEnumerable<T>> parse,
        Action<TextWarning> warn,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var shell = await ShellAsync(node, cancellationToken).ConfigureAwait(false);
        await foreach (var record in shell.ParseOutputAsync(new NodeCommand(words), text => parse(text, node, warn), cancellationToken).ConfigureAwait(false))
            yield return record;
    }

    private async IAsyncEnumerable<T> ReadAsync<T>(
        string node,
        IReadOnlyList<string> words,
        bool isLasting,
        Func<TextReader, string?, Action<TextWarning>, IEnumerable<T>> parse,
        Action<TextWarning> warn,
        Func<CommandExit, LabException?>? explain,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var (shell, program) = await OpenAsync(node, cancellationToken).ConfigureAwait(false);
        var command = new NodeCommand([program, .. words]) { Lasting = isLasting };
        LabException? Judge(CommandExit exit) => exit.ExitCode == 0 ? null : explain?.Invoke(exit) ?? NodeShellCommands.Failure(shell, command, exit);
        await foreach (var record in shell.ParseOutputAsync(command, text => parse(text, node, warn), cancellationToken, Judge).ConfigureAwait(false))
            yield return record;
    }

    // To whoever asked, an agent is its node; what exec fails for is the agent's pod.
    private static async IAsyncEnumerable<T> OfNodeAsync<T>(string node, IAsyncEnumerable<T> records, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await using var reader = records.ConfigureAwait(false).WithCancellation(cancellationToken).GetAsyncEnumerator();
        while (true)
        {
            try
            {
                if (!await reader.MoveNextAsync())
                    yield break;
            }
            catch (LabException error) when (IsOfPod(node, error))
            {
                throw Of(node, error);
            }

            yield return reader.Current;
        }
    }

    private static bool IsOfPod(string node, LabException error) => error.ErrorId != CiliumAbsence.ErrorId && !node.Equals(error.Target);

    private static LabException Of(string node, LabException error) => new(error.ErrorId, error.Kind, error.Message, node, error.RecommendedAction, error);

    private async Task<(PodShell Shell, string Program)> OpenAsync(string node, CancellationToken cancellationToken)
    {
        var shell = await ShellAsync(node, cancellationToken).ConfigureAwait(false);
        if (_programs.TryGetValue(shell.Pod, out var known))
            return (shell, known);
        var version = await shell.RunAsync(NodeCommand.Of(Program, "version"), cancellationToken).ConfigureAwait(false);
        var program = version.ExitCode == NoSuchProgram ? OlderProgram : Program;
        if (version.ExitCode is 0 or NoSuchProgram)
            _programs[shell.Pod] = program;
        return (shell, program);
    }

    /// <summary>The agent's container on a node.</summary>
    /// <exception cref="LabException"><c>CiliumNotInstalled</c>, <c>CiliumAgentNotFound</c> or <c>CiliumAgentNotRunning</c>.</exception>
    internal async Task<PodShell> ShellAsync(string node, CancellationToken cancellationToken)
    {
        var agents = new ResourceQuery(Namespace) { Labels = "k8s-app=cilium" };
        var pods = await client.ListAsync<V1Pod>(agents with { Fields = $"spec.nodeName={node}" }, cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);
        if (pods.FirstOrDefault(pod => pod.Metadata.DeletionTimestamp is null) is not { } pod)
        {
            throw await client.ListAsync<V1Pod>(agents, cancellationToken).AnyAsync(cancellationToken).ConfigureAwait(false)
                ? NoAgent(node)
                : CiliumAbsence.Error(client.Address.Lab, $"there is no pod with the label k8s-app=cilium in {Namespace}");
        }

        if (pod.Status?.ContainerStatuses?.FirstOrDefault(container => container.Name == Container)?.State?.Running is null)
            throw NotRunning(node, pod);
        return client.Shell(Namespace, pod.Metadata.Name, Container, node);
    }

    private static LabException NoAgent(string node) =>
        new(
            "CiliumAgentNotFound",
            LabErrorKind.ObjectNotFound,
            $"There is no Cilium agent on node '{node}': no pod with the label k8s-app=cilium in {Namespace}.",
            node,
            "See whether it is to have one: Get-CiliumStatus");

    private static LabException NotRunning(string node, V1Pod pod) =>
        new(
            "CiliumAgentNotRunning",
            LabErrorKind.InvalidOperation,
            $"The Cilium agent on node '{node}' (pod {pod.Metadata.Name}) does not run: it is {pod.Status?.Phase ?? "unknown"}.",
            node,
            $"See why: Get-LabPod {pod.Metadata.Name} -Namespace {Namespace}");
}

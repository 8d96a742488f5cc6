using System.Runtime.CompilerServices;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>Exec and logs: leads the API server to the containers that the kubelets run.</summary>
/// <param name="cluster">The cluster.</param>
internal sealed class ContainerAccess(SimulatedCluster cluster) : IPodExecutor, IPodLogSource
{
    /// <inheritdoc/>
    public async Task<int> RunAsync(PodExecRequest request, PodExecStreams streams, CancellationToken cancellationToken)
    {
        var container = await FindAsync(request.Pod, request.Container).ConfigureAwait(false);
        if (container is not { Stage: ContainerStage.Running, Context: { } context, Image: { } image })
            throw new PodExecException($"container not found (\"{request.Container}\")");
        if (request.Command.Count == 0)
            return 0;
        var name = request.Command[0];
        if (!image.Programs.TryGetValue(name[(name.LastIndexOf('/') + 1)..], out var program))
        {
            var why = name.Contains('/', StringComparison.Ordinal) ? $"stat {name}: no such file or directory" : "executable file not found in $PATH";
            throw new PodExecException(
                $"Internal error occurred: error executing command in container: failed to exec in container: failed to start exec \"{context.Id}\": OCI runtime exec failed: exec failed: unable to start container process: exec: \"{name}\": {why}: unknown");
        }
        using var process = context.Processes.Start(cancellationToken);
        try
        {
            var call = new ContainerCall(context, request.Command, streams.Input, streams.Output, streams.Error, request.Terminal, process);
            return await program.RunAsync(call, process.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (process.Terminated)
        {
            return ContainerProcess.TerminatedCode;
        }
    }

    /// <inheritdoc/>
    public async IAsyncEnumerable<PodLogLine> ReadAsync(PodLogRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var container = await FindAsync(request.Pod, request.Container).ConfigureAwait(false);
        if (container?.Context is null)
        {
            var reason = container is { Stage: ContainerStage.Waiting, Reason: var why } ? why : "ContainerCreating";
            throw ApiException.BadRequest($"container \"{request.Container}\" in pod \"{request.Pod.Name}\" is waiting to start: {reason}");
        }
        var log = request.Previous
            ? container.FormerLog ?? throw ApiException.BadRequest($"previous terminated container \"{request.Container}\" in pod \"{request.Pod.Name}\" not found")
            : container.Log;
        var position = 0;
        while (true)
        {
            var lines = log.Read(ref position, out var more, out var ended);
            foreach (var (time, text) in lines)
                yield return new PodLogLine(time, text);
            if (!request.Follow || ended)
                yield break;
            await more.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<ContainerRun?> FindAsync(StoredObject pod, string name)
    {
        ContainerRun? found = null;
        await cluster.Loop.DoAsync(() => found = pod.NodeName() is { } node
            ? cluster.Kubelet(node)?.Pods.Find(pod)?.Containers.FirstOrDefault(c => c.Name == name)
            : null).ConfigureAwait(false);
        return found;
    }
}

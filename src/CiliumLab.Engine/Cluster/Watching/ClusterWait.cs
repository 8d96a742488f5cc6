using CiliumLab.Model;
using k8s;
using k8s.Models;

namespace CiliumLab.Engine.Cluster.Watching;

/// <summary>What is waited for, and how long.</summary>
/// <param name="What">What shall come to be, for the error: <c>the Deployment 'default/webpod' to be rolled out</c>.</param>
/// <param name="Timeout">How long that may take.</param>
internal sealed record ClusterWait(string What, TimeSpan Timeout)
{
    /// <summary>The error's id when it does not come to be in time.</summary>
    public string ErrorId { get; init; } = "ClusterWaitTimedOut";

    /// <summary>What to type when it does not come to be in time.</summary>
    public string? RecommendedAction { get; init; }

    /// <summary>The object that is waited for, as the error's target.</summary>
    public object? Target { get; init; }

    /// <summary>Is told what is missing, whenever that changes.</summary>
    public Func<string, Task>? Step { get; init; }
}

/// <summary>Waits for something to come to be in a cluster; nothing is polled.</summary>
internal static class ClusterWaits
{
    /// <summary>Waits until nothing is missing.</summary>
    /// <param name="client">The cluster.</param>
    /// <param name="query">The objects to look at.</param>
    /// <param name="wait">What is waited for, and how long.</param>
    /// <param name="missing">Says what is missing, in a few words for the user; null when all is there.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>The objects as they were when nothing was missing.</returns>
    /// <exception cref="LabException">It took too long; the message says what was missing last.</exception>
    public static async Task<IReadOnlyCollection<T>> WaitAsync<T>(
        this ClusterClient client, ResourceQuery query, ClusterWait wait, Func<IReadOnlyCollection<T>, string?> missing, CancellationToken cancellationToken)
        where T : IKubernetesObject<V1ObjectMeta>
    {
        using var limit = new CancellationTokenSource(wait.Timeout, client.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, limit.Token);
        string? last = null;
        try
        {
            await foreach (var present in client.FollowAsync<T>(query, either.Token).ConfigureAwait(false))
            {
                var lacks = missing(present);
                if (lacks is null)
                    return present;
                if (lacks != last && wait.Step is not null)
                    await wait.Step(lacks).ConfigureAwait(false);
                last = lacks;
            }
        }
        catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            // Told below, with what was missing.
        }

        throw new LabException(
            wait.ErrorId,
            LabErrorKind.OperationTimeout,
            $"Waited {wait.Timeout.TotalSeconds:0.#} s in vain for {wait.What}{(last is null ? "" : $": {last.TrimEnd('.')}")}.",
            wait.Target ?? client.Server,
            wait.RecommendedAction ?? "See the pods and why they do not run: Get-LabPod");
    }
}

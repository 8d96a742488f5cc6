using System.Globalization;
using CiliumLab.Engine.Cluster.Pods;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using k8s.Models;

namespace CiliumLab.Engine.Cluster.Connectivity;

/// <summary>Tests with curl in a pod what that pod reaches over HTTP.</summary>
/// <param name="client">The cluster.</param>
/// <param name="count">How many requests are sent to each destination.</param>
/// <param name="timeout">How long each of them may take.</param>
public sealed class PodReachability(ClusterClient client, int count, TimeSpan timeout)
{
    /// <summary>Sends the requests to one destination, one after the other.</summary>
    /// <param name="from">The pod that asks: its name, in the namespace, or <c>namespace/name</c>.</param>
    /// <param name="ns">The namespace of a pod that is named without one.</param>
    /// <param name="to">A pod, an address, a service or a URL.</param>
    /// <param name="step">Is told the request that the work is at.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="LabException"><c>PodNotFound</c> with those that are, <c>PodNotRunning</c>, or what the destination's name throws.</exception>
    public async Task<PodConnectivity> TestAsync(string from, string ns, string to, Func<string, Task> step, CancellationToken cancellationToken)
    {
        var pod = await RunningPod.FindAsync(client, from, ns, cancellationToken).ConfigureAwait(false);
        var destination = await PodDestination.FindAsync(client, pod.Metadata.NamespaceProperty, to, cancellationToken).ConfigureAwait(false);
        var shell = client.Shell(pod.Metadata.NamespaceProperty, pod.Metadata.Name, null, pod.Spec.NodeName);
        var answers = new List<CurlAnswer>(count);
        for (var number = 1; number <= count; number++)
        {
            await step($"{number} of {count} to {to}").ConfigureAwait(false);
            answers.Add(await AskAsync(shell, destination.Url, cancellationToken).ConfigureAwait(false));
        }

        return Sum(pod, destination, answers);
    }

    private async Task<CurlAnswer> AskAsync(Exec.PodShell shell, Uri url, CancellationToken cancellationToken)
    {
        var seconds = timeout.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
        var command = NodeCommand.Of("curl", "-sSv", "-m", seconds, "-w", CurlText.WriteOut, url.AbsoluteUri) with
        {
            Timeout = timeout + TimeSpan.FromSeconds(15),
        };
        var result = await shell.RunAsync(command, cancellationToken).ConfigureAwait(false);
        return result.ExitCode is 126 or 127
            ? throw NodeShellCommands.Failure(shell, command, result)
            : CurlText.Parse(result.ExitCode, result.Output, result.Error);
    }

    private static PodConnectivity Sum(V1Pod pod, PodDestination destination, List<CurlAnswer> answers)
    {
        var good = answers.Where(answer => answer.FailureKind == PodConnectivityFailure.None).ToList();
        var latencies = good.Select(answer => answer.Latency).OfType<TimeSpan>().ToList();
        var bad = answers.FirstOrDefault(answer => answer.FailureKind != PodConnectivityFailure.None);
        return new PodConnectivity
        {
            From = $"{pod.Metadata.NamespaceProperty}/{pod.Metadata.Name}",
            To = destination.Name,
            Url = destination.Url,
            Sent = answers.Count,
            Answered = good.Count,
            RespondedBy =
            [
                .. answers.Where(answer => answer.Status is not null)
                    .GroupBy(answer => answer.Hostname ?? answer.Address?.ToString() ?? destination.Url.Host, StringComparer.Ordinal)
                    .Select(group => new PodResponder(group.Key, group.Count()))
                    .OrderByDescending(responder => responder.Count).ThenBy(responder => responder.Name, StringComparer.Ordinal),
            ],
            Status = answers.LastOrDefault(answer => answer.Status is not null)?.Status,
            Address = answers.LastOrDefault(answer => answer.Address is not null)?.Address,
            Latency = latencies.Count == 0 ? null : TimeSpan.FromTicks((long)latencies.Average(latency => latency.Ticks)),
            FailureKind = bad?.FailureKind ?? PodConnectivityFailure.None,
            Failure = bad is null
                ? null
                : answers.Count == 1 ? bad.Failure : $"{answers.Count - good.Count} of {answers.Count} failed: {bad.Failure}",
        };
    }
}

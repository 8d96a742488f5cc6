using System.Diagnostics;
using CiliumLab.Engine.Cni;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cilium;

/// <summary>When Cilium is well: everything that its chart made runs, and every agent says of itself that it is.</summary>
public static class CiliumReadiness
{
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly Action<TextWarning> Ignore = static _ => { };

    /// <summary>Waits for it.</summary>
    /// <param name="session">The lab.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="step">Is told what is missing, whenever that changes.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="LabException"><c>CniNotReady</c> or <c>CiliumNotReady</c>, with what was missing last.</exception>
    public static async Task WaitAsync(LabSession session, TimeSpan timeout, Func<string, Task> step, CancellationToken cancellationToken)
    {
        var waited = Stopwatch.StartNew();
        await new CniReadiness(session.Cluster, CniRelease.Cilium, timeout, step).WaitAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var left = timeout - waited.Elapsed;
            var answers = await Task.WhenAll(session.Nodes.Select(node => MissingAsync(session.Agents, node, left, cancellationToken))).ConfigureAwait(false);
            var missing = string.Join("; ", answers.OfType<string>());
            if (missing.Length == 0)
                return;
            await step(missing).ConfigureAwait(false);
            if (waited.Elapsed >= timeout)
                throw NotReady(session, timeout, missing);
            // An agent's word on itself is nothing that could be watched.
            await Task.Delay(Pause, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<string?> MissingAsync(CiliumAgents agents, string node, TimeSpan left, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(left > Pause ? left : Pause);
        try
        {
            var status = await agents.StatusAsync(node, Ignore, limit.Token).FirstOrDefaultAsync(limit.Token).ConfigureAwait(false);
            return status switch
            {
                null => $"{node}: the agent says nothing",
                { State: CiliumHealthState.Ok } => null,
                _ => $"{node}: {status.State} ({status.Message})",
            };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return $"{node}: the agent does not answer";
        }
        catch (LabException error)
        {
            return error.Message;
        }
    }

    private static LabException NotReady(LabSession session, TimeSpan timeout, string missing) =>
        new(
            "CiliumNotReady",
            LabErrorKind.OperationTimeout,
            $"Cilium is not well on lab '{session.Description.Name}' after {timeout.TotalSeconds:0} s: {missing}",
            session.Description.Name,
            "See what each agent says: Get-CiliumStatus");
}

using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Nodes;

namespace CiliumLab.PowerShell.Completion;

/// <summary>Asks a node for names that Tab may offer, such as its interfaces or its iptables chains.</summary>
internal delegate Task<IReadOnlyCollection<string>> NodeFactSource(INodeShell shell, CancellationToken cancellationToken);

/// <summary>Asks a cluster's API for names that Tab may offer, such as its namespaces or pods.</summary>
internal delegate Task<IReadOnlyCollection<string>> ClusterFactSource(ClusterClient client, CancellationToken cancellationToken);

/// <summary>
/// What nodes and the cluster's API have said lately, for tab completion. A Tab press waits a moment for an answer and no longer: what comes later
/// is there for the next press. An answer is remembered for a while and, when it is old, still offered while the next is fetched.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="patience">How long one Tab press may wait.</param>
/// <param name="lifetime">How long an answer counts as fresh.</param>
internal sealed class NodeFactCache(TimeProvider time, TimeSpan patience, TimeSpan lifetime)
{
    // No node's name has a slash.
    private const string TheCluster = "/";

    // A node that fails is not asked again at every key press, but soon after it may have been repaired.
    private static readonly TimeSpan FailureLifetime = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan FetchLimit = TimeSpan.FromSeconds(15);

    private readonly ConditionalWeakTable<LabSession, ConcurrentDictionary<(string Node, string Fact), Answer>> _sessions = [];

    /// <summary>The cache that the module's completers share.</summary>
    public static NodeFactCache Shared { get; } = new(TimeProvider.System, TimeSpan.FromMilliseconds(300), TimeSpan.FromSeconds(30));

    /// <summary>The names that the nodes are known to have by now, each once, sorted.</summary>
    /// <param name="session">The lab; its answers are forgotten with it.</param>
    /// <param name="nodes">The nodes to ask.</param>
    /// <param name="fact">What is asked, as a key: two sources must not share one.</param>
    /// <param name="source">Asks one node; runs on the thread pool, and its failure means no names.</param>
    public IReadOnlyList<string> Names(LabSession session, IEnumerable<string> nodes, string fact, NodeFactSource source) =>
        Names(session, nodes.Select(node => (node, Fetch: (FactFetch)(token => source(session.Shell(node), token)))).ToList(), fact);

    /// <summary>The names that the cluster is known to have by now, each once, sorted.</summary>
    /// <param name="session">The lab; its answers are forgotten with it.</param>
    /// <param name="fact">What is asked, as a key: two sources must not share one.</param>
    /// <param name="source">Asks; runs on the thread pool, and its failure means no names.</param>
    public IReadOnlyList<string> Names(LabSession session, string fact, ClusterFactSource source) =>
        Names(session, [(TheCluster, token => source(session.Cluster, token))], fact);

    private IReadOnlyList<string> Names(LabSession session, IReadOnlyList<(string Place, FactFetch Fetch)> places, string fact)
    {
        var known = _sessions.GetOrCreateValue(session);
        var answers = places.Select(place => known.GetOrAdd((place.Place, fact), static _ => new Answer())).ToList();
        var pending = places.Zip(answers, (place, answer) => Ask(answer, place.Fetch)).ToArray();
        Task.WaitAll(pending, patience);
        return [.. answers.SelectMany(answer => answer.Names).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
    }

    private Task Ask(Answer answer, FactFetch fetch)
    {
        lock (answer)
        {
            if (!answer.Pending.IsCompleted || time.GetUtcNow() < answer.FreshUntil)
                return answer.Pending;
            return answer.Pending = Task.Run(() => FetchAsync(answer, fetch));
        }
    }

    private async Task FetchAsync(Answer answer, FactFetch fetch)
    {
        using var limit = new CancellationTokenSource(FetchLimit, time);
        var fresh = FailureLifetime;
        try
        {
            answer.Names = await fetch(limit.Token).ConfigureAwait(false);
            fresh = lifetime;
        }
        catch (Exception)
        {
            // A Tab press has no place for an error; the cmdlet itself will report the same one in full.
        }
        finally
        {
            answer.FreshUntil = time.GetUtcNow() + fresh;
        }
    }

    private delegate Task<IReadOnlyCollection<string>> FactFetch(CancellationToken cancellationToken);

    private sealed class Answer
    {
        public volatile IReadOnlyCollection<string> Names = [];

        public DateTimeOffset FreshUntil { get; set; }

        public Task Pending { get; set; } = Task.CompletedTask;
    }
}

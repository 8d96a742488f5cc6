using System.Net;
using System.Runtime.CompilerServices;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cilium;

/// <summary>
/// Entries of an agent's maps with what the agent knows of the identities in them. The maps' JSON has numbers alone, and <c>ip list</c>
/// knows whose an address is but not where its node is.
/// </summary>
public static class ResolvedEntries
{
    /// <summary>The ipcache, each prefix with its identity's labels, its pod, and where the agent has it from.</summary>
    /// <param name="agents">The agents.</param>
    /// <param name="node">The agent's node.</param>
    /// <param name="warn">Is told of what was not understood.</param>
    /// <param name="cancellationToken">Ends the commands.</param>
    public static async IAsyncEnumerable<CiliumIpCacheEntry> IpCacheAsync(
        CiliumAgents agents, string node, Action<TextWarning> warn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var labels = await LabelsAsync(agents, node, warn, cancellationToken).ConfigureAwait(false);
        var known = new Dictionary<(IPNetwork Prefix, int ClusterId), CiliumIpCacheEntry>();
        await foreach (var entry in agents.ReadAsync(node, ["ip", "list", "-o", "json"], CiliumIpListText.Parse, warn, cancellationToken).ConfigureAwait(false))
            known[(entry.Prefix, entry.ClusterId ?? 0)] = entry;
        await foreach (var entry in agents.IpCacheAsync(node, warn, cancellationToken).ConfigureAwait(false))
        {
            var told = known.GetValueOrDefault((entry.Prefix, entry.ClusterId ?? 0));
            yield return entry with
            {
                Labels = Of(labels, entry.IdentityId),
                HostAddress = entry.HostAddress ?? told?.HostAddress,
                Source = entry.Source ?? told?.Source,
                Namespace = entry.Namespace ?? told?.Namespace,
                Pod = entry.Pod ?? told?.Pod,
            };
        }
    }

    /// <summary>The policy maps of all endpoints, each entry with its identity's labels.</summary>
    /// <param name="agents">The agents.</param>
    /// <param name="node">The agent's node.</param>
    /// <param name="warn">Is told of what was not understood.</param>
    /// <param name="cancellationToken">Ends the commands.</param>
    public static async IAsyncEnumerable<BpfPolicyEntry> PolicyAsync(
        CiliumAgents agents, string node, Action<TextWarning> warn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var labels = await LabelsAsync(agents, node, warn, cancellationToken).ConfigureAwait(false);
        await foreach (var entry in agents.PoliciesAsync(node, warn, cancellationToken).ConfigureAwait(false))
            yield return entry with { Labels = Of(labels, entry.IdentityId) };
    }

    private static LabelDictionary Of(Dictionary<uint, LabelDictionary> labels, uint? identity) =>
        identity is { } id && labels.TryGetValue(id, out var found) ? found : LabelDictionary.Empty;

    private static async Task<Dictionary<uint, LabelDictionary>> LabelsAsync(CiliumAgents agents, string node, Action<TextWarning> warn, CancellationToken cancellationToken)
    {
        var labels = new Dictionary<uint, LabelDictionary>();
        await foreach (var identity in agents.IdentitiesAsync(node, warn, cancellationToken).ConfigureAwait(false))
            labels[identity.IdentityId] = identity.Labels;
        return labels;
    }
}

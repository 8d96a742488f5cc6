using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using CiliumLab.Engine.Cilium;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Bpf;

/// <summary>Asks agents for their maps: which there are, and what is in them.</summary>
public static class CiliumMaps
{
    // Where to look for what the agent keeps no copy of.
    private static readonly (string Map, string Cmdlet)[] Elsewhere =
    [
        ("cilium_ct", "Get-CiliumBpfConntrack"), ("cilium_snat", "Get-CiliumBpfNat"), ("cilium_metrics", "Invoke-CiliumCommand bpf, metrics, list"),
        ("cilium_node_map", "Invoke-CiliumCommand bpf, nodeid, list"), ("cilium_auth_map", "Invoke-CiliumCommand bpf, auth, list"),
    ];

    /// <summary>Reads the maps that an agent has, without their entries.</summary>
    /// <param name="agents">The agents.</param>
    /// <param name="node">The node.</param>
    /// <param name="warn">Is told of what was not understood.</param>
    /// <param name="cancellationToken">Ends the command.</param>
    public static IAsyncEnumerable<CiliumBpfMap> ListAsync(CiliumAgents agents, string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        agents.ReadAsync(node, ["map", "list", "-o", "json"], MapListText.Parse, warn, cancellationToken);

    /// <summary>The names of an agent's maps; the text form, for the other brings all entries along.</summary>
    /// <param name="agents">The agents.</param>
    /// <param name="node">The node.</param>
    /// <param name="warn">Is told of what was not understood.</param>
    /// <param name="cancellationToken">Ends the command.</param>
    public static async Task<IReadOnlyList<CiliumBpfMap>> NamesAsync(CiliumAgents agents, string node, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        await agents.ReadAsync(node, ["map", "list"], MapListText.Parse, warn, cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>
    /// Reads a map's entries: those that the agent wrote, or the kernel's own where the agent keeps none. Policy maps give
    /// <see cref="BpfPolicyEntry"/>, all others a <see cref="BpfMapEntry"/>.
    /// </summary>
    /// <param name="agents">The agents.</param>
    /// <param name="node">The node.</param>
    /// <param name="name">The map; the name that another version has for it does too.</param>
    /// <param name="warn">Is told of what was not understood, and when the entries are the kernel's.</param>
    /// <param name="cancellationToken">Ends the command.</param>
    /// <exception cref="LabException"><c>CiliumMapNotFound</c>, or <c>CiliumMapNotCached</c> when only other commands can read it.</exception>
    public static async IAsyncEnumerable<object> EntriesAsync(
        CiliumAgents agents, string node, string name, Action<TextWarning> warn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var map = CiliumMapName.Find(name, await NamesAsync(agents, node, warn, cancellationToken).ConfigureAwait(false), node);
        if (CiliumMapName.PolicyEndpoint(map.MapName) is { } endpoint)
        {
            var number = endpoint.ToString(CultureInfo.InvariantCulture);
            await foreach (var entry in agents.ReadAsync(node, ["bpf", "policy", "get", number, "-o", "json"], PolicyText.Parse, warn, cancellationToken).ConfigureAwait(false))
                yield return entry with { EndpointId = endpoint, MapName = map.MapName };
            yield break;
        }

        if (!map.IsCached)
        {
            var list = KernelList(map.MapName) ?? throw NotCached(map, node);
            warn(new TextWarning(0, "", $"The agent keeps no copy of {map.MapName}; these are the kernel's entries ({string.Join(' ', list.Words)})"));
            await foreach (var entry in agents.ReadAsync(node, [.. list.Words, "-o", "json"], (text, origin, tell) => BpfTableText.Parse(text, origin, tell, map.MapName), warn, cancellationToken).ConfigureAwait(false))
            {
                if (list.Family is null || Address(entry) is not { } address || address.AddressFamily == list.Family)
                    yield return entry;
            }

            yield break;
        }

        await foreach (var entry in agents.ReadAsync(node, ["map", "get", map.MapName, "-o", "json"], (text, origin, tell) => MapGetText.Parse(text, origin, tell, map.MapName), warn, cancellationToken).ConfigureAwait(false))
            yield return entry;
    }

    /// <summary>Reads the changes of a map that the agent remembers, and follows those to come when that is asked for.</summary>
    /// <param name="agents">The agents.</param>
    /// <param name="node">The node.</param>
    /// <param name="name">The map; the name that another version has for it does too.</param>
    /// <param name="isFollowed">Whether changes to come are wanted too; a stream that breaks is resumed without repeating any.</param>
    /// <param name="warn">Is told of what was not understood, and of a stream that broke.</param>
    /// <param name="cancellationToken">Ends the command.</param>
    /// <exception cref="LabException"><c>CiliumMapNotFound</c>, or <c>CiliumMapChangesNotKept</c> when the agent remembers none of the map.</exception>
    public static async IAsyncEnumerable<BpfMapEvent> EventsAsync(
        CiliumAgents agents, string node, string name, bool isFollowed, Action<TextWarning> warn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var found = CiliumMapName.Find(name, await NamesAsync(agents, node, warn, cancellationToken).ConfigureAwait(false), node);
        var map = found.MapName;
        IEnumerable<BpfMapEvent> Parse(TextReader text, string? origin, Action<TextWarning> tell) => MapEventText.Parse(text, origin, tell, map);
        LabException? Explain(CommandExit exit) => exit.Error.Contains("[404]", StringComparison.Ordinal) ? ChangesNotKept(found, node) : null;
        if (!isFollowed)
        {
            await foreach (var change in agents.ReadAsync(node, ["map", "events", map, "-o", "json"], Parse, warn, cancellationToken, Explain).ConfigureAwait(false))
                yield return change;
            yield break;
        }

        var stream = new ResumedStream<BpfMapEvent>(token => agents.FollowAsync(node, ["map", "events", map, "-f", "-o", "json"], Parse, warn, token, Explain), warn);
        var last = DateTimeOffset.MinValue;
        var lastOnes = new HashSet<BpfMapEvent>();
        await foreach (var change in stream.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            // The agent tells all that it remembers again.
            if (stream.Resumptions > 0 && (change.Time < last || lastOnes.Contains(change)))
                continue;
            if (change.Time > last)
                lastOnes.Clear();
            last = change.Time;
            lastOnes.Add(change);
            yield return change;
        }
    }

    // One command lists the maps of both families.
    private static (string[] Words, AddressFamily? Family)? KernelList(string name)
    {
        var family = name.StartsWith("cilium_lb6_", StringComparison.Ordinal) ? AddressFamily.InterNetworkV6 : AddressFamily.InterNetwork;
        return CiliumMapName.Base(name) switch
        {
            "cilium_ipcache" => (["bpf", "ipcache", "list"], null),
            "cilium_lxc" => (["bpf", "endpoint", "list"], null),
            "cilium_lb4_services" or "cilium_lb6_services" => (["bpf", "lb", "list", "--frontends"], family),
            "cilium_lb4_backends" or "cilium_lb6_backends" => (["bpf", "lb", "list", "--backends"], family),
            "cilium_lb4_reverse_nat" or "cilium_lb6_reverse_nat" => (["bpf", "lb", "list", "--revnat"], family),
            "cilium_lb4_source_range" or "cilium_lb6_source_range" => (["bpf", "lb", "list", "--source-ranges"], family),
            _ => null,
        };
    }

    private static IPAddress? Address(BpfMapEntry entry) => entry switch
    {
        BpfServiceEntry service => service.Address,
        BpfBackendEntry backend => backend.Address,
        BpfReverseNatEntry reverse => reverse.Address,
        BpfSourceRangeEntry range => range.Prefix.BaseAddress,
        _ => null,
    };

    private static LabException NotCached(CiliumBpfMap map, string node)
    {
        var cmdlet = Array.Find(Elsewhere, one => map.MapName.StartsWith(one.Map, StringComparison.Ordinal)).Cmdlet;
        return new LabException(
            "CiliumMapNotCached",
            LabErrorKind.InvalidOperation,
            $"The Cilium agent on node '{node}' keeps no copy of the map '{map.MapName}', and so cannot list it.",
            node,
            cmdlet is null
                ? $"Read the kernel's map in the agent's container: bpftool map dump pinned /sys/fs/bpf/tc/globals/{map.MapName}"
                : $"Read the kernel's map with: {cmdlet} -Node {node}");
    }

    // The agent has one answer for a map that it does not know and for one without a buffer of changes; it has just listed this one.
    private static LabException ChangesNotKept(CiliumBpfMap map, string node) =>
        new(
            "CiliumMapChangesNotKept",
            LabErrorKind.InvalidOperation,
            $"The Cilium agent on node '{node}' keeps no changes of the map '{map.MapName}'.",
            node,
            "Agents keep those of the maps of endpoints, addresses and services, such as cilium_lb4_services. "
                + (map.IsCached || KernelList(map.MapName) is not null ? $"See what is in this one: Get-CiliumBpfMap -Node {node} -MapName {map.MapName}" : NotCached(map, node).RecommendedAction));
}

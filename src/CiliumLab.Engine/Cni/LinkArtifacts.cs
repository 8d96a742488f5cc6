using System.Net.Sockets;
using System.Text.Json;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cni;

/// <summary>
/// Links with the routes, neighbours and forwarding entries that go with them, ends of veth pairs whose pods are gone, and routes of
/// flannel's host-gw backend, which has no link.
/// </summary>
internal sealed class LinkArtifacts : IArtifactGroup
{
    private readonly INodeShell _shell;
    private readonly IReadOnlyList<Step> _steps;

    private LinkArtifacts(INodeShell shell, IReadOnlyList<Step> steps) => (_shell, _steps) = (shell, steps);

    /// <inheritdoc/>
    public IReadOnlyList<CniArtifact> Artifacts => [.. _steps.SelectMany(step => step.Artifacts)];

    /// <summary>Looks at the node's links and at what leads through them.</summary>
    public static async Task<IEnumerable<IArtifactGroup>> FindAsync(
        INodeShell shell, CniArtifactOwner owner, NodeKernelState state, FlannelFiles? files, Action<TextWarning> warn, CancellationToken cancellationToken)
    {
        var (all, routes) = (state.Links, state.Routes);
        var links = all.Where(link => ArtifactNames.OfLink(link) == owner && (link.Name != ArtifactNames.Bridge || files is { BridgeIsOfOthers: false })).ToList();
        var neighbors = links.Any(IsOverlay)
            ? await NodeLinks.NeighborsAsync(shell, Enum.GetValues<NeighborTable>(), warn, cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false)
            : [];
        var describe = new LinkArtifactText(shell.Node, owner);
        var steps = links.OrderBy(link => link.Name == ArtifactNames.Bridge)
            .Select(link => new Step(
                NodeCommand.AsRoot("ip", "link", "delete", "dev", link.Name),
                "Cannot find device",
                [
                    .. routes.Where(route => route.Interface == link.Name && IsListed(route)).Select(describe.Route),
                    .. neighbors.Where(entry => entry.Interface == link.Name && IsOverlay(link) && IsListed(entry)).Select(describe.Neighbor),
                    describe.Link(link),
                ]))
            .ToList();
        if (files is not null)
        {
            if (!files.BridgeIsOfOthers)
                steps.AddRange(await OrphansAsync(shell, all, describe, cancellationToken).ConfigureAwait(false));
            if (!links.Any(IsOverlay) && !all.Any(link => link.Name.StartsWith("cilium_", StringComparison.Ordinal)))
                steps.AddRange(routes.Where(route => IsGatewayRoute(route, files)).Select(route => RouteStep(route, describe)));
        }

        return steps.Count == 0 ? [] : [new LinkArtifacts(shell, steps)];
    }

    /// <inheritdoc/>
    public async Task BackUpAsync(ArtifactBackup backup, CancellationToken cancellationToken)
    {
        await backup.WriteOutputAsync("links.json", NodeCommand.Of("ip", "-j", "-d", "addr", "show"), cancellationToken).ConfigureAwait(false);
        await backup.WriteOutputAsync("routes.json", NodeCommand.Of("ip", "-4", "-j", "route", "show", "table", "all"), cancellationToken).ConfigureAwait(false);
        await backup.WriteOutputAsync("routes6.json", NodeCommand.Of("ip", "-6", "-j", "route", "show", "table", "all"), cancellationToken).ConfigureAwait(false);
        await backup.WriteOutputAsync("neighbors.json", NodeCommand.Of("ip", "-j", "neigh", "show"), cancellationToken).ConfigureAwait(false);
        await backup.WriteOutputAsync("fdb.json", NodeCommand.Of("bridge", "-j", "fdb", "show"), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async Task RemoveAsync(Func<CniArtifact, ValueTask> removed, CancellationToken cancellationToken)
    {
        foreach (var step in _steps)
        {
            await ArtifactCommands.RunAsync(_shell, step.Command, step.Gone, cancellationToken).ConfigureAwait(false);
            foreach (var artifact in step.Artifacts)
                await removed(artifact).ConfigureAwait(false);
        }
    }

    // With a live pod behind it, a pair goes when the pod goes; and a namespace without a name cannot be looked into.
    private static async Task<IReadOnlyList<Step>> OrphansAsync(
        INodeShell shell, IEnumerable<NodeInterface> links, LinkArtifactText describe, CancellationToken cancellationToken)
    {
        var ends = links.Where(ArtifactNames.IsPodLink).ToList();
        var names = ends.Count == 0 ? [] : await PodNamespacesAsync(shell, cancellationToken).ConfigureAwait(false);
        var orphans = new List<Step>();
        foreach (var end in ends)
        {
            if (!names.TryGetValue(end.PeerNamespaceId!.Value, out var name))
                continue;
            var processes = await shell.RunAsync(NodeCommand.AsRoot("ip", "netns", "pids", name), cancellationToken).ConfigureAwait(false);
            if (processes.ExitCode == 0 && string.IsNullOrWhiteSpace(processes.Output))
                orphans.Add(new Step(NodeCommand.AsRoot("ip", "link", "delete", "dev", end.Name), "Cannot find device", [describe.Orphan(end, name)]));
        }

        return orphans;
    }

    // ip's JSON tells of a pair's other end only the number of its namespace; this tells the numbers' names.
    private static async Task<Dictionary<int, string>> PodNamespacesAsync(INodeShell shell, CancellationToken cancellationToken)
    {
        var output = await shell.ReadOutputAsync(NodeCommand.AsRoot("ip", "-j", "netns", "list"), cancellationToken).ConfigureAwait(false);
        var names = new Dictionary<int, string>();
        if (string.IsNullOrWhiteSpace(output))
            return names;
        using var document = JsonDocument.Parse(output);
        foreach (var item in document.RootElement.EnumerateArray())
        {
            if (item.Text("name") is { } name && item.Integer("id") is { } id && ArtifactNames.IsPodNamespace(name))
                names[(int)id] = name;
        }

        return names;
    }

    private static Step RouteStep(NodeRoute route, LinkArtifactText describe) => new(
        NodeCommand.AsRoot(
            "ip", route.Family == AddressFamily.InterNetworkV6 ? "-6" : "-4", "route", "delete", $"{route.Destination}", "via", $"{route.Gateway}", "dev", route.Interface!),
        "No such process",
        [describe.Route(route)]);

    // Whatever the kernel makes of an address by itself (local, broadcast, link-local, multicast) is no thing of its own.
    private static bool IsListed(NodeRoute route) =>
        route is { Table: "main", Type: RouteType.Unicast } && !route.Destination.BaseAddress.IsIPv6LinkLocal && !route.Destination.BaseAddress.IsIPv6Multicast;

    private static bool IsListed(NodeNeighbor entry) => entry.Table == NeighborTable.Fdb ? entry.Address is not null : entry.State.HasFlag(NeighborState.Permanent);

    private static bool IsOverlay(NodeInterface link) => link.Name.StartsWith("flannel", StringComparison.Ordinal);

    // flanneld writes down its network in /run/flannel; a route to a part of it by way of another node can only be its own.
    private static bool IsGatewayRoute(NodeRoute route, FlannelFiles files) =>
        IsListed(route) && route is { Gateway: not null, Interface: not null, Protocol: "boot", OnLink: false }
        && files.Networks.Any(network => network.BaseAddress.AddressFamily == route.Family
            && network.PrefixLength < route.Destination.PrefixLength && network.Contains(route.Destination.BaseAddress));

    private sealed record Step(NodeCommand Command, string Gone, IReadOnlyList<CniArtifact> Artifacts);
}

using System.Net.Sockets;
using System.Runtime.CompilerServices;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Nodes;

/// <summary>Asks a node about its links, routes and neighbours; all of it with <c>ip</c> and <c>bridge</c> of iproute2, as JSON.</summary>
public static class NodeLinks
{
    /// <summary>The interfaces with their addresses, details and counters.</summary>
    public static IAsyncEnumerable<NodeInterface> InterfacesAsync(
        INodeShell shell, Action<TextWarning> warn, CancellationToken cancellationToken) =>
        shell.ParseOutputAsync(
            NodeCommand.Of("ip", "-j", "-d", "-s", "addr", "show"), text => IpAddressText.Parse(text, shell.Node, warn), cancellationToken);

    /// <summary>The bridges with their ports. They come when all links are known, since a port may stand before its bridge.</summary>
    public static async IAsyncEnumerable<NodeBridge> BridgesAsync(
        INodeShell shell, Action<TextWarning> warn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var bridges = new List<NodeInterface>();
        var ports = new List<(string Master, BridgePort Port)>();
        var links = shell.ParseOutputAsync(
            NodeCommand.Of("ip", "-j", "-d", "link", "show"), text => IpLinkText.Parse(text, shell.Node, warn), cancellationToken);
        await foreach (var link in links.ConfigureAwait(false))
        {
            if (link.Kind == "bridge")
                bridges.Add(link);
            if (link is { Master: { } master, BridgePort: { } port })
                ports.Add((master, port));
        }

        foreach (var bridge in bridges)
        {
            yield return new NodeBridge
            {
                Node = shell.Node,
                Name = bridge.Name,
                BridgeId = bridge.Bridge?.BridgeId,
                Stp = bridge.Bridge?.Stp,
                State = bridge.State,
                Ports = [.. ports.Where(port => port.Master == bridge.Name).Select(port => port.Port)],
            };
        }
    }

    /// <summary>The routes of all tables, IPv4 before IPv6.</summary>
    public static async IAsyncEnumerable<NodeRoute> RoutesAsync(
        INodeShell shell, Action<TextWarning> warn, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        // One family at a time: nothing else tells to which of the two a default route without a gateway belongs. All tables at
        // once, because asking for one that does not exist is an error.
        foreach (var (option, family) in new[] { ("-4", AddressFamily.InterNetwork), ("-6", AddressFamily.InterNetworkV6) })
        {
            var routes = shell.ParseOutputAsync(
                NodeCommand.Of("ip", option, "-j", "-d", "route", "show", "table", "all"),
                text => IpRouteText.Parse(text, shell.Node, warn, family),
                cancellationToken);
            await foreach (var route in routes.ConfigureAwait(false))
                yield return route;
        }
    }

    /// <summary>The neighbours: ARP and NDP, then the forwarding databases.</summary>
    /// <param name="shell">The node.</param>
    /// <param name="tables">Which tables; what is not among them is not asked for.</param>
    /// <param name="warn">Is told of what was not understood.</param>
    /// <param name="cancellationToken">Signals the remote command.</param>
    public static async IAsyncEnumerable<NodeNeighbor> NeighborsAsync(
        INodeShell shell,
        IReadOnlyCollection<NeighborTable> tables,
        Action<TextWarning> warn,
        [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var commands = new List<NodeCommand>();
        if (tables.Contains(NeighborTable.Arp) || tables.Contains(NeighborTable.Ndp))
            commands.Add(NodeCommand.Of("ip", "-j", "-s", "neigh", "show"));
        if (tables.Contains(NeighborTable.Fdb))
            commands.Add(NodeCommand.Of("bridge", "-j", "-s", "fdb", "show"));
        foreach (var command in commands)
        {
            var entries = shell.ParseOutputAsync(command, text => IpNeighborText.Parse(text, shell.Node, warn), cancellationToken);
            await foreach (var entry in entries.ConfigureAwait(false))
            {
                if (tables.Contains(entry.Table))
                    yield return entry;
            }
        }
    }
}

using System.Net;
using System.Net.Sockets;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Nodes;

/// <summary>Which of a node's addresses others can reach it by.</summary>
internal static class InterfaceAddresses
{
    // A line that was not understood is Get-NodeInterface's and Get-NodeRoute's to report.
    private static readonly Action<TextWarning> Ignore = static _ => { };

    /// <summary>Reads all interfaces with their addresses.</summary>
    public static async Task<IReadOnlyList<NodeInterface>> ReadAsync(INodeShell shell, CancellationToken cancellationToken) =>
        await NodeLinks.InterfacesAsync(shell, Ignore, cancellationToken).ToListAsync(cancellationToken).ConfigureAwait(false);

    /// <summary>The addresses that are not link-local, not host-only and not about to go, in the order of their interfaces.</summary>
    public static IReadOnlyList<(string Interface, IPAddress Address)> Reachable(IEnumerable<NodeInterface> interfaces) =>
    [
        .. from link in interfaces
           from address in link.Addresses
           where address.Scope == AddressScope.Global && (address.Flags & (AddressFlags.Temporary | AddressFlags.Deprecated)) == 0
           select (link.Name, address.Address),
    ];

    /// <summary>The interfaces that default routes of IPv4 leave through.</summary>
    public static async Task<IReadOnlyList<string>> DefaultRouteInterfacesAsync(INodeShell shell, CancellationToken cancellationToken)
    {
        var routes = shell.ParseOutputAsync(
            NodeCommand.Of("ip", "-j", "-4", "route", "show", "default"),
            text => IpRouteText.Parse(text, shell.Node, Ignore, AddressFamily.InterNetwork),
            cancellationToken);
        return await routes
            .SelectMany(route => route.Nexthops.Select(path => path.Interface).Append(route.Interface))
            .OfType<string>()
            .ToListAsync(cancellationToken).ConfigureAwait(false);
    }
}

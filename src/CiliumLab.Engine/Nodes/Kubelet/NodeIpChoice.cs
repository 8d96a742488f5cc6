using System.Net;
using System.Net.Sockets;
using CiliumLab.Model;

namespace CiliumLab.Engine.Nodes.Kubelet;

/// <summary>Which addresses a node's kubelet shall tell: those of an interface, or given ones that the node has.</summary>
/// <param name="Interface">The interface; null when addresses are given.</param>
/// <param name="Addresses">The addresses; empty when an interface is given.</param>
public sealed record NodeIpChoice(string? Interface, IReadOnlyList<IPAddress> Addresses)
{
    /// <summary>Finds the addresses on a node.</summary>
    /// <exception cref="LabException">
    /// <c>InterfaceNotFound</c>, <c>InterfaceHasNoAddress</c>, <c>InterfaceAddressAmbiguous</c> or <c>AddressNotOnNode</c>; each lists what there is.
    /// </exception>
    public async Task<IReadOnlyList<IPAddress>> ResolveAsync(INodeShell shell, CancellationToken cancellationToken)
    {
        var present = await InterfaceAddresses.ReadAsync(shell, cancellationToken).ConfigureAwait(false);
        return Interface is null ? Checked(shell.Node, present) : OfInterface(shell.Node, present, Interface);
    }

    private IReadOnlyList<IPAddress> Checked(string node, IReadOnlyList<NodeInterface> present)
    {
        // The kubelet refuses to start with an address that its machine does not have.
        if (Addresses.FirstOrDefault(address => !present.Any(link => link.Addresses.Any(own => own.Address.Equals(address)))) is not { } foreign)
            return Addresses;
        throw new LabException(
            "AddressNotOnNode",
            LabErrorKind.InvalidArgument,
            $"Node '{node}' does not have the address {foreign}. It has: {List(present)}.",
            node,
            "Give one of these with -Address, or name the interface: Set-NodeInternalIp -Interface NAME");
    }

    /// <summary>Ends with the interfaces that there are when a node has none of that name.</summary>
    /// <exception cref="LabException"><c>InterfaceNotFound</c>.</exception>
    internal static void RequireInterface(string node, IReadOnlyList<NodeInterface> present, string name)
    {
        if (present.Any(link => link.Name == name))
            return;
        throw new LabException(
            "InterfaceNotFound",
            LabErrorKind.ObjectNotFound,
            $"Node '{node}' has no interface '{name}'. It has: {List(present)}.",
            node,
            "See them all with: Get-NodeInterface");
    }

    private static List<IPAddress> OfInterface(string node, IReadOnlyList<NodeInterface> present, string name)
    {
        RequireInterface(node, present, name);
        var own = InterfaceAddresses.Reachable(present.Where(link => link.Name == name)).Select(found => found.Address).ToList();
        var ipv4 = own.Where(address => address.AddressFamily == AddressFamily.InterNetwork).ToList();
        var candidates = ipv4.Count > 0 ? ipv4 : own;
        return candidates.Count switch
        {
            1 => candidates,
            0 => throw new LabException(
                "InterfaceHasNoAddress",
                LabErrorKind.InvalidOperation,
                $"Interface '{name}' of node '{node}' has no address that others can reach. The node has: {List(present)}.",
                node,
                "Give the interface an address, or choose another with -Interface or -Address."),
            _ => throw new LabException(
                "InterfaceAddressAmbiguous",
                LabErrorKind.InvalidArgument,
                $"Interface '{name}' of node '{node}' has several addresses: {string.Join(", ", candidates)}.",
                node,
                $"Choose one: Set-NodeInternalIp -Node {node} -Address {candidates[0]}"),
        };
    }

    private static string List(IReadOnlyList<NodeInterface> present) =>
        InterfaceAddresses.Reachable(present) is { Count: > 0 } reachable
            ? string.Join(", ", reachable.Select(found => $"{found.Interface} {found.Address}"))
            : "none";
}

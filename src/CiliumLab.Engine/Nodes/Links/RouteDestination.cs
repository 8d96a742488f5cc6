using System.Net;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Nodes;

/// <summary>
/// Which destinations are asked for: an address asks for the routes that cover it, a network for the routes to it and inside
/// it, and <c>default</c> for the default routes.
/// </summary>
public sealed class RouteDestination
{
    private readonly IPAddress? _address;
    private readonly IPNetwork? _network;

    private RouteDestination(IPAddress? address, IPNetwork? network)
    {
        _address = address;
        _network = network;
    }

    /// <summary>Whether the routes are candidates for one address, of which the kernel takes the most specific.</summary>
    public bool IsAddress => _address is not null;

    /// <summary>Reads what was typed.</summary>
    /// <exception cref="LabException"><c>InvalidDestination</c>.</exception>
    public static RouteDestination Parse(string text)
    {
        if (string.Equals(text, "default", StringComparison.OrdinalIgnoreCase))
            return new RouteDestination(null, null);
        if (IprouteNames.Address(text) is { } address)
            return new RouteDestination(address, null);
        return IprouteNames.Network(text) is { } network
            ? new RouteDestination(null, network)
            : throw new LabException(
                "InvalidDestination",
                LabErrorKind.InvalidArgument,
                $"'{text}' is not a destination of a route.",
                text,
                "Give an address (10.244.1.7), a network (10.244.0.0/16) or the word default.");
    }

    /// <summary>Whether a route is among those that are asked for.</summary>
    public bool Fits(NodeRoute route)
    {
        if (_address is { } address)
            return route.Family == address.AddressFamily && route.Destination.Contains(address);
        if (_network is { } network)
        {
            return route.Family == network.BaseAddress.AddressFamily
                && route.Destination.PrefixLength >= network.PrefixLength
                && network.Contains(route.Destination.BaseAddress);
        }

        return route.Destination.PrefixLength == 0;
    }

    /// <summary>The routes in the order in which the kernel prefers them: the longest prefix first, then the lowest metric.</summary>
    public static IEnumerable<NodeRoute> MostSpecificFirst(IEnumerable<NodeRoute> routes) => routes
        .OrderByDescending(route => route.Destination.PrefixLength)
        .ThenBy(route => route.Metric ?? 0);
}

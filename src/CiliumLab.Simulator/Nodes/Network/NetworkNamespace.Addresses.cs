using System.Net;
using System.Net.Sockets;

namespace CiliumLab.Simulator.Nodes.Network;

internal sealed partial class NetworkNamespace
{
    private static readonly IPAddress LinkLocal = IPAddress.Parse("fe80::");
    private static readonly IpPrefix AllMulticast = IpPrefix.Parse("ff00::/8");

    /// <summary>Gives a link an address; the routes to it and to its network follow.</summary>
    public void AddAddress(Link link, LinkAddress address)
    {
        lock (_kernel.Gate)
        {
            Expire();
            var mine = link.Addresses.Where(other => other.Family == address.Family).ToArray();
            if (address.Family == AddressFamily.InterNetwork)
            {
                if (mine.Any(other => other.Address.Equals(address.Address) && other.PrefixLength == address.PrefixLength && Equals(other.Peer, address.Peer)))
                    throw new KernelException(Errno.Exists, "ipv4: Address already assigned");
                var primary = mine.FirstOrDefault(other => !other.Secondary && other.PrefixLength == address.PrefixLength && other.Prefix == address.Prefix);
                if (primary is not null && address.Peer is null)
                    address = address with { Secondary = true };
            }
            else
            {
                if (!IsIpv6Enabled(link))
                    throw new KernelException(Errno.PermissionDenied, "ipv6: IPv6 is disabled on this device");
                if (mine.Any(other => other.Address.Equals(address.Address)))
                    throw new KernelException(Errno.Exists, "ipv6: address already assigned");
            }

            InsertAddress(link, address);
            AddRoutesOf(link, address);
        }
    }

    /// <summary>Changes an address that is there: its lease, or its flags.</summary>
    public void ReplaceAddress(Link link, LinkAddress address)
    {
        lock (_kernel.Gate)
        {
            var index = link.Addresses.ToList().FindIndex(other => other.Address.Equals(address.Address) && other.PrefixLength == address.PrefixLength);
            if (index < 0)
            {
                AddAddress(link, address);
                return;
            }

            var list = link.Addresses.ToList();
            list[index] = address with { Secondary = list[index].Secondary };
            link.Addresses = list;
        }
    }

    /// <summary>Takes an address away, with the routes that came with it.</summary>
    public void RemoveAddress(Link link, LinkAddress address)
    {
        lock (_kernel.Gate)
        {
            if (!link.Addresses.Contains(address))
            {
                throw new KernelException(
                    Errno.AddressNotAvailable, address.Family == AddressFamily.InterNetwork ? "ipv4: Address not found" : "ipv6: address not found");
            }

            link.Addresses = [.. link.Addresses.Where(other => other != address)];
            RemoveRoutesOf(link, address);
            if (address.Secondary || address.Family != AddressFamily.InterNetwork)
                return;

            // Others of the network go with the first one, unless they may take its place.
            var others = link.Addresses.Where(other => other.Secondary && other.Prefix == address.Prefix && other.PrefixLength == address.PrefixLength).ToArray();
            var promote = _kernel.Sysctls.IsOn("net.ipv4.conf.all.promote_secondaries") || _kernel.Sysctls.IsOn($"net.ipv4.conf.{link.Name}.promote_secondaries");
            foreach (var other in others)
            {
                link.Addresses = [.. link.Addresses.Where(one => one != other)];
                RemoveRoutesOf(link, other);
            }

            foreach (var other in promote ? others : [])
                AddAddress(link, other with { Secondary = false });
        }
    }

    /// <summary>Every address of every link with its link.</summary>
    public IReadOnlyList<(Link Link, LinkAddress Address)> AllAddresses()
    {
        lock (_kernel.Gate)
        {
            Expire();
            return [.. _links.SelectMany(link => link.Addresses.Select(address => (link, address)))];
        }
    }

    /// <summary>The link that has an address; null when none has.</summary>
    public Link? OwnerOf(IPAddress address) => AllAddresses().FirstOrDefault(pair => pair.Address.Address.Equals(address)).Link;

    /// <summary>Drops what has run out.</summary>
    internal void Expire()
    {
        var now = _kernel.Clock.GetUtcNow();
        foreach (var link in _links)
        {
            foreach (var address in link.Addresses.Where(address => address.Lease?.IsOver(now) == true).ToArray())
                RemoveAddress(link, address);
        }

        _routes.RemoveAll(route => route.Lease?.IsOver(now) == true);
    }

    private bool IsIpv6Enabled(Link link) =>
        !_kernel.Sysctls.IsOn("net.ipv6.conf.all.disable_ipv6") && !_kernel.Sysctls.IsOn($"net.ipv6.conf.{link.Name}.disable_ipv6");

    // IPv4 stands in the order of arrival, farther scopes behind nearer ones, secondary ones last; IPv6 newest first in its scope.
    private static void InsertAddress(Link link, LinkAddress address)
    {
        var list = link.Addresses.ToList();
        var firstV6 = list.FindIndex(other => other.Family == AddressFamily.InterNetworkV6);
        var endV4 = firstV6 < 0 ? list.Count : firstV6;
        int at;
        if (address.Family == AddressFamily.InterNetworkV6)
        {
            at = list.FindIndex(endV4, other => other.Scope >= address.Scope);
            at = at < 0 ? list.Count : at;
        }
        else if (address.Secondary)
        {
            at = endV4;
        }
        else
        {
            at = list.FindLastIndex(other => other.Family == AddressFamily.InterNetwork && !other.Secondary && other.Scope >= address.Scope) + 1;
        }

        list.Insert(at, address);
        link.Addresses = list;
    }

    private void AddRoutesOf(Link link, LinkAddress address)
    {
        if (address.Family == AddressFamily.InterNetwork)
            AddRoutesOfIpv4(link, address);
        else if (link.IsUp)
            AddRoutesOfIpv6(link, address);
    }

    // As fib_add_ifaddr does it (net/ipv4/fib_frontend.c).
    private void AddRoutesOfIpv4(Link link, LinkAddress address)
    {
        var source = address.Secondary
            ? link.Addresses.First(other => !other.Secondary && other.Prefix == address.Prefix && other.PrefixLength == address.PrefixLength).Address
            : address.Address;
        AddKernelRoute(IpPrefix.Host(address.Address), RouteType.Local, 0);
        if (!link.IsUp)
            return;
        if (address.Broadcast is { } broadcast)
            AddKernelRoute(IpPrefix.Host(broadcast), RouteType.Broadcast, 0);
        if (address.Secondary || (address.PrefixLength == 32 && address.Peer is null))
            return;
        if (!address.NoPrefixRoute)
            AddKernelRoute(address.Prefix, link.Kind == LinkKind.Loopback ? RouteType.Local : RouteType.Unicast, address.Metric ?? 0);
        if (address.PrefixLength < 31)
            AddKernelRoute(IpPrefix.Host(address.Prefix.Last), RouteType.Broadcast, 0);

        void AddKernelRoute(IpPrefix destination, RouteType type, uint metric) => Install(new Route(destination)
        {
            Type = type,
            Link = link,
            Table = type == RouteType.Unicast ? Route.MainTable : Route.LocalTable,
            Protocol = Route.KernelProtocol,
            Scope = type == RouteType.Local ? NetworkScope.Host : NetworkScope.Link,
            PreferredSource = source,
            Metric = metric,
        });
    }

    private void AddRoutesOfIpv6(Link link, LinkAddress address)
    {
        Install(new Route(IpPrefix.Host(address.Address))
        {
            Type = RouteType.Local,
            Link = link,
            Table = Route.LocalTable,
            Protocol = Route.KernelProtocol,
        });
        if (address.NoPrefixRoute || (address.PrefixLength == 128 && address.Peer is null))
            return;
        Install(new Route(address.Prefix)
        {
            Link = link,
            Protocol = Route.KernelProtocol,
            Metric = address.Metric ?? 256,
        });
    }

    private void RemoveRoutesOf(Link link, LinkAddress address)
    {
        _routes.RemoveAll(route => route.Link == link && route.Protocol == Route.KernelProtocol
            && (address.Family == AddressFamily.InterNetwork
                ? address.Address.Equals(route.PreferredSource)
                    && (!address.Secondary || (route.Type == RouteType.Local && route.Destination == IpPrefix.Host(address.Address)))
                : route.Type == RouteType.Local && route.Destination == IpPrefix.Host(address.Address)));
        if (address.Family == AddressFamily.InterNetwork && address.Secondary)
        {
            _routes.RemoveAll(route => route.Link == link && route.Type == RouteType.Local && route.Destination == IpPrefix.Host(address.Address));
        }
        else if (address.Family == AddressFamily.InterNetworkV6
            && !link.Addresses.Any(other => other.Family == AddressFamily.InterNetworkV6 && other.Prefix == address.Prefix && !other.NoPrefixRoute))
        {
            _routes.RemoveAll(route => route.Link == link && route.Protocol == Route.KernelProtocol && route.Type == RouteType.Unicast
                && route.Destination == address.Prefix);
        }

        // What sends from an address cannot do so any more (fib_sync_down_addr).
        if (OwnerOf(address.Address) is null)
            _routes.RemoveAll(route => address.Address.Equals(route.PreferredSource));
    }

    private void AddMulticastRoute(Link link)
    {
        if (link.Kind == LinkKind.Loopback || !IsIpv6Enabled(link))
            return;
        Install(new Route(AllMulticast)
        {
            Type = RouteType.Multicast,
            Link = link,
            Table = Route.LocalTable,
            Protocol = Route.KernelProtocol,
            Metric = 256,
        });
    }

    private void MakeLinkLocal(Link link)
    {
        if (!link.HasCarrier || !link.GeneratesLinkLocal || link.Kind == LinkKind.Loopback || !IsIpv6Enabled(link))
            return;
        if (link.Addresses.Any(address => address is { Family: AddressFamily.InterNetworkV6, Scope: NetworkScope.Link }))
            return;
        var address = new LinkAddress(link.Mac.Behind(LinkLocal), 64) { Scope = NetworkScope.Link };
        InsertAddress(link, address);
        AddRoutesOf(link, address);
    }
}

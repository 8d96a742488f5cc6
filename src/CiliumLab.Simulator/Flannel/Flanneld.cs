using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Flannel;

/// <summary>
/// flanneld of one node. It makes the tunnel interface, the rules and /run/flannel/subnet.env, tells the other nodes about itself by
/// annotations, and keeps routes, neighbours and forwarding entries for theirs. It takes nothing of that away when it ends.
/// </summary>
/// <param name="node">The node.</param>
/// <param name="store">The cluster.</param>
/// <param name="network">What net-conf.json says.</param>
/// <param name="arguments">How it was started.</param>
/// <param name="log">Takes the lines that it logs.</param>
internal sealed class Flanneld(SimulatedNode node, ObjectStore store, FlannelNetwork network, FlannelArguments arguments, Action<string> log)
{
    private const int Overhead = 50;

    private readonly Dictionary<string, FlannelLease> _peers = new(StringComparer.Ordinal);
    private Link? _external;
    private Link? _tunnel;

    /// <summary>Where the CNI plugin finds the node's subnet.</summary>
    public const string SubnetFile = "/run/flannel/subnet.env";

    /// <summary>Sets the node up and tells the others.</summary>
    /// <exception cref="FlannelException">It cannot; the process ends with 1.</exception>
    public void Start()
    {
        var mine = store.Find(ResourceTypes.Nodes, null, node.Name)
            ?? throw new FlannelException($"Error registering network: failed to acquire lease: timeout contacting kube-api, failed to patch node \"{node.Name}\". Error: context deadline exceeded");
        if (!node.Kernel.Modules.IsLoaded("br_netfilter"))
            throw new FlannelException("Failed to check br_netfilter: stat /proc/sys/net/bridge/bridge-nf-call-iptables: no such file or directory");
        FlannelLease lease;
        lock (node.Kernel.Gate)
        {
            var (external, address) = FindInterface();
            if (!IpPrefix.TryParse(mine.Json.Text("spec", "podCIDR") ?? "", out var subnet))
                throw new FlannelException($"Error registering network: failed to acquire lease: node \"{node.Name}\" pod cidr not assigned");
            if (!network.Network.Contains(subnet))
                throw new FlannelException($"Error registering network: failed to acquire lease: subnet \"{subnet}\" specified in the flannel net config doesn't contain \"{network.Network}\" PodCIDR of the \"{node.Name}\" node");
            _external = external;
            _tunnel = network.Backend == "vxlan" ? MakeTunnel(external, address, subnet, FlannelLease.StoredMac(mine)) : null;
            lease = new FlannelLease(node.Name, subnet.Network, address, network.Backend, _tunnel?.Mac);
            FlannelRules.EnsureForward(node.Kernel.Network.Iptables, network.Network);
            if (arguments.Masquerade)
                FlannelRules.EnsureMasquerade(node.Kernel.Network.Iptables, network.Network, subnet.Network);
            WriteSubnetFile(subnet, _tunnel?.Mtu ?? external.Mtu);
        }

        log($"Using interface with name {_external.Name} and address {lease.PublicAddress}");
        store.TryEdit(ResourceTypes.Nodes, null, node.Name, json => lease.Write(json, network.Vni));
        var now = store.Timestamp;
        store.EditStatus(ResourceTypes.Nodes, null, node.Name, json => SetNetworkAvailable(json, now));
        log($"Wrote subnet file to {SubnetFile}");
        log("Running backend.");
        NodesChanged();
    }

    /// <summary>Looks at the other nodes again; whoever starts it calls this when a Node object changes.</summary>
    public void NodesChanged()
    {
        var found = store.List(ResourceTypes.Nodes).Items.Where(other => other.Name != node.Name).Select(FlannelLease.Of).OfType<FlannelLease>()
            .Where(lease => lease.Backend == network.Backend).ToDictionary(lease => lease.Node);
        lock (node.Kernel.Gate)
        {
            foreach (var (name, lease) in found)
            {
                if (_peers.TryGetValue(name, out var known) && known == lease)
                    continue;
                if (known is not null)
                    Remove(known);
                _peers[name] = lease;
                Add(lease);
            }

            foreach (var gone in _peers.Values.Where(lease => !found.ContainsKey(lease.Node)).ToArray())
            {
                _peers.Remove(gone.Node);
                Remove(gone);
            }
        }
    }

    private static void SetNetworkAvailable(JsonObject json, string now)
    {
        var conditions = json.Ensure("status").EnsureArray("conditions");
        foreach (var old in conditions.OfType<JsonObject>().Where(condition => condition.Text("type") == "NetworkUnavailable").ToArray())
        {
            if (old.Text("status") == "False" && old.Text("reason") == "FlannelIsUp")
                return;
            conditions.Remove(old);
        }

        conditions.Insert(0, new JsonObject
        {
            ["type"] = "NetworkUnavailable",
            ["status"] = "False",
            ["reason"] = "FlannelIsUp",
            ["message"] = "Flannel is running on this node",
            ["lastHeartbeatTime"] = now,
            ["lastTransitionTime"] = now,
        });
    }

    private (Link Link, IPAddress Address) FindInterface()
    {
        var kernel = node.Kernel.Network;
        Link? link;
        if (arguments.Interface is { } wanted)
        {
            var named = IPAddress.TryParse(wanted, out var given) ? kernel.Links.FirstOrDefault(one => one.Addresses.Any(address => address.Address.Equals(given))) : kernel.FindLink(wanted);
            link = named ?? throw new FlannelException($"Failed to find any valid interface to use: error looking up interface {wanted}: route ip+net: no such network interface");
            if (given is not null)
                return (link, given);
        }
        else
        {
            var way = kernel.Routes(AddressFamily.InterNetwork).FirstOrDefault(route => route.Destination.IsDefault && route.Table == Route.MainTable);
            link = way?.Link ?? throw new FlannelException("Failed to find any valid interface to use: failed to get default interface: unable to find default route");
        }

        var own = link.Addresses.FirstOrDefault(address => address.Family == AddressFamily.InterNetwork && address.Scope == NetworkScope.Global);
        return own is null
            ? throw new FlannelException($"Failed to find any valid interface to use: failed to find IPv4 address for interface {link.Name}")
            : (link, own.Address);
    }

    private Link MakeTunnel(Link external, IPAddress address, IpPrefix subnet, MacAddress? remembered)
    {
        var kernel = node.Kernel.Network;
        var name = string.Create(CultureInfo.InvariantCulture, $"flannel.{network.Vni}");
        var wanted = new TunnelSettings(network.Vni) { Port = network.Port, Local = address, Lower = external, Learning = false };
        var tunnel = kernel.FindLink(name);
        if (tunnel is not null && tunnel.Tunnel != wanted)
        {
            kernel.RemoveLink(tunnel);
            tunnel = null;
        }

        tunnel ??= kernel.AddLink(new LinkRequest(LinkKind.Vxlan)
        {
            Name = name,
            Tunnel = wanted,
            Mac = remembered,
            QueueLength = 0,
            Mtu = network.Mtu ?? external.Mtu - Overhead,
        });
        node.Kernel.Modules.Request("vxlan");
        foreach (var old in tunnel.Addresses.Where(one => one.Family == AddressFamily.InterNetwork && !(one.PrefixLength == 32 && one.Address.Equals(subnet.Network.Address))).ToArray())
            kernel.RemoveAddress(tunnel, old);
        if (!tunnel.Addresses.Any(one => one.Address.Equals(subnet.Network.Address)))
            kernel.AddAddress(tunnel, new LinkAddress(subnet.Network.Address, 32));
        kernel.SetUp(tunnel);
        return tunnel;
    }

    private void WriteSubnetFile(IpPrefix subnet, int mtu) => node.Files.Put(
        SubnetFile,
        string.Create(CultureInfo.InvariantCulture, $"FLANNEL_NETWORK={network.Network}\nFLANNEL_SUBNET={subnet[1]}/{subnet.Length}\nFLANNEL_MTU={mtu}\nFLANNEL_IPMASQ={(arguments.Masquerade ? "true" : "false")}\n"));

    private void Add(FlannelLease peer)
    {
        var kernel = node.Kernel.Network;
        try
        {
            if (_tunnel is null || (network.DirectRouting && IsNear(peer)))
            {
                kernel.AddRoute(new Route(peer.Subnet) { Gateway = peer.PublicAddress, Link = _tunnel is null ? _external : null }, RouteChange.Replace);
                return;
            }

            if (peer.Mac is not { } mac)
                return;
            var gateway = peer.Subnet.Address;
            kernel.AddNeighbor(new Neighbor(gateway, _tunnel, mac, NeighborState.Permanent), replace: true);
            kernel.AddFdbEntry(new FdbEntry(mac, _tunnel) { Destination = peer.PublicAddress }, append: false, replace: true);
            kernel.AddRoute(new Route(peer.Subnet) { Gateway = gateway, Link = _tunnel, OnLink = true }, RouteChange.Replace);
        }
        catch (KernelException error)
        {
            log($"failed to add vxlanRoute ({peer.Subnet} -> {peer.PublicAddress}): {error.Message}");
        }
    }

    private void Remove(FlannelLease peer)
    {
        var kernel = node.Kernel.Network;
        kernel.RemoveRoutes(route => route.Table == Route.MainTable && route.Destination == peer.Subnet && route.Gateway is not null);
        if (_tunnel is null || peer.Mac is not { } mac)
            return;
        kernel.RemoveNeighbors(neighbor => neighbor.Link == _tunnel && neighbor.Address.Equals(peer.Subnet.Address));
        if (kernel.FdbEntries.Any(entry => entry.Link == _tunnel && entry.Mac == mac))
            kernel.RemoveFdbEntries(entry => entry.Link == _tunnel && entry.Mac == mac);
    }

    private bool IsNear(FlannelLease peer)
    {
        try
        {
            return node.Kernel.Network.Lookup(new RouteQuery(peer.PublicAddress)).Gateway is null;
        }
        catch (KernelException)
        {
            return false;
        }
    }
}

using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Nodes.Files;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Flannel;

/// <summary>A CNI plugin of this folder could not do what it was asked for.</summary>
/// <param name="message">What it printed as its error.</param>
internal sealed class FlannelCniException(string message) : Exception(message);

/// <summary>
/// What the <c>flannel</c> CNI plugin does, with the <c>bridge</c> and <c>host-local</c> plugins that it delegates to: the bridge cni0 with
/// the node's first pod, a pair of interfaces for each pod, an address from the node's subnet.
/// </summary>
internal static class FlannelInterface
{
    private const string Bridge = "cni0";
    private const string Delegates = "/var/lib/cni/flannel";

    /// <summary>Gives a pod its interface.</summary>
    /// <param name="node">The node.</param>
    /// <param name="pod">The pod's network.</param>
    /// <param name="containerId">The sandbox.</param>
    /// <param name="configuration">The conflist that the runtime read.</param>
    /// <param name="link">The interface to make.</param>
    /// <returns>The pod's address.</returns>
    /// <exception cref="FlannelCniException">It cannot.</exception>
    public static IPAddress Add(SimulatedNode node, NetworkNamespace pod, string containerId, JsonObject configuration, string link = "eth0")
    {
        lock (node.Kernel.Gate)
        {
            var subnet = ReadSubnet(node);
            var name = configuration.Text("name") ?? "cbr0";
            var options = configuration.Objects("plugins").FirstOrDefault(plugin => plugin.Text("type") == "flannel").Object("delegate");
            node.Files.Put($"{Delegates}/{containerId}", Delegate(name, subnet, options).ToJsonString(JsonFields.Plain), 0b110_000_000);
            var addresses = new HostLocalAddresses(node, name);
            var address = addresses.Reserve(subnet.Prefix, containerId, link)
                ?? throw new FlannelCniException($"failed to delegate add: failed to allocate for range 0: no IP addresses available in range set: {subnet.Prefix[1]}-{subnet.Prefix[(1L << (32 - subnet.Prefix.Length)) - 2]}");
            try
            {
                var bridge = EnsureBridge(node, subnet);
                Connect(node, pod, bridge, link, address, subnet, options.Flag("hairpinMode"));
                return address;
            }
            catch (KernelException error)
            {
                addresses.Release(containerId);
                throw new FlannelCniException($"failed to delegate add: {error.Message}");
            }
            catch (FlannelCniException)
            {
                addresses.Release(containerId);
                throw;
            }
        }
    }

    /// <summary>Takes a pod's interface away. What was never made is no error.</summary>
    public static void Delete(SimulatedNode node, NetworkNamespace pod, string containerId, JsonObject configuration, string link = "eth0")
    {
        lock (node.Kernel.Gate)
        {
            if (node.Files.Find($"{Delegates}/{containerId}") is null)
                return;
            node.Files.Remove($"{Delegates}/{containerId}", NodeUser.Root);
            new HostLocalAddresses(node, configuration.Text("name") ?? "cbr0").Release(containerId);
            if (pod.FindLink(link) is { } found)
                pod.RemoveLink(found);
        }
    }

    private static Subnet ReadSubnet(SimulatedNode node)
    {
        if (node.Files.Find(Flanneld.SubnetFile) is not RegularFile)
            throw new FlannelCniException($"loadFlannelSubnetEnv failed: open {Flanneld.SubnetFile}: no such file or directory");
        var values = node.Files.ReadText(Flanneld.SubnetFile).Split('\n').Select(line => line.Split('=', 2)).Where(parts => parts.Length == 2).ToDictionary(parts => parts[0], parts => parts[1]);
        foreach (var needed in (string[])["FLANNEL_NETWORK", "FLANNEL_SUBNET", "FLANNEL_MTU", "FLANNEL_IPMASQ"])
        {
            if (!values.ContainsKey(needed))
                throw new FlannelCniException($"loadFlannelSubnetEnv failed: {Flanneld.SubnetFile} is missing {needed}");
        }

        return IpPrefix.TryParse(values["FLANNEL_NETWORK"], out var network) && IpPrefix.TryParse(values["FLANNEL_SUBNET"], out var own)
            && int.TryParse(values["FLANNEL_MTU"], NumberStyles.None, CultureInfo.InvariantCulture, out var mtu)
                ? new Subnet(network, own.Network, mtu, values["FLANNEL_IPMASQ"] == "true")
                : throw new FlannelCniException($"loadFlannelSubnetEnv failed: {Flanneld.SubnetFile} has invalid values");
    }

    private static JsonObject Delegate(string name, Subnet subnet, JsonObject? options)
    {
        var made = options?.Copy() ?? [];
        made["cniVersion"] = "0.3.1";
        made["name"] = name;
        made["type"] = "bridge";
        made["mtu"] = subnet.Mtu;
        made["ipMasq"] = !subnet.FlannelMasquerades;
        made["isGateway"] = true;
        made["ipam"] = new JsonObject
        {
            ["type"] = "host-local",
            ["ranges"] = new JsonArray((JsonNode)new JsonArray((JsonNode)new JsonObject { ["subnet"] = subnet.Prefix.ToString() })),
            ["routes"] = new JsonArray((JsonNode)new JsonObject { ["dst"] = subnet.Network.ToString() }),
        };
        return made;
    }

    private static Link EnsureBridge(SimulatedNode node, Subnet subnet)
    {
        var network = node.Kernel.Network;
        var bridge = network.FindLink(Bridge);
        if (bridge is null)
        {
            bridge = network.AddLink(new LinkRequest(LinkKind.Bridge) { Name = Bridge, Mtu = subnet.Mtu });
            node.Kernel.Modules.Request("bridge");

            // The plugin sets the address that the kernel drew, so that the bridge does not take its ports'.
            network.SetMac(bridge, bridge.Mac);
        }
        else if (bridge.Kind != LinkKind.Bridge)
        {
            throw new FlannelCniException($"failed to delegate add: \"{Bridge}\" already exists but is not a bridge");
        }

        network.SetUp(bridge);
        var gateway = HostLocalAddresses.Gateway(subnet.Prefix);
        var present = bridge.Addresses.Where(address => address.Family == System.Net.Sockets.AddressFamily.InterNetwork).ToArray();
        if (present.Any(address => address.Address.Equals(gateway) && address.PrefixLength == subnet.Prefix.Length))
            return bridge;
        if (present.Length > 0)
            throw new FlannelCniException($"failed to delegate add: failed to set bridge addr: \"{Bridge}\" already has an IP address different from {gateway}/{subnet.Prefix.Length}");
        network.AddAddress(bridge, new LinkAddress(gateway, subnet.Prefix.Length) { Broadcast = subnet.Prefix.Last });
        node.Kernel.Sysctls.Set("net.ipv4.ip_forward", "1");
        return bridge;
    }

    private static void Connect(SimulatedNode node, NetworkNamespace pod, Link bridge, string name, IPAddress address, Subnet subnet, bool hairpin)
    {
        var network = node.Kernel.Network;
        var host = network.AddLink(new LinkRequest(LinkKind.Veth)
        {
            Name = "veth" + Convert.ToHexStringLower(node.Seed.Fork($"veth/{pod.Name}/{node.Clock.GetUtcNow().Ticks}").NextBytes(4)),
            Mtu = subnet.Mtu,
            Peer = new LinkRequest(LinkKind.Veth) { Name = name, Mtu = subnet.Mtu },
            PeerNetwork = pod,
        });
        var link = host.Peer!;
        network.SetUp(host);
        network.SetMaster(host, bridge);
        if (hairpin)
            network.SetPort(host, host.Port! with { Hairpin = true });
        pod.SetUp(link);
        pod.AddAddress(link, new LinkAddress(address, subnet.Prefix.Length) { Broadcast = subnet.Prefix.Last });
        var gateway = HostLocalAddresses.Gateway(subnet.Prefix);
        pod.AddRoute(new Route(IpPrefix.Default(System.Net.Sockets.AddressFamily.InterNetwork)) { Gateway = gateway }, RouteChange.Add);
        if (!subnet.Network.Equals(subnet.Prefix))
            pod.AddRoute(new Route(subnet.Network) { Gateway = gateway }, RouteChange.Add);
    }

    private sealed record Subnet(IpPrefix Network, IpPrefix Prefix, int Mtu, bool FlannelMasquerades);
}

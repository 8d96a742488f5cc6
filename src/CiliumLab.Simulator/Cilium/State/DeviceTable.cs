using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Cilium;

/// <summary>A row of StateDB's table <c>devices</c>.</summary>
internal sealed record DeviceRow(Link Link, string NotSelectedReason)
{
    private static readonly (string Flag, string Name, int Bit)[] Names =
        [("UP", "up", 1), ("BROADCAST", "broadcast", 2), ("LOOPBACK", "loopback", 4), ("MULTICAST", "multicast", 16), ("LOWER_UP", "running", 32)];

    /// <summary>Whether Cilium handles packets there.</summary>
    public bool IsSelected => NotSelectedReason.Length == 0;

    /// <summary>The kind as netlink names it.</summary>
    public string Type => Link.Kind is LinkKind.Ether or LinkKind.Loopback ? "device" : Link.Kind.ToString().ToLowerInvariant();

    /// <summary>The flags as net.Flags prints them.</summary>
    public string Flags => string.Join('|', Names.Where(name => Link.Flags.Contains(name.Flag)).Select(static name => name.Name));

    /// <summary>The hardware's address; empty for loopback.</summary>
    public string HardwareAddress => Link.Kind == LinkKind.Loopback ? "" : Link.Mac.ToString();

    /// <summary>As tables.Device.</summary>
    public JsonObject ToJson() => new()
    {
        ["Index"] = Link.Index,
        ["MTU"] = Link.Mtu,
        ["Name"] = Link.Name,
        ["HardwareAddr"] = HardwareAddress,
        [nameof(Flags)] = Names.Where(name => Link.Flags.Contains(name.Flag)).Sum(static name => name.Bit),
        ["Addrs"] = new JsonArray([.. Link.Addresses.Select(static address => (JsonNode)new JsonObject { ["Addr"] = address.Address.ToString(), ["Secondary"] = address.Secondary, ["Scope"] = (int)address.Scope })]),
        [nameof(RawFlags)] = RawFlags,
        [nameof(Type)] = Type,
        ["MasterIndex"] = Link.Master?.Index ?? 0,
        ["Selected"] = IsSelected,
        [nameof(NotSelectedReason)] = NotSelectedReason,
    };

    // IFF_* of the kernel, LOWER_UP among them.
    private int RawFlags => Link.Flags.Sum(static flag => flag switch
    {
        "UP" => 0x1,
        "BROADCAST" => 0x2,
        "LOOPBACK" => 0x8,
        "LOWER_UP" => 0x10040,
        "NOARP" => 0x80,
        "PROMISC" => 0x100,
        "MULTICAST" => 0x1000,
        _ => 0,
    });
}

/// <summary>Which of a node's links Cilium works on.</summary>
internal static class DeviceTable
{
    private static readonly string[] ExcludedPrefixes = ["cilium_", "lo", "lxc", "cni", "docker"];

    /// <summary>All links with the agent's judgement.</summary>
    /// <param name="network">The node's network.</param>
    /// <param name="nodeAddress">The node's address in the cluster.</param>
    public static IReadOnlyList<DeviceRow> Rows(NetworkNamespace network, IPAddress? nodeAddress)
    {
        var routes = network.Routes(AddressFamily.InterNetwork).Where(static route => route.Table == Route.MainTable).ToList();
        return [.. network.Links.Select(link => new DeviceRow(link, Reason(link, routes, nodeAddress)))];
    }

    private static string Reason(Link link, List<Route> routes, IPAddress? nodeAddress)
    {
        if (!link.IsUp)
            return "link not up";
        if (ExcludedPrefixes.FirstOrDefault(prefix => link.Name.StartsWith(prefix, StringComparison.Ordinal)) is { } prefix)
            return $"excluded prefix \"{prefix}\"";
        if (link.Kind == LinkKind.Bridge || link.Master is { Kind: LinkKind.Bridge })
            return "bridge-like device";
        var own = routes.Where(route => route.Link == link).ToList();
        if (link.Kind == LinkKind.Veth && !own.Exists(static route => route.Destination.IsDefault))
            return "veth without default route";
        return own.Exists(static route => route.Destination.IsDefault || route.Scope == NetworkScope.Global || route.Protocol == Route.KernelProtocol) || link.Addresses.Any(address => address.Address.Equals(nodeAddress))
            ? ""
            : "no global unicast route";
    }
}

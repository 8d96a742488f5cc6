using System.Text.Json;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads the objects of <c>ip -j neigh</c> and <c>bridge -j fdb</c>.</summary>
internal static class NeighborJson
{
    public static IEnumerable<NodeNeighbor> Read(IEnumerable<IprouteObject> items, string? node)
    {
        foreach (var item in items)
        {
            if (item.Text("mac") is { } mac && item.Text("ifname") is { } port)
                yield return Fdb(item, new NodeNeighbor { Node = node, Table = NeighborTable.Fdb, Mac = mac, Interface = port });
            else if (item.Address("dst") is { } address && item.Text("dev") is { } name)
                yield return Neighbor(item, new NodeNeighbor { Node = node, Table = IpNeighborText.TableOf(address), Address = address, Interface = name });
            else
                item.Complain("expected a neighbour with an address and an interface");
        }
    }

    private static NodeNeighbor Neighbor(IprouteObject item, NodeNeighbor entry) => Common(item, entry) with
    {
        Mac = item.Text("lladdr"),
        State = Known(item, item.Texts("state"), IprouteNames.NeighborState).Aggregate(NeighborState.None, (all, one) => all | one),

        // Flags are members without a value.
        Flags = item.Members
            .Where(member => member.Value.ValueKind == JsonValueKind.Null)
            .Aggregate(NeighborFlags.None, (all, member) => all | (IprouteNames.NeighborFlag(member.Name) ?? NeighborFlags.None)),
        ConfirmedAgo = Seconds(item, "confirmed"),
    };

    private static NodeNeighbor Fdb(IprouteObject item, NodeNeighbor entry) => Common(item, entry) with
    {
        Address = item.Address("dst"),
        State = item.Named("state", IprouteNames.FdbState) ?? NeighborState.Reachable,
        Flags = Known(item, item.Texts("flags"), IprouteNames.NeighborFlag).Aggregate(NeighborFlags.None, (all, one) => all | one),
        Master = item.Text("master"),
        Vni = item.Number<uint>("vni"),
        Port = item.Number<int>("port"),
        Via = item.Text("viaIf"),
    };

    private static NodeNeighbor Common(IprouteObject item, NodeNeighbor entry) => entry with
    {
        Vlan = item.Number<int>("vlan"),
        NexthopId = item.Number<uint>("nhid"),
        Protocol = item.Text("protocol"),
        UsedAgo = Seconds(item, "used"),
        UpdatedAgo = Seconds(item, "updated"),
    };

    private static TimeSpan? Seconds(IprouteObject item, string name) =>
        item.Number<uint>(name) is { } seconds ? TimeSpan.FromSeconds(seconds) : null;

    private static IEnumerable<T> Known<T>(IprouteObject item, IEnumerable<string> names, Func<string, T?> read)
        where T : struct
    {
        foreach (var name in names)
        {
            if (read(name) is { } value)
                yield return value;
            else
                item.Complain($"unknown word '{name}'");
        }
    }
}

using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads the objects of <c>ip -j addr</c> and <c>ip -j link</c>.</summary>
internal static class LinkJson
{
    public static IEnumerable<NodeInterface> Read(IEnumerable<IprouteObject> items, string? node)
    {
        foreach (var item in items)
        {
            if (item.Text("ifname") is not { } name || item.Number<int>("ifindex") is not { } index)
            {
                item.Complain("expected an interface with a name and an index");
                continue;
            }

            yield return Link(item, new NodeInterface { Node = node, Name = name, Index = index });
        }
    }

    private static NodeInterface Link(IprouteObject item, NodeInterface link)
    {
        var info = item.Object("linkinfo");
        var data = info?.Object("info_data");
        var kind = info?.Text("info_kind");
        var type = item.Text("link_type");
        return link with
        {
            Kind = LinkKinds.Kind(kind, type, item.Has("promiscuity")),
            LinkType = type,
            Mac = item.Text("address"),
            Mtu = item.Number<int>("mtu"),
            State = item.Named("operstate", IprouteNames.OperationalState) ?? InterfaceState.Unknown,
            Flags = LinkFlags(item),
            Qdisc = item.Text("qdisc"),
            Group = item.Text("group"),
            Master = item.Text("master"),
            Peer = item.Text("link") is { } peer and not "NONE" ? peer : null,
            PeerIndex = item.Number<int>("link_index"),
            PeerNamespace = item.Text("link_netns"),
            PeerNamespaceId = item.Number<int>("link_netnsid"),
            AlternativeNames = item.Texts("altnames"),
            Alias = item.Text("ifalias"),
            Addresses = [.. item.Objects("addr_info").Select(Address).OfType<InterfaceAddress>()],
            Vxlan = kind == "vxlan" && data is not null ? Vxlan(data) : null,
            Bridge = kind == "bridge" && data is not null ? Bridge(data) : null,
            BridgePort = info?.Text("info_slave_kind") == "bridge" && info.Object("info_slave_data") is { } port ? Port(link.Name, port) : null,
            Statistics = (item.Object("stats64") ?? item.Object("stats")) is { } counters ? Statistics(counters) : null,
        };
    }

    /// <summary>A port's settings, with the same names in <c>ip</c> and <c>bridge</c>.</summary>
    public static BridgePort Port(string name, IprouteObject data) => new()
    {
        Interface = name,
        State = data.Named("state", IprouteNames.PortState),
        Priority = data.Number<int>("priority"),
        Cost = data.Number<int>("cost"),
        Hairpin = data.Flag("hairpin"),
        Learning = data.Flag("learning"),
        Flood = data.Flag("flood"),
        Isolated = data.Flag("isolated"),
    };

    private static LinkFlags LinkFlags(IprouteObject item)
    {
        var flags = Model.LinkFlags.None;
        foreach (var name in item.Texts("flags"))
        {
            if (IprouteNames.LinkFlag(name) is { } flag)
                flags |= flag;
            else
                item.Complain($"unknown flag '{name}'");
        }

        return flags;
    }

    private static InterfaceAddress? Address(IprouteObject item)
    {
        if (item.Address("local") is not { } address || item.Number<int>("prefixlen") is not { } length
            || length < 0 || length > address.GetAddressBytes().Length * 8)
        {
            item.Complain("expected an address and its prefix length");
            return null;
        }

        return new InterfaceAddress
        {
            Address = address,
            PrefixLength = length,
            Peer = item.Address("address"),
            Broadcast = item.Address("broadcast"),
            Scope = item.Named("scope", IprouteNames.Scope) ?? AddressScope.Global,
            Label = item.Text("label"),
            Metric = item.Number<uint>("metric"),
            Protocol = item.Text("protocol"),
            Flags = item.Members
                .Where(member => member.Value.ValueKind == System.Text.Json.JsonValueKind.True)
                .Aggregate(AddressFlags.None, (flags, member) => flags | Flag(item, member.Name)),
            ValidLifetime = IprouteNames.Lifetime(item.Number<uint>("valid_life_time")),
            PreferredLifetime = IprouteNames.Lifetime(item.Number<uint>("preferred_life_time")),
        };
    }

    private static AddressFlags Flag(IprouteObject item, string name)
    {
        if (IprouteNames.AddressFlag(name) is { } flag)
            return flag;
        item.Complain($"unknown flag '{name}'");
        return AddressFlags.None;
    }

    private static VxlanSettings Vxlan(IprouteObject data) => LinkKinds.WithoutIdleVni(new VxlanSettings
    {
        Vni = data.Number<uint>("id"),
        Local = data.Address("local") ?? data.Address("local6"),
        Remote = data.Address("remote") ?? data.Address("remote6") ?? data.Address("group") ?? data.Address("group6"),
        Interface = data.Text("link"),
        Port = data.Number<int>("port"),
        Learning = data.Flag("learning") ?? true,
        External = data.Flag("external") ?? false,
        Ageing = data.Number<uint>("ageing") is { } seconds and not 0 ? TimeSpan.FromSeconds(seconds) : null,
    });

    private static BridgeSettings Bridge(IprouteObject data) => new()
    {
        BridgeId = data.Text("bridge_id") is { } id ? IprouteNames.BridgeId(id) : null,
        Stp = data.Flag("stp_state"),
        Priority = data.Number<int>("priority"),
        VlanFiltering = data.Flag("vlan_filtering"),
        AgeingTime = LinkKinds.Centiseconds(data.Number<int>("ageing_time")),
    };

    private static InterfaceStatistics Statistics(IprouteObject counters)
    {
        var rx = counters.Object("rx");
        var tx = counters.Object("tx");
        return new InterfaceStatistics
        {
            RxBytes = rx?.Number<ulong>("bytes") ?? 0,
            RxPackets = rx?.Number<ulong>("packets") ?? 0,
            RxErrors = rx?.Number<ulong>("errors") ?? 0,
            RxDropped = rx?.Number<ulong>("dropped") ?? 0,
            TxBytes = tx?.Number<ulong>("bytes") ?? 0,
            TxPackets = tx?.Number<ulong>("packets") ?? 0,
            TxErrors = tx?.Number<ulong>("errors") ?? 0,
            TxDropped = tx?.Number<ulong>("dropped") ?? 0,
        };
    }
}

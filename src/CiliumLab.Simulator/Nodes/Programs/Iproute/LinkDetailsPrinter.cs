using System.Globalization;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Nodes.Programs.Iproute;

/// <summary>Prints what <c>ip -d</c> adds to a link.</summary>
internal sealed class LinkDetailsPrinter(IprouteWriter writer)
{
    private const string Root = "01:80:c2:00:00:00";

    /// <summary>Prints the details of a link.</summary>
    public void Print(Link link)
    {
        Count("promiscuity", link.IsPromiscuous || link.Master is not null ? 1 : 0, " promiscuity {0} ");
        Count("allmulti", link.Master is not null ? 1 : 0, " allmulti {0} ");
        Count("min_mtu", NetworkNamespace.MinimumMtu(link.Kind), "minmtu {0} ");
        Count("max_mtu", link.Kind == LinkKind.Loopback ? 0 : NetworkNamespace.MaximumMtu(link.Kind), "maxmtu {0} ");
        if (link.Kind is not (LinkKind.Loopback or LinkKind.Ether) || link.Master is not null)
        {
            writer.OpenObject("linkinfo");
            Kind(link);
            if (link.Master is { } bridge)
                Port(link, bridge);
            writer.Close();
        }

        var generation = link.GeneratesLinkLocal ? "eui64" : "none";
        writer.Any("inet6_addr_gen_mode", generation, $"addrgenmode {generation} ");
        var queues = link.Kind is LinkKind.Veth ? 2 : 1;
        Count("num_tx_queues", queues, "numtxqueues {0} ");
        Count("num_rx_queues", queues, "numrxqueues {0} ");
        Count("gso_max_size", 65536, "gso_max_size {0} ");
        Count("gso_max_segs", 65535, "gso_max_segs {0} ");
        Count("tso_max_size", TsoSize(link), "tso_max_size {0} ");
        Count("tso_max_segs", 65535, "tso_max_segs {0} ");
        Count("gro_max_size", 65536, "gro_max_size {0} ");
    }

    private static int TsoSize(Link link) => link.Kind switch
    {
        LinkKind.Ether => 65536,
        LinkKind.Vxlan or LinkKind.Geneve when link.Tunnel?.Lower is null => 65536,
        _ => 524280,
    };

    private void Kind(Link link)
    {
        if (link.Kind is LinkKind.Loopback or LinkKind.Ether)
            return;
        var kind = link.Kind.ToString().ToLowerInvariant();
        writer.Any("info_kind", kind, $"\n    {kind} ");
        switch (link.Kind)
        {
            case LinkKind.Vxlan:
                Vxlan(link.Tunnel!);
                break;
            case LinkKind.Geneve:
                Geneve(link.Tunnel!);
                break;
            case LinkKind.Bridge:
                Bridge(link);
                break;
            case LinkKind.Netkit:
                writer.OpenObject("info_data");
                writer.Any("mode", "l3", "mode l3 ");
                writer.Any("type", "primary", "type primary ");
                writer.Any("policy", "forward", "policy forward ");
                writer.Close();
                break;
        }
    }

    private void Vxlan(TunnelSettings tunnel)
    {
        writer.OpenObject("info_data");
        if (tunnel.External)
            writer.Any("external", true, "external ");
        Count("id", tunnel.Id, "id {0} ");
        if (tunnel.Remote is { } remote)
            writer.Any("remote", remote.ToString(), $"remote {remote} ");
        if (tunnel.Local is { } local)
            writer.Any("local", local.ToString(), $"local {local} ");
        if (tunnel.Lower is { } lower)
            writer.Any("link", lower.Name, $"dev {lower.Name} ");
        writer.Any("port_range", new JsonObject { ["low"] = 0, ["high"] = 0 }, "srcport 0 0 ");
        Count("port", tunnel.Port, "dstport {0} ");
        writer.Any("learning", tunnel.Learning, tunnel.Learning ? "" : "nolearning ");
        writer.Any("ttl", 0, "ttl auto ");
        writer.Json("df", "unset");
        Count("ageing", 300, "ageing {0} ");
        writer.Any("udp_csum", true, "udpcsum ");
        writer.Any("udp_zero_csum6_tx", false, "noudp6zerocsumtx ");
        writer.Any("udp_zero_csum6_rx", false, "noudp6zerocsumrx ");
        writer.Close();
    }

    private void Geneve(TunnelSettings tunnel)
    {
        writer.OpenObject("info_data");
        if (tunnel.External)
            writer.Any("external", true, "external ");
        Count("id", tunnel.Id, "id {0} ");
        if (tunnel.Remote is { } remote)
            writer.Any("remote", remote.ToString(), $"remote {remote} ");
        writer.Any("ttl", 0, "ttl auto ");
        Count("port", tunnel.Port, "dstport {0} ");
        writer.Any("udp_csum", true, "udpcsum ");
        writer.Any("udp_zero_csum6_tx", false, "noudp6zerocsumtx ");
        writer.Any("udp_zero_csum6_rx", false, "noudp6zerocsumrx ");
        writer.Close();
    }

    private void Bridge(Link link)
    {
        writer.OpenObject("info_data");
        Counts(("forward_delay", 1500), ("hello_time", 200), ("max_age", 2000), ("ageing_time", 30000));
        Counts(("stp_state", link.SpanningTree ? 1 : 0), ("priority", 32768), ("vlan_filtering", 0));
        var id = $"8000.{link.Mac.Loose}";
        writer.Any("bridge_id", id, $"bridge_id {id} ");
        writer.Any("root_id", id, $"designated_root {id} ");
        Counts(("root_port", 0), ("root_path_cost", 0), ("topology_change", 0), ("topology_change_detected", 0));
        foreach (var timer in (string[])["hello_timer", "tcn_timer", "topology_change_timer", "gc_timer"])
            writer.Any(timer, IprouteWriter.Decimal(0), $"{timer} {0.0,7:0.00} ");
        writer.Any("group_fwd_mask", "0", "group_fwd_mask 0 ");
        writer.Any("group_addr", Root, $"group_address {Root} ");
        Counts(("mcast_snooping", 1), ("no_linklocal_learn", 0), ("mcast_vlan_snooping", 0), ("mcast_router", 1), ("mcast_query_use_ifaddr", 0), ("mcast_querier", 0));
        Counts(("mcast_hash_elasticity", 16), ("mcast_hash_max", 4096));
        Count("mcast_last_member_cnt", 2, "mcast_last_member_count {0} ");
        Count("mcast_startup_query_cnt", 2, "mcast_startup_query_count {0} ");
        Count("mcast_last_member_intvl", 100, "mcast_last_member_interval {0} ");
        Count("mcast_membership_intvl", 26000, "mcast_membership_interval {0} ");
        Count("mcast_querier_intvl", 25500, "mcast_querier_interval {0} ");
        Count("mcast_query_intvl", 12500, "mcast_query_interval {0} ");
        Count("mcast_query_response_intvl", 1000, "mcast_query_response_interval {0} ");
        Count("mcast_startup_query_intvl", 3124, "mcast_startup_query_interval {0} ");
        Counts(("mcast_stats_enabled", 0), ("mcast_igmp_version", 2), ("mcast_mld_version", 1));
        Counts(("nf_call_iptables", 0), ("nf_call_ip6tables", 0), ("nf_call_arptables", 0));
        writer.Close();
    }

    private void Port(Link link, Link bridge)
    {
        var port = link.Port!;
        writer.Any("info_slave_kind", "bridge", "\n    bridge_slave ");
        writer.OpenObject("info_slave_data");
        var state = BridgeProgram.PortState(link);
        writer.Any("state", state, $"state {state} ");
        Counts(("priority", 32), ("cost", 2));
        OnOff(("hairpin", port.Hairpin), ("guard", port.Guard), ("root_block", false), ("fastleave", false), ("learning", port.Learning), ("flood", port.Flood));
        writer.Any("id", $"0x{0x8000 + port.Number:x}", $"port_id 0x{0x8000 + port.Number:x} ");
        writer.Any("no", $"0x{port.Number:x}", $"port_no 0x{port.Number:x} ");
        Counts(("designated_port", 0x8000 + port.Number), ("designated_cost", 0));
        var id = $"8000.{bridge.Mac.Loose}";
        writer.Any("bridge_id", id, $"designated_bridge {id} ");
        writer.Any("root_id", id, $"designated_root {id} ");
        foreach (var timer in (string[])["hold_timer", "message_age_timer", "forward_delay_timer"])
            writer.Any(timer, IprouteWriter.Decimal(0), $"{timer} {0.0,7:0.00} ");
        Counts(("topology_change_ack", 0), ("config_pending", 0));
        OnOff(("proxy_arp", false), ("proxy_arp_wifi", false));
        writer.Any("multicast_router", 1, "mcast_router 1 ");
        writer.Text("mcast_fast_leave off ");
        OnOff(("mcast_flood", true), ("bcast_flood", true), ("mcast_to_unicast", false), ("neigh_suppress", false));
        writer.Any("group_fwd_mask", "0", "group_fwd_mask 0 ");
        writer.Any("group_fwd_mask_str", "0x0", "group_fwd_mask_str 0x0 ");
        OnOff(("vlan_tunnel", false), ("isolated", port.Isolated), ("locked", false));
        writer.Close();
    }

    private void Count(string key, long value, string format) => writer.Any(key, value, string.Format(CultureInfo.InvariantCulture, format, value));

    private void Counts(params ReadOnlySpan<(string Key, long Value)> values)
    {
        foreach (var (key, value) in values)
            writer.Any(key, value, $"{key} {value} ");
    }

    private void OnOff(params ReadOnlySpan<(string Key, bool Value)> values)
    {
        foreach (var (key, value) in values)
            writer.Any(key, value, $"{key} {(value ? "on" : "off")} ");
    }
}

using System.Net;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Tests.Text.Cilium;

/// <summary>Maps, policies and what else lies in the kernel.</summary>
public sealed class BpfTextTests
{
    [Theory]
    [InlineData("TCP://172.18.0.4:6443", "172.18.0.4", 6443)]
    [InlineData("TCP://172.20.1.9", "172.20.1.9", null)]
    [InlineData("UDP://fd02::1a[zone-a]", "fd02::1a", null)]
    [InlineData("UDP://[fd02::1a]:53", "fd02::1a", 53)]
    public void A_backend_has_a_port_where_it_is_shown(string value, string address, int? port)
    {
        var entry = Assert.Single(MapGetText.Parse(new StringReader($"Key   Value   State   Error\n7     {value}   sync\n"), "n", Unexpected.Warning));

        var backend = Assert.IsType<BpfBackendEntry>(entry);
        Assert.Equal((7U, address, port), (backend.BackendId, backend.Address.ToString(), backend.Port));
    }

    [Fact]
    public void Reads_the_policies_of_the_lab()
    {
        var entries = PolicyText.Parse(Fixture.Open("transcript/174-c0-bpf-policy-get-all.txt"), "k8s-ctr", Unexpected.Warning).ToList();

        Assert.Equal(11, entries.Count);
        Assert.Equal([977, 1827, 1912, 3021], entries.Select(entry => entry.EndpointId!.Value).Distinct());
        Assert.Equal((977, "cilium_policy_v2_00977", "ANY", 95314ul, 1202ul), (entries[0].EndpointId, entries[0].MapName, entries[0].Identity, entries[0].Bytes, entries[0].Packets));
        Assert.Equal((1u, "host", 2, "ANY", 0), (entries[1].IdentityId, entries[1].Identity, entries[1].Labels.Count, entries[1].PortAndProtocol, entries[1].PrefixLength));
        Assert.Equal(TrafficDirection.Egress, entries[2].Direction);
    }

    [Theory]
    [InlineData("175-c1-bpf-policy-get-all-n.txt", 8, 391)]
    [InlineData("176-c2-bpf-policy-get-all-n.txt", 11, 401)]
    public void Reads_numeric_policies_of_the_lab(string file, int count, int first)
    {
        var entries = PolicyText.Parse(Fixture.Open($"transcript/{file}"), null, Unexpected.Warning).ToList();

        Assert.Equal((count, first), (entries.Count, entries[0].EndpointId));
        Assert.Equal("0 1", string.Join(' ', entries.Select(entry => entry.IdentityId).Distinct().Order()));
    }

    [Fact]
    public void Reads_denials_proxies_ranges_and_counters_that_are_not_there()
    {
        var entries = PolicyText.Parse(Fixture.Open("cilium/policy-get-all-1.18.txt"), null, Unexpected.Warning).ToList();

        Assert.Equal((BpfPolicyVerdict.Deny, "world", 7u), (entries[0].Verdict, entries[0].Identity, entries[0].Cookie));
        Assert.Equal((0u, 8000, 8191, null, null), (entries[1].IdentityId, entries[1].Port, entries[1].LastPort, entries[1].Bytes, entries[1].Packets));
        Assert.Equal((10101, "spire", 2, null), (entries[2].ProxyPort, entries[2].Authentication, entries[2].Labels.Count, entries[2].IdentityId));
        Assert.Equal((null, "443/TCP"), (entries[3].IdentityId, entries[3].PortAndProtocol));
        Assert.Equal((16777220u, TransportProtocol.Icmp, "ICMP"), (entries[4].IdentityId, entries[4].Protocol, entries[4].PortAndProtocol));
        Assert.Equal(5, entries.Count);
    }

    [Fact]
    public void Policies_are_the_same_from_text_and_json()
    {
        var fromText = PolicyText.Parse(Fixture.Open("cilium/policy-get-all-1.18.txt"), null, Unexpected.Warning).ToList();
        var fromJson = PolicyText.Parse(Fixture.Open("cilium/policy-get-all-1.18.json"), null, Unexpected.Warning).ToList();

        Assert.Equal(
            fromText.Select((entry, index) => entry with { Labels = LabelDictionary.Empty, IdentityId = entry.IdentityId ?? fromJson[index].IdentityId }),
            fromJson);
    }

    [Fact]
    public void Reads_policies_of_versions_without_authentication()
    {
        var entries = PolicyText.Parse(Fixture.Open("cilium/policy-get-n-1.13.txt"), null, Unexpected.Warning).ToList();

        Assert.Equal((3, null, 60201ul, 687ul, null), (entries.Count, entries[0].Authentication, entries[0].Bytes, entries[0].Packets, entries[0].PrefixLength));
        Assert.Equal((4086u, 8082, TransportProtocol.Tcp), (entries[1].IdentityId, entries[1].Port, entries[1].Protocol));
    }

    [Fact]
    public void Reads_the_maps_of_the_lab()
    {
        var warnings = new List<TextWarning>();

        var maps = MapListText.Parse(Fixture.Open("transcript/172-c0-map-list.txt"), null, warnings.Add).ToList();

        Assert.Equal(22, maps.Count);
        Assert.Equal(("cilium_lb4_services_v2", 16, 0, true), (maps[1].MapName, maps[1].EntryCount, maps[1].ErrorCount, maps[1].IsCached));
        Assert.Equal(("cilium_skip_lb4", null, false), (maps[^1].MapName, maps[^1].EntryCount, maps[^1].IsCached));
        Assert.Contains("lost a part", Assert.Single(warnings).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Counts_entries_and_errors_of_maps_in_verbose_text_and_json()
    {
        var text = MapListText.Parse(Fixture.Open("cilium/map-list-verbose-1.17.txt"), null, Unexpected.Warning).ToList();
        var json = MapListText.Parse(Fixture.Open("cilium/map-list-1.17.json"), null, Unexpected.Warning).ToList();

        Assert.Equal([("cilium_lxc", 2, 1), ("cilium_skip_lb4", null, null), ("cilium_ratelimit", (int?)0, (int?)0)], text.Select(map => (map.MapName, map.EntryCount, map.ErrorCount)));
        Assert.Equal([("cilium_lxc", 2, 1), ("cilium_metrics", (int?)null, (int?)null)], json.Select(map => (map.MapName, map.EntryCount, map.ErrorCount)));
        Assert.Equal("/sys/fs/bpf/tc/globals/cilium_lxc", json[0].Path);
    }

    [Theory]
    [InlineData("181-c0-map-get-cilium-ipcache.txt", 16)]
    [InlineData("182-c0-map-get-cilium-ipcache-grep-webpod1ip.txt", 1)]
    public void Reads_the_ipcache_map_of_the_lab(string file, int count)
    {
        var entries = MapGetText.Parse(Fixture.Open($"transcript/{file}"), null, Unexpected.Warning, "cilium_ipcache").Cast<BpfIpCacheEntry>().ToList();

        Assert.Equal(count, entries.Count);
        var webpod = entries.Single(entry => entry.Prefix == IPNetwork.Parse("172.20.1.88/32"));
        Assert.Equal((8254u, IPAddress.Parse("192.168.10.102"), "cilium_ipcache", BpfEntryState.Sync), (webpod.IdentityId, webpod.TunnelEndpoint, webpod.MapName, webpod.State));
    }

    [Fact]
    public void Reads_endpoints_of_a_map_and_what_could_not_be_written()
    {
        var entries = MapGetText.Parse(Fixture.Open("cilium/map-get-lxc-1.17.txt"), null, Unexpected.Warning).Cast<BpfEndpointEntry>().ToList();

        Assert.Equal((true, IPAddress.Parse("172.20.0.187"), null), (entries[0].IsLocalHost, entries[0].Address, entries[0].EndpointId));
        Assert.Equal((1827, 13136u, 16, "da:c2:12:8f:3f:7f"), (entries[1].EndpointId, entries[1].IdentityId, entries[1].InterfaceIndex, entries[1].NodeMac));
        Assert.Equal((BpfEntryState.ToBeInserted, "no space left on device"), (entries[1].State, entries[1].LastError));
    }

    [Fact]
    public void Json_of_a_map_names_it()
    {
        var entries = MapGetText.Parse(Fixture.Open("cilium/map-get-ipcache-1.16.json"), null, Unexpected.Warning).Cast<BpfIpCacheEntry>().ToList();

        Assert.All(entries, entry => Assert.Equal("cilium_ipcache_v2", entry.MapName));
        Assert.Equal((3, IpCacheFlags.HasTunnel), (entries[0].EncryptKey, entries[0].Flags));
        Assert.Equal((BpfEntryState.ToBeInserted, "argument list too long"), (entries[1].State, entries[1].LastError));
    }

    [Fact]
    public void Reads_the_events_of_the_lab()
    {
        var events = MapEventText.Parse(Fixture.Open("transcript/173-c1-map-events-cilium-lb4-services-v2.txt"), "k8s-w1", Unexpected.Warning, "cilium_lb4_services_v2").ToList();

        Assert.Equal(24, events.Count);
        Assert.Equal((BpfMapAction.Update, BpfEntryState.Sync, new DateTimeOffset(2025, 7, 16, 14, 40, 24, TimeSpan.Zero)), (events[1].Action, events[1].State, events[1].Time));
        var slot = Assert.IsType<BpfServiceEntry>(events[6].Entry);
        Assert.Equal((0, (ushort)3, 1, BpfServiceFlags.InternalLocalScope), (slot.Slot, slot.ServiceId, slot.BackendCount, slot.Flags));
        Assert.Equal(4u, Assert.IsType<BpfServiceEntry>(events[5].Entry).BackendId);
        Assert.Equal((BpfMapAction.Delete, BpfEntryState.ToBeDeleted, null, null), (events[17].Action, events[17].State, events[17].Value, events[17].Entry));
    }

    [Fact]
    public void Reads_events_as_documents_one_after_the_other_with_remarks_between()
    {
        var text = Fixture.Read("cilium/map-events-1.17.json").Replace("}\n\n{", "}\n\nDefaulted container \"cilium-agent\" out of: cilium-agent\nsomething else\n{", StringComparison.Ordinal);
        var warnings = new List<TextWarning>();

        var events = MapEventText.Parse(new StringReader(text), null, warnings.Add).ToList();

        Assert.Equal([BpfMapAction.Update, BpfMapAction.Delete], events.Select(change => change.Action));
        Assert.Equal((null, "key does not exist"), (events[1].Value, events[1].LastError));
        Assert.Equal("something else", Assert.Single(warnings).Text);
    }

    [Fact]
    public void Ipcache_is_the_same_from_text_and_json()
    {
        var fromText = IpCacheText.Parse(Fixture.Open("cilium/ipcache-list-1.18.txt"), null, Unexpected.Warning).ToList();
        var fromJson = IpCacheText.Parse(Fixture.Open("cilium/ipcache-list-1.18.json"), null, Unexpected.Warning).ToList();

        Assert.Equal(fromText.OrderBy(entry => $"{entry.Prefix}"), fromJson.OrderBy(entry => $"{entry.Prefix}"));
        Assert.Equal((14584u, (byte)3, IPAddress.Parse("172.18.0.4"), IpCacheFlags.HasTunnel), (fromText[0].IdentityId, fromText[0].EncryptKey, fromText[0].TunnelEndpoint, fromText[0].Flags));
        Assert.Equal(IpCacheFlags.HasTunnel | IpCacheFlags.IPv6Tunnel, fromText[1].Flags);
        Assert.Equal((2, null, IpCacheFlags.SkipTunnel | IpCacheFlags.RemoteCluster), (fromText[2].ClusterId, fromText[2].TunnelEndpoint, fromText[2].Flags));
    }

    [Fact]
    public void Reads_the_load_balancer_in_all_its_lists()
    {
        var services = LoadBalancerText.Parse(Fixture.Open("cilium/lb-list-1.17.txt"), null, Unexpected.Warning).Cast<BpfServiceEntry>().ToList();
        var old = LoadBalancerText.Parse(Fixture.Open("cilium/lb-list-1.14.txt"), null, Unexpected.Warning).Cast<BpfServiceEntry>().ToList();
        var frontends = LoadBalancerText.Parse(Fixture.Open("cilium/lb-list-frontends-1.17.txt"), null, Unexpected.Warning).Cast<BpfServiceEntry>().ToList();
        var backends = LoadBalancerText.Parse(Fixture.Open("cilium/lb-list-backends-1.17.json"), null, Unexpected.Warning).Cast<BpfBackendEntry>().ToList();
        var reverse = LoadBalancerText.Parse(Fixture.Open("cilium/lb-list-revnat-1.17.txt"), null, Unexpected.Warning).Cast<BpfReverseNatEntry>().ToList();
        var ranges = LoadBalancerText.Parse(Fixture.Open("cilium/lb-list-source-ranges-1.17.txt"), null, Unexpected.Warning).Cast<BpfSourceRangeEntry>().ToList();

        Assert.Equal(("10.96.0.10:53/UDP", 1, (ushort)4, "172.20.0.10:53/UDP"), (services[0].Frontend, services[0].Slot, services[0].ServiceId, services[0].Backend));
        Assert.Equal(BpfServiceFlags.None, services[1].Flags);
        Assert.Equal(BpfServiceFlags.NodePort | BpfServiceFlags.ExternalLocalScope | BpfServiceFlags.SessionAffinity | BpfServiceFlags.Routable, services[2].Flags);
        Assert.Equal((IPAddress.Parse("fd02::1a"), 53), (services[3].BackendAddress, services[3].BackendPort));
        Assert.Equal((12u, null), (services[4].BackendId, services[4].Backend));
        Assert.Equal([(0, null), (1, "172.18.0.4:6443")], old.Select(entry => (entry.Slot!.Value, entry.Backend)));
        Assert.Equal((2, BpfServiceFlags.InternalLocalScope, 8u), (frontends[0].BackendCount, frontends[0].Flags, frontends[1].BackendId));
        Assert.Equal((7u, TransportProtocol.Udp, IPAddress.Parse("fd02::1a")), (backends[1].BackendId, backends[1].Protocol, backends[1].Address));
        Assert.Equal(((ushort)11, IPAddress.Parse("fd00::a"), 53), (reverse[1].ServiceId, reverse[1].Address, reverse[1].Port));
        Assert.Equal((IPNetwork.Parse("192.168.0.0/16"), (ushort)9), (ranges[0].Prefix, ranges[0].ServiceId));
    }

    [Fact]
    public void Reads_the_mount_of_the_lab()
    {
        var mount = Assert.Single(BpfMountText.Parse(Fixture.Open("transcript/167-c0-bpf-fs-show.txt"), null, Unexpected.Warning));

        Assert.Equal((1107L, 1097L, true, "/sys/fs/bpf", "bpf"), (mount.MountId, mount.ParentId, mount.IsMounted, mount.MountPoint, mount.FilesystemType));
        Assert.Equal(["rw", "relatime", "master:11", "rw", "mode=700"], [.. mount.MountOptions, .. mount.OptionalFields, .. mount.SuperOptions]);
    }

    [Fact]
    public void Reads_the_attachments_of_the_lab()
    {
        var attachments = BpftoolNetText.Parse(Fixture.Open("transcript/184-c0bpf-net-show.txt"), null, Unexpected.Warning).ToList();

        Assert.Equal(15, attachments.Count);
        Assert.Equal(
            new BpfAttachment { Interface = "lxc4bee7d32b9d3", InterfaceIndex = 16, Kind = BpfAttachmentKind.Tcx, Point = "tcx/ingress", Direction = TrafficDirection.Ingress, ProgramName = "cil_from_container", ProgramId = 1854, LinkId = 24 },
            attachments[9]);
        Assert.Equal(attachments[9], attachments[13]);
    }

    [Fact]
    public void Attachments_by_older_traffic_control_netkit_and_xdp_are_the_same_from_text_and_json()
    {
        var fromText = BpftoolNetText.Parse(Fixture.Open("cilium/bpftool-net-5.15.txt"), null, Unexpected.Warning).ToList();

        Assert.Equal([BpfAttachmentKind.Xdp, BpfAttachmentKind.Tc, BpfAttachmentKind.Tc, BpfAttachmentKind.Netkit, BpfAttachmentKind.FlowDissector], fromText.Select(one => one.Kind));
        Assert.Equal(("cil_to_netdev-eth0", 1210u, TrafficDirection.Egress, null), (fromText[2].ProgramName, fromText[2].ProgramId, fromText[2].Direction, fromText[2].LinkId));
        Assert.Equal(fromText, BpftoolNetText.Parse(Fixture.Open("cilium/bpftool-net-5.15.json"), null, Unexpected.Warning));
    }

    [Theory]
    [InlineData("185-c0bpf-prog-show-id-1854.txt", 1854, "cil_from_container", "324,323,58", 579)]
    [InlineData("186-c0bpf-prog-show-id-1859.txt", 1859, "cil_to_container", "324,58,323", 928)]
    public void Reads_the_programs_of_the_lab(string file, uint id, string name, string maps, ulong jited)
    {
        var program = Assert.Single(BpftoolProgramText.Parse(Fixture.Open($"transcript/{file}"), null, Unexpected.Warning));

        Assert.Equal((id, name, maps, jited), (program.ProgramId, program.ProgramName, string.Join(',', program.MapId), program.JitedBytes));
        Assert.Equal((new DateTimeOffset(2025, 7, 17, 12, 49, 54, TimeSpan.Zero), true, "sched_cls"), (program.LoadedAt, program.IsGplCompatible, program.Type));
    }

    [Fact]
    public void Programs_with_statistics_and_holders_are_the_same_from_text_and_json()
    {
        var fromText = BpftoolProgramText.Parse(Fixture.Open("cilium/bpftool-prog.txt"), null, Unexpected.Warning).ToList();
        var fromJson = BpftoolProgramText.Parse(Fixture.Open("cilium/bpftool-prog.json"), null, Unexpected.Warning).ToList();

        Assert.Equal((10ul, TimeSpan.FromTicks(816), null, null), (fromText[0].RunCount, fromText[0].RunTime, fromText[0].JitedBytes, fromText[0].ProgramName));
        Assert.Equal([new BpfHolder("systemd", 1), new BpfHolder("cilium-agent", 4711)], fromText[0].Holders);
        Assert.Equal(Records.Print(fromText.Select(one => one with { LoadedAt = one.LoadedAt?.ToUniversalTime() })), Records.Print(fromJson));
    }

    [Fact]
    public void Reads_the_kernel_maps_of_the_lab_from_text_as_from_json()
    {
        var maps = BpftoolMapText.Parse(Fixture.Open("transcript/187-c0bpf-map-list.txt"), null, Unexpected.Warning).ToList();

        Assert.Equal((58u, "percpu_hash", "cilium_metrics", 1u, 8u, 16u, 1024u, 19144ul), (maps[0].MapId, maps[0].Type, maps[0].MapName, maps[0].Flags, maps[0].KeyBytes, maps[0].ValueBytes, maps[0].MaximumEntries, maps[0].LockedBytes));
        Assert.Equal(("sched_cls", false, true), (maps[1].OwnerType, maps[1].IsFrozen, maps[2].IsFrozen));
        Assert.Equal(Records.Print(maps), Records.Print(BpftoolMapText.Parse(Fixture.Open("cilium/bpftool-map.json"), null, Unexpected.Warning)));
    }
}

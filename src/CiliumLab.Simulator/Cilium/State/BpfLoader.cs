using System.Security.Cryptography;
using System.Text;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Nodes.Bpf;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Cilium;

/// <summary>Loads, attaches and pins an agent's programs and maps in the node's kernel.</summary>
/// <param name="node">The node.</param>
internal sealed class BpfLoader(SimulatedNode node)
{
    public const string Globals = "tc/globals/";

    private const uint NoPreallocation = 0x1;
    private const uint ReadOnlyForPrograms = 0x480;

    private static readonly (string Name, string Type, uint Flags, uint Key, uint Value, uint Entries)[] GlobalMaps =
    [
        ("cilium_auth_map", "hash", NoPreallocation, 12, 8, 524288), ("cilium_call_policy", "prog_array", 0, 4, 4, 65535), ("cilium_ct4_global", "lru_hash", 0, 14, 56, 149_796),
        ("cilium_ct_any4_global", "lru_hash", 0, 14, 56, 74_898), ("cilium_egresscall_policy", "prog_array", 0, 4, 4, 65535), ("cilium_events", "perf_event_array", 0, 4, 4, 2),
        ("cilium_ipcache", "lpm_trie", NoPreallocation, 24, 12, 512_000), ("cilium_ipv4_frag_datagrams", "lru_hash", 0, 12, 4, 8192), ("cilium_l2_responder_v4", "hash", NoPreallocation, 8, 8, 4096),
        ("cilium_lb4_affinity", "lru_hash", 0, 16, 16, 65536), ("cilium_lb4_backends_v3", "hash", NoPreallocation, 4, 12, 65536), ("cilium_lb4_reverse_nat", "hash", NoPreallocation, 2, 6, 65536),
        ("cilium_lb4_reverse_sk", "lru_hash", 0, 16, 8, 149_796), ("cilium_lb4_services_v2", "hash", NoPreallocation, 12, 12, 65536), ("cilium_lb4_source_range", "lpm_trie", NoPreallocation, 12, 1, 65536),
        ("cilium_lb_affinity_match", "hash", NoPreallocation, 8, 1, 65536), ("cilium_lxc", "hash", NoPreallocation, 20, 48, 65535), ("cilium_metrics", "percpu_hash", NoPreallocation, 8, 16, 1024),
        ("cilium_node_map", "hash", NoPreallocation, 20, 2, 16384), ("cilium_node_map_v2", "hash", NoPreallocation, 20, 4, 16384), ("cilium_nodeport_neigh4", "lru_hash", 0, 4, 8, 149_796),
        ("cilium_ratelimit", "lru_hash", 0, 4, 16, 1024), ("cilium_ratelimit_metrics", "hash", NoPreallocation, 4, 8, 64), ("cilium_runtime_config", "array", 0, 4, 8, 256),
        ("cilium_signals", "perf_event_array", 0, 4, 4, 2), ("cilium_skip_lb4", "hash", NoPreallocation, 16, 1, 100), ("cilium_snat_v4_external", "lru_hash", 0, 14, 24, 149_796),
    ];

    private static readonly int[] Families = [4, 6];

    private static readonly string[] SocketPrograms = ["connect", "getpeername", "post_bind", "recvmsg", "sendmsg"];

    private BpfObjects Bpf => node.Kernel.Bpf;

    /// <summary>Makes the maps that all programs share, and keeps those that are there.</summary>
    public void EnsureGlobalMaps()
    {
        foreach (var (name, type, flags, key, value, entries) in GlobalMaps)
            EnsureMap(name, type, flags, key, value, entries);
    }

    /// <summary>Loads the programs of the node: on its devices, on the pair of the router, on the root cgroup.</summary>
    public void LoadHost(int hostEndpoint, Link host, IReadOnlyList<Link> devices, CiliumConfiguration configuration)
    {
        var calls = EnsureMap($"cilium_calls_hostns_{hostEndpoint:d5}", "prog_array", 0, 4, 4, 50);
        EnsureMap($"cilium_policy_v2_{hostEndpoint:d5}", "lpm_trie", NoPreallocation, 12, 24, 16384);
        Replace(host, "tcx/ingress", "cil_to_host", calls, configuration, $"cilium/devices/{host.Name}/links");
        Replace(host, "tcx/egress", "cil_from_host", calls, configuration, $"cilium/devices/{host.Name}/links");
        var net = host.Peer!;
        Replace(net, "tcx/ingress", "cil_to_host", NetdevCalls(net), configuration, $"cilium/devices/{net.Name}/links");
        foreach (var device in devices)
        {
            var own = NetdevCalls(device);
            Replace(device, "tcx/ingress", "cil_from_netdev", own, configuration, $"cilium/devices/{device.Name}/links");
            Replace(device, "tcx/egress", "cil_to_netdev", own, configuration, $"cilium/devices/{device.Name}/links");
        }

        if (configuration.ReplacesKubeProxy || configuration.Flag("bpf-lb-sock"))
            LoadSocketPrograms();
    }

    /// <summary>Loads the programs of an endpoint.</summary>
    public void LoadEndpoint(CiliumEndpoint endpoint, CiliumConfiguration configuration)
    {
        var calls = EnsureMap($"cilium_calls_{endpoint.Id:d5}", "prog_array", 0, 4, 4, 50);
        EnsureMap($"cilium_policy_v2_{endpoint.Id:d5}", "lpm_trie", NoPreallocation, 12, 24, 16384);
        Replace(endpoint.Link!, "tcx/ingress", "cil_from_container", calls, configuration, $"cilium/endpoints/{endpoint.Id}/links");
        Replace(endpoint.Link!, "tcx/egress", "cil_to_container", calls, configuration, $"cilium/endpoints/{endpoint.Id}/links");
    }

    /// <summary>Removes what an endpoint had.</summary>
    public void UnloadEndpoint(CiliumEndpoint endpoint)
    {
        foreach (var attachment in Bpf.Attachments.Where(attachment => attachment.Link == endpoint.Link).ToList())
            Unload(attachment);
        Bpf.Unpin($"cilium/endpoints/{endpoint.Id}");
        foreach (var name in (string[])[$"cilium_calls_{endpoint.Id:d5}", $"cilium_policy_v2_{endpoint.Id:d5}"])
        {
            if (Pinned(name) is { } map)
                Bpf.RemoveMap(map.Id);
        }
    }

    /// <summary>A map by the name of its pin; null when there is none.</summary>
    public BpfMapObject? Pinned(string name) => Bpf.Pins.FirstOrDefault(pin => pin.Key == Globals + name).Value as BpfMapObject;

    private BpfMapObject NetdevCalls(Link link) => EnsureMap($"cilium_calls_netdev_{link.Index:d5}", "prog_array", 0, 4, 4, 50);

    private BpfMapObject EnsureMap(string name, string type, uint flags, uint key, uint value, uint entries)
    {
        if (Pinned(name) is { } there)
            return there;
        var map = Bpf.Add(new BpfMapObject(0, type, Short(name)) { Flags = flags, KeyBytes = key, ValueBytes = value, MaximumEntries = entries, LockedBytes = Locked(type, flags, value, entries) });
        Bpf.Pin(Globals + name, map);
        return map;
    }

    // map_memory_usage of the kernel's map types, for two processors.
    private static ulong Locked(string type, uint flags, uint value, uint entries) => type switch
    {
        "prog_array" or "perf_event_array" => 320 + 8UL * entries,
        "array" => flags == ReadOnlyForPrograms ? 8192 : 320 + (ulong)(value + 7) / 8 * 8 * entries,
        "lpm_trie" => 0,
        _ => (flags & NoPreallocation) != 0 ? 16UL * System.Numerics.BitOperations.RoundUpToPowerOf2(entries) + 2760 : (ulong)entries * (value + 80) + 16UL * System.Numerics.BitOperations.RoundUpToPowerOf2(entries),
    };

    private void Replace(Link link, string point, string name, BpfMapObject calls, CiliumConfiguration configuration, string pin)
    {
        var isLegacy = !configuration.Flag("enable-tcx", true);
        if (isLegacy)
            point = point.Replace("tcx", "clsact", StringComparison.Ordinal);
        var old = Bpf.Attachments.FirstOrDefault(attachment => attachment.Link == link && attachment.Point == point);
        var settings = Bpf.Add(new BpfMapObject(0, "array", ".rodata.config") { Flags = ReadOnlyForPrograms, KeyBytes = 4, ValueBytes = 64, MaximumEntries = 1, LockedBytes = 8192, BtfId = NextBtf() });
        var program = Load("sched_cls", name, link.Name, [calls.Id, settings.Id, Pinned("cilium_metrics")!.Id]);
        var attachment = new BpfAttachmentObject(point, program.Id) { Link = link, LinkId = isLegacy ? null : old?.LinkId ?? NextLink() };
        if (old is not null)
            Unload(old);
        Bpf.Attach(attachment);
        if (!isLegacy)
            Bpf.Pin($"{pin}/{name}", attachment);
    }

    private void Unload(BpfAttachmentObject attachment)
    {
        var program = Bpf.Programs.FirstOrDefault(program => program.Id == attachment.ProgramId);
        Bpf.RemoveProgram(attachment.ProgramId);
        foreach (var map in Bpf.Maps.Where(map => map.Name == ".rodata.config" && program?.MapIds.Contains(map.Id) == true).ToList())
            Bpf.RemoveMap(map.Id);
    }

    private BpfProgramObject Load(string type, string name, string place, IReadOnlyList<uint> maps)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes($"{name}/{place}"));
        var translated = 8 * (64 + (uint)hash[8] % 128);
        return Bpf.Add(new BpfProgramObject(0, type, Short(name, type == "sched_cls" ? 64 : 15))
        {
            Tag = Convert.ToHexStringLower(hash.AsSpan(0, 8)),
            LoadedAt = node.Clock.GetUtcNow(),
            TranslatedBytes = translated,
            JitedBytes = translated * 2 / 3 + hash[9] % 64u,
            LockedBytes = 4096,
            MapIds = maps,
            BtfId = NextBtf(),
        });
    }

    private void LoadSocketPrograms()
    {
        foreach (var (family, name) in Families.SelectMany(static family => SocketPrograms.Select(name => (family, name))))
        {
            var point = $"cgroup_inet{family}_{name}";
            if (Bpf.Attachments.FirstOrDefault(attachment => attachment.Point == point) is { } old)
                Unload(old);
            var program = Load(name == "post_bind" ? "cgroup_sock" : "cgroup_sock_addr", $"cil_sock{family}_{name}", "cgroup", [Pinned("cilium_metrics")!.Id]);
            var attachment = new BpfAttachmentObject(point, program.Id) { Cgroup = "/run/cilium/cgroupv2", LinkId = NextLink() };
            Bpf.Attach(attachment);
            Bpf.Pin($"cilium/socketlb/links/cgroup/cil_sock{family}_{name}", attachment);
        }
    }

    private uint NextLink() => Bpf.Attachments.Max(static attachment => attachment.LinkId).GetValueOrDefault() + 1;

    private uint NextBtf() => Math.Max(Bpf.Programs.Max(static program => program.BtfId).GetValueOrDefault(), Bpf.Maps.Max(static map => map.BtfId).GetValueOrDefault()) + 1;

    // A map's name in the kernel has 15 letters at most; a program's whole name is in its BTF.
    private static string Short(string name, int length = 15) => name.Length <= length ? name : name[..length];
}

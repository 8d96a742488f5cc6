using System.Collections.Frozen;

namespace CiliumLab.Simulator.Nodes;

/// <summary>The modules of Ubuntu's kernel 6.8.0-53-generic that the lab can meet, with their sizes and what they use.</summary>
internal static class ModuleCatalog
{
    private const string Netfilter = "kernel/net/netfilter";
    private const string Ipv4 = "kernel/net/ipv4";
    private const string Ipv6 = "kernel/net/ipv6";
    private const string Drivers = "kernel/drivers/net";
    private const string Crypto = "kernel/crypto";
    private const string Sched = "kernel/net/sched";

    /// <summary>Modules that are files.</summary>
    public static FrozenDictionary<string, ModuleFile> Files { get; } = new ModuleFile[]
    {
        new("udp_tunnel", 32768, Ipv4),
        new("ip6_udp_tunnel", 16384, Ipv6),
        new("vxlan", 155648, Drivers + "/vxlan", "udp_tunnel", "ip6_udp_tunnel"),
        new("geneve", 49152, Drivers, "udp_tunnel", "ip6_udp_tunnel"),
        new("wireguard", 118784, Drivers + "/wireguard", "udp_tunnel", "ip6_udp_tunnel", "libchacha20poly1305", "curve25519_x86_64"),
        new("libchacha20poly1305", 16384, "kernel/lib/crypto"),
        new("curve25519_x86_64", 36864, "kernel/arch/x86/crypto"),
        new("dummy", 16384, Drivers),
        new("veth", 45056, Drivers),
        new("llc", 16384, "kernel/net/llc"),
        new("stp", 12288, "kernel/net/802", "llc"),
        new("bridge", 421888, "kernel/net/bridge", "stp", "llc"),
        new("br_netfilter", 32768, "kernel/net/bridge", "bridge"),
        new("overlay", 212992, "kernel/fs/overlayfs"),
        new("nfnetlink", 20480, Netfilter),
        new("libcrc32c", 12288, "kernel/lib"),
        new("nf_tables", 376832, Netfilter, "nfnetlink", "libcrc32c"),
        new("nft_compat", 20480, Netfilter, "nf_tables", "x_tables"),
        new("x_tables", 65536, Netfilter),
        new("nf_defrag_ipv4", 12288, Ipv4 + "/netfilter"),
        new("nf_defrag_ipv6", 24576, Ipv6 + "/netfilter"),
        new("nf_conntrack", 196608, Netfilter, "nf_defrag_ipv4", "nf_defrag_ipv6", "libcrc32c"),
        new("nf_conntrack_netlink", 57344, Netfilter, "nf_conntrack", "nfnetlink"),
        new("nf_nat", 61440, Netfilter, "nf_conntrack", "libcrc32c"),
        new("nft_chain_nat", 12288, Netfilter, "nf_tables", "nf_nat"),
        new("nfnetlink_acct", 16384, Netfilter, "nfnetlink"),
        new("nf_reject_ipv4", 16384, Ipv4 + "/netfilter"),
        new("nf_reject_ipv6", 24576, Ipv6 + "/netfilter"),
        new("ipt_REJECT", 12288, Ipv4 + "/netfilter", "x_tables", "nf_reject_ipv4"),
        new("ip6t_REJECT", 12288, Ipv6 + "/netfilter", "x_tables", "nf_reject_ipv6"),
        new("ip_tables", 36864, Ipv4 + "/netfilter", "x_tables"),
        new("iptable_filter", 12288, Ipv4 + "/netfilter", "ip_tables"),
        new("iptable_nat", 16384, Ipv4 + "/netfilter", "ip_tables", "nf_nat"),
        new("iptable_mangle", 12288, Ipv4 + "/netfilter", "ip_tables"),
        new("iptable_raw", 12288, Ipv4 + "/netfilter", "ip_tables"),
        new("xt_comment", 12288, Netfilter, "x_tables"),
        new("xt_conntrack", 12288, Netfilter, "x_tables", "nf_conntrack"),
        new("xt_state", 12288, Netfilter, "x_tables", "nf_conntrack"),
        new("xt_addrtype", 12288, Netfilter, "x_tables"),
        new("xt_statistic", 12288, Netfilter, "x_tables"),
        new("xt_nfacct", 12288, Netfilter, "x_tables", "nfnetlink_acct"),
        new("xt_multiport", 16384, Netfilter, "x_tables"),
        new("xt_physdev", 12288, Netfilter, "x_tables", "br_netfilter"),
        new("xt_limit", 16384, Netfilter, "x_tables"),
        new("xt_recent", 24576, Netfilter, "x_tables"),
        new("xt_mark", 12288, Netfilter, "x_tables"),
        new("xt_connmark", 12288, Netfilter, "x_tables", "nf_conntrack"),
        new("xt_nat", 12288, Netfilter, "x_tables", "nf_nat"),
        new("xt_MASQUERADE", 16384, Netfilter, "x_tables", "nf_nat"),
        new("xt_LOG", 16384, Netfilter, "x_tables"),
        new("xt_TCPMSS", 12288, Netfilter, "x_tables"),
        new("xt_CT", 16384, Netfilter, "x_tables", "nf_conntrack"),
        new("nf_socket_ipv4", 12288, Ipv4 + "/netfilter"),
        new("nf_socket_ipv6", 16384, Ipv6 + "/netfilter"),
        new("nf_tproxy_ipv4", 16384, Ipv4 + "/netfilter"),
        new("nf_tproxy_ipv6", 16384, Ipv6 + "/netfilter"),
        new("xt_socket", 16384, Netfilter, "x_tables", "nf_socket_ipv4", "nf_socket_ipv6", "nf_defrag_ipv4", "nf_defrag_ipv6"),
        new("xt_TPROXY", 16384, Netfilter, "x_tables", "nf_tproxy_ipv4", "nf_tproxy_ipv6", "nf_defrag_ipv4", "nf_defrag_ipv6"),
        new("ip_set", 61440, Netfilter + "/ipset", "nfnetlink"),
        new("ip_set_hash_ip", 57344, Netfilter + "/ipset", "ip_set"),
        new("xt_set", 20480, Netfilter, "x_tables", "ip_set"),
        new("ip_vs", 221184, Netfilter + "/ipvs", "nf_conntrack", "nf_defrag_ipv6", "libcrc32c"),
        new("ip_vs_rr", 12288, Netfilter + "/ipvs", "ip_vs"),
        new("ip_vs_wrr", 12288, Netfilter + "/ipvs", "ip_vs"),
        new("ip_vs_sh", 12288, Netfilter + "/ipvs", "ip_vs"),
        new("cls_bpf", 24576, Sched),
        new("sch_ingress", 16384, Sched),
        new("sch_fq", 24576, Sched),
        new("algif_hash", 16384, Crypto, "af_alg"),
        new("af_alg", 32768, Crypto),
        new("xfrm_algo", 16384, "kernel/net/xfrm"),
        new("xfrm_user", 61440, "kernel/net/xfrm", "xfrm_algo"),
        new("esp4", 28672, Ipv4, "xfrm_algo"),
        new("esp6", 28672, Ipv6, "xfrm_algo"),
        new("xfrm_ipcomp", 12288, "kernel/net/xfrm"),
        new("ipcomp", 12288, Ipv4, "xfrm_ipcomp"),
        new("ipcomp6", 12288, Ipv6, "xfrm_ipcomp"),
        new("tunnel4", 12288, Ipv4),
        new("tunnel6", 12288, Ipv6),
        new("ip_tunnel", 32768, Ipv4),
        new("ipip", 20480, Ipv4, "tunnel4", "ip_tunnel"),
        new("xfrm4_tunnel", 12288, Ipv4, "tunnel4"),
        new("xfrm6_tunnel", 16384, Ipv6, "tunnel6"),
        new("tls", 155648, "kernel/net/tls"),
        new("vboxguest", 57344, "kernel/drivers/virt/vboxguest"),
        new("vboxsf", 45056, "kernel/fs/vboxsf", "vboxguest"),
        new("joydev", 32768, "kernel/drivers/input"),
        new("input_leds", 12288, "kernel/drivers/input"),
        new("serio_raw", 20480, "kernel/drivers/input/serio"),
        new("binfmt_misc", 24576, "kernel/fs"),
        new("sch_fq_codel", 24576, Sched),
        new("dm_multipath", 45056, "kernel/drivers/md"),
        new("efi_pstore", 12288, "kernel/drivers/firmware/efi"),
        new("autofs4", 57344, "kernel/fs/autofs"),
        new("btrfs", 2019328, "kernel/fs/btrfs", "libcrc32c"),
        new("ahci", 49152, "kernel/drivers/ata", "libahci"),
        new("libahci", 53248, "kernel/drivers/ata"),
        new("e1000", 184320, Drivers + "/ethernet/intel/e1000"),
        new("psmouse", 217088, "kernel/drivers/input/mouse"),
        new("video", 73728, "kernel/drivers/acpi"),
        new("i2c_piix4", 32768, "kernel/drivers/i2c/busses"),
    }.ToFrozenDictionary(file => file.Name, StringComparer.Ordinal);

    /// <summary>Modules that are part of the kernel itself.</summary>
    public static FrozenSet<string> BuiltIn { get; } = FrozenSet.ToFrozenSet(
        ["netkit", "tun", "loopback", "ext4", "tcp_cubic", "ipv6", "unix", "bpf", "sha1_generic", "xfrm", "nf_log"], StringComparer.Ordinal);

    /// <summary>What a node of the lab has loaded before any CNI, the first one first.</summary>
    public static IReadOnlyList<string> LoadedAtBoot { get; } =
    [
        "i2c_piix4", "video", "psmouse", "e1000", "ahci", "btrfs", "autofs4", "efi_pstore", "dm_multipath", "sch_fq_codel", "binfmt_misc", "serio_raw",
        "input_leds", "joydev", "vboxguest", "tls", "overlay", "br_netfilter", "nf_conntrack", "nf_tables", "nft_compat", "nf_conntrack_netlink",
        "xfrm_user", "xt_addrtype", "nft_chain_nat", "xt_comment", "xt_conntrack", "xt_mark", "xt_MASQUERADE", "xt_nfacct", "xt_nat", "xt_statistic", "ipt_REJECT",
        "ip_vs_rr", "ip_vs_wrr", "ip_vs_sh",
    ];
}

namespace CiliumLab.Model;

/// <summary>A kind of output that <c>ConvertFrom-LabOutput</c> reads, named after the command that prints it.</summary>
public enum LabOutputKind
{
    /// <summary>bpf ct list global.</summary>
    BpfConntrack,

    /// <summary>bpf fs show, tree /sys/fs/bpf.</summary>
    BpfFilesystem,

    /// <summary>bpf ipcache list.</summary>
    BpfIpCache,

    /// <summary>bpf lb list (--frontends, --backends, --revnat, --source-ranges).</summary>
    BpfLoadBalancer,

    /// <summary>bpf nat list.</summary>
    BpfNat,

    /// <summary>bpf policy get (--all, -n).</summary>
    BpfPolicy,

    /// <summary>bpftool map show.</summary>
    BpftoolMap,

    /// <summary>bpftool net show.</summary>
    BpftoolNet,

    /// <summary>bpftool prog show.</summary>
    BpftoolProgram,

    /// <summary>brctl show, bridge link.</summary>
    BridgeShow,

    /// <summary>shell -- db/show devices.</summary>
    CiliumDevices,

    /// <summary>endpoint list.</summary>
    CiliumEndpointList,

    /// <summary>cilium-health status, and the part of it in status --verbose.</summary>
    CiliumHealth,

    /// <summary>identity list (--endpoints).</summary>
    CiliumIdentityList,

    /// <summary>ip list (-n).</summary>
    CiliumIpList,

    /// <summary>map events NAME.</summary>
    CiliumMapEvents,

    /// <summary>map get NAME.</summary>
    CiliumMapGet,

    /// <summary>map list (--verbose).</summary>
    CiliumMapList,

    /// <summary>monitor (-v, -j).</summary>
    CiliumMonitor,

    /// <summary>service list.</summary>
    CiliumServiceList,

    /// <summary>cilium-dbg status (--verbose, --all-addresses).</summary>
    CiliumStatus,

    /// <summary>crictl ps.</summary>
    CrictlPs,

    /// <summary>helm list.</summary>
    HelmList,

    /// <summary>helm status.</summary>
    HelmStatus,

    /// <summary>hostnamectl (--json).</summary>
    Hostnamectl,

    /// <summary>/etc/hosts.</summary>
    HostsFile,

    /// <summary>ip addr.</summary>
    IpAddress,

    /// <summary>ip link.</summary>
    IpLink,

    /// <summary>ip neigh, bridge fdb.</summary>
    IpNeighbor,

    /// <summary>ip route.</summary>
    IpRoute,

    /// <summary>iptables-save, ip6tables-save, and <c>iptables -S</c>.</summary>
    IptablesSave,

    /// <summary>/boot/config-*, or excerpts of it.</summary>
    KernelConfig,

    /// <summary>/var/lib/kubelet/kubeadm-flags.env, or /etc/default/kubelet.</summary>
    KubeadmFlags,

    /// <summary>lsmod, or /proc/modules.</summary>
    Lsmod,

    /// <summary>ping (iputils, busybox).</summary>
    Ping,

    /// <summary>resolvectl (--json), or /etc/resolv.conf.</summary>
    Resolvectl,

    /// <summary>ss -tnp.</summary>
    SocketStatistics,

    /// <summary>strace, with or without -f, -t, -r, -T, -y.</summary>
    Strace,

    /// <summary>strace -c.</summary>
    StraceSummary,

    /// <summary>tcpdump (-e, -nn, -v, -i any), with each form of the time.</summary>
    Tcpdump,

    /// <summary>vagrant ssh-config (--machine-readable).</summary>
    VagrantSshConfig,

    /// <summary>vagrant status (--machine-readable).</summary>
    VagrantStatus,
}

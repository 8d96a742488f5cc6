namespace CiliumLab.Model;

/// <summary>A kind of output that <c>ConvertFrom-LabOutput</c> reads, named after the command that prints it.</summary>
public enum LabOutputKind
{
    /// <summary>brctl show, bridge link.</summary>
    BridgeShow,

    /// <summary>crictl ps.</summary>
    CrictlPs,

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

    /// <summary>vagrant ssh-config (--machine-readable).</summary>
    VagrantSshConfig,

    /// <summary>vagrant status (--machine-readable).</summary>
    VagrantStatus,
}

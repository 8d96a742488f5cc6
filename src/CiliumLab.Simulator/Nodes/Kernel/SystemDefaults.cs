namespace CiliumLab.Simulator.Nodes;

/// <summary>What Ubuntu 24.04.2 on a VirtualBox machine is like when it has booted.</summary>
internal static class SystemDefaults
{
    public const string KernelRelease = "6.8.0-53-generic";
    public const string KernelVersion = "#55-Ubuntu SMP PREEMPT_DYNAMIC Fri Jan 17 15:37:52 UTC 2025";
    public const string OperatingSystem = "Ubuntu 24.04.2 LTS";

    /// <summary>Switches of the kernel as kubeadm's preflight wants them.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> Sysctls { get; } =
    [
        new("fs.file-max", "9223372036854775807"),
        new("fs.inotify.max_user_instances", "8192"),
        new("fs.inotify.max_user_watches", "524288"),
        new("kernel.hostname", ""),
        new("kernel.osrelease", KernelRelease),
        new("kernel.ostype", "Linux"),
        new("kernel.panic", "10"),
        new("kernel.panic_on_oops", "1"),
        new("kernel.pid_max", "4194304"),
        new("kernel.unprivileged_bpf_disabled", "2"),
        new("net.core.bpf_jit_enable", "1"),
        new("net.core.default_qdisc", "fq_codel"),
        new("net.core.rmem_max", "212992"),
        new("net.core.somaxconn", "4096"),
        new("net.core.wmem_max", "212992"),
        new("net.ipv4.ip_early_demux", "1"),
        new("net.ipv4.ip_forward", "1"),
        new("net.ipv4.ip_local_port_range", "32768\t60999"),
        new("net.ipv4.tcp_congestion_control", "cubic"),
        new("net.netfilter.nf_conntrack_max", "131072"),
        new("vm.overcommit_memory", "1"),
        new("vm.panic_on_oom", "0"),
        new("vm.swappiness", "60"),
    ];

    /// <summary>/etc/os-release.</summary>
    public const string OsRelease = """
        PRETTY_NAME="Ubuntu 24.04.2 LTS"
        NAME="Ubuntu"
        VERSION_ID="24.04"
        VERSION="24.04.2 LTS (Noble Numbat)"
        VERSION_CODENAME=noble
        ID=ubuntu
        ID_LIKE=debian
        HOME_URL="https://www.ubuntu.com/"
        SUPPORT_URL="https://help.ubuntu.com/"
        BUG_REPORT_URL="https://bugs.launchpad.net/ubuntu/"
        PRIVACY_POLICY_URL="https://www.ubuntu.com/legal/terms-and-policies/privacy-policy"
        UBUNTU_CODENAME=noble
        LOGO=ubuntu-logo

        """;
}

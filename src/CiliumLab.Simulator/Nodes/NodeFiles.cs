using System.Globalization;
using System.Text;
using CiliumLab.Simulator.Nodes.Bpf;
using CiliumLab.Simulator.Nodes.Files;

namespace CiliumLab.Simulator.Nodes;

/// <summary>The files and mounts of a node of the lab after kubeadm: those of the system, and those that the kernel makes up.</summary>
internal static class NodeFiles
{
    private const int Private = 0b110_000_000;

    private static readonly string[] CniPlugins =
    [
        "bandwidth", "bridge", "dhcp", "dummy", "firewall", "host-device", "host-local", "ipvlan", "loopback", "macvlan", "portmap", "ptp", "sbr", "static", "tap", "tuning", "vlan", "vrf",
    ];

    /// <summary>Makes them.</summary>
    /// <param name="node">The node.</param>
    /// <param name="hosts">The lab's lines of /etc/hosts.</param>
    public static void AddTo(SimulatedNode node, string hosts)
    {
        var files = node.Files;
        files.Put("/etc/hosts", $"""
            127.0.0.1 localhost
            127.0.1.1 vagrant

            # The following lines are desirable for IPv6 capable hosts
            ::1     ip6-localhost ip6-loopback
            fe00::0 ip6-localnet
            ff00::0 ip6-mcastprefix
            ff02::1 ip6-allnodes
            ff02::2 ip6-allrouters
            127.0.2.1 {node.Name} {node.Name}
            {hosts}
            """.TrimEnd() + "\n");
        files.Put("/usr/lib/os-release", SystemDefaults.OsRelease);
        files.MakeLink("/etc/os-release", "../usr/lib/os-release", NodeUser.Root);
        files.Put("/etc/machine-id", node.Identity.MachineId + "\n", 0b100_100_100);
        files.Put("/etc", new RegularFile("hostname") { Mode = 0b110_100_100, Content = Encoding.UTF8.GetBytes(node.HostName + "\n") });
        files.Put("/etc/resolv.conf", "nameserver 127.0.0.53\noptions edns0 trust-ad\n");
        files.Put($"/boot/config-{node.Kernel.Release}", string.Join('\n', node.Kernel.Configuration) + "\n");
        files.Put("/var/lib/kubelet/kubeadm-flags.env", "KUBELET_KUBEADM_ARGS=\"--container-runtime-endpoint=unix:///run/containerd/containerd.sock --pod-infra-container-image=registry.k8s.io/pause:3.10\"\n");
        files.Put("/etc/kubernetes/kubelet.conf", "apiVersion: v1\nkind: Config\n", Private);
        files.Put("/usr/lib/systemd/system/kubelet.service.d/10-kubeadm.conf", "[Service]\nEnvironmentFile=-/var/lib/kubelet/kubeadm-flags.env\n");
        files.Put("/etc/modules-load.d/k8s.conf", "overlay\nbr_netfilter\n");
        files.MakeFolders("/etc/cni/net.d");
        foreach (var plugin in CniPlugins)
            files.Put("/opt/cni/bin", new RegularFile(plugin) { Mode = 0b111_101_101, Content = [0x7f, (byte)'E', (byte)'L', (byte)'F'] });
        files.Put("/opt/cni/bin/LICENSE", "Apache License, Version 2.0\n");
        files.Put("/opt/cni/bin/README.md", "# CNI plugins\n");
        foreach (var folder in (string[])["/root", "/tmp", "/home/vagrant", "/run/netns", "/run/containerd", "/var/log/pods", "/etc/sysctl.d", $"/lib/modules/{node.Kernel.Release}"])
            files.MakeFolders(folder);
        files.Get("/tmp").Mode = 0b111_111_111;
        files.Get("/root").Mode = 0b111_000_000;
        (files.Get("/home/vagrant").Owner, files.Get("/home/vagrant").Group) = ("vagrant", "vagrant");
        files.Put($"/lib/modules/{node.Kernel.Release}/modules.builtin", string.Concat(ModuleCatalog.BuiltIn.Order(StringComparer.Ordinal).Select(name => $"kernel/drivers/{name}.ko\n")));
        AddMounts(node);
        AddProc(node);
        AddSys(node);
    }

    /// <summary>Forgets the files that lie in memory.</summary>
    public static void ClearMemory(SimulatedNode node)
    {
        foreach (var path in (string[])["/run", "/tmp", "/dev/shm"])
        {
            if (node.Files.Find(path) is Folder folder)
                folder.Forget();
        }
    }

    /// <summary>Loads the modules and sets the switches that the disk asks for at boot.</summary>
    public static void LoadSettings(SimulatedNode node)
    {
        foreach (var module in Lines(node, "/etc/modules-load.d").Where(module => KernelModules.Find(module) is not null))
            node.Kernel.Modules.Load(module);
        foreach (var line in Lines(node, "/etc/sysctl.d"))
        {
            if (line.Split('=', 2, StringSplitOptions.TrimEntries) is [var name, var value] && node.Kernel.Sysctls.Find(name.TrimStart('-')) is not null)
                node.Kernel.Sysctls.Set(name.TrimStart('-'), value);
        }
    }

    private static IEnumerable<string> Lines(SimulatedNode node, string folder) =>
        node.Files.Find(folder) is Folder found
            ? found.Entries.OfType<RegularFile>().Where(static file => file.Name.EndsWith(".conf", StringComparison.Ordinal)).ToList()
                .SelectMany(static file => Encoding.UTF8.GetString(file.Content).Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
                .Where(static line => line[0] is not ('#' or ';'))
            : [];

    /// <summary>Mounts what is mounted at boot.</summary>
    public static void AddMounts(SimulatedNode node)
    {
        const string Device = "/dev/mapper/ubuntu--vg-ubuntu--lv";
        const long Half = 1_003_464_704;
        node.Mounts.Add(new NodeMount(Device, "/", "ext4", "rw,relatime") { Size = node.Files.Capacity });
        node.Mounts.Add(new NodeMount("sysfs", "/sys", "sysfs", "rw,nosuid,nodev,noexec,relatime"));
        node.Mounts.Add(new NodeMount("proc", "/proc", "proc", "rw,nosuid,nodev,noexec,relatime"));
        node.Mounts.Add(new NodeMount("udev", "/dev", "devtmpfs", "rw,nosuid,relatime,size=930024k,nr_inodes=232506,mode=755,inode64"));
        node.Mounts.Add(new NodeMount("devpts", "/dev/pts", "devpts", "rw,nosuid,noexec,relatime,gid=5,mode=620,ptmxmode=000"));
        node.Mounts.Add(new NodeMount("tmpfs", "/run", "tmpfs", "rw,nosuid,nodev,noexec,relatime,size=195992k,mode=755,inode64") { Size = 200_695_808, Used = 2_949_120 });
        node.Mounts.Add(new NodeMount("tmpfs", "/dev/shm", "tmpfs", "rw,nosuid,nodev,inode64") { Size = Half });
        node.Mounts.Add(new NodeMount("cgroup2", "/sys/fs/cgroup", "cgroup2", "rw,nosuid,nodev,noexec,relatime,nsdelegate,memory_recursiveprot"));
        node.Mounts.Add(new NodeMount("bpf", "/sys/fs/bpf", "bpf", "rw,nosuid,nodev,noexec,relatime,mode=700"));
    }

    private static void AddProc(SimulatedNode node)
    {
        var files = node.Files;
        var kernel = node.Kernel;
        Made("/proc", "version", () => $"Linux version {kernel.Release} (buildd@lcy02-amd64-095) (x86_64-linux-gnu-gcc-13 (Ubuntu 13.3.0-6ubuntu2~24.04) 13.3.0, GNU ld (GNU Binutils for Ubuntu) 2.42) {kernel.Version}\n");
        Made("/proc", "uptime", () => string.Create(CultureInfo.InvariantCulture, $"{(node.Clock.GetUtcNow() - node.BootedAt).TotalSeconds:0.00} {(node.Clock.GetUtcNow() - node.BootedAt).TotalSeconds * 1.9:0.00}\n"));
        Made("/proc", "loadavg", () => "0.12 0.09 0.05 1/412 9120\n");
        Made("/proc", "stat", () => $"cpu  0 0 0 0 0 0 0 0 0 0\nbtime {node.BootedAt.ToUnixTimeSeconds()}\nprocesses 9120\n");
        Made("/proc", "mounts", () => string.Concat(node.Mounts.All.Select(mount => $"{mount.Source} {mount.Target} {mount.Type} {mount.Options} 0 0\n")));
        Made("/proc", "modules", () => string.Concat(kernel.Modules.Loaded.Select(module =>
            $"{module.File.Name} {module.File.Size} {module.Uses} {(module.Holders.Count == 0 ? "-" : string.Join(',', module.Holders) + ",")} Live 0x0000000000000000\n")));
        Made("/proc", "filesystems", () => "nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\nnodev\tcgroup2\nnodev\tbpf\n\text4\nnodev\toverlay\n");
        Made("/proc/sys/kernel/random", "boot_id", () => new Guid(Convert.FromHexString(node.Identity.BootId), bigEndian: true) + "\n");
        files.Put("/proc/sys", new Folder("net") { Mode = 0b101_101_101, Generate = () => Sysctls(node, "net.") });
        files.Put("/proc/sys", new Folder("vm") { Mode = 0b101_101_101, Generate = () => Sysctls(node, "vm.") });

        void Made(string folder, string name, Func<string> text) =>
            files.Put(folder, new RegularFile(name) { Mode = 0b100_100_100, Generate = () => Encoding.UTF8.GetBytes(text()) });
    }

    private static IEnumerable<FileEntry> Sysctls(SimulatedNode node, string prefix)
    {
        foreach (var group in node.Kernel.Sysctls.All.Where(pair => pair.Key.StartsWith(prefix, StringComparison.Ordinal)).GroupBy(pair => pair.Key[prefix.Length..].Split('.')[0]))
        {
            var name = group.Key.Replace('/', '.');
            var full = prefix + group.Key;
            if (group.Any(pair => pair.Key == full))
            {
                yield return new RegularFile(name)
                {
                    Mode = 0b110_100_100,
                    Generate = () => Encoding.UTF8.GetBytes(node.Kernel.Sysctls.Find(full) + "\n"),
                    Accept = bytes => node.Kernel.Sysctls.Set(full, Encoding.UTF8.GetString(bytes).Trim()),
                };
            }
            else
            {
                yield return new Folder(name) { Mode = 0b101_101_101, Generate = () => Sysctls(node, full + ".") };
            }
        }
    }

    private static void AddSys(SimulatedNode node)
    {
        node.Files.Put("/sys/class", new Folder("net")
        {
            Mode = 0b111_101_101,
            Generate = () => node.Kernel.Network.Links.Select(link => Link(link)),
        });
        node.Files.Put("/sys", new Folder("module")
        {
            Mode = 0b111_101_101,
            Generate = () => node.Kernel.Modules.Loaded.Select(module => new Folder(module.File.Name) { Mode = 0b111_101_101 }),
        });
        node.Files.MakeFolders("/sys/fs/cgroup");
        node.Files.Put("/sys/fs", new Folder("bpf")
        {
            Mode = 0b111_000_000,
            Generate = () => Pins(node.Kernel.Bpf, ""),
            Unlink = name => node.Kernel.Bpf.Unpin(name),
        });

        static Folder Link(Network.Link link)
        {
            var folder = new Folder(link.Name) { Mode = 0b111_101_101 };
            foreach (var (name, value) in ((string, string)[])
                [("address", link.Mac.ToString()), ("ifindex", $"{link.Index}"), ("mtu", $"{link.Mtu}"), ("operstate", link.OperationalState.ToLowerInvariant())])
            {
                folder.Add(new RegularFile(name) { Mode = 0b100_100_100, Content = Encoding.UTF8.GetBytes(value + "\n") });
            }

            return folder;
        }
    }

    private static IEnumerable<FileEntry> Pins(BpfObjects bpf, string path)
    {
        foreach (var (key, pinned) in bpf.Pins.Where(pin => pin.Key.StartsWith(path, StringComparison.Ordinal) && pin.Key.Length > path.Length && pin.Key.IndexOf('/', path.Length) < 0))
        {
            yield return pinned is null
                ? new Folder(key[path.Length..]) { Mode = 0b111_101_101, Generate = () => Pins(bpf, key + "/"), Unlink = name => bpf.Unpin(key + "/" + name) }
                : new RegularFile(key[path.Length..]) { Mode = Private, Generate = () => throw new KernelException(Errno.NotPermitted) };
        }
    }
}

using CiliumLab.Engine.Text;

namespace CiliumLab.Engine.Host;

/// <summary>VirtualBox's modules in a Linux kernel: loaded now, and when the computer starts.</summary>
internal static class KernelChecks
{
    private const string OwnFile = "/etc/modules-load.d/ciliumlab-virtualbox.conf";

    private static readonly string[] Modules = ["vboxdrv", "vboxnetadp", "vboxnetflt"];
    private static readonly string[] ListFolders = ["/etc/modules-load.d", "/run/modules-load.d", "/usr/local/lib/modules-load.d", "/usr/lib/modules-load.d"];

    // What the packages of Oracle and of Debian start to load the modules.
    private static readonly string[] Services = ["vboxdrv.service", "virtualbox.service"];

    /// <summary>Loaded now.</summary>
    public static HostFinding Loaded(LocalHost host)
    {
        var required = string.Join(", ", Modules);
        var loaded = Names(host);
        var missing = Modules.Where(module => !loaded.ContainsKey(module)).ToList();
        if (missing.Count == 0)
            return HostFinding.Passed("KernelModules", required, required);
        var found = "not loaded: " + string.Join(", ", missing);
        return IsBuilt(host)
            ? HostFinding.Failed("KernelModules", found, required, $"sudo modprobe --all {string.Join(' ', missing)}", HostChange.LoadModules(host, missing))
            : HostFinding.Failed("KernelModules", "not built for the running kernel", required, Build(host));
    }

    /// <summary>Loaded when the computer starts.</summary>
    public static HostFinding AtBoot(LocalHost host)
    {
        const string name = "KernelModulesAtBoot";
        var required = string.Join(", ", Modules);
        if (Services.FirstOrDefault(service => File.Exists(host.At("/etc/systemd/system/multi-user.target.wants/" + service))) is { } starting)
            return HostFinding.Passed(name, $"loaded by {starting}", required);
        var listed = Listed(host);
        var missing = Modules.Where(module => !listed.Contains(module)).ToList();
        if (missing.Count == 0)
            return HostFinding.Passed(name, required, required);
        var text = host.Read(OwnFile) is { Length: > 0 } before ? before.TrimEnd('\n') + "\n" : "# for VirtualBox\n";
        return HostFinding.Failed(
            name,
            "not in modules-load.d: " + string.Join(", ", missing),
            required,
            $"printf '%s\\n' {string.Join(' ', missing)} | sudo tee -a {OwnFile}",
            HostChange.WriteFile(host, OwnFile, "Load at boot: " + string.Join(", ", missing), text + string.Join('\n', missing) + "\n"));
    }

    /// <summary>The modules of the running kernel and how many use each.</summary>
    internal static Dictionary<string, int> Names(LocalHost host) =>
        LsmodText.Parse(new StringReader(host.Read("/proc/modules") ?? ""), null, static _ => { }).ToDictionary(module => module.Name, module => module.UseCount ?? 0);

    private static HashSet<string> Listed(LocalHost host) =>
    [
        .. ListFolders
            .Where(folder => Directory.Exists(host.At(folder)))
            .SelectMany(folder => Directory.EnumerateFiles(host.At(folder), "*.conf").Select(file => Path.Join(folder, Path.GetFileName(file))))
            .Append("/etc/modules")
            .SelectMany(file => (host.Read(file) ?? "").Split('\n', StringSplitOptions.TrimEntries))
            .Where(line => line.Length > 0 && line[0] is not ('#' or ';')),
    ];

    private static bool IsBuilt(LocalHost host) =>
        host.Read("/proc/sys/kernel/osrelease")?.Trim() is { Length: > 0 } release
        && ((IEnumerable<string>)["/lib/modules", "/usr/lib/modules"])
            .Any(folder => host.Read($"{folder}/{release}/modules.dep")?.Contains("/vboxdrv.ko", StringComparison.Ordinal) == true);

    private static string Build(LocalHost host) =>
        host.Find("vboxconfig", "/sbin", "/usr/sbin") is not null ? "sudo /sbin/vboxconfig"
        : host.Find("pacman") is not null ? "sudo pacman -S --needed linux-headers virtualbox-host-dkms && sudo dkms autoinstall"
        : host.Find("apt-get") is not null ? "sudo apt-get install linux-headers-$(uname -r) virtualbox-dkms && sudo dkms autoinstall"
        : host.Find("dnf") is not null ? "sudo dnf install kernel-devel akmod-VirtualBox && sudo akmods"
        : "Install the headers of the running kernel and build VirtualBox's modules for it, as its package says";
}

using System.Globalization;

namespace CiliumLab.Engine.Host;

/// <summary>Hardware virtualization, and other hypervisors that hold it.</summary>
internal static class ProcessorChecks
{
    private const string Hardware = "HardwareVirtualization";
    private const string Other = "OtherHypervisor";
    private const string On = "switched on";
    private const string None = "none that holds it";

    // Two lines: whether the firmware has it switched on, and whether Windows itself runs on its hypervisor. The first is False when the second is True.
    private const string WindowsQuestion =
        "(Get-CimInstance Win32_Processor | Select-Object -First 1).VirtualizationFirmwareEnabled; (Get-CimInstance Win32_ComputerSystem).HypervisorPresent";

    /// <summary>What can be told on this operating system.</summary>
    public static async Task<IReadOnlyList<HostFinding>> RunAsync(LocalHost host, CancellationToken cancellationToken) => host.Platform switch
    {
        HostPlatform.Windows => await WindowsAsync(host, cancellationToken).ConfigureAwait(false),
        HostPlatform.MacOS => await MacAsync(host, cancellationToken).ConfigureAwait(false),
        _ => Linux(host),
    };

    private static List<HostFinding> Linux(LocalHost host)
    {
        var flags = (host.Read("/proc/cpuinfo") ?? "").Split('\n').FirstOrDefault(line => line.StartsWith("flags", StringComparison.Ordinal));
        var findings = new List<HostFinding>();
        // Processors other than x86 do not list theirs there.
        if (flags is not null)
        {
            var kind = flags.Split((char[]?)null) is var words && words.Contains("vmx") ? "VT-x" : words.Contains("svm") ? "AMD-V" : null;
            findings.Add(kind is not null
                ? HostFinding.Passed(Hardware, kind, On)
                : HostFinding.Failed(
                    Hardware, "neither VT-x nor AMD-V", On, "Switch VT-x or AMD-V on in this computer's firmware: sudo systemctl reboot --firmware-setup"));
        }

        findings.Add(Kvm(host));
        return findings;
    }

    // KVM holds the processor's virtualization while a machine of its own runs and, since Linux 6.12, from the moment that it is loaded.
    private static HostFinding Kvm(LocalHost host)
    {
        var modules = KernelChecks.Names(host);
        var kvm = ((IEnumerable<string>)["kvm_intel", "kvm_amd"]).FirstOrDefault(modules.ContainsKey);
        if (kvm is null)
            return HostFinding.Passed(Other, "none", None);
        if (modules[kvm] > 0)
        {
            return HostFinding.Failed(
                Other, string.Create(CultureInfo.InvariantCulture, $"{kvm}, used by {modules[kvm]}"), None, $"Stop the machines that run with KVM; then: sudo modprobe -r {kvm}");
        }

        return host.Read("/sys/module/kvm/parameters/enable_virt_at_load")?.Trim() == "Y"
            ? HostFinding.Warned(Other, $"{kvm}, which holds it from its loading on", None, $"sudo modprobe -r {kvm}; for good: boot with kvm.enable_virt_at_load=0")
            : HostFinding.Passed(Other, $"{kvm}, not in use", None);
    }

    private static async Task<IReadOnlyList<HostFinding>> MacAsync(LocalHost host, CancellationToken cancellationToken)
    {
        if (host.Find("sysctl", "/usr/sbin") is not { } sysctl)
            return [];
        var result = await LocalHost.RunAsync(sysctl, ["-n", "kern.hv_support"], cancellationToken).ConfigureAwait(false);
        return result.Output.Trim() == "1"
            ? [HostFinding.Passed(Hardware, On, On)]
            : [HostFinding.Failed(Hardware, "kern.hv_support is not 1", On, "This Mac, or the machine that macOS runs on, cannot run virtual machines; use New-LabCluster -Provider Simulator")];
    }

    private static async Task<IReadOnlyList<HostFinding>> WindowsAsync(LocalHost host, CancellationToken cancellationToken)
    {
        if (host.Find("powershell", Path.Combine(Environment.SystemDirectory, "WindowsPowerShell", "v1.0")) is not { } shell)
            return [];
        var result = await LocalHost.RunAsync(shell, ["-NoProfile", "-NonInteractive", "-Command", WindowsQuestion], cancellationToken).ConfigureAwait(false);
        if (result.Output.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is not [var firmware, var hypervisor])
            return [HostFinding.Warned(Hardware, "Windows does not say", On, "Look in the task manager, under Performance, CPU, Virtualization: taskmgr")];
        var present = hypervisor == "True";
        return
        [
            firmware == "True" || present
                ? HostFinding.Passed(Hardware, On, On)
                : HostFinding.Failed(Hardware, "switched off", On, "Switch VT-x or AMD-V on in this computer's firmware: shutdown /r /fw /t 0"),
            present
                ? HostFinding.Warned(Other, "Hyper-V, beside which VirtualBox is slow", None, "As administrator, and then restart: bcdedit /set hypervisorlaunchtype off")
                : HostFinding.Passed(Other, "none", None),
        ];
    }
}

using System.Globalization;
using System.Management.Automation.Language;
using System.Net;
using CiliumLab.Engine.Host;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Model;

namespace CiliumLab.Tests.Vagrant;

/// <summary>Every check that can fail has, on every operating system, a remedy in that system's own commands.</summary>
public sealed class HostRemedyTests : IDisposable
{
    private readonly MadeUpComputer _computer = new();

    public static TheoryData<string> Systems => ["arch", "debian", "ubuntu", "fedora", "macos", "windows"];

    public void Dispose() => _computer.Dispose();

    [Theory]
    [InlineData("arch", "sudo pacman -S --needed vagrant", "sudo pacman -S --needed virtualbox virtualbox-host-dkms linux-headers", "sudo pacman -S --needed linux-headers virtualbox-host-dkms && sudo dkms autoinstall")]
    [InlineData("debian", "sudo apt-get install vagrant", "curl -fsSL https://www.virtualbox.org/download/oracle_vbox_2016.asc | sudo gpg --yes --dearmor -o /usr/share/keyrings/virtualbox.gpg && echo \"deb [signed-by=/usr/share/keyrings/virtualbox.gpg] https://download.virtualbox.org/virtualbox/debian bookworm contrib\" | sudo tee /etc/apt/sources.list.d/virtualbox.list && sudo apt-get update && sudo apt-get install virtualbox-7.1", "sudo apt-get install linux-headers-$(uname -r) virtualbox-dkms && sudo dkms autoinstall")]
    [InlineData("ubuntu", "sudo apt-get install vagrant", "sudo apt-get install virtualbox", "sudo apt-get install linux-headers-$(uname -r) virtualbox-dkms && sudo dkms autoinstall")]
    [InlineData("fedora", "sudo dnf install vagrant", "sudo dnf install https://download1.rpmfusion.org/free/fedora/rpmfusion-free-release-$(rpm -E %fedora).noarch.rpm && sudo dnf install VirtualBox akmod-VirtualBox", "sudo dnf install kernel-devel akmod-VirtualBox && sudo akmods")]
    [InlineData("macos", "brew install --cask hashicorp/tap/hashicorp-vagrant", "brew install --cask virtualbox", null)]
    [InlineData("windows", "winget install --exact --id Hashicorp.Vagrant", "winget install --exact --id Oracle.VirtualBox", null)]
    public async Task What_is_not_installed(string system, string vagrant, string virtualBox, string? modules)
    {
        var checks = await MadeUpComputer.CheckAsync(Bare(system));

        Assert.Equal(("not installed", vagrant), (checks["Vagrant"].Found, checks["Vagrant"].Remedy));
        Assert.Equal(("not installed", virtualBox), (checks["VirtualBox"].Found, checks["VirtualBox"].Remedy));
        Assert.Equal(modules, checks.GetValueOrDefault("KernelModules")?.Remedy);
    }

    [Theory]
    [InlineData("arch", "sudo pacman -Syu vagrant", "sudo pacman -Syu virtualbox virtualbox-host-dkms")]
    [InlineData("debian", "curl -fsSL https://apt.releases.hashicorp.com/gpg | sudo gpg --yes --dearmor -o /usr/share/keyrings/hashicorp.gpg && echo \"deb [signed-by=/usr/share/keyrings/hashicorp.gpg] https://apt.releases.hashicorp.com bookworm main\" | sudo tee /etc/apt/sources.list.d/hashicorp.list && sudo apt-get update && sudo apt-get install vagrant", null)]
    [InlineData("ubuntu", "curl -fsSL https://apt.releases.hashicorp.com/gpg | sudo gpg --yes --dearmor -o /usr/share/keyrings/hashicorp.gpg && echo \"deb [signed-by=/usr/share/keyrings/hashicorp.gpg] https://apt.releases.hashicorp.com noble main\" | sudo tee /etc/apt/sources.list.d/hashicorp.list && sudo apt-get update && sudo apt-get install vagrant", "sudo apt-get install virtualbox")]
    [InlineData("fedora", "sudo curl -fsSLo /etc/yum.repos.d/hashicorp.repo https://rpm.releases.hashicorp.com/fedora/hashicorp.repo && sudo dnf install vagrant", null)]
    [InlineData("macos", "brew upgrade --cask hashicorp/tap/hashicorp-vagrant", "brew upgrade --cask virtualbox")]
    [InlineData("windows", "winget upgrade --exact --id Hashicorp.Vagrant", "winget upgrade --exact --id Oracle.VirtualBox")]
    public async Task What_is_too_old(string system, string vagrant, string? virtualBox)
    {
        var host = Bare(system);
        var install = (await MadeUpComputer.CheckAsync(host))["VirtualBox"].Remedy;
        _computer.Program("vagrant", "echo 'Vagrant 2.2.19'");
        _computer.Program("VBoxManage", "[[ $1 == --version ]] && echo 6.0.24r139119");

        var checks = await MadeUpComputer.CheckAsync(host);

        Assert.Equal(("2.2.19", vagrant), (checks["Vagrant"].Found, checks["Vagrant"].Remedy));
        Assert.Equal(("6.0.24r139119", virtualBox ?? install), (checks["VirtualBox"].Found, checks["VirtualBox"].Remedy));
    }

    [Theory]
    [InlineData("arch", "Switch VT-x or AMD-V on in this computer's firmware: sudo systemctl reboot --firmware-setup", "Stop the machines that run with KVM; then: sudo modprobe -r kvm_intel")]
    [InlineData("macos", "This Mac, or the machine that macOS runs on, cannot run virtual machines; use New-LabCluster -Provider Simulator", null)]
    [InlineData("windows", "Switch VT-x or AMD-V on in this computer's firmware: shutdown /r /fw /t 0", "As administrator, and then restart: bcdedit /set hypervisorlaunchtype off")]
    public async Task What_the_processor_lacks_and_who_holds_it(string system, string hardware, string? other)
    {
        var host = Bare(system);
        _computer.File("/proc/cpuinfo", "flags : fpu de pse\n");
        _computer.File("/proc/modules", "kvm_intel 1 2 - Live 0x0\n");
        _computer.Program("sysctl", "echo 0");
        _computer.Program("powershell", "printf 'False\\nFalse\\n'");
        Assert.Equal(hardware, (await MadeUpComputer.CheckAsync(host))["HardwareVirtualization"].Remedy);

        _computer.Program("powershell", "printf 'False\\nTrue\\n'");
        Assert.Equal(other, (await MadeUpComputer.CheckAsync(host)).GetValueOrDefault("OtherHypervisor")?.Remedy);
    }

    [Theory]
    [MemberData(nameof(Systems))]
    public async Task What_is_taken_or_too_small(string system)
    {
        var host = Bare(system, [("eth0", "192.168.10.7"), ("eth1", "192.168.56.7")]);
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _computer.File("/proc/meminfo", "MemTotal: 4000000 kB\nMemAvailable: 3600000 kB\n");
        _computer.Program("vagrant", "echo 'Vagrant 2.4.9'");
        _computer.VirtualBoxLists("vms", "\"lab-k8s-w2\" {11111111-2222-3333-4444-555555555555}\n");

        var checks = await MadeUpComputer.CheckAsync(host, new LabTopology { SshPort = ((IPEndPoint)listener.LocalEndpoint).Port, Memory = 2048 });

        Assert.Equal("Choose another one: New-LabCluster -NodeNetwork 192.168.57.0/24", checks["NodeNetworkFree"].Remedy);
        Assert.Equal("Ask for less: New-LabCluster lab -Provider Vagrant -WorkerCount 1 -Memory 1700", checks["Memory"].Remedy);
        Assert.Equal("Make room, or keep machines elsewhere: VBoxManage setproperty machinefolder FOLDER", checks["Disk"].Remedy);
        Assert.StartsWith("Choose others: New-LabCluster -SshPort ", checks["SshPorts"].Remedy, StringComparison.Ordinal);
        Assert.Equal("Give the lab another name, or delete that machine for good: VBoxManage unregistervm lab-k8s-w2 --delete", checks["MachineNames"].Remedy);
    }

    [Theory]
    [InlineData(7_000_000, "Ask for less: New-LabCluster lab -Provider Vagrant -WorkerCount 2 -Memory 2048; or end programs that need much of it")]
    [InlineData(1_000_000, "Use a lab without machines: New-LabCluster lab -Provider Simulator; or end programs that need much of it")]
    public async Task What_is_asked_for_fits_when_less_is_asked_for(long available, string remedy)
    {
        var host = Bare("arch");
        _computer.File("/proc/meminfo", string.Create(CultureInfo.InvariantCulture, $"MemTotal: 32000000 kB\nMemAvailable: {available} kB\n"));

        Assert.Equal(remedy, (await MadeUpComputer.CheckAsync(host, new LabTopology { SshPort = 22170, Memory = 4096 }))["Memory"].Remedy);
    }

    [Fact]
    public async Task Where_VirtualBox_is_not_on_the_path_its_whole_name_is_typed()
    {
        using var elsewhere = new ScratchFolder();
        var folder = Path.Combine(elsewhere.Path, "Program Files", "Oracle's VirtualBox");
        var host = Bare("windows");
        StandIn.Write(folder, "VBoxManage", "case $* in --version) echo 7.1.10r169112 ;; 'list vms') echo '\"lab-k8s-ctr\" {11111111-2222-3333-4444-555555555555}' ;; esac");
        Environment.SetEnvironmentVariable("VBOX_MSI_INSTALL_PATH", folder);
        try
        {
            var remedy = (await MadeUpComputer.CheckAsync(host))["MachineNames"].Remedy;

            Assert.Equal($"Give the lab another name, or delete that machine for good: & '{folder.Replace("'", "''", StringComparison.Ordinal)}/VBoxManage' unregistervm lab-k8s-ctr --delete", remedy);
        }
        finally
        {
            Environment.SetEnvironmentVariable("VBOX_MSI_INSTALL_PATH", null);
        }
    }

    [Theory]
    [MemberData(nameof(Systems))]
    public async Task Every_remedy_can_be_typed_in_PowerShell(string system)
    {
        var host = Bare(system);
        var bare = await MadeUpComputer.CheckAsync(host);
        _computer.Program("vagrant", "echo 'Vagrant 2.2.19'");

        foreach (var check in bare.Values.Concat((await MadeUpComputer.CheckAsync(host)).Values).Where(check => check.Status != LabHostCheckStatus.Passed))
        {
            Assert.False(string.IsNullOrWhiteSpace(check.Remedy), check.Name);
            // Words for people end with a colon before the command.
            var command = check.Remedy!.Split(": ")[^1];
            Parser.ParseInput(command, out _, out var errors);
            Assert.True(errors.Length == 0, $"{check.Name}: {command}: {string.Join("; ", errors.Select(error => error.Message))}");
        }
    }

    // A computer with nothing but its package manager.
    private LocalHost Bare(string system, params (string Interface, string Address)[] addresses)
    {
        var (manager, platform, release) = system switch
        {
            "arch" => ("pacman", HostPlatform.Linux, "ID=arch\n"),
            "debian" => ("apt-get", HostPlatform.Linux, "ID=debian\nVERSION_CODENAME=bookworm\n"),
            "ubuntu" => ("apt-get", HostPlatform.Linux, "ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=noble\nUBUNTU_CODENAME=noble\n"),
            "fedora" => ("dnf", HostPlatform.Linux, "ID=fedora\nVERSION_ID=42\n"),
            "macos" => ("brew", HostPlatform.MacOS, null),
            _ => ("winget", HostPlatform.Windows, null),
        };
        _computer.Program(manager, "exit 1");
        _computer.Program("powershell", "printf 'False\\nFalse\\n'");
        _computer.Program("sysctl", "echo 0");
        if (release is not null)
            _computer.File("/etc/os-release", release);
        return _computer.Host(platform, freeSpace: 1L << 30, addresses: addresses);
    }
}

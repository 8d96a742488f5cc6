using System.Net;
using CiliumLab.Engine.Host;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Tests.Vagrant;

/// <summary>The checks of a computer that a test makes up: its files below a scratch folder, its programs stand-ins that say what real ones were seen to say.</summary>
public sealed class HostCheckTests : IDisposable
{
    private const string ModulesLoaded = "vboxnetflt 40960 0 - Live 0x0\nvboxnetadp 28672 0 - Live 0x0\nvboxdrv 708608 2 vboxnetflt,vboxnetadp, Live 0x0\n";

    private readonly ScratchFolder _scratch = new();

    private string Root => Path.Combine(_scratch.Path, "root");

    private string Programs => Path.Combine(_scratch.Path, "programs");

    public void Dispose() => _scratch.Dispose();

    [Fact]
    public async Task A_computer_that_has_everything_passes()
    {
        Ready();

        var checks = await Check(Linux());

        Assert.All(checks.Values, check => Assert.Equal((LabHostCheckStatus.Passed, null), (check.Status, check.Remedy)));
        Assert.Equal("7.1.10r169112", checks["VirtualBox"].Found);
        Assert.Equal(("2.4.7", "2.4.2 or later, for VirtualBox 7.1"), (checks["Vagrant"].Found, checks["Vagrant"].Required));
        Assert.Equal("VT-x", checks["HardwareVirtualization"].Found);
        Assert.Equal(
            ["VirtualBox", "Vagrant", "KernelModules", "KernelModulesAtBoot", "HardwareVirtualization", "OtherHypervisor", "NodeNetworkAllowed", "NodeNetworkFree", "Memory", "Disk", "SshPorts", "MachineNames"],
            checks.Keys);
    }

    [Fact]
    public async Task A_computer_that_has_nothing_is_told_what_to_type()
    {
        StandIn.Write(Programs, "pacman", "exit 1");
        File("/proc/cpuinfo", "flags : fpu de pse\n");
        File("/proc/meminfo", "MemTotal: 3000000 kB\nMemAvailable: 2000000 kB\n");

        var checks = await Check(Linux());

        Assert.Equal((LabHostCheckStatus.Failed, "not installed", "sudo pacman -S --needed vagrant"), Seen(checks["Vagrant"]));
        Assert.Equal((LabHostCheckStatus.Failed, "not installed", "sudo pacman -S --needed virtualbox virtualbox-host-dkms linux-headers"), Seen(checks["VirtualBox"]));
        Assert.Equal(LabHostCheckStatus.Failed, checks["KernelModules"].Status);
        Assert.Contains("dkms autoinstall", checks["KernelModules"].Remedy, StringComparison.Ordinal);
        Assert.Equal("sudo systemctl reboot --firmware-setup", checks["HardwareVirtualization"].Remedy!.Split(": ")[1]);
        Assert.Equal((LabHostCheckStatus.Failed, "1.9 GiB free of 2.9 GiB"), (checks["Memory"].Status, checks["Memory"].Found));
        Assert.Equal((LabHostCheckStatus.Failed, "192.168.56.0/21"), (checks["NodeNetworkAllowed"].Status, checks["NodeNetworkAllowed"].Found));
        Assert.False(checks.ContainsKey("MachineNames"));
    }

    [Theory]
    [InlineData("Linux", "apt-get", "sudo apt-get install vagrant")]
    [InlineData("Linux", "dnf", "sudo dnf install vagrant")]
    [InlineData("MacOS", "brew", "brew install --cask hashicorp/tap/hashicorp-vagrant")]
    [InlineData("Windows", "cmd", "winget install --exact --id Hashicorp.Vagrant")]
    public async Task Each_system_has_its_own_remedy(string platform, string program, string remedy)
    {
        StandIn.Write(Programs, program, "exit 1");

        Assert.Equal(remedy, (await Check(Linux(Enum.Parse<HostPlatform>(platform))))["Vagrant"].Remedy);
    }

    [Theory]
    [InlineData("7.0.20r163906", "2.3.4", LabHostCheckStatus.Passed)]
    [InlineData("7.1.4r165100", "2.4.1", LabHostCheckStatus.Failed)]
    [InlineData("7.2.0r170228", "2.4.7", LabHostCheckStatus.Failed)]
    [InlineData("7.2.0r170228", "2.4.9", LabHostCheckStatus.Passed)]
    [InlineData("8.0.0r200000", "2.4.9", LabHostCheckStatus.Warning)]
    [InlineData("7.0.20r163906", "2.2.19", LabHostCheckStatus.Failed)]
    [InlineData("7.0.20r163906", "2.4.10.dev", LabHostCheckStatus.Passed)]
    public async Task Vagrant_must_know_the_VirtualBox_that_is_there(string virtualBox, string vagrant, LabHostCheckStatus status)
    {
        Ready(virtualBox, vagrant);

        Assert.Equal(status, (await Check(Linux()))["Vagrant"].Status);
    }

    [Theory]
    [InlineData("WARNING: The vboxdrv kernel module is not loaded. Either there is no module\n         available for the current kernel (6.8.0) or it failed to\n         load. Please recompile the kernel module and install it by\n\n           sudo /sbin/vboxconfig\n\n         You will not be able to start VMs until this problem is fixed.\n7.1.10r169112", LabHostCheckStatus.Passed, "7.1.10r169112")]
    [InlineData("6.1.32_Debianr149290", LabHostCheckStatus.Passed, "6.1.32_Debianr149290")]
    [InlineData("6.0.24r139119", LabHostCheckStatus.Failed, "6.0.24r139119")]
    [InlineData("VBoxManage: error: Failed to create the VirtualBox object!\nVBoxManage: error: Code NS_ERROR_FAILURE (0x80004005)", LabHostCheckStatus.Failed, "VBoxManage: error: Failed to create the VirtualBox object!")]
    public async Task VirtualBox_is_known_by_what_it_says(string said, LabHostCheckStatus status, string found)
    {
        Ready();
        StandIn.Write(Programs, "VBoxManage", $"cat <<'END'\n{said}\nEND");

        var check = (await Check(Linux()))["VirtualBox"];

        Assert.Equal((status, found), (check.Status, check.Found));
    }

    [Fact]
    public async Task Modules_are_loaded_now_and_at_boot_and_only_once()
    {
        Ready();
        File("/proc/modules", "kvm_intel 1 0 - Live 0x0\nvboxdrv 708608 0 - Live 0x0\n");
        Delete("/etc/modules-load.d/virtualbox.conf");
        StandIn.Write(Programs, "modprobe", $"printf '%s\\n' \"$*\" >> {_scratch.Path}/modprobe; printf '%s' '{ModulesLoaded}' > {Root}/proc/modules");

        var before = await Check(Linux());
        await Initialize(Linux());
        var after = await Check(Linux());

        Assert.Equal((LabHostCheckStatus.Failed, "not loaded: vboxnetadp, vboxnetflt", "sudo modprobe --all vboxnetadp vboxnetflt"), Seen(before["KernelModules"]));
        Assert.True(before["KernelModules"].CanInitialize);
        Assert.Equal("--all vboxnetadp vboxnetflt\n", System.IO.File.ReadAllText(Path.Combine(_scratch.Path, "modprobe")));
        Assert.Equal(
            "# for VirtualBox\nvboxdrv\nvboxnetadp\nvboxnetflt\n", System.IO.File.ReadAllText(Root + "/etc/modules-load.d/ciliumlab-virtualbox.conf"));
        Assert.Equal((LabHostCheckStatus.Passed, LabHostCheckStatus.Passed), (after["KernelModules"].Status, after["KernelModulesAtBoot"].Status));
    }

    [Fact]
    public async Task A_service_that_loads_the_modules_at_boot_is_enough()
    {
        Ready();
        Delete("/etc/modules-load.d/virtualbox.conf");
        File("/etc/systemd/system/multi-user.target.wants/vboxdrv.service", "");

        Assert.Equal("loaded by vboxdrv.service", (await Check(Linux()))["KernelModulesAtBoot"].Found);
    }

    [Fact]
    public async Task Without_a_file_the_range_is_added_to_the_usual_one()
    {
        Ready();
        Delete("/etc/vbox/networks.conf");

        var before = (await Check(Linux()))["NodeNetworkAllowed"];
        await Initialize(Linux());

        Assert.Equal((LabHostCheckStatus.Failed, "192.168.56.0/21", "sudo mkdir -p /etc/vbox && printf '* %s\\n' 192.168.56.0/21 192.168.10.0/24 | sudo tee /etc/vbox/networks.conf"), Seen(before));
        var text = System.IO.File.ReadAllText(Root + "/etc/vbox/networks.conf");
        Assert.EndsWith("\n* 192.168.56.0/21\n* 192.168.10.0/24\n", text, StringComparison.Ordinal);
        Assert.Equal(LabHostCheckStatus.Passed, (await Check(Linux()))["NodeNetworkAllowed"].Status);
        await Initialize(Linux());
        Assert.Equal(text, System.IO.File.ReadAllText(Root + "/etc/vbox/networks.conf"));
        Assert.Single(Directory.EnumerateFiles(Root + "/etc/vbox"));
    }

    [Fact]
    public async Task Other_lines_stay_with_a_backup_and_sudo_is_asked_by_whoever_is_not_root()
    {
        Ready();
        const string before = "# mine\n* 10.0.0.0/8 2001::/64\n* 172.16.0.0/16";
        File("/etc/vbox/networks.conf", before);
        StandIn.Write(Programs, "sudo", $"printf '%s\\n' \"$1\" >> {_scratch.Path}/sudo; exec \"$@\"");

        var check = (await Check(Linux()))["NodeNetworkAllowed"];
        await Initialize(Linux(root: false));

        Assert.Equal(("10.0.0.0/8, 172.16.0.0/16", "echo '* 192.168.10.0/24' | sudo tee -a /etc/vbox/networks.conf"), (check.Found, check.Remedy));
        Assert.Equal(before + "\n* 192.168.10.0/24\n", System.IO.File.ReadAllText(Root + "/etc/vbox/networks.conf"));
        var backup = Assert.Single(Directory.EnumerateFiles(Root + "/etc/vbox", "networks.conf.ciliumlab-*"));
        Assert.Equal(before, System.IO.File.ReadAllText(backup));
        Assert.Equal(["mkdir", "cp", "tee", "chmod", "mv"], System.IO.File.ReadAllLines(Path.Combine(_scratch.Path, "sudo")));
    }

    [Fact]
    public async Task A_change_that_is_refused_is_an_error_and_the_file_stays()
    {
        Ready();
        File("/etc/vbox/networks.conf", "");
        StandIn.Write(Programs, "sudo", "echo 'sudo: a password is required' >&2; exit 1");

        var error = await Assert.ThrowsAsync<LabException>(() => Initialize(Linux(root: false)));

        Assert.Equal(("HostNotChanged", "/etc/vbox/networks.conf"), (error.ErrorId, error.Target));
        Assert.Contains("a password is required", error.Message, StringComparison.Ordinal);
        Assert.Equal("", System.IO.File.ReadAllText(Root + "/etc/vbox/networks.conf"));
    }

    [Theory]
    [InlineData("", false)]
    [InlineData("# * 192.168.10.0/24\n", false)]
    [InlineData("* 192.168.10.0/25\n", false)]
    [InlineData("  * 192.168.0.0/16\n", true)]
    [InlineData("*192.168.10.0/24\n", true)]
    [InlineData("* 0.0.0.0/0 ::/0\n", true)]
    [InlineData("* nonsense\n* 192.168.10.0/24\n", true)]
    [InlineData(null, false)]
    public void The_whole_network_must_be_in_a_range(string? text, bool allowed) =>
        Assert.Equal(allowed, VirtualBoxNetworksFile.Allows(text, IPNetwork.Parse("192.168.10.0/24")));

    [Theory]
    [InlineData("Windows", "7.1.10r169112", LabHostCheckStatus.Passed)]
    [InlineData("MacOS", "7.1.10r169112", LabHostCheckStatus.Passed)]
    [InlineData("MacOS", "6.1.50r161033", LabHostCheckStatus.Failed)]
    [InlineData("Linux", "7.1.10r169112", LabHostCheckStatus.Failed)]
    public async Task Only_where_VirtualBox_looks_at_ranges_they_matter(string platform, string version, LabHostCheckStatus status)
    {
        Ready(version);
        Delete("/etc/vbox/networks.conf");

        Assert.Equal(status, (await Check(Linux(Enum.Parse<HostPlatform>(platform))))["NodeNetworkAllowed"].Status);
    }

    [Theory]
    [InlineData("kvm_intel 1 3 - Live 0x0\n", null, LabHostCheckStatus.Failed, "kvm_intel, used by 3")]
    [InlineData("kvm_amd 1 0 - Live 0x0\n", "Y\n", LabHostCheckStatus.Warning, "kvm_amd, which holds it from its loading on")]
    [InlineData("kvm_amd 1 0 - Live 0x0\n", "N\n", LabHostCheckStatus.Passed, "kvm_amd, not in use")]
    [InlineData("kvm_intel 1 0 - Live 0x0\n", null, LabHostCheckStatus.Passed, "kvm_intel, not in use")]
    public async Task Another_hypervisor_is_noticed(string modules, string? atLoad, LabHostCheckStatus status, string found)
    {
        Ready();
        File("/proc/modules", modules + ModulesLoaded);
        if (atLoad is not null)
            File("/sys/module/kvm/parameters/enable_virt_at_load", atLoad);

        var check = (await Check(Linux()))["OtherHypervisor"];

        Assert.Equal((status, found), (check.Status, check.Found));
    }

    [Theory]
    [InlineData("True\nFalse\n", LabHostCheckStatus.Passed, LabHostCheckStatus.Passed)]
    [InlineData("False\r\nTrue\r\n", LabHostCheckStatus.Passed, LabHostCheckStatus.Warning)]
    [InlineData("False\nFalse\n", LabHostCheckStatus.Failed, LabHostCheckStatus.Passed)]
    public async Task Windows_says_what_its_firmware_and_its_own_hypervisor_do(string said, LabHostCheckStatus hardware, LabHostCheckStatus other)
    {
        Ready();
        StandIn.Write(Programs, "powershell", $"printf '%s' $'{said.Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}'");

        var checks = await Check(Linux(HostPlatform.Windows));

        Assert.Equal((hardware, other), (checks["HardwareVirtualization"].Status, checks["OtherHypervisor"].Status));
        Assert.False(checks.ContainsKey("KernelModules"));
    }

    [Fact]
    public async Task A_network_that_is_in_use_is_refused_and_a_host_only_one_is_not_in_the_way()
    {
        Ready();
        const string hostOnly = "Name:            vboxnet0\nGUID:            786f6276-656e-4074-8000-0a0027000000\nDHCP:            Disabled\nIPAddress:       192.168.10.1\nNetworkMask:     255.255.255.0\nIPV6Address:     \nIPV6NetworkMaskPrefixLength: 0\nHardwareAddress: 0a:00:27:00:00:00\nMediumType:      Ethernet\nWireless:        No\nStatus:          Up\nVBoxNetworkName: HostInterfaceNetworking-vboxnet0\n";
        VirtualBoxLists("hostonlyifs", hostOnly);

        Assert.Equal(LabHostCheckStatus.Passed, (await Check(Linux(addresses: [("vboxnet0", "192.168.10.1"), ("wlan0", "192.168.1.7")])))["NodeNetworkFree"].Status);
        var taken = (await Check(Linux(addresses: [("wlan0", "192.168.10.7")])))["NodeNetworkFree"];
        Assert.Equal((LabHostCheckStatus.Failed, "wlan0 has 192.168.10.7"), (taken.Status, taken.Found));

        VirtualBoxLists("hostonlyifs", hostOnly.Replace("255.255.255.0", "255.255.0.0", StringComparison.Ordinal));
        var part = (await Check(Linux()))["NodeNetworkFree"];
        Assert.Equal((LabHostCheckStatus.Failed, "vboxnet0 has 192.168.0.0/16"), (part.Status, part.Found));
        Assert.EndsWith("VBoxManage hostonlyif remove \"vboxnet0\"", part.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Host_only_networks_of_macOS_are_read_although_their_mask_comes_first()
    {
        var text = "Name:            vagrantnet-vbox1\nGUID:            bc907fa2-e158-4c1b-96fb-63b8765a64d8\n\nState:           Enabled\nNetworkMask:     255.255.255.0\nLowerIP:         192.168.56.0\nUpperIP:         192.168.56.0\nVBoxNetworkName: hostonly-vagrantnet-vbox1\n\n"
            + "Name:            other\nGUID:            bc907fa2-e158-4c1b-96fb-63b8765a64d9\n\nState:           Enabled\nNetworkMask:     255.255.0.0\nLowerIP:         10.0.0.100\nUpperIP:         10.0.0.200\nVBoxNetworkName: hostonly-other\n\n";

        Assert.Equal(
            [new HostOnlyNetwork("vagrantnet-vbox1", IPNetwork.Parse("192.168.56.0/24")), new HostOnlyNetwork("other", IPNetwork.Parse("10.0.0.0/16"))],
            VirtualBoxText.HostOnlyNetworks(text));
    }

    [Fact]
    public async Task Names_of_other_machines_are_not_taken_again()
    {
        Ready();
        VirtualBoxLists("vms", "\"lab-k8s-w1\" {11111111-2222-3333-4444-555555555555}\n\"<inaccessible>\" {11111111-2222-3333-4444-555555555556}\n\"has \"quotes\" in it\" {11111111-2222-3333-4444-555555555557}\n");

        var check = (await Check(Linux()))["MachineNames"];

        Assert.Equal((LabHostCheckStatus.Failed, "taken: lab-k8s-w1"), (check.Status, check.Found));
        Assert.EndsWith("VBoxManage unregistervm lab-k8s-w1 --delete", check.Remedy, StringComparison.Ordinal);
        Assert.Equal("the lab's own", (await Check(Linux(), made: true))["MachineNames"].Found);
    }

    [Fact]
    public async Task Memory_and_disk_are_counted_for_all_machines()
    {
        Ready();
        File("/proc/meminfo", "MemTotal:       16000000 kB\nMemAvailable:    5000000 kB\n");

        var checks = await Check(Linux(freeSpace: 20L << 30), new LabTopology { WorkerCount = 3, Memory = 2048 });

        Assert.Equal((LabHostCheckStatus.Warning, "4.8 GiB free of 15.3 GiB", "8.0 GiB for 4 machines"), (checks["Memory"].Status, checks["Memory"].Found, checks["Memory"].Required));
        Assert.Equal((LabHostCheckStatus.Failed, "20.0 GiB free", "about 24.0 GiB in /home/u/VirtualBox VMs"), (checks["Disk"].Status, checks["Disk"].Found, checks["Disk"].Required));
    }

    [Fact]
    public async Task A_port_that_is_in_use_is_named_with_others_that_are_free()
    {
        Ready();
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        var check = (await Check(Linux(), new LabTopology { SshPort = port, WorkerCount = 0 }))["SshPorts"];

        Assert.Equal((LabHostCheckStatus.Warning, $"in use: {port}"), (check.Status, check.Found));
        Assert.Matches("New-LabCluster -SshPort [0-9]+;", check.Remedy);
    }

    private static (LabHostCheckStatus, string, string?) Seen(LabHostCheck check) => (check.Status, check.Found, check.Remedy);

    private static async Task<Dictionary<string, LabHostCheck>> Check(LocalHost host, LabTopology? topology = null, bool made = false)
    {
        var checks = new Dictionary<string, LabHostCheck>();
        // Real ports are asked, so a test takes such as nobody else has.
        var needs = new HostNeeds("lab", topology ?? new LabTopology { SshPort = 42170 }, made);
        await foreach (var finding in HostChecks.RunAsync(host, needs, TestContext.Current.CancellationToken))
            checks.Add(finding.Check.Name, finding.Check);
        return checks;
    }

    private static async Task Initialize(LocalHost host)
    {
        await foreach (var finding in HostChecks.RunAsync(host, new HostNeeds("lab", new LabTopology(), false), TestContext.Current.CancellationToken))
        {
            if (finding.Change is { } change)
                await change.ApplyAsync(TestContext.Current.CancellationToken);
        }
    }

    private LocalHost Linux(
        HostPlatform platform = HostPlatform.Linux, bool root = true, long freeSpace = 100L << 30, params (string Interface, string Address)[] addresses) =>
        new()
        {
            Platform = platform,
            Root = Root,
            ProgramFolders = [Programs],
            IsRoot = root,
            FreeSpace = _ => freeSpace,
            Addresses = () => addresses.Select(address => (address.Interface, IPAddress.Parse(address.Address))),
        };

    private void Ready(string virtualBox = "7.1.10r169112", string vagrant = "2.4.7")
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "the stand-ins are shell scripts");
        // A program is remembered by its file, so each version has one of its own.
        StandIn.Write(Programs, "vagrant", $"echo 'Vagrant {vagrant}'");
        StandIn.Write(Programs, "VBoxManage", $"case $* in --version) echo {virtualBox} ;; 'list systemproperties') echo 'Default machine folder:          /home/u/VirtualBox VMs' ;; esac");
        StandIn.Write(Programs, "apt-get", "exit 1");
        StandIn.Write(Programs, "sysctl", "echo 1");
        File("/proc/modules", ModulesLoaded);
        File("/proc/sys/kernel/osrelease", "6.8.0-53-generic\n");
        File("/lib/modules/6.8.0-53-generic/modules.dep", "misc/vboxdrv.ko:\nmisc/vboxnetflt.ko: misc/vboxdrv.ko\nupdates/dkms/vboxdrv.ko.zst:\n");
        File("/etc/modules-load.d/virtualbox.conf", "# comment\nvboxdrv\nvboxnetadp\nvboxnetflt\n");
        File("/etc/vbox/networks.conf", "* 192.168.0.0/16\n");
        File("/proc/cpuinfo", "processor : 0\nflags : fpu vmx ept\n");
        File("/proc/meminfo", "MemTotal:       32000000 kB\nMemAvailable:   24000000 kB\n");
    }

    private void VirtualBoxLists(string what, string output) =>
        StandIn.Write(Programs, "VBoxManage", $"case $* in --version) echo 7.1.10r169112 ;; 'list {what}') cat <<'END'\n{output}END\n;; esac");

    private void File(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Root + path)!);
        System.IO.File.WriteAllText(Root + path, text);
    }

    private void Delete(string path) => System.IO.File.Delete(Root + path);
}

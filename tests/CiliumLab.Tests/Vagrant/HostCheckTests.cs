using System.Net;
using CiliumLab.Engine.Host;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Tests.Vagrant;

/// <summary>The checks of a computer that a test makes up: its files below a scratch folder, its programs stand-ins that say what real ones were seen to say.</summary>
public sealed class HostCheckTests : IDisposable
{
    private readonly MadeUpComputer _computer = new();

    private string Root => _computer.Root;

    public void Dispose() => _computer.Dispose();

    [Fact]
    public async Task A_computer_that_has_everything_passes()
    {
        _computer.Ready();

        var checks = await MadeUpComputer.CheckAsync(_computer.Host());

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
        _computer.Program("pacman", "exit 1");
        _computer.File("/proc/cpuinfo", "flags : fpu de pse\n");
        _computer.File("/proc/meminfo", "MemTotal: 3000000 kB\nMemAvailable: 2000000 kB\n");

        var checks = await MadeUpComputer.CheckAsync(_computer.Host());

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
    [InlineData("7.0.20r163906", "2.3.4", LabHostCheckStatus.Passed)]
    [InlineData("7.1.4r165100", "2.4.1", LabHostCheckStatus.Failed)]
    [InlineData("7.2.0r170228", "2.4.7", LabHostCheckStatus.Failed)]
    [InlineData("7.2.0r170228", "2.4.9", LabHostCheckStatus.Passed)]
    [InlineData("8.0.0r200000", "2.4.9", LabHostCheckStatus.Warning)]
    [InlineData("7.0.20r163906", "2.2.19", LabHostCheckStatus.Failed)]
    [InlineData("7.0.20r163906", "2.4.10.dev", LabHostCheckStatus.Passed)]
    public async Task Vagrant_must_know_the_VirtualBox_that_is_there(string virtualBox, string vagrant, LabHostCheckStatus status)
    {
        _computer.Ready(virtualBox, vagrant);

        Assert.Equal(status, (await MadeUpComputer.CheckAsync(_computer.Host()))["Vagrant"].Status);
    }

    [Theory]
    [InlineData("WARNING: The vboxdrv kernel module is not loaded. Either there is no module\n         available for the current kernel (6.8.0) or it failed to\n         load. Please recompile the kernel module and install it by\n\n           sudo /sbin/vboxconfig\n\n         You will not be able to start VMs until this problem is fixed.\n7.1.10r169112", LabHostCheckStatus.Passed, "7.1.10r169112")]
    [InlineData("6.1.32_Debianr149290", LabHostCheckStatus.Passed, "6.1.32_Debianr149290")]
    [InlineData("6.0.24r139119", LabHostCheckStatus.Failed, "6.0.24r139119")]
    [InlineData("VBoxManage: error: Failed to create the VirtualBox object!\nVBoxManage: error: Code NS_ERROR_FAILURE (0x80004005)", LabHostCheckStatus.Failed, "VBoxManage: error: Failed to create the VirtualBox object!")]
    public async Task VirtualBox_is_known_by_what_it_says(string said, LabHostCheckStatus status, string found)
    {
        _computer.Ready();
        _computer.Program("VBoxManage", $"cat <<'END'\n{said}\nEND");

        var check = (await MadeUpComputer.CheckAsync(_computer.Host()))["VirtualBox"];

        Assert.Equal((status, found), (check.Status, check.Found));
    }

    [Fact]
    public async Task Modules_are_loaded_now_and_at_boot_and_only_once()
    {
        _computer.Ready();
        _computer.File("/proc/modules", "kvm_intel 1 0 - Live 0x0\nvboxdrv 708608 0 - Live 0x0\n");
        _computer.Delete("/etc/modules-load.d/virtualbox.conf");
        _computer.Program("modprobe", $"printf '%s\\n' \"$*\" >> {_computer.Folder}/modprobe; printf '%s' '{MadeUpComputer.ModulesLoaded}' > {Root}/proc/modules");

        var before = await MadeUpComputer.CheckAsync(_computer.Host());
        await MadeUpComputer.InitializeAsync(_computer.Host());
        var after = await MadeUpComputer.CheckAsync(_computer.Host());

        Assert.Equal((LabHostCheckStatus.Failed, "not loaded: vboxnetadp, vboxnetflt", "sudo modprobe --all vboxnetadp vboxnetflt"), Seen(before["KernelModules"]));
        Assert.True(before["KernelModules"].CanInitialize);
        Assert.Equal("--all vboxnetadp vboxnetflt\n", File.ReadAllText(Path.Combine(_computer.Folder, "modprobe")));
        Assert.Equal(
            "# for VirtualBox\nvboxdrv\nvboxnetadp\nvboxnetflt\n", File.ReadAllText(Root + "/etc/modules-load.d/ciliumlab-virtualbox.conf"));
        Assert.Equal((LabHostCheckStatus.Passed, LabHostCheckStatus.Passed), (after["KernelModules"].Status, after["KernelModulesAtBoot"].Status));
    }

    [Fact]
    public async Task A_service_that_loads_the_modules_at_boot_is_enough()
    {
        _computer.Ready();
        _computer.Delete("/etc/modules-load.d/virtualbox.conf");
        _computer.File("/etc/systemd/system/multi-user.target.wants/vboxdrv.service", "");

        Assert.Equal("loaded by vboxdrv.service", (await MadeUpComputer.CheckAsync(_computer.Host()))["KernelModulesAtBoot"].Found);
    }

    [Fact]
    public async Task Without_a_file_the_range_is_added_to_the_usual_one()
    {
        _computer.Ready();
        _computer.Delete("/etc/vbox/networks.conf");

        var before = (await MadeUpComputer.CheckAsync(_computer.Host()))["NodeNetworkAllowed"];
        await MadeUpComputer.InitializeAsync(_computer.Host());

        Assert.Equal((LabHostCheckStatus.Failed, "192.168.56.0/21", "sudo mkdir -p /etc/vbox && printf '* %s\\n' 192.168.56.0/21 192.168.10.0/24 | sudo tee /etc/vbox/networks.conf"), Seen(before));
        var text = File.ReadAllText(Root + "/etc/vbox/networks.conf");
        Assert.EndsWith("\n* 192.168.56.0/21\n* 192.168.10.0/24\n", text, StringComparison.Ordinal);
        Assert.Equal(LabHostCheckStatus.Passed, (await MadeUpComputer.CheckAsync(_computer.Host()))["NodeNetworkAllowed"].Status);
        await MadeUpComputer.InitializeAsync(_computer.Host());
        Assert.Equal(text, File.ReadAllText(Root + "/etc/vbox/networks.conf"));
        Assert.Single(Directory.EnumerateFiles(Root + "/etc/vbox"));
    }

    [Fact]
    public async Task Other_lines_stay_with_a_backup_and_sudo_is_asked_by_whoever_is_not_root()
    {
        _computer.Ready();
        const string before = "# mine\n* 10.0.0.0/8 2001::/64\n* 172.16.0.0/16";
        _computer.File("/etc/vbox/networks.conf", before);
        _computer.Program("sudo", $"printf '%s\\n' \"$1\" >> {_computer.Folder}/sudo; exec \"$@\"");

        var check = (await MadeUpComputer.CheckAsync(_computer.Host()))["NodeNetworkAllowed"];
        await MadeUpComputer.InitializeAsync(_computer.Host(root: false));

        Assert.Equal(("10.0.0.0/8, 172.16.0.0/16", "echo '* 192.168.10.0/24' | sudo tee -a /etc/vbox/networks.conf"), (check.Found, check.Remedy));
        Assert.Equal(before + "\n* 192.168.10.0/24\n", File.ReadAllText(Root + "/etc/vbox/networks.conf"));
        var backup = Assert.Single(Directory.EnumerateFiles(Root + "/etc/vbox", "networks.conf.ciliumlab-*"));
        Assert.Equal(before, File.ReadAllText(backup));
        Assert.Equal(["mkdir", "cp", "tee", "chmod", "mv"], File.ReadAllLines(Path.Combine(_computer.Folder, "sudo")));
    }

    [Fact]
    public async Task A_change_that_is_refused_is_an_error_and_the_file_stays()
    {
        _computer.Ready();
        _computer.File("/etc/vbox/networks.conf", "");
        _computer.Program("sudo", "echo 'sudo: a password is required' >&2; exit 1");

        var error = await Assert.ThrowsAsync<LabException>(() => MadeUpComputer.InitializeAsync(_computer.Host(root: false)));

        Assert.Equal(("HostNotChanged", "/etc/vbox/networks.conf"), (error.ErrorId, error.Target));
        Assert.Contains("a password is required", error.Message, StringComparison.Ordinal);
        Assert.Equal("", File.ReadAllText(Root + "/etc/vbox/networks.conf"));
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
        _computer.Ready(version);
        _computer.Delete("/etc/vbox/networks.conf");

        Assert.Equal(status, (await MadeUpComputer.CheckAsync(_computer.Host(Enum.Parse<HostPlatform>(platform))))["NodeNetworkAllowed"].Status);
    }

    [Theory]
    [InlineData("kvm_intel 1 3 - Live 0x0\n", null, LabHostCheckStatus.Failed, "kvm_intel, used by 3")]
    [InlineData("kvm_amd 1 0 - Live 0x0\n", "Y\n", LabHostCheckStatus.Warning, "kvm_amd, which holds it from its loading on")]
    [InlineData("kvm_amd 1 0 - Live 0x0\n", "N\n", LabHostCheckStatus.Passed, "kvm_amd, not in use")]
    [InlineData("kvm_intel 1 0 - Live 0x0\n", null, LabHostCheckStatus.Passed, "kvm_intel, not in use")]
    public async Task Another_hypervisor_is_noticed(string modules, string? atLoad, LabHostCheckStatus status, string found)
    {
        _computer.Ready();
        _computer.File("/proc/modules", modules + MadeUpComputer.ModulesLoaded);
        if (atLoad is not null)
            _computer.File("/sys/module/kvm/parameters/enable_virt_at_load", atLoad);

        var check = (await MadeUpComputer.CheckAsync(_computer.Host()))["OtherHypervisor"];

        Assert.Equal((status, found), (check.Status, check.Found));
    }

    [Theory]
    [InlineData("True\nFalse\n", LabHostCheckStatus.Passed, LabHostCheckStatus.Passed)]
    [InlineData("False\r\nTrue\r\n", LabHostCheckStatus.Passed, LabHostCheckStatus.Warning)]
    [InlineData("False\nFalse\n", LabHostCheckStatus.Failed, LabHostCheckStatus.Passed)]
    public async Task Windows_says_what_its_firmware_and_its_own_hypervisor_do(string said, LabHostCheckStatus hardware, LabHostCheckStatus other)
    {
        _computer.Ready();
        _computer.Program("powershell", $"printf '%s' $'{said.Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal)}'");

        var checks = await MadeUpComputer.CheckAsync(_computer.Host(HostPlatform.Windows));

        Assert.Equal((hardware, other), (checks["HardwareVirtualization"].Status, checks["OtherHypervisor"].Status));
        Assert.False(checks.ContainsKey("KernelModules"));
    }

    [Fact]
    public async Task A_network_that_is_in_use_is_refused_and_a_host_only_one_is_not_in_the_way()
    {
        _computer.Ready();
        const string hostOnly = "Name:            vboxnet0\nGUID:            786f6276-656e-4074-8000-0a0027000000\nDHCP:            Disabled\nIPAddress:       192.168.10.1\nNetworkMask:     255.255.255.0\nIPV6Address:     \nIPV6NetworkMaskPrefixLength: 0\nHardwareAddress: 0a:00:27:00:00:00\nMediumType:      Ethernet\nWireless:        No\nStatus:          Up\nVBoxNetworkName: HostInterfaceNetworking-vboxnet0\n";
        _computer.VirtualBoxLists("hostonlyifs", hostOnly);

        Assert.Equal(LabHostCheckStatus.Passed, (await MadeUpComputer.CheckAsync(_computer.Host(addresses: [("vboxnet0", "192.168.10.1"), ("wlan0", "192.168.1.7")])))["NodeNetworkFree"].Status);
        var taken = (await MadeUpComputer.CheckAsync(_computer.Host(addresses: [("wlan0", "192.168.10.7")])))["NodeNetworkFree"];
        Assert.Equal((LabHostCheckStatus.Failed, "wlan0 has 192.168.10.7"), (taken.Status, taken.Found));

        _computer.VirtualBoxLists("hostonlyifs", hostOnly.Replace("255.255.255.0", "255.255.0.0", StringComparison.Ordinal));
        var part = (await MadeUpComputer.CheckAsync(_computer.Host()))["NodeNetworkFree"];
        Assert.Equal((LabHostCheckStatus.Failed, "vboxnet0 has 192.168.0.0/16"), (part.Status, part.Found));
        Assert.Equal("Choose another one: New-LabCluster -NodeNetwork 172.30.0.0/24, or: VBoxManage hostonlyif remove \"vboxnet0\"", part.Remedy);
    }

    [Fact]
    public async Task On_macOS_it_is_host_only_networks_that_are_in_the_way()
    {
        _computer.Ready();
        _computer.VirtualBoxLists("hostonlynets", "Name:            vagrantnet-vbox1\nGUID:            bc907fa2-e158-4c1b-96fb-63b8765a64d8\n\nState:           Enabled\nNetworkMask:     255.255.254.0\nLowerIP:         192.168.10.0\nUpperIP:         192.168.11.0\nVBoxNetworkName: hostonly-vagrantnet-vbox1\n\n");

        var taken = (await MadeUpComputer.CheckAsync(_computer.Host(HostPlatform.MacOS, addresses: [("en0", "192.168.56.20"), ("bridge100", "192.168.10.1")])))["NodeNetworkFree"];

        Assert.Equal(
            (LabHostCheckStatus.Failed, "vagrantnet-vbox1 has 192.168.10.0/23", "Choose another one: New-LabCluster -NodeNetwork 192.168.57.0/24, or: VBoxManage hostonlynet remove --name \"vagrantnet-vbox1\""),
            Seen(taken));
        Assert.Equal("not in use", (await MadeUpComputer.CheckAsync(_computer.Host(HostPlatform.MacOS), new LabTopology { NodeNetwork = IPNetwork.Parse("192.168.57.0/24"), SshPort = 22170 }))["NodeNetworkFree"].Found);
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
        _computer.Ready();
        _computer.VirtualBoxLists("vms", "\"lab-k8s-w1\" {11111111-2222-3333-4444-555555555555}\n\"<inaccessible>\" {11111111-2222-3333-4444-555555555556}\n\"has \"quotes\" in it\" {11111111-2222-3333-4444-555555555557}\n");

        var check = (await MadeUpComputer.CheckAsync(_computer.Host()))["MachineNames"];

        Assert.Equal((LabHostCheckStatus.Failed, "taken: lab-k8s-w1"), (check.Status, check.Found));
        Assert.EndsWith("VBoxManage unregistervm lab-k8s-w1 --delete", check.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_lab_that_was_begun_has_already_is_not_in_its_way_and_what_it_lacks_is_looked_for()
    {
        using var lab = new ScratchFolder();
        _computer.Ready();
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var topology = new LabTopology { SshPort = ((IPEndPoint)listener.LocalEndpoint).Port, WorkerCount = 1 };
        Made("k8s-ctr", "11111111-2222-3333-4444-555555555555");
        const string machines = "\"lab-k8s-ctr\" {11111111-2222-3333-4444-555555555555}\n\"lab-k8s-w1\" {11111111-2222-3333-4444-555555555556}\n";
        _computer.VirtualBoxLists("vms", machines);
        _computer.File("/proc/meminfo", "MemTotal: 16000000 kB\nMemAvailable: 1000000 kB\n");

        // The port is the control plane's own; the worker's name is another machine's.
        var begun = await MadeUpComputer.CheckAsync(_computer.Host(freeSpace: 6L << 30), topology, lab.Path);
        Assert.NotEqual($"in use: {topology.SshPort}", begun["SshPorts"].Found);
        Assert.Equal((LabHostCheckStatus.Failed, "taken: lab-k8s-w1"), (begun["MachineNames"].Status, begun["MachineNames"].Found));
        Assert.Equal((LabHostCheckStatus.Passed, LabHostCheckStatus.Warning), (begun["Disk"].Status, begun["Memory"].Status));

        Made("k8s-w1", "11111111-2222-3333-4444-555555555556");
        var whole = await MadeUpComputer.CheckAsync(_computer.Host(freeSpace: 0), topology, lab.Path);
        Assert.Equal(("the lab's own", "the lab's own"), (whole["SshPorts"].Found, whole["MachineNames"].Found));
        Assert.Equal((LabHostCheckStatus.Passed, LabHostCheckStatus.Passed), (whole["Disk"].Status, whole["Memory"].Status));

        void Made(string node, string id) =>
            File.WriteAllText(Path.Combine(Directory.CreateDirectory(Path.Combine(lab.Path, ".vagrant", "machines", node, "virtualbox")).FullName, "id"), id);
    }

    [Fact]
    public async Task What_VirtualBox_does_not_say_is_not_taken_for_free()
    {
        _computer.Ready();
        _computer.Program("VBoxManage", "[[ $1 == --version ]] && echo 7.1.10r169112 && exit; echo 'VBoxManage: error: Failed to create the VirtualBox object!' >&2; exit 1");

        var checks = await MadeUpComputer.CheckAsync(_computer.Host());

        Assert.Equal((LabHostCheckStatus.Warning, "VBoxManage: error: Failed to create the VirtualBox object!", "See what VirtualBox lacks: VBoxManage list vms"), Seen(checks["MachineNames"]));
        Assert.Equal((LabHostCheckStatus.Warning, "VBoxManage: error: Failed to create the VirtualBox object!", "See what VirtualBox lacks: VBoxManage list hostonlyifs"), Seen(checks["NodeNetworkFree"]));
    }

    [Fact]
    public async Task On_macOS_before_VirtualBox_7_the_ranges_are_in_the_same_file()
    {
        _computer.Ready("6.1.50r161033");
        var mac = _computer.Host(HostPlatform.MacOS);
        Assert.Equal((LabHostCheckStatus.Passed, "192.168.0.0/16", null), Seen((await MadeUpComputer.CheckAsync(mac))["NodeNetworkAllowed"]));

        _computer.File("/etc/vbox/networks.conf", "* 10.0.0.0/8\n");
        Assert.Equal((LabHostCheckStatus.Failed, "10.0.0.0/8", "echo '* 192.168.10.0/24' | sudo tee -a /etc/vbox/networks.conf"), Seen((await MadeUpComputer.CheckAsync(mac))["NodeNetworkAllowed"]));
        await MadeUpComputer.InitializeAsync(mac);
        Assert.Equal("* 10.0.0.0/8\n* 192.168.10.0/24\n", File.ReadAllText(Root + "/etc/vbox/networks.conf"));
    }

    [Fact]
    public async Task Memory_and_disk_are_counted_for_all_machines()
    {
        _computer.Ready();
        _computer.File("/proc/meminfo", "MemTotal:       16000000 kB\nMemAvailable:    5000000 kB\n");

        var checks = await MadeUpComputer.CheckAsync(_computer.Host(freeSpace: 20L << 30), new LabTopology { WorkerCount = 3, Memory = 2048 });

        Assert.Equal((LabHostCheckStatus.Warning, "4.8 GiB free of 15.3 GiB", "8.0 GiB for 4 machines"), (checks["Memory"].Status, checks["Memory"].Found, checks["Memory"].Required));
        Assert.Equal((LabHostCheckStatus.Failed, "20.0 GiB free", "about 24.0 GiB in /home/u/VirtualBox VMs"), (checks["Disk"].Status, checks["Disk"].Found, checks["Disk"].Required));
    }

    [Fact]
    public async Task A_port_that_is_in_use_is_named_with_others_that_are_free()
    {
        _computer.Ready();
        using var listener = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;

        var check = (await MadeUpComputer.CheckAsync(_computer.Host(), new LabTopology { SshPort = port, WorkerCount = 0 }))["SshPorts"];

        Assert.Equal((LabHostCheckStatus.Warning, $"in use: {port}"), (check.Status, check.Found));
        Assert.Matches("New-LabCluster -SshPort [0-9]+;", check.Remedy);
    }

    private static (LabHostCheckStatus, string, string?) Seen(LabHostCheck check) => (check.Status, check.Found, check.Remedy);
}

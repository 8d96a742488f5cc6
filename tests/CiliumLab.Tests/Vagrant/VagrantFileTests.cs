using System.Net;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Providers.Vagrant;
using CiliumLab.Tests.Integration;

namespace CiliumLab.Tests.Vagrant;

public sealed class VagrantFileTests
{
    public static TheoryData<string, LabTopology> Topologies()
    {
        var usual = new LabTopology();
        var all = new TheoryData<string, LabTopology>
        {
            { "usual", usual },
            { "a.b_c-D9", usual with { Box = "it's \"odd\" #{x} \\", BoxVersion = ">= 1.0, < 2" } },
            { "big", usual with { Cpu = 16, Memory = 65536, SshPort = 2200, WorkerCount = 1, Box = "debian/bookworm64" } },
            { "old", usual with { KubernetesVersion = "1.24.17", ContainerdVersion = "1.6.33", KeepNatNodeIp = true, WorkerCount = 1 } },
            { "nets", usual with { PodCidr = Net("172.20.0.0/16"), ServiceCidr = Net("10.50.0.0/20"), NodeNetwork = Net("10.99.0.0/16"), WorkerCount = 1 } },
        };
        foreach (var workers in Enumerable.Range(0, 10).Where(workers => workers != usual.WorkerCount))
            all.Add($"workers-{workers}", usual with { WorkerCount = workers });
        all.Add(new string('l', 63), usual with { WorkerCount = 0 });
        all.Add("0", usual with { WorkerCount = 0, Box = "/home/user/boxes/my box.box", BoxVersion = "0" });
        return all;
    }

    [Theory(DisableDiscoveryEnumeration = true)]
    [MemberData(nameof(Topologies))]
    public async Task Real_Vagrant_takes_it(string lab, LabTopology topology)
    {
        Assert.SkipWhen(RealVagrant.Unavailable is not null, RealVagrant.Unavailable ?? "");
        using var vagrant = new RealVagrant();
        using var scratch = new ScratchFolder();
        var folder = Directory.CreateDirectory(Path.Combine(scratch.Path, "with blanks and Ünïcödé ラボ")).FullName;
        File.WriteAllText(Path.Combine(folder, "Vagrantfile"), VagrantFile.Text(lab, topology));
        VagrantProvisioning.Write(folder);
        VagrantJoin.Write(folder, caCertificate: null);

        var result = await vagrant.RunAsync(folder, "validate");

        Assert.Equal("Vagrantfile validated successfully.\n", result.Succeeded("vagrant validate"));
    }

    [Fact]
    public async Task Real_Vagrant_refuses_a_broken_one()
    {
        Assert.SkipWhen(RealVagrant.Unavailable is not null, RealVagrant.Unavailable ?? "");
        using var vagrant = new RealVagrant();
        using var folder = new ScratchFolder();
        folder.Write("Vagrantfile", VagrantFile.Text("x", new LabTopology()).Replace("linked_clone", "linkedclone", StringComparison.Ordinal));
        VagrantProvisioning.Write(folder.Path);

        var result = await vagrant.RunAsync(folder.Path, "validate");

        Assert.NotEqual(0, result.ExitCode);
        Assert.Contains("linkedclone", result.Output + result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Machines_addresses_ports_and_versions_are_those_asked_for()
    {
        var text = VagrantFile.Text("demo", new LabTopology { WorkerCount = 1, NodeNetwork = Net("10.99.0.0/20"), SshPort = 2300, Cpu = 4, Memory = 4096, KubernetesVersion = "1.32.1" });

        Assert.Contains("  { name: \"k8s-ctr\", address: \"10.99.0.100\", ssh_port: 2300 },\n  { name: \"k8s-w1\", address: \"10.99.0.101\", ssh_port: 2301 }\n]", text, StringComparison.Ordinal);
        Assert.Contains("netmask: \"255.255.240.0\"", text, StringComparison.Ordinal);
        Assert.Contains("virtualbox.name = \"demo-\" + node[:name]", text, StringComparison.Ordinal);
        Assert.Contains("virtualbox.cpus = 4\n", text, StringComparison.Ordinal);
        Assert.Contains("virtualbox.memory = 4096\n", text, StringComparison.Ordinal);
        Assert.Contains("KUBERNETES_VERSION: \"1.32.1\"", text, StringComparison.Ordinal);
        Assert.Contains("config.vm.box = \"bento/ubuntu-24.04\"\n  config.vm.box_version = \"202502.21.0\"\n", text, StringComparison.Ordinal);
        Assert.Contains("KUBELET_NODE_IP: node[:address]\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_lesson_s_broken_state_gives_the_kubelet_no_address() =>
        Assert.Contains("KUBELET_NODE_IP: \"\"\n", VagrantFile.Text("x", new LabTopology { KeepNatNodeIp = true }), StringComparison.Ordinal);

    [Fact]
    public void Another_box_is_not_given_the_usual_box_s_version() =>
        Assert.DoesNotContain("box_version", VagrantFile.Text("x", new LabTopology { Box = "generic/ubuntu2204" }), StringComparison.Ordinal);

    [Fact]
    public async Task ShellCheck_finds_nothing_in_the_provisioning_scripts()
    {
        Assert.SkipUnless(HostProgram.Exists("shellcheck"), "there is no shellcheck on this machine; tests/NodeLab/install.sh installs it");
        using var folder = new ScratchFolder();
        VagrantProvisioning.Write(folder.Path);
        var scripts = VagrantProvisioning.Names.Select(name => Path.Combine(folder.Path, VagrantProvisioning.Folder, name)).ToList();

        Assert.Equal(["base.sh", "control-plane.sh", "tasks.sh", "worker.sh"], VagrantProvisioning.Names);
        var result = await HostProgram.RunAsync(
            "shellcheck", ["--external-sources", "--source-path=SCRIPTDIR", .. scripts], cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal("", result.Succeeded("shellcheck"));
    }

    private static IPNetwork Net(string text) => IPNetwork.Parse(text);
}

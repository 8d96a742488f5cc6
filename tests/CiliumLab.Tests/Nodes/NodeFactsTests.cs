using CiliumLab.Engine.Nodes;
using CiliumLab.Model;

namespace CiliumLab.Tests.Nodes;

/// <summary>What the readers do on nodes where a program is missing, a service is down, or all is well.</summary>
public sealed class NodeFactsTests
{
    private const string Release = "PRETTY_NAME=\"Ubuntu 24.04.2 LTS\"\nNAME=\"Ubuntu\"\n";

    [Fact]
    public async Task A_node_s_facts_come_from_hostnamectl_and_the_kernel()
    {
        var info = await NodeInfos.ReadAsync(
            Kernel().Answer("hostnamectl --json=short", Fixture.Read("hostnamectl/json-252.json")), Unexpected.Warning, TestContext.Current.CancellationToken);

        Assert.Equal(("vm", "container", "Debian GNU/Linux 12 (bookworm)"), (info.Hostname, info.Chassis, info.OperatingSystem));
        Assert.Equal(("6.8.0-53-generic", "x86_64", "oracle"), (info.KernelVersion, info.Architecture, info.Virtualization));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1752980400), info.BootTime);
        Assert.Equal(TimeSpan.FromSeconds(1195.80), info.Uptime);
        Assert.Equal(Guid.Parse("4f9fb3fa939a46d788144548529797c4"), info.MachineId);
        Assert.Equal(Guid.Parse("b47345bd-fb11-4c0f-99ef-542366fb0ebc"), info.BootId);
    }

    [Theory]
    [InlineData(127, "")]
    [InlineData(1, "")]
    [InlineData(0, " Static hostname")]
    public async Task Without_hostnamed_the_kernel_s_files_answer(int exitCode, string said)
    {
        var info = await NodeInfos.ReadAsync(
            Kernel().Answer("hostnamectl --json=short", said, exitCode), Unexpected.Warning, TestContext.Current.CancellationToken);

        Assert.Equal(("k8s-w1", "k8s-ctr", "Ubuntu 24.04.2 LTS"), (info.Node, info.Hostname, info.OperatingSystem));
        Assert.NotNull(info.BootTime);
    }

    [Fact]
    public async Task Resolved_answers_where_it_runs()
    {
        var shell = new RecordedShell()
            .Answer("resolvectl --json=short status", "", 1, "resolvectl: unrecognized option '--json=short'")
            .Answer("resolvectl status", Fixture.Read("transcript/018-resolvectl.txt"));

        var settings = await NodeDnsSettings.ReadAsync(shell, Unexpected.Warning, TestContext.Current.CancellationToken);

        Assert.Equal([null, "eth0", "eth1"], settings.Select(dns => dns.Interface));
    }

    [Fact]
    public async Task Without_resolved_resolv_conf_answers()
    {
        var shell = new RecordedShell()
            .Answer("resolvectl status", "", 1, "Failed to get global data")
            .Answer("cat /etc/resolv.conf", "nameserver 10.0.2.3\n");

        var dns = Assert.Single(await NodeDnsSettings.ReadAsync(shell, Unexpected.Warning, TestContext.Current.CancellationToken));

        Assert.Equal((NodeDnsSource.ResolvConf, "10.0.2.3"), (dns.Source, Assert.Single(dns.Servers).ToString()));
    }

    [Theory]
    [InlineData(127, "", "CrictlNotFound", LabErrorKind.NotInstalled)]
    [InlineData(1, "sudo: crictl: command not found", "CrictlNotFound", LabErrorKind.NotInstalled)]
    [InlineData(
        1,
        "FATA[0000] validate service connection: validate CRI v1 runtime API for endpoint \"unix:///run/containerd/containerd.sock\": rpc error: code = Unavailable desc = connection error: desc = \"transport: Error while dialing: dial unix /run/containerd/containerd.sock: connect: no such file or directory\"",
        "ContainerRuntimeUnavailable",
        LabErrorKind.ConnectionError)]
    [InlineData(2, "something else", "NodeCommandFailed", LabErrorKind.RemoteCommandFailed)]
    public async Task What_is_wrong_with_the_runtime_is_told(int exitCode, string said, string errorId, LabErrorKind kind)
    {
        var shell = new RecordedShell().Answer("crictl ps -o json", "", exitCode, said);

        var error = await Assert.ThrowsAsync<LabException>(
            () => NodeContainers.ReadAsync(shell, all: false, Unexpected.Warning, TestContext.Current.CancellationToken));

        Assert.Equal((errorId, kind, (object)"k8s-w1"), (error.ErrorId, error.Kind, error.Target!));
        Assert.Contains(said, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.RecommendedAction);
    }

    [Fact]
    public async Task Containers_are_asked_as_root()
    {
        var shell = new RecordedShell().Answer("crictl ps --all -o json", """{"containers":[{"id":"1","metadata":{"name":"a"},"state":"CONTAINER_EXITED"}]}""");

        var container = Assert.Single(await NodeContainers.ReadAsync(shell, all: true, Unexpected.Warning, TestContext.Current.CancellationToken));

        Assert.Equal(("a", NodeContainerState.Exited), (container.Name, container.State));
        Assert.Equal(["# crictl ps --all -o json"], shell.Commands);
    }

    private static RecordedShell Kernel() => new RecordedShell()
        .Answer("uname -n -r -m", "k8s-ctr 6.8.0-53-generic x86_64\n")
        .Answer("cat /etc/os-release", Release)
        .Answer("cat /etc/machine-id", "4f9fb3fa939a46d788144548529797c4\n")
        .Answer("cat /proc/sys/kernel/random/boot_id", "b47345bd-fb11-4c0f-99ef-542366fb0ebc\n")
        .Answer("systemd-detect-virt", "oracle\n")
        .Answer("cat /proc/uptime", "1195.80 2190.45\n")
        .Answer("grep ^btime  /proc/stat", "btime 1752980400\n");
}

using CiliumLab.Engine.Cni.Requirements;
using CiliumLab.Model;

namespace CiliumLab.Tests.Cni;

public sealed class CiliumRequirementTests
{
    private const string Links = """[{"ifindex":4,"ifname":"flannel.1","flags":["UP"],"mtu":1450,"operstate":"UNKNOWN","link_type":"ether","address":"e6:0f:9b:40:c3:ec","linkinfo":{"info_kind":"vxlan","info_data":{"id":1,"port":8472}},"addr_info":[]}]""";

    private const string Listening = """
        State  Recv-Q Send-Q Local Address:Port Peer Address:Port Process
        LISTEN 0      4096         0.0.0.0:4240      0.0.0.0:*    users:(("node_exporter",pid=9,fd=3))
        LISTEN 0      4096         0.0.0.0:4244      0.0.0.0:*    users:(("cilium-agent",pid=8,fd=3))
        """;

    [Fact]
    public async Task The_recorded_node_has_what_the_recorded_lab_asked_for()
    {
        var checks = await CheckAsync(Node(), "1.17.5", CiliumFeature.Base, CiliumFeature.Masquerade, CiliumFeature.L7, CiliumFeature.Netkit);

        Assert.Equal(
            ["TCP port 4240 Failed held by node_exporter"],
            checks.Where(check => check.Status is not RequirementStatus.Passed).Select(Text));
        Assert.Equal("kernel Passed 6.8.0-53-generic", Text(checks[0]));
        Assert.Contains("TCP port 4244 Passed free", checks.Select(Text));
        Assert.Contains("CONFIG_BPF Passed y", checks.Select(Text));
    }

    [Fact]
    public async Task A_tunnel_of_Flannels_holds_the_port_of_Ciliums()
    {
        var check = Assert.Single(await CheckAsync(Node(), "1.17.5", CiliumFeature.Tunnel), check => check.Requirement == "UDP port 8472");

        Assert.Equal((RequirementStatus.Failed, "held by flannel.1", "Take away what Flannel left: Remove-FlannelArtifacts"), (check.Status, check.Found, check.Remedy));
    }

    [Theory]
    [InlineData("5.3.0-1", "1.17.5", RequirementStatus.Failed)]
    [InlineData("5.4.0-1", "1.17.5", RequirementStatus.Passed)]
    [InlineData("5.4.0-1", "1.18.0", RequirementStatus.Failed)]
    [InlineData("4.19.57", "1.15.0", RequirementStatus.Passed)]
    public async Task The_kernel_is_held_against_the_version(string kernel, string version, RequirementStatus status) =>
        Assert.Equal(status, (await CheckAsync(Node(kernel), version, CiliumFeature.Base))[0].Status);

    [Fact]
    public async Task A_module_that_cannot_be_loaded_is_no_module()
    {
        var shell = Node(config: "CONFIG_NET_SCH_FQ=m\n");

        var check = Assert.Single(await CheckAsync(shell, "1.17.5", CiliumFeature.Bandwidth));

        Assert.Equal((RequirementStatus.Failed, "m, but there is no module sch_fq"), (check.Status, check.Found));
        shell.Answer("modprobe --dry-run sch_fq", "");
        Assert.Equal("CONFIG_NET_SCH_FQ Passed m", Text(Assert.Single(await CheckAsync(shell, "1.17.5", CiliumFeature.Bandwidth))));
    }

    [Fact]
    public async Task What_cannot_be_known_and_what_is_gone_are_no_failures()
    {
        var shell = Node(config: "CONFIG_XFRM=y\n");
        var gone = (await CheckAsync(shell, "1.17.5", CiliumFeature.Ipsec)).Single(check => check.Requirement == "CONFIG_INET_XFRM_MODE_TUNNEL");
        shell.Files.Clear();
        var unknown = (await CheckAsync(shell, "1.17.5", CiliumFeature.Bandwidth)).Single();

        Assert.Equal((RequirementStatus.NotApplicable, "only in kernels before 5.2"), (gone.Status, gone.Needed));
        Assert.Equal(RequirementStatus.Unknown, unknown.Status);
    }

    [Fact]
    public async Task A_version_before_the_table_is_refused()
    {
        var error = await Assert.ThrowsAsync<LabException>(() => CheckAsync(Node(), "1.9.0", CiliumFeature.Base));

        Assert.Equal("CiliumVersionUnknown", error.ErrorId);
    }

    private static string Text(RequirementCheck check) => $"{check.Requirement} {check.Status} {check.Found}";

    private static async Task<List<RequirementCheck>> CheckAsync(RecordedShell shell, string version, params CiliumFeature[] features) =>
        await CiliumRequirements.CheckAsync(shell, Version.Parse(version), features, static _ => { }, TestContext.Current.CancellationToken).ToListAsync(TestContext.Current.CancellationToken);

    private static RecordedShell Node(string kernel = "6.8.0-53-generic", string? config = null)
    {
        var shell = new RecordedShell()
            .Answer("uname -r -m", $"{kernel} x86_64\n")
            .Answer("cat /proc/modules", "")
            .Answer("uname -r", kernel)
            .Answer("findmnt -n -t bpf -o TARGET", "/sys/fs/bpf\n")
            .Answer("ss -tanpo", Listening)
            .Answer("ip -j -d -s addr show", Links);
        shell.Files[$"/boot/config-{kernel}"] = config ?? string.Join('\n', ((string[])["077", "078", "081", "082"]).Select(Recorded)) + "\nCONFIG_NETFILTER_XT_SET=y\nCONFIG_IP_SET=y\nCONFIG_IP_SET_HASH_IP=y\nCONFIG_NETFILTER_XT_MATCH_COMMENT=y\n";
        foreach (var module in (string[])["vxlan", "geneve", "cls_bpf", "sch_ingress", "algif_hash", "xt_TPROXY", "xt_mark", "xt_CT", "xt_socket", "netkit", "xt_set", "ip_set", "ip_set_hash_ip"])
            shell.Answer("modprobe --dry-run " + module, "");
        return shell;
    }

    private static string Recorded(string number) =>
        File.ReadAllText(Directory.EnumerateFiles(Path.Combine(Repository.Root, "tests", "Fixtures", "transcript"), number + "-*.txt").Single());
}

using System.Net;
using CiliumLab.Engine.Nodes.Kubelet;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Tests.Text;

public sealed class KubeadmFlagsTextTests
{
    [Theory]
    [InlineData("023", null)]
    [InlineData("025", "192.168.10.100")]
    [InlineData("026", "192.168.10.101")]
    [InlineData("027", "192.168.10.102")]
    public void Reads_the_lab(string number, string? nodeIp)
    {
        var flags = Assert.Single(KubeadmFlagsText.Parse(
            Fixture.Open($"transcript/{number}-cat-var-lib-kubelet-kubeadm-flags-env.txt"), "k8s-ctr", Unexpected.Warning));

        Assert.Equal("KUBELET_KUBEADM_ARGS", flags.Variable);
        Assert.Equal(nodeIp is null ? [] : [IPAddress.Parse(nodeIp)], flags.NodeIp);
        Assert.Equal(new KubeletFlag("pod-infra-container-image", "registry.k8s.io/pause:3.10"), flags.Flags[^1]);
        Assert.StartsWith("unix:///", flags.Flags.Single(flag => flag.Name == "container-runtime-endpoint").Value, StringComparison.Ordinal);
        Assert.Empty(flags.OtherWords);
    }

    [Fact]
    public void The_change_of_the_lab_gives_the_file_of_the_lab()
    {
        var before = EnvironmentFile.Parse(Fixture.Read("transcript/023-cat-var-lib-kubelet-kubeadm-flags-env.txt"));
        var arguments = new KubeletArguments(before.Find("KUBELET_KUBEADM_ARGS")!.Value);

        var after = before.With("KUBELET_KUBEADM_ARGS", arguments.WithNodeIp([IPAddress.Parse("192.168.10.100")]));

        Assert.Equal(Fixture.Read("transcript/025-cat-var-lib-kubelet-kubeadm-flags-env.txt"), after);
    }

    [Theory]
    [InlineData("", "--node-ip=10.0.0.9")]
    [InlineData("--v=2", "--node-ip=10.0.0.9 --v=2")]
    [InlineData("--v=2 --node-ip=10.0.0.1 --x", "--v=2 --node-ip=10.0.0.9 --x")]
    [InlineData("--v=2 --node-ip 10.0.0.1 --x=1", "--v=2 --node-ip=10.0.0.9 --x=1")]
    [InlineData("--node-ip=10.0.0.1 --v=2 --node-ip=10.0.0.2", "--node-ip=10.0.0.9 --v=2")]
    [InlineData("--node-ip=10.0.0.1,fd00::1  --node-labels='a=b c'", "--node-ip=10.0.0.9  --node-labels='a=b c'")]
    public void A_node_ip_is_replaced_and_never_doubled(string before, string after) =>
        Assert.Equal(after, new KubeletArguments(before).WithNodeIp([IPAddress.Parse("10.0.0.9")]));

    [Fact]
    public void Both_families_are_understood_and_written()
    {
        IPAddress[] both = [IPAddress.Parse("10.0.0.9"), IPAddress.Parse("fd00::9")];

        var arguments = new KubeletArguments(new KubeletArguments("--v=2").WithNodeIp(both));

        Assert.True(arguments.HasNodeIp(both));
        Assert.False(arguments.HasNodeIp([both[0]]));
        Assert.False(new KubeletArguments("--node-ip=10.0.0.9 --node-ip=10.0.0.9").HasNodeIp([both[0]]));
    }

    [Theory]
    [InlineData("A=\"x \\\"y\\\" \\$z\"\n", "x \"y\" $z")]
    [InlineData("A='x \"y\"'\r\n", "x \"y\"")]
    [InlineData("A=x\\ y   \n", "x y")]
    [InlineData("  A = \"x\" \n", "x")]
    [InlineData("A=\"one\\\n two\"", "one two")]
    [InlineData("A=\"x\"' y'\n", "x y")]
    [InlineData("A=\n", "")]
    [InlineData("A=old\nA=new\n", "new")]
    public void Reads_every_quoting_of_systemd(string text, string value) => Assert.Equal(value, EnvironmentFile.Parse(text).Find("A")!.Value);

    [Theory]
    [InlineData("# c\r\nA=\"x\"\r\nB='y' # no comment\r\n", "A", "z \"q\" $1", "# c\r\nA=\"z \\\"q\\\" \\$1\"\r\nB='y' # no comment\r\n")]
    [InlineData("A=\n", "A", "--node-ip=10.0.0.9", "A=--node-ip=10.0.0.9\n")]
    [InlineData("A=--x\nB=1", "A", "--node-ip=10.0.0.9", "A=--node-ip=10.0.0.9\nB=1")]
    [InlineData("B=1", "A", "x", "B=1\nA=\"x\"\n")]
    [InlineData("", "A", "x", "A=\"x\"\n")]
    [InlineData("A='same'\n", "A", "same", "A='same'\n")]
    public void Changes_one_value_and_keeps_the_rest(string before, string name, string value, string after)
    {
        var changed = EnvironmentFile.Parse(before).With(name, value);

        Assert.Equal(after, changed);
        Assert.Equal(value, EnvironmentFile.Parse(changed).Find(name)!.Value);
    }

    [Fact]
    public void A_node_ip_that_is_none_and_a_line_that_sets_nothing_are_warnings()
    {
        var warnings = new List<TextWarning>();

        var flags = KubeadmFlagsText.Parse(new StringReader("KUBELET_EXTRA_ARGS=--node-ip=eth1 oops\nexport X\n"), null, warnings.Add).ToList();

        Assert.Equal(["oops"], Assert.Single(flags).OtherWords);
        Assert.Equal([2, 1], warnings.Select(warning => warning.Line));
    }

    [Fact]
    public void Another_text_is_an_error() =>
        Assert.Throws<LabException>(() => KubeadmFlagsText.Parse(
            new StringReader("cat: /var/lib/kubelet/kubeadm-flags.env: No such file or directory\n"), null, Unexpected.Warning).ToList());

    [Fact]
    public void Endures_garbled_text() =>
        Garbling.Survives(KubeadmFlagsText.Parse, Fixture.Read("transcript/025-cat-var-lib-kubelet-kubeadm-flags-env.txt") + "KUBELET_EXTRA_ARGS='--v 2' --node-ip fd00::1\\\n");
}

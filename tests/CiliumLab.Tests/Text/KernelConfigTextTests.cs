using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Tests.Text;

public sealed class KernelConfigTextTests
{
    [Fact]
    public void Reads_every_option_of_the_lab()
    {
        var options = KernelConfigText.Parse(Fixture.Open("transcript/077-grep-e-config-bpf-config-bpf-syscall-config-net.txt"), "k8s-ctr", Unexpected.Warning).ToList();

        Assert.Equal(27, options.Count);
        Assert.Equal(new KernelOption { Node = "k8s-ctr", Name = "CONFIG_BPF", State = KernelOptionState.BuiltIn, Value = "y" }, options[0]);
        Assert.Equal(new KernelOption { Node = "k8s-ctr", Name = "CONFIG_BPF_PRELOAD", State = KernelOptionState.NotSet }, options[6]);
        Assert.Equal(KernelOptionState.Module, options.Single(option => option.Name == "CONFIG_NET_SCH_INGRESS").State);
        Assert.Equal(2, options.Count(option => option.State == KernelOptionState.NotSet));
    }

    [Theory]
    [InlineData("078-grep-e-config-vxlan-y-config-vxlan-m-config-gene", "CONFIG_GENEVE", KernelOptionState.Module, 3)]
    [InlineData("081-grep-e-config-netfilter-xt-target-tproxy-config", "CONFIG_NETFILTER_XT_TARGET_TPROXY", KernelOptionState.Module, 5)]
    [InlineData("082-grep-e-config-netkit-y-config-netkit-m-boot-conf", "CONFIG_NETKIT", KernelOptionState.BuiltIn, 1)]
    public void Reads_the_other_excerpts_of_the_lab(string file, string name, KernelOptionState state, int count)
    {
        var options = KernelConfigText.Parse(Fixture.Open($"transcript/{file}.txt"), null, Unexpected.Warning).ToList();

        Assert.Equal(count, options.Count);
        Assert.Equal(state, options.Single(option => option.Name == name).State);
    }

    [Fact]
    public void Reads_a_whole_configuration()
    {
        var lines = Fixture.Read("kernel/config-6.18.txt").Split('\n');
        var options = KernelConfigText.Parse(Fixture.Open("kernel/config-6.18.txt"), null, Unexpected.Warning).ToDictionary(option => option.Name);

        Assert.Equal(lines.Count(line => line.StartsWith("CONFIG_", StringComparison.Ordinal) || line.EndsWith(" is not set", StringComparison.Ordinal)), options.Count);
        Assert.Equal("gcc (GCC) 15.3.0", options["CONFIG_CC_VERSION_TEXT"].Value);
        Assert.Equal((KernelOptionState.Value, ""), (options["CONFIG_DEFAULT_INIT"].State, options["CONFIG_DEFAULT_INIT"].Value));
        Assert.Equal("150300", options["CONFIG_GCC_VERSION"].Value);
    }

    [Fact]
    public void Reads_what_grep_puts_before_its_lines()
    {
        var text = "/boot/config-6.8.0-53-generic:CONFIG_VXLAN=m\n/boot/config-6.8.0-53-generic:12:# CONFIG_GENEVE is not set\n--\n"
            + "7:CONFIG_A=\"a \\\"b\\\"\"\r\nCONFIG_B=n\n/boot/config:# Networking options\n";

        var options = KernelConfigText.Parse(new StringReader(text), null, Unexpected.Warning).ToList();

        Assert.Equal(["CONFIG_VXLAN", "CONFIG_GENEVE", "CONFIG_A", "CONFIG_B"], options.Select(option => option.Name));
        Assert.Equal("a \"b\"", options[2].Value);
        Assert.Equal(KernelOptionState.NotSet, options[3].State);
    }

    [Fact]
    public void Another_text_is_an_error() =>
        Assert.Throws<LabException>(
            () => KernelConfigText.Parse(new StringReader("grep: /boot/config-6.8: No such file or directory"), null, Unexpected.Warning).ToList());

    [Fact]
    public void Endures_garbled_text() =>
        Garbling.Survives(KernelConfigText.Parse, Fixture.Read("transcript/077-grep-e-config-bpf-config-bpf-syscall-config-net.txt"));
}

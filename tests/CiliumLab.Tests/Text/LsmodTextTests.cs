using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Tests.Text;

public sealed class LsmodTextTests
{
    [Fact]
    public void Reads_what_grep_left_of_the_lab()
    {
        var modules = LsmodText.Parse(Fixture.Open("transcript/080-lsmod-grep-e-vxlan-geneve.txt"), "k8s-ctr", Unexpected.Warning).ToList();

        Assert.Equal(["geneve", "vxlan", "ip6_udp_tunnel", "udp_tunnel"], modules.Select(module => module.Name));
        Assert.Equal(49152ul, modules[0].Size);
        Assert.Equal(0, modules[0].UseCount);
        Assert.Empty(modules[0].UsedBy);
        Assert.Equal(2, modules[2].UseCount);
        Assert.Equal(["geneve", "vxlan"], modules[2].UsedBy);
        Assert.All(modules, module => Assert.Equal((KernelModuleState.Loaded, "k8s-ctr"), (module.State, module.Node)));
    }

    [Fact]
    public void Reads_the_lab_before_geneve_was_loaded()
    {
        var modules = LsmodText.Parse(Fixture.Open("transcript/079-lsmod-grep-e-vxlan-geneve.txt"), null, Unexpected.Warning).ToList();

        Assert.Equal(["vxlan", "ip6_udp_tunnel", "udp_tunnel"], modules.Select(module => module.Name));
        Assert.Equal(["vxlan"], modules[1].UsedBy);
    }

    [Fact]
    public void A_header_alone_is_an_empty_list() =>
        Assert.Empty(LsmodText.Parse(new StringReader("Module                  Size  Used by\n"), null, Unexpected.Warning));

    [Fact]
    public void Reads_proc_modules_with_states_and_modules_that_cannot_be_removed()
    {
        var text = "br_netfilter 32768 0 - Live 0x0000000000000000\r\nbridge 421888 1 br_netfilter, Live 0x0\n"
            + "nf_nat 61440 3 xt_nat,[permanent], Unloading 0x0 (OE)\nvxlan 155648 - - Loading 0x0\n";

        var modules = LsmodText.Parse(new StringReader(text), null, Unexpected.Warning).ToList();

        Assert.Equal(["br_netfilter"], modules[1].UsedBy);
        Assert.Equal(["xt_nat"], modules[2].UsedBy);
        Assert.Equal(KernelModuleState.Unloading, modules[2].State);
        Assert.Equal(KernelModuleState.Loading, modules[3].State);
        Assert.Null(modules[3].UseCount);
    }

    [Fact]
    public void An_error_instead_of_a_list_is_quoted()
    {
        var error = Assert.Throws<LabException>(
            () => LsmodText.Parse(new StringReader("libkmod: ERROR could not open /proc/modules\n"), null, Unexpected.Warning).ToList());

        Assert.Equal("OutputNotUnderstood", error.ErrorId);
        Assert.Contains("could not open /proc/modules", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_strange_line_among_others_is_a_warning_with_its_number()
    {
        var warnings = new List<TextWarning>();

        var modules = LsmodText.Parse(new StringReader("vxlan 1 0\n\nwhat is this\nudp_tunnel 2 1 vxlan\n"), null, warnings.Add).ToList();

        Assert.Equal(2, modules.Count);
        Assert.Equal((3, "what is this"), (Assert.Single(warnings).Line, warnings[0].Text));
    }

    [Fact]
    public void Endures_garbled_text() =>
        Garbling.Survives(LsmodText.Parse, Fixture.Read("transcript/080-lsmod-grep-e-vxlan-geneve.txt"));
}

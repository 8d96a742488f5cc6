using CiliumLab.Engine.Text;
using CiliumLab.Model;
using CiliumLab.Tests.Cilium;

namespace CiliumLab.Tests.Bpf;

/// <summary>The BPF file system, live and from text.</summary>
public sealed class BpfFilesystemTests(ServedCilium lab) : IClassFixture<ServedCilium>
{
    [Fact]
    public void The_recorded_tree_is_pins_with_their_paths()
    {
        var pins = LabOutputKinds.Parser(LabOutputKind.BpfFilesystem)(new StringReader(Fixture.Read("transcript/168-tree-sys-fs-bpf.txt")), "k8s-ctr", Unexpected.Warning).Cast<BpfPin>().ToList();

        Assert.Equal(83, pins.Count);
        Assert.Equal(("/sys/fs/bpf/cilium", 1, true, "k8s-ctr"), (pins[0].Path, pins[0].Depth, pins[0].IsFolder, pins[0].Node));
        Assert.Contains(pins, pin => pin is { Path: "/sys/fs/bpf/cilium/endpoints/1827/links/cil_to_container", Depth: 5, IsFolder: false, MapName: null });
        Assert.Contains(pins, pin => pin is { Path: "/sys/fs/bpf/tc/globals/cilium_ipcache", Depth: 3, MapName: "cilium_ipcache" });
        Assert.Equal("cilium_snat_v4_external", pins[^1].Name);
    }

    [Fact]
    public void The_tree_of_another_folder_is_refused() =>
        Assert.Equal("OutputNotUnderstood", Assert.Throws<LabException>(() => LabOutputKinds.Parser(LabOutputKind.BpfFilesystem)(new StringReader("/etc/cni/net.d/\n└── 05-cilium.conflist\n"), null, _ => { }).ToList()).ErrorId);

    [Fact]
    public void Every_node_has_its_mount_and_below_it_what_is_pinned_folder_by_folder()
    {
        var all = lab.Prompt.Get("Get-CiliumBpfFilesystem -Mount; Get-CiliumBpfFilesystem").Select(item => item.BaseObject).ToList();

        Assert.Equal(["k8s-ctr", "k8s-w1", "k8s-w2"], all.OfType<BpfMount>().Select(mount => mount.Node!).Order());
        var pins = all.OfType<BpfPin>().Where(pin => pin.Node == "k8s-ctr").ToList();
        var recorded = LabOutputKinds.Parser(LabOutputKind.BpfFilesystem)(new StringReader(Fixture.Read("transcript/168-tree-sys-fs-bpf.txt")), null, Unexpected.Warning).Cast<BpfPin>();
        Assert.Superset(recorded.Where(pin => pin.Path.Contains("/socketlb", StringComparison.Ordinal)).Select(pin => (pin.Path, pin.IsFolder, pin.Depth)).ToHashSet(), pins.Select(pin => (pin.Path, pin.IsFolder, pin.Depth)).ToHashSet());
        Assert.All(pins.Zip(pins.Skip(1)), pair => Assert.True(pair.Second.Depth <= pair.First.Depth + (pair.First.IsFolder ? 1 : 0), pair.Second.Path));
        var endpoint = lab.Agent("k8s-ctr").Endpoints.Find("default", "curl-pod")!;
        Assert.Equal(
            [$"/sys/fs/bpf/cilium/endpoints/{endpoint.Id}/links/cil_from_container", $"/sys/fs/bpf/cilium/endpoints/{endpoint.Id}/links/cil_to_container"],
            lab.Prompt.Get($"Get-CiliumBpfFilesystem k8s-ctr -Path */endpoints/{endpoint.Id}/links/*").Select(pin => ((BpfPin)pin.BaseObject).Path));
    }

    [Fact]
    public void The_view_indents_them()
    {
        var screen = lab.Prompt.Show("Get-CiliumBpfFilesystem k8s-ctr -Path */tc, */tc/globals, */cilium_ipcache");

        Assert.Matches(@"k8s-ctr +tc/ *\n.*k8s-ctr +  globals/ *\n.*k8s-ctr +    cilium_ipcache +cilium_ipcache", screen.Replace("\r", "", StringComparison.Ordinal));
    }
}

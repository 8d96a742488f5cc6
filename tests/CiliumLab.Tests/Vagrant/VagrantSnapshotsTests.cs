using CiliumLab.Engine.Providers.Vagrant;
using CiliumLab.Engine.Text;

namespace CiliumLab.Tests.Vagrant;

/// <summary><c>vagrant snapshot list --machine-readable</c>, as Vagrant 2.3.4 and 2.4 print it.</summary>
public sealed class VagrantSnapshotsTests
{
    [Fact]
    public void A_snapshot_is_one_that_every_machine_has() =>
        Assert.Equal(
            ["one", "two"],
            Names(
                "1,a,metadata,provider,virtualbox", "1,b,metadata,provider,virtualbox",
                "1,a,ui,output,==> a: ", "1,a,ui,detail,one", "1,a,ui,detail,half", "1,a,ui,detail,two",
                "1,b,ui,output,==> b: ", "1,b,ui,detail,one", "1,b,ui,detail,two"));

    [Fact]
    public void What_Vagrant_says_to_people_is_no_snapshot() =>
        Assert.Empty(Names(
            "1,a,ui,output,==> a: No snapshots have been taken yet!",
            "1,a,ui,detail,    a: You can take a snapshot using `vagrant snapshot save`. Note that\\n    a: not all providers support this yet."));

    [Fact]
    public void A_machine_without_any_leaves_the_lab_without_any() =>
        Assert.Empty(Names("1,a,ui,output,==> a: ", "1,a,ui,detail,one", "1,b,ui,output,==> b: No snapshots have been taken yet!", "1,b,ui,detail,    b: You can"));

    private static IReadOnlyList<string> Names(params string[] lines) => VagrantSnapshots.Names(lines.Select(VagrantLine.Parse).OfType<VagrantLine>());
}

using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Model;

namespace CiliumLab.Tests.Labs;

public sealed class LabStoreTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_lab_is_known_once_it_is_written_whatever_the_case_of_its_name()
    {
        var store = new LabStore(Path.Combine(_folder.Path, "labs"));
        Assert.Empty(store.Names());

        store.Write(new LabDescription { Name = "Week1", Nodes = [new NodeDescription { Node = "a", Host = "b" }] });

        Assert.Equal(["Week1"], store.Names());
        Assert.Equal("b", store.Read("WEEK1").Nodes[0].Host);
    }

    [Fact]
    public void Only_the_owner_may_read_a_lab()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no Unix file modes");
        var store = new LabStore(Path.Combine(_folder.Path, "labs"));

        store.Write(new LabDescription { Name = "week1", Nodes = [new NodeDescription { Node = "a", Host = "b" }] });

#pragma warning disable CA1416 // skipped on Windows above
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(store.Folder("week1")));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(store.Folder("week1"), "lab.yaml")));
#pragma warning restore CA1416
        Assert.Equal(["lab.yaml"], Directory.GetFiles(store.Folder("week1")).Select(Path.GetFileName));
    }

    [Fact]
    public void An_unknown_lab_is_answered_with_the_known_ones()
    {
        var store = new LabStore(_folder.Path);
        store.Write(new LabDescription { Name = "week1", Nodes = [new NodeDescription { Node = "a", Host = "b" }] });

        var error = Assert.Throws<LabException>(() => store.Read("week2"));

        Assert.Equal("LabNotFound", error.ErrorId);
        Assert.Contains("Known labs: week1.", error.Message, StringComparison.Ordinal);
    }
}

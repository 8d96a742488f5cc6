using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Nodes.Ssh;
using CiliumLab.Model;

namespace CiliumLab.Tests.Nodes;

/// <summary>What guards the pinned keys and the other files of a lab.</summary>
public sealed class KnownHostsSafetyTests : IDisposable
{
    private static readonly HostKey First = Key(1);
    private static readonly HostKey Second = Key(2);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void The_first_pin_wins()
    {
        var hosts = KnownHosts.Of(_folder.Path);

        Assert.Equal(First, hosts.PinFirst("k8s-w1", First));
        Assert.Equal(First, KnownHosts.Of(_folder.Path).PinFirst("k8s-w1", Second));
        Assert.Equal(First, hosts.Find("k8s-w1"));
    }

    [Theory]
    [InlineData("k8s-w1 ssh-ed25519 not-base64!\n")]
    [InlineData("k8s-w1 ssh-ed25519\n")]
    [InlineData("k8s-w1 ssh-ed25519 AAAA\n")]
    public void A_line_that_is_no_key_is_named_instead_of_trusting_anew(string line)
    {
        var hosts = KnownHosts.Of(_folder.Path);
        File.WriteAllText(hosts.FilePath, "# a comment\n\nother ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKtfYz1mJUtPzJ0y1lpYqFWjPEv9xqEaBhzSQjYQx4sE\n" + line);

        var error = Assert.Throws<LabException>(() => hosts.Find("k8s-w1"));

        Assert.Equal("KnownHostsInvalid", error.ErrorId);
        Assert.Contains("line 4", error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.RecommendedAction);
        Assert.NotNull(hosts.Find("other"));
    }

    [Fact]
    public void Comments_survive_a_pin()
    {
        var hosts = KnownHosts.Of(_folder.Path);
        File.WriteAllText(hosts.FilePath, "# by hand\n");

        hosts.PinFirst("k8s-w1", First);

        Assert.StartsWith("# by hand\nk8s-w1 ", File.ReadAllText(hosts.FilePath), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Writers_in_two_processes_do_not_lose_each_others_pins()
    {
        // The lock is the file's own, so it holds between processes; here a writer waits for one that has it.
        var hosts = KnownHosts.Of(_folder.Path);
        hosts.PinFirst("k8s-w1", First);
        Task<HostKey> waiting;
        using (new FileStream(hosts.FilePath + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None))
        {
            waiting = Task.Run(() => hosts.PinFirst("k8s-w2", Second), TestContext.Current.CancellationToken);
            File.AppendAllText(hosts.FilePath, "k8s-w2 ssh-ed25519 " + Convert.ToBase64String(First.Blob) + "\n");
        }

        Assert.Equal(First, await waiting);
    }

    [Fact]
    public void A_folder_that_others_may_enter_is_closed_when_something_is_written()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no Unix file modes");
#pragma warning disable CA1416 // skipped on Windows above
        var folder = Path.Combine(_folder.Path, "week1");
        Directory.CreateDirectory(folder);
        File.SetUnixFileMode(folder, (UnixFileMode)0b111_111_111);
        File.WriteAllText(Path.Combine(folder, "known_hosts"), "");
        File.SetUnixFileMode(Path.Combine(folder, "known_hosts"), (UnixFileMode)0b110_110_110);

        KnownHosts.Of(folder).PinFirst("k8s-w1", First);

        Assert.Equal((UnixFileMode)0b111_000_000, File.GetUnixFileMode(folder));
        Assert.Equal((UnixFileMode)0b110_000_000, File.GetUnixFileMode(Path.Combine(folder, "known_hosts")));
#pragma warning restore CA1416
    }

    [Fact]
    public void A_place_that_cannot_be_written_is_an_error_with_a_way_out()
    {
        var file = Path.Combine(_folder.Path, "file");
        File.WriteAllText(file, "");

        var error = Assert.Throws<LabException>(() => new LabStore(file).Write(new LabDescription { Name = "a", Nodes = [new NodeDescription { Node = "a", Host = "b" }] }));

        Assert.Equal("LabFileNotWritten", error.ErrorId);
        Assert.NotNull(error.RecommendedAction);
    }

    [Theory]
    [InlineData("a,b")]
    [InlineData("#a")]
    [InlineData("@cert-authority")]
    [InlineData("|1|x")]
    [InlineData("!a")]
    [InlineData("a\\nb")]
    [InlineData("-a")]
    [InlineData("a:b")]
    [InlineData("ä")]
    public void A_node_name_that_means_something_to_ssh_is_refused(string name)
    {
        var error = Assert.Throws<LabException>(() => LabYaml.Read($"nodes:\n  - node: \"{name}\"\n    host: h\n", Path.Combine(_folder.Path, "lab.yaml")));

        Assert.Equal("InventoryInvalid", error.ErrorId);
        Assert.Contains("line 2: field 'nodes[0].node'", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("host", "a\\nb")]
    [InlineData("key", "a\\0b")]
    [InlineData("user", "a\\e[2Jb")]
    public void A_control_character_in_a_field_is_refused(string field, string value)
    {
        var error = Assert.Throws<LabException>(() =>
            LabYaml.Read($"nodes:\n  - node: a\n    {field}: \"{value}\"\n", Path.Combine(_folder.Path, "lab.yaml")));

        Assert.Contains($"field 'nodes[0].{field}'", error.Message, StringComparison.Ordinal);
    }

    private static HostKey Key(byte seed) =>
        HostKey.FromBlob([0, 0, 0, 11, .. "ssh-ed25519"u8, 0, 0, 0, 32, .. Enumerable.Repeat(seed, 32)]);
}

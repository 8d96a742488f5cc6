using System.Text;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;

namespace CiliumLab.Tests.Integration;

/// <summary>Files of nodes are replaced whole or not at all, whatever their names and whatever happens.</summary>
public sealed class NodeFileTests(NodeLab lab) : NodeLabTests(lab)
{
    private const string Node = "k8s-w1";

    [Theory]
    [InlineData("plain")]
    [InlineData("-n")]
    [InlineData("with blanks $(touch x) 'and' \"quotes\"")]
    [InlineData("with\nnewline")]
    [InlineData("newline at its end\n")]
    [InlineData("ends in x")]
    public async Task Any_name_is_written_read_backed_up_and_deleted(string name)
    {
        await using var folder = await FolderAsync();
        await using var session = Lab.Session();
        var shell = session.Shell(Node);
        var path = $"{folder.Path}/{name}";

        var none = await shell.WriteFileAsync(path, "one"u8.ToArray(), Cancellation);
        await Lab.RunOnNode(Node, "chown", "alice", "--", path);
        await Lab.RunOnNode(Node, "chmod", "640", "--", path);
        var backup = await shell.WriteFileAsync(path, "two"u8.ToArray(), Cancellation);

        Assert.Null(none);
        Assert.Equal("one", Encoding.UTF8.GetString(await shell.ReadFileAsync(backup!, Cancellation)));
        Assert.Equal("two", Encoding.UTF8.GetString(await shell.ReadFileAsync(path, Cancellation)));
        Assert.Equal("alice 640", (await Lab.RunOnNode(Node, "stat", "-c", "%U %a", "--", path)).Trim());
        var deleted = await shell.DeleteFileAsync(path, Cancellation);
        Assert.Equal("two", Encoding.UTF8.GetString(await shell.ReadFileAsync(deleted!, Cancellation)));
        Assert.Equal("NodeFileNotFound", (await Assert.ThrowsAsync<LabException>(() => shell.ReadFileAsync(path, Cancellation))).ErrorId);
    }

    [Fact]
    public async Task A_link_stays_a_link_and_its_target_is_replaced()
    {
        await using var folder = await FolderAsync();
        await using var session = Lab.Session();
        await Lab.ScriptOnNode(Node, $"cd {folder.Path}; echo old > target; ln -s target link");

        await session.Shell(Node).WriteFileAsync($"{folder.Path}/link", "new"u8.ToArray(), Cancellation);

        Assert.Equal("new", await Lab.RunOnNode(Node, "cat", $"{folder.Path}/target"));
        Assert.Equal("target", (await Lab.RunOnNode(Node, "readlink", $"{folder.Path}/link")).Trim());
    }

    [Theory]
    [InlineData("missing/file", "No such file or directory")]
    [InlineData("folder", "is a folder")]
    [InlineData("loop", "Too many levels of symbolic links")]
    public async Task A_place_that_holds_no_file_is_refused_with_its_reason(string name, string reason)
    {
        await using var folder = await FolderAsync();
        await using var session = Lab.Session();
        await Lab.ScriptOnNode(Node, $"cd {folder.Path}; mkdir folder; ln -s loop loop");

        var error = await Assert.ThrowsAsync<LabException>(() => session.Shell(Node).WriteFileAsync($"{folder.Path}/{name}", "x"u8.ToArray(), Cancellation));

        Assert.Equal("NodeFileNotChanged", error.ErrorId);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.NotNull(error.RecommendedAction);
        Assert.Equal("folder\nloop\n", await Lab.RunOnNode(Node, "ls", "-A", folder.Path));
        Assert.Equal("", await Lab.RunOnNode(Node, "ls", "-A", $"{folder.Path}/folder"));
    }

    [Theory]
    [InlineData("ro", 4, "Read-only file system", "NodeFileNotChanged")]
    [InlineData("size=64k", 50 * 1024, "No space left on device", "NodeDiskFull")]
    [InlineData("size=64k", 4, "No space left on device", "NodeDiskFull")]
    public async Task A_file_system_that_takes_nothing_keeps_the_file_as_it_was(string option, int length, string reason, string errorId)
    {
        await using var folder = await FolderAsync();
        await using var session = Lab.Session();
        await Lab.ScriptOnNode(Node, $"""
            mount -t tmpfs -o size=64k none {folder.Path}
            head -c 49152 /dev/zero > {folder.Path}/file
            head -c {(length == 4 ? 8192 : 0)} /dev/zero > {folder.Path}/filler
            mount -o remount,{option} {folder.Path}
            """);
        await using var unmount = new Repair(() => Lab.RunOnNode(Node, "umount", folder.Path));

        var error = await Assert.ThrowsAsync<LabException>(() =>
            session.Shell(Node).WriteFileAsync($"{folder.Path}/file", new byte[length], Cancellation));

        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Equal("file\nfiller\n", await Lab.RunOnNode(Node, "ls", "-A", folder.Path));
        Assert.Equal("49152", (await Lab.RunOnNode(Node, "stat", "-c", "%s", $"{folder.Path}/file")).Trim());
    }

    [Theory]
    [InlineData("vagrant")]
    [InlineData("root")]
    public async Task An_upload_that_breaks_off_leaves_nothing_behind(string user)
    {
        await using var folder = await FolderAsync();
        await Lab.ScriptOnNode(Node, $"echo before > {folder.Path}/file");
        await using var port = Lab.OpenPort(Node);
        await using var session = Lab.Session(user, through: port);
        var shell = session.Shell(Node);
        await shell.RunAsync(NodeCommand.AsRoot("true"), Cancellation);
        port.CutAfter(512 * 1024);

        var error = await Assert.ThrowsAsync<LabException>(() => shell.WriteFileAsync($"{folder.Path}/file", new byte[1024 * 1024], Cancellation));

        Assert.Equal("NodeConnectionLost", error.ErrorId);
        while ((await Lab.RunOnNode(Node, "ps", "-eo", "args")).Contains("ciliumlab.XXXXXXXX", StringComparison.Ordinal))
            Cancellation.ThrowIfCancellationRequested();
        Assert.Equal("file\n", await Lab.RunOnNode(Node, "ls", "-A", folder.Path));
        Assert.Equal("before\n", await Lab.RunOnNode(Node, "cat", $"{folder.Path}/file"));
    }

    private async Task<NodeFolder> FolderAsync()
    {
        var path = "/root/files-" + Guid.NewGuid().ToString("N");
        await Lab.RunOnNode(Node, "mkdir", path);
        return new NodeFolder(Lab, path);
    }

    private sealed record NodeFolder(NodeLab Lab, string Path) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await Lab.RunOnNode(Node, "rm", "-rf", Path);
    }
}

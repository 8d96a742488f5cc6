using CiliumLab.Engine.Nodes;
using CiliumLab.Model;

namespace CiliumLab.Tests.Nodes;

public sealed class CniConfigsTests
{
    private const string FindConfigs = "find -L /etc/cni/net.d -maxdepth 1 -type f -printf %m %s %f\\n";
    private const string FindBinaries = "find -L /opt/cni/bin -maxdepth 1 -type f -printf %m %s %f\\n";
    private const string NoFolder = "find: '/etc/cni/net.d': No such file or directory";

    [Fact]
    public async Task Flannel_s_list_is_in_effect_on_the_lab()
    {
        var shell = new RecordedShell("k8s-ctr")
            .Answer(FindConfigs, "644 292 10-flannel.conflist\n")
            .Answer(FindBinaries, "644 11357 LICENSE\n755 2631044 flannel\n755 4143884 portmap\n");
        shell.Files["/etc/cni/net.d/10-flannel.conflist"] = Fixture.Read("transcript/041-cat-etc-cni-net-d-10-flannel-conflist-jq.txt");

        var config = Assert.Single(await ReadAsync(shell));

        Assert.Equal(("k8s-ctr", "/etc/cni/net.d/10-flannel.conflist", CniConfigStatus.InEffect), (config.Node, config.Path, config.Status));
        Assert.Equal(("cbr0", "0.3.1", null), (config.Name, config.CniVersion, config.Failure));
        Assert.Equal(["flannel", "portmap"], config.Plugins.Select(plugin => plugin.Type));
        Assert.All(config.Plugins, plugin => Assert.True(plugin.Installed));
        Assert.Contains("\"hairpinMode\": true", config.Plugins[0].Json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_by_byte_order_is_the_one_and_other_names_do_not_count()
    {
        var shell = new RecordedShell()
            .Answer(FindConfigs, "600 1 a.json\n600 1 10-flannel.conflist.cilium_bak\n600 1 B.conf\n600 1 05-cilium.conflist\n")
            .Answer(FindBinaries, "", 1, NoFolder);
        shell.Files["/etc/cni/net.d/05-cilium.conflist"] = """{"name":"cilium","cniVersion":"0.3.1","plugins":[{"type":"cilium-cni"}]}""";
        shell.Files["/etc/cni/net.d/10-flannel.conflist.cilium_bak"] = """{"name":"cbr0","plugins":[{"type":"flannel"}]}""";
        shell.Files["/etc/cni/net.d/B.conf"] = """{"name":"b","type":"bridge"}""";
        shell.Files["/etc/cni/net.d/a.json"] = "{}";

        var configs = await ReadAsync(shell);

        Assert.Equal(
            [CniConfigStatus.InEffect, CniConfigStatus.Ignored, CniConfigStatus.Shadowed, CniConfigStatus.Shadowed],
            configs.Select(config => config.Status));
        Assert.Equal("/opt/cni/bin has no program cilium-cni", configs[0].Failure);
        Assert.Equal("bridge", Assert.Single(configs[2].Plugins).Type);
        Assert.Equal("it has no name", configs[3].Failure);
    }

    [Theory]
    [InlineData("{\"name\":\"x\",\n\"plugins\":[", "not JSON: line 2, byte")]
    [InlineData("{\"name\":\"x\",\"plugins\":[]}", "it names no plugin")]
    [InlineData("[]", "it has no name")]
    public async Task A_first_file_that_cannot_be_read_is_said_to_block_the_others(string text, string failure)
    {
        var shell = new RecordedShell()
            .Answer(FindConfigs, "600 1 00-x.conflist\n600 1 10-y.conf\n")
            .Answer(FindBinaries, "755 1 bridge\n");
        shell.Files["/etc/cni/net.d/00-x.conflist"] = text;
        shell.Files["/etc/cni/net.d/10-y.conf"] = """{"name":"y","type":"bridge"}""";

        var configs = await ReadAsync(shell);

        Assert.Equal([CniConfigStatus.Invalid, CniConfigStatus.Shadowed], configs.Select(config => config.Status));
        Assert.StartsWith(failure, configs[0].Failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_that_is_not_there_is_nothing()
    {
        var shell = new RecordedShell().Answer(FindConfigs, "", 1, NoFolder).Answer(FindBinaries, "", 1, NoFolder);

        Assert.Empty(await ReadAsync(shell));
        Assert.Empty(await CniConfigs.ReadBinariesAsync(shell, TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Programs_are_told_from_what_lies_beside_them()
    {
        var shell = new RecordedShell().Answer(FindBinaries, "755 2631044 flannel\n644 11357 LICENSE\n755 9 a b\n");

        var binaries = await CniConfigs.ReadBinariesAsync(shell, TestContext.Current.CancellationToken);

        Assert.Equal(["LICENSE", "a b", "flannel"], binaries.Select(binary => binary.Name));
        Assert.Equal([false, true, true], binaries.Select(binary => binary.Executable));
        Assert.Equal(("/opt/cni/bin/flannel", 2631044ul), (binaries[2].Path, binaries[2].Length));
    }

    private static async Task<List<CniConfig>> ReadAsync(RecordedShell shell)
    {
        var configs = new List<CniConfig>();
        await foreach (var config in CniConfigs.ReadAsync(shell, TestContext.Current.CancellationToken))
            configs.Add(config);
        return configs;
    }
}

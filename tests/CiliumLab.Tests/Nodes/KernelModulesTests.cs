using CiliumLab.Engine.Nodes;
using CiliumLab.Model;

namespace CiliumLab.Tests.Nodes;

public sealed class KernelModulesTests
{
    private const string BootFile = "/etc/modules-load.d/ciliumlab.conf";

    [Fact]
    public async Task A_module_is_loaded_now_and_at_boot()
    {
        var loaded = false;
        var shell = Node(() => loaded ? "vxlan 155648 0 - Live 0x0\nudp_tunnel 32768 1 vxlan, Live 0x0\n" : "overlay 1 0 - Live 0x0\n")
            .Answer("modprobe vxlan", () =>
            {
                loaded = true;
                return new CommandAnswer("");
            });

        var module = await EnableAsync(shell, "vxlan");

        Assert.Equal((KernelModuleState.Loaded, KernelModuleState.NotLoaded, true), (module!.State, module.StateBefore, module.Changed));
        Assert.Equal((true, false, 155648ul), (module.LoadsAtBoot, module.LoadedAtBootBefore, module.Size));
        Assert.EndsWith("\nvxlan\n", shell.Files[BootFile], StringComparison.Ordinal);
        Assert.Contains("# modprobe vxlan", shell.Commands);
    }

    [Fact]
    public async Task Twice_is_once_and_other_lines_stay()
    {
        var shell = Node(() => "br_netfilter 32768 0 - Live 0x0\n");
        shell.Files[BootFile] = "# mine\noverlay";

        var first = await EnableAsync(shell, "br-netfilter");
        var second = await EnableAsync(shell, "br_netfilter");

        Assert.True(first!.Changed);
        Assert.Equal(BootFile + ".backup", first.Backup);
        Assert.False(second!.Changed);
        Assert.Equal("# mine\noverlay\nbr_netfilter\n", shell.Files[BootFile]);
        Assert.Single(shell.Writes);
        Assert.DoesNotContain(shell.Commands, command => command.Contains("modprobe", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Unless_it_is_confirmed_nothing_changes()
    {
        var shell = Node(() => "overlay 1 0 - Live 0x0\n");

        Assert.Null(await KernelModules.EnableAsync(shell, "vxlan", _ => Task.FromResult(false), Unexpected.Warning, TestContext.Current.CancellationToken));

        Assert.Empty(shell.Writes);
        Assert.DoesNotContain("# modprobe vxlan", shell.Commands);
    }

    [Fact]
    public async Task A_built_in_module_is_there_and_needs_nothing()
    {
        var shell = Node(() => "overlay 1 0 - Live 0x0\n")
            .Answer("cat /lib/modules/6.8.0/modules.builtin", "kernel/net/bridge/br_netfilter.ko\n");

        var module = await EnableAsync(shell, "br_netfilter");

        Assert.Equal((KernelModuleState.BuiltIn, false), (module!.State, module.Changed));
        Assert.Empty(shell.Writes);
    }

    [Fact]
    public async Task A_kernel_without_modules_has_only_built_in_ones()
    {
        var shell = new RecordedShell()
            .Answer("cat /proc/modules", "", 1, "cat: /proc/modules: No such file or directory")
            .Answer("uname -r", "6.8.0\n")
            .Answer("ls -1 /sys/module", "bridge\nvxlan\n");

        Assert.Equal(KernelModuleState.BuiltIn, (await EnableAsync(shell, "vxlan"))!.State);
        Assert.Equal("KernelModulesUnavailable", (await Assert.ThrowsAsync<LabException>(() => EnableAsync(shell, "geneve"))).ErrorId);
        Assert.Equal("KernelModulesUnavailable", (await Assert.ThrowsAsync<LabException>(() => ReadAsync(shell, null))).ErrorId);
        Assert.Equal(["bridge", "vxlan"], (await ReadAsync(shell, _ => true)).Select(module => module.Name));
    }

    [Fact]
    public async Task A_module_that_cannot_be_loaded_is_an_error_and_is_not_written_for_boot()
    {
        var shell = Node(() => "overlay 1 0 - Live 0x0\n").Answer("modprobe nosuch", "", 1, "modprobe: FATAL: Module nosuch not found in directory /lib/modules/6.8.0");

        var error = await Assert.ThrowsAsync<LabException>(() => EnableAsync(shell, "nosuch"));

        Assert.Equal("ModuleNotLoaded", error.ErrorId);
        Assert.Contains("FATAL: Module nosuch not found", error.Message, StringComparison.Ordinal);
        Assert.Empty(shell.Writes);
    }

    [Theory]
    [InlineData("vx*")]
    [InlineData("../evil")]
    [InlineData("--remove")]
    public async Task A_name_that_cannot_be_is_refused(string name)
    {
        var shell = Node(() => "");

        Assert.Equal("ModuleNameInvalid", (await Assert.ThrowsAsync<LabException>(() => EnableAsync(shell, name))).ErrorId);
        Assert.Empty(shell.Commands);
    }

    private static Task<KernelModule?> EnableAsync(RecordedShell shell, string name) =>
        KernelModules.EnableAsync(shell, name, _ => Task.FromResult(true), Unexpected.Warning, TestContext.Current.CancellationToken);

    private static Task<IReadOnlyList<KernelModule>> ReadAsync(RecordedShell shell, Func<string, bool>? named) =>
        KernelModules.ReadAsync(shell, named, Unexpected.Warning, TestContext.Current.CancellationToken);

    private static RecordedShell Node(Func<string> modules) => new RecordedShell()
        .Answer("cat /proc/modules", () => new CommandAnswer(modules()))
        .Answer("uname -r", "6.8.0\n")
        .Answer("cat /lib/modules/6.8.0/modules.builtin", "", 1, "cat: no")
        .Answer("ls -1 /sys/module", "kernel\n");
}

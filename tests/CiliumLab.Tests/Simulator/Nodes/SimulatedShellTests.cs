using System.Text;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;
using CiliumLab.Simulator;
using CiliumLab.Simulator.Nodes;

namespace CiliumLab.Tests.Simulator.Nodes;

public sealed class SimulatedShellTests
{
    private readonly SimulatedNode _node = LabNodes.Create(new Seed(3), TimeProvider.System)[0];

    private SimulatedShell Shell => new(_node, "demo", new NodeDescription { Node = _node.Name, Host = "127.0.0.1", User = "vagrant" });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Runs_commands_as_the_user_and_as_root()
    {
        Assert.Equal("vagrant\n", (await Shell.RunAsync(NodeCommand.Of("whoami"), Token)).Output);
        Assert.Equal("root\n", (await Shell.RunAsync(NodeCommand.AsRoot("whoami"), Token)).Output);
        Assert.Equal("RTNETLINK answers: Operation not permitted\n", (await Shell.RunAsync(NodeCommand.Of("ip", "link", "set", "eth1", "down"), Token)).Error);
    }

    [Fact]
    public async Task An_unknown_program_fails_as_a_shell_or_sudo_says_it()
    {
        var plain = await Shell.RunAsync(NodeCommand.Of("frobnicate"), Token);
        var sudo = await Shell.RunAsync(NodeCommand.AsRoot("frobnicate"), Token);

        Assert.Equal((127, "bash: exec: frobnicate: not found\n"), (plain.ExitCode, plain.Error));
        Assert.Equal((1, "sudo: frobnicate: command not found\n"), (sudo.ExitCode, sudo.Error));
    }

    [Fact]
    public async Task Replaces_a_file_and_keeps_what_was_there()
    {
        var backup = await Shell.WriteFileAsync("/etc/hosts", "new\n"u8.ToArray(), Token);

        Assert.Matches(@"^/etc/hosts\.ciliumlab-\d{8}T\d{9}Z\.bak$", backup);
        Assert.Equal("new\n", Encoding.UTF8.GetString(await Shell.ReadFileAsync("/etc/hosts", Token)));
        Assert.StartsWith("127.0.0.1 localhost", Encoding.UTF8.GetString(await Shell.ReadFileAsync(backup!, Token)), StringComparison.Ordinal);
        Assert.Null(await Shell.DeleteFileAsync("/etc/no-such", Token));
        Assert.NotNull(await Shell.DeleteFileAsync("/etc/hosts", Token));
        var gone = await Assert.ThrowsAsync<LabException>(() => Shell.ReadFileAsync("/etc/hosts", Token));
        Assert.Equal("NodeFileNotFound", gone.ErrorId);
    }

    [Fact]
    public async Task A_full_disk_leaves_the_file_as_it_was()
    {
        _node.Faults.DiskFull = true;

        var error = await Assert.ThrowsAsync<LabException>(() => Shell.WriteFileAsync("/etc/hosts", "new\n"u8.ToArray(), Token));

        Assert.Equal("NodeDiskFull", error.ErrorId);
        Assert.StartsWith("127.0.0.1 localhost", _node.Files.ReadText("/etc/hosts"), StringComparison.Ordinal);
        Assert.DoesNotContain("ciliumlab", _node.Output("ls", "-a", "/etc"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unreachable_node_is_a_connection_error()
    {
        _node.Faults.Unreachable = true;

        var error = await Assert.ThrowsAsync<LabException>(() => Shell.RunAsync(NodeCommand.Of("true"), Token));

        Assert.Equal(("NodeUnreachable", LabErrorKind.ConnectionError, (object)"k8s-ctr"), (error.ErrorId, error.Kind, error.Target));
    }

    [Fact]
    public async Task A_connection_that_breaks_in_the_middle_is_told()
    {
        _node.Faults.DropAfterBytes = 100;

        var error = await Assert.ThrowsAsync<LabException>(() => Shell.RunAsync(NodeCommand.Of("ip", "addr"), Token));

        Assert.Equal("NodeConnectionLost", error.ErrorId);
    }

    [Fact]
    public async Task A_broken_connection_ends_a_command_that_waits()
    {
        var running = await Shell.StartAsync(NodeCommand.Of("sleep", "1000"), Token);

        _node.IsPoweredOn = false;

        await Assert.ThrowsAsync<LabException>(running.WaitAsync);
        await running.DisposeAsync();
    }

    [Fact]
    public async Task A_command_that_takes_too_long_is_ended()
    {
        var command = NodeCommand.Of("sleep", "1000") with { Timeout = TimeSpan.FromMilliseconds(20) };

        var error = await Assert.ThrowsAsync<LabException>(() => Shell.RunAsync(command, Token));

        Assert.Equal("NodeCommandTimedOut", error.ErrorId);
    }

    [Fact]
    public async Task A_command_waits_for_its_reader_and_ends_when_nobody_reads()
    {
        _node.Files.Put("/var/big", new string('x', 4 * 1024 * 1024));
        var running = await Shell.StartAsync(NodeCommand.Of("cat", "/var/big"), Token);
        var some = new byte[1000];
        await running.Output.ReadExactlyAsync(some, Token);

        await running.DisposeAsync();

        Assert.All(some, octet => Assert.Equal((byte)'x', octet));
    }

    [Fact]
    public async Task A_restarted_kubelet_is_told_to_whoever_plays_it()
    {
        var changes = new List<string>();
        _node.Services.Changed += (service, change) => changes.Add($"{service.Name} {change}");

        Assert.Equal(0, (await Shell.RunAsync(NodeCommand.AsRoot("systemctl", "restart", "kubelet"), Token)).ExitCode);
        var refused = await Shell.RunAsync(NodeCommand.Of("systemctl", "restart", "kubelet"), Token);
        var unknown = await Shell.RunAsync(NodeCommand.AsRoot("systemctl", "restart", "nothing"), Token);

        Assert.Equal(["kubelet Restarted"], changes);
        Assert.Equal((1, 5), (refused.ExitCode, unknown.ExitCode));
        Assert.Equal("Failed to restart nothing.service: Unit nothing.service not found.\n", unknown.Error);
    }

    [Fact]
    public async Task A_restore_that_fails_changes_nothing()
    {
        var before = _node.Output("iptables-save").Split('\n').Where(line => !line.StartsWith('#')).ToArray();
        _node.Faults.IptablesRestoreFails = true;

        var result = await Shell.RunAsync(NodeCommand.AsRoot("iptables-restore") with { Input = "*filter\n-F\nCOMMIT\n"u8.ToArray() }, Token);

        Assert.Equal((1, "iptables-restore: line 3 failed: Memory allocation problem.\n"), (result.ExitCode, result.Error));
        Assert.Equal(before, _node.Output("iptables-save").Split('\n').Where(line => !line.StartsWith('#')));
    }

    [Fact]
    public void The_same_seed_gives_the_same_lab()
    {
        var again = LabNodes.Create(new Seed(3), TimeProvider.System)[0];
        var other = LabNodes.Create(new Seed(4), TimeProvider.System)[0];

        Assert.Equal(_node.Output("cat", "/sys/class/net/eth1/address"), again.Output("cat", "/sys/class/net/eth1/address"));
        Assert.NotEqual(_node.Output("cat", "/sys/class/net/eth1/address"), other.Output("cat", "/sys/class/net/eth1/address"));
    }
}

using System.Net;
using CiliumLab.Engine.Nodes.Kubelet;
using CiliumLab.Model;

namespace CiliumLab.Tests.Nodes;

public sealed class KubeletNodeIpTests
{
    private const string KubeadmFile = "/var/lib/kubelet/kubeadm-flags.env";
    private const string Restart = "systemctl restart kubelet";
    private const string Show = "systemctl show kubelet --property=ActiveState,SubState,MainPID";
    private const string Running = "ActiveState=active\nSubState=running\nMainPID=77\n";

    private static readonly NodeIpChoice Eth1 = new("eth1", []);

    [Fact]
    public async Task The_interface_s_address_is_set_and_the_kubelet_restarted()
    {
        var shell = Node();

        var result = await SetAsync(shell, Eth1);

        Assert.Equal([IPAddress.Parse("192.168.10.101")], result!.Configured);
        Assert.True(result.Changed);
        Assert.Empty(result.Before!);
        Assert.Null(result.Reported);
        Assert.Equal((KubeadmFile, KubeadmFile + ".backup"), (result.Path, result.Backup));
        Assert.Equal(
            Fixture.Read("transcript/025-cat-var-lib-kubelet-kubeadm-flags-env.txt").Replace("10.100", "10.101", StringComparison.Ordinal),
            shell.Files[KubeadmFile]);
        Assert.Contains("# " + Restart, shell.Commands);
    }

    [Fact]
    public async Task Twice_is_once()
    {
        var shell = Node();
        await SetAsync(shell, Eth1);
        shell.Writes.Clear();
        shell.Commands.Clear();

        var again = await SetAsync(shell, Eth1, _ => throw new InvalidOperationException("nothing is to be asked"));

        Assert.False(again!.Changed);
        Assert.Equal([IPAddress.Parse("192.168.10.101")], again.Configured);
        Assert.Empty(shell.Writes);
        Assert.DoesNotContain("# " + Restart, shell.Commands);
    }

    [Fact]
    public async Task A_flag_in_the_extra_arguments_is_the_one_that_counts()
    {
        var shell = Node();
        shell.Files["/etc/default/kubelet"] = "# ours\nKUBELET_EXTRA_ARGS=--node-ip=10.0.2.15\n";
        var before = shell.Files[KubeadmFile];

        Assert.Equal("/etc/default/kubelet", (await KubeletNodeIp.ReadAsync(shell, TestContext.Current.CancellationToken)).Path);
        var result = await SetAsync(shell, Eth1);

        Assert.Equal([IPAddress.Parse("10.0.2.15")], result!.Before!);
        Assert.Equal("# ours\nKUBELET_EXTRA_ARGS=--node-ip=192.168.10.101\n", shell.Files["/etc/default/kubelet"]);
        Assert.Equal(before, shell.Files[KubeadmFile]);
    }

    [Fact]
    public async Task Extra_arguments_without_the_flag_are_left_alone()
    {
        var shell = Node();
        shell.Files["/etc/default/kubelet"] = "KUBELET_EXTRA_ARGS=\n";

        Assert.Equal(KubeadmFile, (await SetAsync(shell, Eth1))!.Path);
    }

    [Fact]
    public async Task Unless_it_is_confirmed_nothing_changes()
    {
        var shell = Node();
        string? asked = null;

        var result = await SetAsync(shell, Eth1, change =>
        {
            asked = change;
            return Task.FromResult(false);
        });

        Assert.Null(result);
        Assert.Empty(shell.Writes);
        Assert.DoesNotContain("# " + Restart, shell.Commands);
        Assert.Equal($"Set --node-ip=192.168.10.101 in {KubeadmFile} (now: no --node-ip) and restart the kubelet", asked);
    }

    [Fact]
    public async Task A_kubelet_that_does_not_restart_gets_its_old_file_back()
    {
        var shell = Node();
        var before = shell.Files[KubeadmFile];
        shell.Answer(Restart, () => shell.Files[KubeadmFile] == before
            ? new CommandAnswer("")
            : new CommandAnswer("", 1, "Job for kubelet.service failed because the control process exited with error code."));

        var error = await Assert.ThrowsAsync<LabException>(() => SetAsync(shell, Eth1));

        Assert.Equal("KubeletRestartFailed", error.ErrorId);
        Assert.Contains("control process exited", error.Message, StringComparison.Ordinal);
        Assert.Contains("was restored, and the kubelet was restarted", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, shell.Files[KubeadmFile]);
        Assert.Equal(2, shell.Commands.Count(command => command == "# " + Restart));
    }

    [Fact]
    public async Task A_kubelet_that_starts_and_dies_is_noticed_and_its_last_words_are_told()
    {
        var shell = Node()
            .Answer(Show, "ActiveState=failed\nSubState=failed\nMainPID=0\n")
            .Answer("journalctl --unit=kubelet --lines=3 --output=cat --no-pager", "bad --node-ip \"192.168.10.101\"\n");
        var before = shell.Files[KubeadmFile];

        var error = await Assert.ThrowsAsync<LabException>(() => SetAsync(shell, Eth1));

        Assert.Contains("bad --node-ip", error.Message, StringComparison.Ordinal);
        Assert.Equal(before, shell.Files[KubeadmFile]);
    }

    [Fact]
    public async Task Ctrl_C_during_the_restart_puts_the_file_back()
    {
        var shell = Node();
        var before = shell.Files[KubeadmFile];
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        shell.Answer(Show, () =>
        {
            stop.Cancel();
            return new CommandAnswer(Running);
        });

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => KubeletNodeIp.SetAsync(shell, Eth1, _ => Task.FromResult(true), TimeProvider.System, stop.Token));

        Assert.Equal(before, shell.Files[KubeadmFile]);
    }

    [Theory]
    [InlineData("eth9", "InterfaceNotFound", "eth1 192.168.10.101")]
    [InlineData("eth2", "InterfaceAddressAmbiguous", "172.16.0.1, 172.16.0.2")]
    [InlineData("eth3", "InterfaceHasNoAddress", "eth0 10.0.2.15")]
    public async Task An_interface_that_does_not_give_one_address_is_an_error_that_lists_what_there_is(string name, string errorId, string listed)
    {
        var shell = Node();

        var error = await Assert.ThrowsAsync<LabException>(() => SetAsync(shell, new NodeIpChoice(name, [])));

        Assert.Equal(errorId, error.ErrorId);
        Assert.Equal("k8s-w1", error.Target);
        Assert.Contains(listed, error.Message, StringComparison.Ordinal);
        Assert.Empty(shell.Writes);
    }

    [Fact]
    public async Task A_given_address_must_be_on_the_node()
    {
        var error = await Assert.ThrowsAsync<LabException>(() => SetAsync(Node(), new NodeIpChoice(null, [IPAddress.Parse("192.168.10.100")])));

        Assert.Equal("AddressNotOnNode", error.ErrorId);
        Assert.Contains("eth1 192.168.10.101", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_families_can_be_given()
    {
        var result = await SetAsync(Node(), new NodeIpChoice(null, [IPAddress.Parse("192.168.10.101"), IPAddress.Parse("fd00:10::101")]));

        Assert.Equal("192.168.10.101,fd00:10::101", string.Join(',', result!.Configured));
    }

    [Fact]
    public async Task A_node_without_a_kubelet_says_so()
    {
        var error = await Assert.ThrowsAsync<LabException>(() => KubeletNodeIp.ReadAsync(new RecordedShell(), TestContext.Current.CancellationToken));

        Assert.Equal("KubeletFlagsNotFound", error.ErrorId);
    }

    private static Task<NodeInternalIp?> SetAsync(RecordedShell shell, NodeIpChoice choice, Func<string, Task<bool>>? confirm = null) =>
        KubeletNodeIp.SetAsync(shell, choice, confirm ?? (_ => Task.FromResult(true)), new HastyClock(), TestContext.Current.CancellationToken);

    private static RecordedShell Node() => new RecordedShell
    {
        Files = { [KubeadmFile] = Fixture.Read("transcript/023-cat-var-lib-kubelet-kubeadm-flags-env.txt") },
    }
        .Answer("ip -j -d -s addr show", """
            [{"ifindex":1,"ifname":"lo","addr_info":[{"family":"inet","local":"127.0.0.1","prefixlen":8,"scope":"host"}]},{},
             {"ifindex":2,"ifname":"eth0","addr_info":[{"family":"inet","local":"10.0.2.15","prefixlen":24,"scope":"global"}]},
             {"ifindex":3,"ifname":"eth1","addr_info":[{"family":"inet","local":"192.168.10.101","prefixlen":24,"scope":"global"},
                                           {"family":"inet6","local":"fd00:10::101","prefixlen":64,"scope":"global"},
                                           {"family":"inet6","local":"fe80::1","prefixlen":64,"scope":"link"}]},
             {"ifindex":4,"ifname":"eth2","addr_info":[{"family":"inet","local":"172.16.0.1","prefixlen":24,"scope":"global"},{"family":"inet","local":"172.16.0.2","prefixlen":24,"scope":"global"}]},
             {"ifindex":5,"ifname":"eth3","addr_info":[{"family":"inet6","local":"fe80::3","prefixlen":64,"scope":"link"}]}]
            """)
        .Answer(Restart, "")
        .Answer(Show, Running);

    /// <summary>Every look at the clock is half a second later, and waiting takes no time.</summary>
    private sealed class HastyClock : TimeProvider
    {
        private long _looks;

        public override long TimestampFrequency => 2;

        public override long GetTimestamp() => Interlocked.Increment(ref _looks);

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            System.CreateTimer(callback, state, TimeSpan.Zero, Timeout.InfiniteTimeSpan);
    }
}

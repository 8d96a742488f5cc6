namespace CiliumLab.Tests.Integration;

/// <summary>Each fault breaks what it says, nothing beside it, and is repaired afterwards.</summary>
public sealed class NodeLabFaultTests(NodeLab lab) : NodeLabTests(lab)
{
    private const string Node = "k8s-w1";

    [Fact]
    public async Task Killing_sshd_ends_sessions_and_refuses_new_ones()
    {
        var session = Ssh(Node, "echo open; sleep 600");
        await SessionIsOpen();
        await using (await Lab.KillSshd(Node))
        {
            Assert.Equal(255, (await session).ExitCode);
            await EndOrphans();
            Assert.Equal((255, ""), Said(await Ssh(Node, "true")));
            Assert.Equal((0, ""), Said(await Ssh("k8s-w2", "true")));
        }

        Assert.Equal((0, ""), Said(await Ssh(Node, "true")));
    }

    [Fact]
    public async Task Killing_the_sessions_leaves_the_server()
    {
        var session = Ssh(Node, "echo open; sleep 600");
        await SessionIsOpen();
        await Lab.KillSshSessions(Node);
        Assert.Equal(255, (await session).ExitCode);
        await EndOrphans();
        Assert.Equal((0, ""), Said(await Ssh(Node, "true")));
    }

    [Fact]
    public async Task A_dropped_node_keeps_silent()
    {
        await using (await Lab.DropNode(Node))
        {
            // ConnectTimeout covers the banner too
            Assert.Equal((255, ""), Said(await Ssh(Node, "true")));
            Assert.Equal((0, ""), Said(await Ssh("k8s-ctr", "true")));
        }

        Assert.Equal((0, ""), Said(await Ssh(Node, "true")));
    }

    [Fact]
    public async Task A_full_disk_takes_no_byte_more()
    {
        await using (await Lab.FillDisk(Node))
        {
            var write = await Ssh(Node, "echo more > /home/vagrant/more");
            Assert.Equal(1, write.ExitCode);
            Assert.Contains("No space left on device", write.Error, StringComparison.Ordinal);
        }

        Assert.Equal((0, ""), Said(await Ssh(Node, "echo more > /home/vagrant/more && rm /home/vagrant/more")));
    }

    [Fact]
    public async Task A_changed_host_key_is_another_and_comes_back()
    {
        var before = await Lab.HostKeyFingerprint(Node);
        await using (await Lab.ChangeHostKey(Node))
        {
            Assert.NotEqual(before, await Lab.HostKeyFingerprint(Node));
            Assert.Equal((0, ""), Said(await Ssh(Node, "true")));
        }

        Assert.Equal(before, await Lab.HostKeyFingerprint(Node));
        Assert.Equal((0, ""), Said(await Ssh(Node, "true")));
    }

    [Fact]
    public async Task A_restarted_node_keeps_its_disk_and_none_of_its_processes()
    {
        await Lab.ScriptOnNode(Node, "touch /root/kept /run/lost");
        await Lab.RestartNode(Node);
        Assert.Equal("/root/kept\n", await Lab.ScriptOnNode(Node, "ls /root/kept /run/lost 2>/dev/null || true"));
        Assert.Equal((0, $"{Node}\n"), Said(await Ssh(Node, "hostname")));
    }

    [Fact]
    public async Task A_port_is_slow_deaf_and_torn_as_told()
    {
        await using var port = Lab.OpenPort(Node);
        Assert.Equal((0, $"{Node}\n"), Said(await Ssh(Node, "hostname", port)));
        Assert.Equal(1, port.Accepted);

        port.Delay = TimeSpan.FromMilliseconds(30);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal((0, $"{Node}\n"), Said(await Ssh(Node, "hostname", port)));
        Assert.True(watch.Elapsed > 6 * port.Delay, $"a login of several turns took only {watch.Elapsed}");

        port.Delay = TimeSpan.Zero;
        port.Deaf = true;
        Assert.Equal((255, ""), Said(await Ssh(Node, "hostname", port)));
        port.Deaf = false;
        Assert.Equal((0, $"{Node}\n"), Said(await Ssh(Node, "hostname", port)));

        port.CutAfter(20_000);
        var torn = await Ssh(Node, "head -c 1000000 /dev/zero", port);
        Assert.Equal(255, torn.ExitCode);
        Assert.InRange(torn.Output.Length, 0, 20_000);

        port.Refuse();
        Assert.Equal((255, ""), Said(await Ssh(Node, "hostname", port)));
    }

    private Task<HostProgramResult> Ssh(string node, string command, NodePort? through = null) =>
        OpenSsh.RunAsync(Lab, node, "vagrant", command, through: through, cancellationToken: Cancellation);

    private static (int ExitCode, string Output) Said(HostProgramResult result) => (result.ExitCode, result.Output);

    private Task<string> SessionIsOpen() =>
        Lab.ScriptOnNode(Node, "until pgrep -x sleep --uid vagrant > /dev/null; do sleep 0.02; done");

    // nobody hangs up on a command whose sshd was killed
    private Task<string> EndOrphans() => Lab.ScriptOnNode(Node, "pkill -x sleep --uid vagrant || true");
}

using System.Diagnostics;
using CiliumLab.Engine.Nodes;

namespace CiliumLab.Tests.Integration;

/// <summary>Commands that are given up: nothing of them stays, here or on the node, whatever the moment.</summary>
public sealed class SshCancellationTests(NodeLab lab) : NodeLabTests(lab)
{
    // One connection runs so many commands at once.
    private const int Sessions = 8;

    [Fact]
    public async Task Commands_cancelled_at_any_moment_leave_no_process_and_no_session_behind()
    {
        await using var port = Lab.OpenPort("k8s-w1");
        port.Delay = TimeSpan.FromMilliseconds(2);
        await using var session = Lab.Session(through: port);
        var shell = session.Shell("k8s-w1");
        var seconds = Random.Shared.Next(10_000, 99_999);

        await Task.WhenAll(Enumerable.Range(0, 40).Select(async i =>
        {
            using var stop = new CancellationTokenSource(TimeSpan.FromMilliseconds(i * 3));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
                shell.RunAsync(new NodeCommand(["sleep", $"{seconds}"]) { Sudo = i % 2 == 0 }, stop.Token));
        }));

        await EndedAsync(seconds);
        var results = await Task.WhenAll(Enumerable.Range(0, Sessions).Select(_ => shell.RunAsync(NodeCommand.Of("echo", "hello"), Cancellation)));
        Assert.All(results, result => Assert.Equal("hello\n", result.Output));
        Assert.Equal(1, port.Accepted);
    }

    [Theory]
    [InlineData("sleep", true)]
    [InlineData("true", false)]
    public async Task Input_that_nobody_reads_holds_no_thread_and_breaks_no_connection(string program, bool cancel)
    {
        await using var port = Lab.OpenPort("k8s-w1");
        await using var session = Lab.Session(through: port);
        var shell = session.Shell("k8s-w1");
        var seconds = Random.Shared.Next(10_000, 99_999);
        var command = new NodeCommand(program == "sleep" ? ["sleep", $"{seconds}"] : [program]) { Input = new byte[16 * 1024 * 1024] };
        await RunAsync();
        var before = Threads();

        for (var i = 0; i < 2 * Sessions; i++)
            await RunAsync();

        while (Threads() > before + 4)
            Cancellation.ThrowIfCancellationRequested();
        Assert.Equal(0, (await shell.RunAsync(NodeCommand.Of("true"), Cancellation)).ExitCode);
        Assert.Equal(1, port.Accepted);

        async Task RunAsync()
        {
            if (!cancel)
            {
                await shell.RunAsync(command, Cancellation);
                return;
            }

            using var stop = new CancellationTokenSource();
            var running = await shell.StartAsync(command, stop.Token);
            await stop.CancelAsync();
            await running.DisposeAsync();
        }
    }

    [Fact]
    public async Task Many_cancelled_commands_all_get_their_signal_within_a_second()
    {
        await using var session = Lab.Session();
        var shell = session.Shell("k8s-w1");
        using var stop = new CancellationTokenSource();
        var mark = "/tmp/term-" + Guid.NewGuid().ToString("N");
        await Lab.RunOnNode("k8s-w1", "install", "-d", "-m", "777", mark);
        var script = $"trap 'date +%s%N > {mark}/$1' TERM; while :; do sleep 0.05; done";
        var started = await Task.WhenAll(Enumerable.Range(0, Sessions).Select(i =>
            shell.StartAsync(NodeCommand.Of("bash", "-c", script, "bash", $"{i}"), stop.Token)));

        var watch = Stopwatch.StartNew();
        await stop.CancelAsync();
        await Task.WhenAll(started.Select(async command => await command.DisposeAsync()));

        var times = (await Lab.ScriptOnNode("k8s-w1", $"cat {mark}/*")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse).ToList();
        Assert.Equal(Sessions, times.Count);
        Assert.True(times.Max() - times.Min() < 1_000_000_000, $"the last signal came {(times.Max() - times.Min()) / 1_000_000} ms after the first ({watch.Elapsed})");
    }

    [Fact]
    public async Task A_child_left_behind_that_holds_the_output_is_ended_too()
    {
        await using var session = Lab.Session();
        var seconds = Random.Shared.Next(10_000, 99_999);
        using var stop = new CancellationTokenSource();
        var running = session.Shell("k8s-w1").RunAsync(NodeCommand.Of("sh", "-c", $"sleep {seconds} & echo begun"), stop.Token);
        while (!(await Lab.RunOnNode("k8s-w1", "ps", "-eo", "args")).Contains($"sleep {seconds}", StringComparison.Ordinal))
            Cancellation.ThrowIfCancellationRequested();

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await EndedAsync(seconds);
    }

    [Theory]
    [InlineData("trap '' TERM; ")]
    [InlineData("")]
    public async Task A_command_that_sudo_runs_in_a_terminal_of_its_own_is_ended(string trap)
    {
        await using var pty = await WithSudoersAsync("Defaults use_pty");
        await using var session = Lab.Session();
        var seconds = Random.Shared.Next(10_000, 99_999);
        using var stop = new CancellationTokenSource();
        var running = session.Shell("k8s-w1").RunAsync(NodeCommand.AsRoot("sh", "-c", $"{trap}sleep {seconds} & sleep {seconds}; :"), stop.Token);
        while (!(await Lab.RunOnNode("k8s-w1", "ps", "-eo", "args")).Contains($"sleep {seconds}", StringComparison.Ordinal))
            Cancellation.ThrowIfCancellationRequested();

        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await EndedAsync(seconds);
    }

    [Fact]
    public async Task Input_and_output_pass_a_sudo_with_a_terminal_unchanged()
    {
        await using var pty = await WithSudoersAsync("Defaults use_pty");
        await using var session = Lab.Session();
        var input = new byte[1024 * 1024];
        new Random(11).NextBytes(input);

        await session.Shell("k8s-w1").WriteFileAsync("/root/bytes", input, Cancellation);

        Assert.Equal(input, await session.Shell("k8s-w1").ReadFileAsync("/root/bytes", Cancellation));
    }

    [Fact]
    public async Task A_password_that_sudo_does_not_ask_for_never_reaches_the_command()
    {
        await using var free = await WithSudoersAsync("alice ALL=(ALL) NOPASSWD: /bin/sh, /usr/bin/sh, /usr/bin/dash, /bin/dash, /usr/bin/cat, /bin/cat");
        await using var session = Lab.Session("alice", credential: new() { User = "alice", Password = Lab.AlicePassword });
        var shell = session.Shell("k8s-w1");

        var cat = await shell.RunAsync(NodeCommand.AsRoot("cat") with { Input = "hello"u8.ToArray() }, Cancellation);
        var empty = await shell.RunAsync(NodeCommand.AsRoot("sh", "-c", "cat"), Cancellation);
        await shell.WriteFileAsync("/root/secret-or-not", "content"u8.ToArray(), Cancellation);

        Assert.Equal("hello", cat.Output);
        Assert.Equal("", empty.Output);
        Assert.Equal("content", await Lab.RunOnNode("k8s-w1", "cat", "/root/secret-or-not"));
    }

    private static int Threads()
    {
        using var process = Process.GetCurrentProcess();
        return process.Threads.Count;
    }

    private async Task<IAsyncDisposable> WithSudoersAsync(string line)
    {
        await Lab.ScriptOnNode("k8s-w1", $"echo '{line}' > /etc/sudoers.d/zz-test; chmod 440 /etc/sudoers.d/zz-test; visudo -c");
        return new Repair(() => Lab.RunOnNode("k8s-w1", "rm", "-f", "/etc/sudoers.d/zz-test"));
    }

    private async Task EndedAsync(int seconds)
    {
        while ((await Lab.RunOnNode("k8s-w1", "ps", "-eo", "args")).Contains($"sleep {seconds}", StringComparison.Ordinal))
            Cancellation.ThrowIfCancellationRequested();
    }
}

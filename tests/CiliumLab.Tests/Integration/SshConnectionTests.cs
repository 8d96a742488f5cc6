using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Nodes.Ssh;
using CiliumLab.Model;

namespace CiliumLab.Tests.Integration;

/// <summary>How connections are made, shared, lost and closed.</summary>
public sealed class SshConnectionTests(NodeLab lab) : NodeLabTests(lab)
{
    [Fact]
    public async Task A_connection_that_breaks_at_any_byte_never_runs_a_command_twice()
    {
        var folder = "/tmp/runs-" + Guid.NewGuid().ToString("N");
        await Lab.RunOnNode("k8s-w1", "install", "-d", "-m", "777", folder);
        await using var port = Lab.OpenPort("k8s-w1");
        await using var session = Lab.Session(through: port);
        var shell = session.Shell("k8s-w1");
        for (var bytes = 0; bytes < 1200; bytes += 16)
        {
            await shell.RunAsync(NodeCommand.Of("true"), Cancellation);
            port.CutAfter(bytes);
            try
            {
                await shell.RunAsync(NodeCommand.Of("sh", "-c", $"echo run >> {folder}/{bytes}"), Cancellation);
            }
            catch (LabException error)
            {
                Assert.Equal("NodeConnectionLost", error.ErrorId);
            }

            port.CutAfter(long.MaxValue);
        }

        var counts = await Lab.ScriptOnNode("k8s-w1", $"sleep 1; wc -l {folder}/* | awk '$1 > 1 && $2 != \"total\"'");
        Assert.Equal("", counts);
    }

    [Fact]
    public async Task A_session_that_was_closed_connects_no_more()
    {
        await using var port = Lab.OpenPort("k8s-w1");
        var session = Lab.Session(through: port);
        var shell = session.Shell("k8s-w1");
        await shell.RunAsync(NodeCommand.Of("true"), Cancellation);
        var running = Enumerable.Range(0, 12).Select(_ => shell.RunAsync(NodeCommand.Of("sleep", "3600"), Cancellation)).ToList();
        await Task.Yield();

        await session.DisposeAsync();

        foreach (var command in running)
            Assert.Contains((await Assert.ThrowsAsync<LabException>(() => command)).ErrorId, (string[])["NodeConnectionLost", "LabNotConnected"]);
        var error = await Assert.ThrowsAsync<LabException>(() => shell.RunAsync(NodeCommand.Of("true"), Cancellation));
        Assert.Equal("LabNotConnected", error.ErrorId);
        Assert.Equal(1, port.Accepted);
    }

    [Fact]
    public async Task A_session_that_is_closed_while_it_connects_keeps_no_connection()
    {
        await using var port = Lab.OpenPort("k8s-w1");
        port.Delay = TimeSpan.FromMilliseconds(50);
        var session = Lab.Session(through: port);
        var running = session.Shell("k8s-w1").RunAsync(NodeCommand.Of("sleep", "3600"), Cancellation);
        while (port.Accepted == 0)
            await Task.Yield();

        await session.DisposeAsync();

        await Assert.ThrowsAsync<LabException>(() => running);
        Assert.Equal(1, port.Accepted);
    }

    [Fact]
    public async Task Commands_that_wait_for_the_same_connection_share_its_failure()
    {
        await using var port = Lab.OpenPort("k8s-w1");
        port.Deaf = true;
        await using var session = Lab.Session(through: port);
        var shell = session.Shell("k8s-w1");

        var errors = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ =>
            Assert.ThrowsAsync<LabException>(() => shell.RunAsync(NodeCommand.Of("true"), Cancellation))));

        Assert.All(errors, error => Assert.Equal("NodeUnreachable", error.ErrorId));
        Assert.All(errors, error => Assert.Contains("no answer in time", error.Message, StringComparison.Ordinal));
        Assert.Equal(1, port.Accepted);
    }

    [Fact]
    public async Task A_server_that_allows_few_sessions_runs_many_commands()
    {
        await Lab.ScriptOnNode("k8s-w1", "echo 'MaxSessions 3' > /etc/ssh/sshd_config.d/00-test.conf; systemctl restart ssh");
        await using var repair = new Repair(() => Lab.ScriptOnNode("k8s-w1", "rm /etc/ssh/sshd_config.d/00-test.conf; systemctl restart ssh"));
        await using var session = Lab.Session();
        var shell = session.Shell("k8s-w1");

        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => shell.RunAsync(NodeCommand.Of("sh", "-c", $"sleep 0.2; echo {i}"), Cancellation)));

        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"{i}\n"), results.Select(result => result.Output));
    }

    [Fact]
    public async Task An_agent_with_too_many_keys_is_an_authentication_error()
    {
        var socket = Path.Combine(Lab.Folder, "many.sock");
        using var agent = Process.Start(new ProcessStartInfo("ssh-agent", ["-D", "-a", socket]) { RedirectStandardOutput = true })!;
        var before = Environment.GetEnvironmentVariable("SSH_AUTH_SOCK");
        try
        {
            while (!File.Exists(socket))
                Cancellation.ThrowIfCancellationRequested();
            Environment.SetEnvironmentVariable("SSH_AUTH_SOCK", socket);
            for (var i = 0; i < 8; i++)
            {
                var key = Path.Combine(Lab.Folder, "many-" + Guid.NewGuid().ToString("N"));
                (await HostProgram.RunAsync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key], cancellationToken: Cancellation)).Succeeded("ssh-keygen");
                (await HostProgram.RunAsync("ssh-add", ["-q", key], cancellationToken: Cancellation)).Succeeded("ssh-add");
            }

            await using var session = Lab.Session();
            await using var shell = new SshNodeShell(session.Description.Nodes[1] with { Key = null }, "real", SshCredential.None, KnownHosts.Of(session.Folder));
            var error = await Assert.ThrowsAsync<LabException>(() => shell.RunAsync(NodeCommand.Of("true"), Cancellation));

            Assert.Equal(("NodeAuthenticationFailed", LabErrorKind.AuthenticationError), (error.ErrorId, error.Kind));
            Assert.Contains("too many", error.Message, StringComparison.OrdinalIgnoreCase);
            Assert.Contains("key: FILE", error.RecommendedAction, StringComparison.Ordinal);
        }
        finally
        {
            Environment.SetEnvironmentVariable("SSH_AUTH_SOCK", before);
            agent.Kill();
        }
    }

    [Theory]
    [InlineData("no-such-host.invalid", "NodeHostNotFound")]
    [InlineData("a..b", "NodeHostNotFound")]
    [InlineData("::1", "NodeUnreachable")]
    public async Task A_host_that_cannot_be_reached_is_named(string host, string errorId)
    {
        await using var session = Lab.Session();
        using var listener = new TcpListener(IPAddress.IPv6Loopback, 0);
        listener.Start();
        var free = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        await using var shell = new SshNodeShell(session.Description.Nodes[1] with { Host = host, Port = free }, "real", SshCredential.None, KnownHosts.Of(session.Folder));

        var error = await Assert.ThrowsAsync<LabException>(() => shell.RunAsync(NodeCommand.Of("true"), Cancellation));

        Assert.Equal((errorId, LabErrorKind.ConnectionError, "k8s-w1"), (error.ErrorId, error.Kind, error.Target));
        Assert.NotNull(error.RecommendedAction);
        if (host == "::1")
            Assert.Contains($"[::1]:{free}", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("HTTP/1.1 400 Bad Request\r\n\r\n")]
    [InlineData("SSH-1.5-old\r\n")]
    [InlineData("SSH-2.0-x\r\ngarbage that is no packet at all, and long enough to be read as one ..............................")]
    public async Task A_port_where_something_else_listens_is_told_from_a_node(string greeting)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var serving = Task.Run(
            async () =>
            {
                using var client = await listener.AcceptSocketAsync(Cancellation);
                await client.SendAsync(System.Text.Encoding.ASCII.GetBytes(greeting), Cancellation);
                await client.ReceiveAsync(new byte[1024], Cancellation);
                client.Shutdown(SocketShutdown.Both);
            },
            Cancellation);
        await using var session = Lab.Session();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        await using var shell = new SshNodeShell(session.Description.Nodes[1] with { Port = port }, "real", SshCredential.None, KnownHosts.Of(session.Folder));

        var error = await Assert.ThrowsAsync<LabException>(() => shell.RunAsync(NodeCommand.Of("true"), Cancellation));

        Assert.Equal((LabErrorKind.ConnectionError, "k8s-w1"), (error.Kind, error.Target));
        Assert.NotNull(error.RecommendedAction);
        await serving;
    }

    [Fact]
    public async Task First_contact_that_another_session_won_with_another_key_is_refused()
    {
        await using var port = Lab.OpenPort("k8s-w1");
        port.Delay = TimeSpan.FromMilliseconds(20);
        await using var session = Lab.Session(through: port);
        var connecting = session.Shell("k8s-w1").RunAsync(NodeCommand.Of("true"), Cancellation);
        while (port.Accepted == 0)
            await Task.Yield();
        KnownHosts.Of(session.Folder).PinFirst("k8s-w1", HostKey.FromBlob(Convert.FromBase64String("AAAAC3NzaC1lZDI1NTE5AAAAIKtfYz1mJUtPzJ0y1lpYqFWjPEv9xqEaBhzSQjYQx4sE")));

        var error = await Assert.ThrowsAsync<LabException>(() => connecting);

        Assert.Equal("HostKeyChanged", error.ErrorId);
    }
}

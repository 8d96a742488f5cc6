using System.Diagnostics;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Nodes.Ssh;
using CiliumLab.Model;
using CiliumLab.Tests.Nodes;

namespace CiliumLab.Tests.Integration;

public sealed class SshCommandTests(NodeLab lab) : NodeLabTests(lab)
{
    [Fact]
    public async Task Hostile_words_arrive_byte_for_byte()
    {
        await using var session = Lab.Session();
        var words = HostileWords.All;

        var result = await session.Shell("k8s-w1").RunAsync(new NodeCommand(["printf", "%s\\0", .. words]), Cancellation);

        Assert.Equal(words, result.Output.Split('\0')[..^1]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Words_of_100_kilobytes_arrive_with_and_without_sudo(bool sudo)
    {
        await using var session = Lab.Session();
        string[] words = [new('x', 100 * 1024), new('\'', 100 * 1024), string.Concat(HostileWords.RandomWords(2000, 7, 50))[..(100 * 1024 / 4)]];

        var result = await session.Shell("k8s-w1").RunAsync(new NodeCommand(["printf", "%s\\0", .. words]) { Sudo = sudo }, Cancellation);

        Assert.Equal(words, result.Output.Split('\0')[..^1]);
    }

    [Fact]
    public async Task A_nul_is_refused_because_no_program_can_be_given_one()
    {
        await using var session = Lab.Session();

        var error = await Assert.ThrowsAsync<LabException>(() => session.Shell("k8s-w1").RunAsync(NodeCommand.Of("echo", "a\0b"), Cancellation));

        Assert.Equal("ArgumentHasNul", error.ErrorId);
    }

    [Fact]
    public async Task Input_of_two_megabytes_arrives_whole_after_an_answer_that_was_not_read()
    {
        await using var session = Lab.Session();
        var input = new byte[2 * 1024 * 1024];
        new Random(5).NextBytes(input);
        var expected = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(input));

        var ignored = await session.Shell("k8s-w1").RunAsync(new NodeCommand(["true"]) { Input = input }, Cancellation);
        var result = await session.Shell("k8s-w1").RunAsync(new NodeCommand(["sha256sum"]) { Input = input, Sudo = true }, Cancellation);

        Assert.Equal(0, ignored.ExitCode);
        Assert.StartsWith(expected, result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_command_without_input_sees_its_end_at_once()
    {
        await using var session = Lab.Session();

        var result = await session.Shell("k8s-w1").RunAsync(NodeCommand.Of("cat"), Cancellation);

        Assert.Equal((0, ""), (result.ExitCode, result.Output));
    }

    [Theory]
    [InlineData("exit 0", 0)]
    [InlineData("exit 7", 7)]
    [InlineData("kill -KILL $$", 137)]
    [InlineData("kill -TERM $$", 143)]
    public async Task Exit_codes_and_signals_come_back(string script, int code)
    {
        await using var session = Lab.Session();

        Assert.Equal(code, (await session.Shell("k8s-w1").RunAsync(NodeCommand.Of("sh", "-c", script), Cancellation)).ExitCode);
    }

    [Fact]
    public async Task Output_streams_while_the_command_still_runs()
    {
        await using var session = Lab.Session();
        var command = NodeCommand.Of("sh", "-c", "echo first; cat /dev/zero | head -c 10 >/dev/null; exec sleep 600");

        await foreach (var line in session.Shell("k8s-w1").ParseOutputAsync(command, Lines, Cancellation))
        {
            Assert.Equal("first", line);
            break;
        }

        await Until(async () => !(await Lab.RunOnNode("k8s-w1", "ps", "-eo", "args")).Contains("sleep 600", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("vagrant", false)]
    [InlineData("vagrant", true)]
    [InlineData("root", false)]
    public async Task Cancelling_ends_the_remote_command_and_its_children(string user, bool sudo)
    {
        await using var session = Lab.Session(user);
        using var stop = new CancellationTokenSource();
        var seconds = Random.Shared.Next(10_000, 99_999);
        var command = NodeCommand.Of("sh", "-c", $"trap '' TERM; sleep {seconds} & sleep {seconds}; :") with { Sudo = sudo };

        var running = session.Shell("k8s-w2").RunAsync(command, stop.Token);
        await Until(async () => await Alive(seconds) == 2);
        await stop.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => running);
        await Until(async () => await Alive(seconds) == 0);
    }

    [Fact]
    public async Task A_timeout_ends_the_remote_command_and_says_so()
    {
        await using var session = Lab.Session();
        var seconds = Random.Shared.Next(10_000, 99_999);
        var command = new NodeCommand(["sleep", $"{seconds}"]) { Timeout = TimeSpan.FromMilliseconds(300), Sudo = true };

        var error = await Assert.ThrowsAsync<LabException>(() => session.Shell("k8s-w2").RunAsync(command, Cancellation));

        Assert.Equal("NodeCommandTimedOut", error.ErrorId);
        Assert.Contains("took longer than 0.3 s on node 'k8s-w2'", error.Message, StringComparison.Ordinal);
        await Until(async () => await Alive(seconds) == 0);
    }

    [Fact]
    public async Task Forty_commands_at_once_share_one_connection()
    {
        await using var port = Lab.OpenPort("k8s-w1");
        await using var session = Lab.Session(through: port);
        var shell = session.Shell("k8s-w1");

        var results = await Task.WhenAll(Enumerable.Range(0, 40).Select(i => shell.RunAsync(NodeCommand.Of("echo", $"{i}"), Cancellation)));

        Assert.Equal(Enumerable.Range(0, 40).Select(i => $"{i}\n"), results.Select(result => result.Output));
        Assert.Equal(1, port.Accepted);
    }

    [Fact]
    public async Task Sudo_asks_alice_for_her_password_and_gives_it_to_nobody_else()
    {
        await using var without = Lab.Session("alice");
        await using var with = Lab.Session("alice", credential: new SshCredential { User = "alice", Password = Lab.AlicePassword });
        await using var wrong = Lab.Session("alice", credential: new SshCredential { User = "alice", Password = "guess" });

        var refused = await Assert.ThrowsAsync<LabException>(() => without.Shell("k8s-w1").RunAsync(NodeCommand.AsRoot("id", "-u"), Cancellation));
        var guessed = await Assert.ThrowsAsync<LabException>(() => wrong.Shell("k8s-w1").RunAsync(NodeCommand.AsRoot("id", "-u"), Cancellation));
        var root = await with.Shell("k8s-w1").RunAsync(NodeCommand.AsRoot("id", "-u"), Cancellation);
        var input = await with.Shell("k8s-w1").RunAsync(NodeCommand.AsRoot("cat") with { Input = "hello"u8.ToArray() }, Cancellation);

        Assert.Equal("SudoRefused", refused.ErrorId);
        Assert.Contains("a password is required", refused.Message, StringComparison.Ordinal);
        Assert.Equal("SudoRefused", guessed.ErrorId);
        Assert.Equal("0\n", root.Output);
        Assert.Equal("hello", input.Output);
    }

    [Fact]
    public async Task Logs_in_with_a_password_an_encrypted_key_or_an_agent()
    {
        await using var password = Lab.Session("alice", "none", new SshCredential { User = "alice", Password = Lab.AlicePassword });
        var byPassword = Open(password, key: null, new SshCredential { User = "alice", Password = Lab.AlicePassword });
        await using var encrypted = Lab.Session(key: Lab.EncryptedKey, credential: new SshCredential { KeyPassphrase = Lab.Passphrase });

        Assert.Equal("alice\n", (await byPassword.RunAsync(NodeCommand.Of("whoami"), Cancellation)).Output);
        Assert.Equal("vagrant\n", (await encrypted.Shell("k8s-w1").RunAsync(NodeCommand.Of("whoami"), Cancellation)).Output);
        await byPassword.DisposeAsync();
    }

    [Fact]
    public async Task An_agent_signs_for_a_key_that_stays_with_it()
    {
        var socket = Path.Combine(Lab.Folder, "agent.sock");
        using var agent = Process.Start(new ProcessStartInfo("ssh-agent", ["-D", "-a", socket]) { RedirectStandardOutput = true })!;
        var before = Environment.GetEnvironmentVariable("SSH_AUTH_SOCK");
        try
        {
            await Until(() => Task.FromResult(File.Exists(socket)));
            Environment.SetEnvironmentVariable("SSH_AUTH_SOCK", socket);
            (await HostProgram.RunAsync("ssh-add", ["-q", Lab.Key], cancellationToken: Cancellation)).Succeeded("ssh-add");
            await using var session = Lab.Session();
            var byAgent = Open(session, key: null, SshCredential.None);

            Assert.Equal("vagrant\n", (await byAgent.RunAsync(NodeCommand.Of("whoami"), Cancellation)).Output);
            await byAgent.DisposeAsync();
        }
        finally
        {
            Environment.SetEnvironmentVariable("SSH_AUTH_SOCK", before);
            agent.Kill();
        }
    }

    [Theory]
    [InlineData("locked", "KeyPassphraseRequired")]
    [InlineData("wrong", "KeyPassphraseWrong")]
    [InlineData("missing", "KeyNotFound")]
    [InlineData("garbage", "KeyNotReadable")]
    [InlineData("stranger", "NodeAuthenticationFailed")]
    public async Task A_key_that_does_not_open_the_door_is_named_with_its_reason(string fault, string errorId)
    {
        var key = Path.Combine(Lab.Folder, "key-" + Guid.NewGuid().ToString("N"));
        if (fault == "garbage")
            await File.WriteAllTextAsync(key, "no key at all\n", Cancellation);
        if (fault == "stranger")
            (await HostProgram.RunAsync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-f", key], cancellationToken: Cancellation)).Succeeded("ssh-keygen");
        await using var session = Lab.Session(
            key: fault is "locked" or "wrong" ? Lab.EncryptedKey : key,
            credential: fault == "wrong" ? new SshCredential { KeyPassphrase = "guess" } : null);

        var error = await Assert.ThrowsAsync<LabException>(() => session.Shell("k8s-w1").RunAsync(NodeCommand.Of("true"), Cancellation));

        Assert.Equal(errorId, error.ErrorId);
        Assert.Equal("k8s-w1", error.Target);
        Assert.NotNull(error.RecommendedAction);
    }

    [Fact]
    public async Task What_a_profile_prints_does_not_get_into_the_output()
    {
        await using var session = Lab.Session();
        await Lab.ScriptOnNode("k8s-w1", "cp -a ~vagrant/.bashrc /tmp/bashrc.before; sed -i '1i echo Welcome to the node; echo again >&2' ~vagrant/.bashrc");
        try
        {
            var result = await session.Shell("k8s-w1").RunAsync(NodeCommand.Of("echo", "hello"), Cancellation);

            Assert.Equal("hello\n", result.Output);
        }
        finally
        {
            await Lab.ScriptOnNode("k8s-w1", "mv /tmp/bashrc.before ~vagrant/.bashrc");
        }
    }

    private static SshNodeShell Open(CiliumLab.Engine.Labs.LabSession session, string? key, SshCredential credential)
    {
        var node = session.Description.Nodes[1] with { Key = key, User = credential.User ?? "vagrant" };
        return new SshNodeShell(node, "real", credential, KnownHosts.Of(session.Folder));
    }

    private static IEnumerable<string> Lines(TextReader text)
    {
        while (text.ReadLine() is { } line)
            yield return line;
    }

    private async Task<int> Alive(int seconds) =>
        (await Lab.RunOnNode("k8s-w2", "ps", "-eo", "args")).Split('\n').Count(args => args.Trim() == $"sleep {seconds}");

    private static async Task Until(Func<Task<bool>> condition)
    {
        while (!await condition())
            Cancellation.ThrowIfCancellationRequested();
    }
}

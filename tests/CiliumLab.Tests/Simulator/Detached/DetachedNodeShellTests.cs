using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Nodes.Ssh;
using CiliumLab.Engine.Providers;
using CiliumLab.Model;
using CiliumLab.Simulator.Detached;
using CiliumLab.Tests.Host;

namespace CiliumLab.Tests.Simulator.Detached;

/// <summary>Commands and files on nodes of a lab in another process.</summary>
public sealed class DetachedNodeShellTests : IAsyncLifetime
{
    private static readonly LabStep Silent = static (_, _) => Task.CompletedTask;

    private readonly ScratchFolder _scratch = new();
    private readonly ILabProvider _provider = LabProviders.Of(LabProvider.Simulator);
    private string _folder = "";
    private LabDescription _lab = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        // Too long for a socket's name.
        _folder = Path.Combine(_scratch.Path, new string('x', 120));
        Directory.CreateDirectory(_folder);
        _lab = await _provider.CreateAsync("far", new LabTopology { Detached = true, WorkerCount = 1 }, _folder, Silent, Token);
    }

    public async ValueTask DisposeAsync()
    {
        await _provider.RemoveAsync(_lab, _folder, Silent, CancellationToken.None);
        _scratch.Dispose();
    }

    [Fact]
    public async Task Bytes_go_both_ways_as_they_are()
    {
        var bytes = new byte[300_000];
        new Random(1).NextBytes(bytes);
        await using var running = await Shell.StartAsync(NodeCommand.AsRoot("tee", "/root/bytes") with { Input = bytes }, Token);

        using var output = new MemoryStream();
        await running.Output.CopyToAsync(output, Token);

        Assert.Equal(new CommandExit(0, ""), await running.WaitAsync());
        Assert.Equal(bytes, output.ToArray());
        Assert.Equal(bytes, await Shell.ReadFileAsync("/root/bytes", Token));
    }

    [Fact]
    public async Task Files_are_changed_with_a_backup()
    {
        Assert.Null(await Shell.WriteFileAsync("/etc/one", "first"u8.ToArray(), Token));
        var backup = await Shell.WriteFileAsync("/etc/one", "second"u8.ToArray(), Token);
        Assert.Equal("first"u8.ToArray(), await Shell.ReadFileAsync(backup!, Token));
        Assert.NotNull(await Shell.DeleteFileAsync("/etc/one", Token));

        var error = await Assert.ThrowsAsync<LabException>(() => Shell.ReadFileAsync("/etc/one", Token));

        Assert.Equal(("NodeFileNotFound", LabErrorKind.ObjectNotFound, "k8s-w1"), (error.ErrorId, error.Kind, error.Target));
    }

    [Fact]
    public async Task Exit_codes_and_errors_are_the_commands()
    {
        var result = await Shell.RunAsync(NodeCommand.Of("cat", "/none"), Token);

        Assert.Equal((1, "", "cat: /none: No such file or directory\n"), (result.ExitCode, result.Output, result.Error));
    }

    [Fact]
    public async Task A_command_that_is_given_up_is_ended()
    {
        using var giveUp = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await using var running = await Shell.StartAsync(Endless, giveUp.Token);
        Assert.True(await running.Output.ReadAsync(new byte[1], Token) > 0);

        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(running.WaitAsync);
    }

    [Fact]
    public async Task A_command_with_too_little_time_says_so()
    {
        await using var running = await Shell.StartAsync(Endless with { Timeout = TimeSpan.FromMilliseconds(100) }, Token);
        await running.Output.CopyToAsync(Stream.Null, Token);

        var error = await Assert.ThrowsAsync<LabException>(running.WaitAsync);

        Assert.Equal(("NodeCommandTimedOut", "k8s-w1"), (error.ErrorId, error.Target));
    }

    [Fact]
    public async Task A_process_that_ends_meanwhile_is_an_error_and_not_an_end()
    {
        await using var running = await Shell.StartAsync(Endless, Token);
        using (var process = LabHostFile.Read(_folder)!.Process()!)
        {
            process.Kill();
            await process.WaitForExitAsync(Token);
        }

        await running.Output.CopyToAsync(Stream.Null, Token);
        var error = await Assert.ThrowsAsync<LabException>(running.WaitAsync);

        Assert.Equal(("LabHostLost", LabErrorKind.ConnectionError), (error.ErrorId, error.Kind));
        Assert.Equal("LabNotRunning", (await Assert.ThrowsAsync<LabException>(() => Shell.StartAsync(Endless, Token))).ErrorId);
    }

    [Fact]
    public async Task A_lab_whose_folder_has_a_long_name_is_reached_too_and_leaves_nothing_elsewhere()
    {
        var socket = LabHostFile.Read(_folder)!.Socket;
        Assert.NotEqual(_folder, Path.GetDirectoryName(socket));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(socket));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Path.GetDirectoryName(socket)!));
        }

        await _provider.RemoveAsync(_lab, _folder, Silent, Token);

        Assert.False(Directory.Exists(Path.GetDirectoryName(socket)));
    }

    [Fact]
    public async Task PowerShell_hosts_a_lab_too()
    {
        await _provider.StopAsync(_lab, _folder, Silent, Token);
        var program = LabHostProgram.ByPowerShell("pwsh", Repository.Module, _folder);
        using var host = HostProcess.Start(["-NoModule", .. program.Arguments.SkipWhile(argument => argument != "-NonInteractive")]);
        Assert.Equal(LabHost.Ready, await host.ReadLineAsync());

        // The module's build and the one of these tests are the same.
        await _provider.StartAsync(_lab, _folder, Silent, Token);

        Assert.Equal(host.Id, LabHostFile.Read(_folder)!.Pid);
        Assert.Equal("k8s-w1\n", (await Shell.RunAsync(NodeCommand.Of("hostname"), Token)).Output);
        await _provider.StopAsync(_lab, _folder, Silent, Token);
        Assert.Equal(new HostOutcome(0, "", ""), await host.EndAsync());
    }

    private static NodeCommand Endless => NodeCommand.Of("ping", "127.0.0.1");

    private INodeShell Shell => _provider.Reach(_lab, _lab.Nodes[1], _folder, SshCredential.None);
}

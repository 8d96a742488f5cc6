using System.Text;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;
using CiliumLab.Simulator.Api;
using CiliumLab.Tests.Simulator.Api;
using static CiliumLab.Tests.Cluster.ClusterLab;

namespace CiliumLab.Tests.Cluster;

public sealed class PodShellTests
{
    private const int Much = 24 * 1024 * 1024;

    [Fact]
    public async Task A_command_in_a_pod_gives_output_error_and_exit_code()
    {
        await using var lab = await StartWithPodAsync();
        var shell = lab.Client.Shell("default", "web", node: "k8s-w1");

        var result = await shell.RunAsync(NodeCommand.Of("both", "7"), Token);

        Assert.Equal(("out", "err", 7, "k8s-w1", "both 7"), (result.Output, result.Error, result.ExitCode, result.Node, result.Command));
    }

    [Fact]
    public async Task Output_of_a_short_command_is_never_lost()
    {
        await using var lab = await StartWithPodAsync();
        var shell = lab.Client.Shell("default", "web");

        for (var time = 0; time < 100; time++)
            Assert.Equal("out", (await shell.RunAsync(NodeCommand.Of("both", "0"), Token)).Output);
    }

    [Fact]
    public async Task Input_arrives_whole_and_ends()
    {
        await using var lab = await StartWithPodAsync();
        var input = new byte[300_000];
        new Random(1).NextBytes(input);
        var text = Convert.ToBase64String(input);

        var output = await lab.Client.Shell("default", "web").ReadOutputAsync(NodeCommand.Of("cat") with { Input = Encoding.UTF8.GetBytes(text) }, Token);

        Assert.Equal(text, output);
    }

    [Fact]
    public async Task Much_output_beside_much_error_text_arrives_whole_and_records_stream()
    {
        await using var lab = await StartWithPodAsync();
        var lines = 0;

        await foreach (var line in lab.Client.Shell("default", "web").ParseOutputAsync(NodeCommand.Of("flood"), Lines, Token))
        {
            Assert.Equal(Commands.Line, line);
            lines++;
        }

        Assert.Equal(Much / (Commands.Line.Length + 1), lines);
    }

    [Fact]
    public async Task A_reader_that_stops_early_ends_the_command()
    {
        await using var lab = await StartWithPodAsync();

        await foreach (var line in lab.Client.Shell("default", "web").ParseOutputAsync(NodeCommand.Of("endless"), Lines, Token))
        {
            Assert.Equal(Commands.Line, line);
            break;
        }

        await Commands.Ended(lab).Task.WaitAsync(Token);
    }

    [Fact]
    public async Task Cancelling_ends_a_command_that_runs()
    {
        await using var lab = await StartWithPodAsync();
        using var cancel = new CancellationTokenSource();
        await using var running = await lab.Client.Shell("default", "web").StartAsync(NodeCommand.Of("endless"), cancel.Token);
        Assert.NotEqual(0, await running.Output.ReadAsync(new byte[1], Token));

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(running.WaitAsync);
        await Commands.Ended(lab).Task.WaitAsync(Token);
    }

    [Fact]
    public async Task A_time_limit_ends_it_too()
    {
        await using var lab = await StartWithPodAsync();

        var error = await Assert.ThrowsAsync<LabException>(() =>
            lab.Client.Shell("default", "web").RunAsync(NodeCommand.Of("silent") with { Timeout = TimeSpan.FromMilliseconds(200) }, Token));

        Assert.Equal(("PodCommandTimedOut", LabErrorKind.OperationTimeout, "default/web"), (error.ErrorId, error.Kind, error.Target));
        Assert.Equal("'silent' took longer than 0.2 s in pod 'default/web' and was left alone.", error.Message);
    }

    [Theory]
    [InlineData(false, "both", "0", "out", "err")]
    [InlineData(true, "both", "0", "err", "out")]
    [InlineData(false, "numberless", "a line\nand more", "", "a line\nand more")]
    [InlineData(true, "numberless", "a line\nand more", "a line\nand more", "")]
    [InlineData(false, "numberless", "no line", "", "no line")]
    [InlineData(true, "numberless", "no line", "no line", "")]
    public async Task A_lasting_command_s_number_is_in_nothing_that_is_read(bool readsError, string command, string argument, string read, string beside)
    {
        await using var lab = await StartWithPodAsync();
        await using var running = await lab.Client.Shell("default", "web").StartAsync(NodeCommand.Of(command, argument) with { Lasting = true, ReadsError = readsError }, Token);
        using var reader = new StreamReader(running.Output);

        Assert.Equal(read, await reader.ReadToEndAsync(Token));
        Assert.Equal(new CommandExit(0, beside), await running.WaitAsync());
    }

    [Fact]
    public async Task A_lasting_command_is_ended_by_a_second_one_and_its_number_is_not_in_its_error_text()
    {
        await using var lab = await StartWithPodAsync();
        using var cancel = new CancellationTokenSource();
        var commands = (Commands)lab.Api.Server.Executor!;
        var running = await lab.Client.Shell("default", "web").StartAsync(NodeCommand.Of("deaf") with { Lasting = true }, cancel.Token);
        Assert.NotEqual(0, await running.Output.ReadAsync(new byte[1], Token));

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(running.WaitAsync);
        await running.DisposeAsync();
        Assert.Equal("kill 42", commands.LastScript);
        await commands.Killed.Task.WaitAsync(Token);

        var brief = await lab.Client.Shell("default", "web").RunAsync(NodeCommand.Of("both", "3") with { Lasting = true }, Token);
        Assert.Equal(("out", "err", 3), (brief.Output, brief.Error, brief.ExitCode));
    }

    [Fact]
    public async Task An_exec_that_is_cut_is_an_error_and_not_an_end()
    {
        await using var lab = await StartWithPodAsync();
        lab.Api.Server.Interceptor = new Fault((_, _) => new ApiFault { CutExecAfter = 2 });

        var error = await Assert.ThrowsAsync<LabException>(() => lab.Client.Shell("default", "web").RunAsync(NodeCommand.Of("both", "0"), Token));

        Assert.Equal(("PodConnectionLost", LabErrorKind.ConnectionError), (error.ErrorId, error.Kind));
        Assert.StartsWith("The connection to pod 'default/web' broke while 'both 0' ran: ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("nope", null, "ClusterObjectNotFound", "says: pods \"nope\" not found.")]
    [InlineData("web", "other", "ClusterRequestInvalid", "says: container other is not valid for pod web.")]
    [InlineData("waiting", null, "ClusterRequestInvalid", "says: pod waiting does not have a host assigned.")]
    public async Task What_cannot_run_is_refused_in_the_servers_words(string pod, string? container, string errorId, string words)
    {
        await using var lab = await StartWithPodAsync();
        lab.Store.Create(ResourceTypes.Pods, ApiLab.Pod("waiting"));

        var error = await Assert.ThrowsAsync<LabException>(() => lab.Client.Shell("default", pod, container).RunAsync(NodeCommand.Of("both", "0"), Token));

        Assert.Equal(errorId, error.ErrorId);
        Assert.EndsWith(words, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_program_that_is_not_there_is_told_like_on_a_node()
    {
        await using var lab = await StartWithPodAsync();

        var error = await Assert.ThrowsAsync<LabException>(() => lab.Client.Shell("default", "web").ReadOutputAsync(NodeCommand.Of("frobnicate"), Token));
        var failed = await Assert.ThrowsAsync<LabException>(() => lab.Client.Shell("default", "web", "c").ReadOutputAsync(NodeCommand.Of("both", "3"), Token));
        var broken = await Assert.ThrowsAsync<LabException>(() => lab.Client.Shell("default", "web").ReadOutputAsync(NodeCommand.Of("broken"), Token));

        Assert.Equal(("NodeCommandNotFound", LabErrorKind.NotInstalled), (error.ErrorId, error.Kind));
        Assert.StartsWith("Pod 'default/web' has no program 'frobnicate': ", error.Message, StringComparison.Ordinal);
        Assert.Equal("'both 3' ended with exit code 3 on pod 'default/web': err", failed.Message);
        Assert.Equal("See everything it says: kubectl exec -n default web -c c -- both 3", failed.RecommendedAction);
        Assert.Equal("PodCommandNotStarted", broken.ErrorId);
        Assert.Contains("cannot exec in a stopped container", broken.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_commands_run_at_once()
    {
        await using var lab = await StartWithPodAsync();
        var shell = lab.Client.Shell("default", "web");

        var results = await Task.WhenAll(Enumerable.Range(0, 40).Select(code => shell.RunAsync(NodeCommand.Of("both", code.ToString(null, null)), Token)));

        Assert.Equal(Enumerable.Range(0, 40), results.Select(result => result.ExitCode));
    }

    private static async Task<ClusterLab> StartWithPodAsync()
    {
        var lab = await StartAsync();
        lab.Api.Server.Executor = new Commands();
        lab.Store.Create(ResourceTypes.Pods, ApiLab.Pod("web", node: "k8s-w1"));
        return lab;
    }

    private static IEnumerable<string> Lines(TextReader reader)
    {
        while (reader.ReadLine() is { } line)
            yield return line;
    }

    private sealed class Commands : IPodExecutor
    {
        public static readonly string Line = new('x', 127);

        private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public static TaskCompletionSource Ended(ClusterLab lab) => ((Commands)lab.Api.Server.Executor!)._ended;

        public TaskCompletionSource Killed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string LastScript { get; private set; } = "";

        public async Task<int> RunAsync(PodExecRequest request, PodExecStreams streams, CancellationToken cancellationToken)
        {
            switch (request.Command[0])
            {
                case "sh" when request.Command.Count == 3:
                    LastScript = request.Command[2];
                    Killed.TrySetResult();
                    return 0;
                case "sh":
                    // Not in one piece.
                    foreach (var piece in request.Command[4] == "numberless" ? [] : new[] { "4", "2\n" })
                        await streams.Error.WriteAsync(Encoding.ASCII.GetBytes(piece), cancellationToken);
                    return await RunAsync(request with { Command = [.. request.Command.Skip(4)] }, streams, cancellationToken);
                case "numberless":
                    await streams.Error.WriteAsync(Encoding.ASCII.GetBytes(request.Command[1]), cancellationToken);
                    return 0;
                case "deaf":
                    await streams.Output.WriteAsync("x"u8.ToArray(), cancellationToken);
                    await Killed.Task;
                    return 143;
                case "both":
                    await streams.Output.WriteAsync("out"u8.ToArray(), cancellationToken);
                    await streams.Error.WriteAsync("err"u8.ToArray(), cancellationToken);
                    return int.Parse(request.Command[1], null);
                case "cat":
                    await streams.Input.CopyToAsync(streams.Output, cancellationToken);
                    return 0;
                case "flood":
                    await FloodAsync(streams, Much, cancellationToken);
                    return 0;
                case "endless":
                    try
                    {
                        await FloodAsync(streams, long.MaxValue, cancellationToken);
                    }
                    finally
                    {
                        _ended.TrySetResult();
                    }

                    return 0;
                case "silent":
                    await Task.Delay(Timeout.Infinite, cancellationToken);
                    return 0;
                case "broken":
                    throw new PodExecException("failed to create exec: cannot exec in a stopped container");
                default:
                    throw new PodExecException($"exec: \"{request.Command[0]}\": executable file not found in $PATH: unknown");
            }
        }

        private static async Task FloodAsync(PodExecStreams streams, long bytes, CancellationToken cancellationToken)
        {
            var block = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(Line + "\n", 512)));
            for (var sent = 0L; sent < bytes; sent += block.Length)
            {
                await streams.Output.WriteAsync(block, cancellationToken);
                await streams.Error.WriteAsync(block, cancellationToken);
            }
        }
    }
}

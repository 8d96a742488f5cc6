using System.Net;
using CiliumLab.Engine.Tracing.Packets;
using CiliumLab.Engine.Tracing.SystemCalls;
using CiliumLab.Model;
using CiliumLab.Tests.Text.Tracing;

namespace CiliumLab.Tests.Tracing;

/// <summary>What runs in pods, run on this machine's real strace and tcpdump.</summary>
public sealed class SystemCallTraceTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_commands_own_output_is_not_mixed_into_its_calls()
    {
        RealStraceTests.SkipWithout("strace", "python3");
        const string Script = """
            import socket, sys, os
            os.write(1, b'said\n')
            os.write(2, b'half a line')
            s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            s.connect(('127.0.0.1', 9))
            os.write(2, b' and its end\n1795614824.958503 looks like a time\n')
            if os.fork() == 0:
                s.getpeername()
                os._exit(0)
            os.wait()
            os._exit(3)
            """;
        var (calls, end) = await TraceAsync(["python3", "-c", Script], "network");

        // Looking a user up may connect to the name service's own socket first.
        var connect = Assert.Single(calls, call => call is { Name: "connect", AddressFamily: SocketFamily.IPv4 });
        Assert.Equal(IPEndPoint.Parse("127.0.0.1:9"), connect.Address);
        Assert.NotEqual(connect.ProcessId, Assert.Single(calls, call => call.Name == "getpeername").ProcessId);
        Assert.All(calls, call => Assert.True(call.Time > DateTimeOffset.UtcNow.AddMinutes(-5), call.Raw));
        Assert.Equal((SystemCallEvent.Exit, 3L), (calls[^1].Event, calls[^1].Result));
        Assert.Equal((3, "said\n"), (end!.ExitCode, end.Output));
        Assert.Equal("half a line\n and its end\n1795614824.958503 looks like a time", end.Error.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task Calls_are_counted_and_what_the_command_wrote_is_left_out()
    {
        RealStraceTests.SkipWithout("strace");
        TracedEnd? end = null;

        var rows = await SystemCallTraces.MeasureInAsync(new LocalPlace(), new TraceRequest(["sh", "-c", "echo said >&2; cat /nowhere-at-all; exit 4"], []), ended => end = ended, Token).ToListAsync(Token);

        Assert.True(rows.Single(row => row.Name == "execve") is { Calls: >= 2 }, string.Join('\n', rows));
        Assert.Contains(rows, row => row is { Name: "openat", Errors: > 0 });
        Assert.Equal(4, end!.ExitCode);
        Assert.StartsWith("said", end.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("no-such-program-at-all", "TracedCommandNotFound")]
    public async Task A_program_that_is_not_there_is_an_error(string program, string id)
    {
        RealStraceTests.SkipWithout("strace");

        var error = await Assert.ThrowsAsync<LabException>(() => TraceAsync([program], "network"));

        Assert.Equal(id, error.ErrorId);
    }

    [Fact]
    public async Task Cancelling_ends_the_command_itself()
    {
        RealStraceTests.SkipWithout("strace");
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(Token);
        var process = 0;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var call in SystemCallTraces.TraceInAsync(new LocalPlace(), new TraceRequest(["sh", "-c", "kill -0 $$; kill -WINCH $$; exec sleep 1000"], ["kill"]), _ => { }, stop.Token))
            {
                if (call.Event != SystemCallEvent.Call)
                    continue;
                process = int.Parse(call.Arguments[0], System.Globalization.CultureInfo.InvariantCulture);
                await stop.CancelAsync();
            }
        });

        Assert.NotEqual(0, process);
        while (Directory.Exists($"/proc/{process}"))
            Token.ThrowIfCancellationRequested();
    }

    [Fact]
    public async Task A_capture_tells_what_is_wrong_and_leaves_nothing_behind()
    {
        RealStraceTests.SkipWithout("tcpdump");

        var error = await Assert.ThrowsAsync<LabException>(() => PacketCapture.OpenAsync(new LocalPlace(), ["no-such-program"], sudo: false, new CaptureRequest(), new CaptureOrigin(), Token));

        Assert.Equal("CaptureToolMissing", error.ErrorId);
    }

    private static async Task<(List<SystemCall> Calls, TracedEnd? End)> TraceAsync(string[] command, params string[] names)
    {
        TracedEnd? end = null;
        var calls = await SystemCallTraces.TraceInAsync(new LocalPlace(), new TraceRequest(command, names), ended => end = ended, Token).ToListAsync(Token);
        return (calls, end);
    }
}

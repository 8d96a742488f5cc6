using System.Net;
using System.Net.Sockets;
using System.Text;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using CiliumLab.Tests.Integration;

namespace CiliumLab.Tests.Text.Tracing;

/// <summary>The strace of this machine on a real curl, with every form of the time; what it says is held against what the server saw.</summary>
public sealed class RealStraceTests
{
    [Theory]
    [InlineData("-f -ttt -T")]
    [InlineData("-f -tt -yy")]
    [InlineData("-t")]
    [InlineData("-r -T -y")]
    [InlineData("")]
    public async Task What_curl_did_is_what_the_server_saw(string options)
    {
        SkipWithout("strace", "curl");
        using var folder = new ScratchFolder();
        var trace = Path.Combine(folder.Path, "trace");
        var (server, client) = await ServeAsync(async url => await HostProgram.RunAsync("strace", [.. options.Split(' ', StringSplitOptions.RemoveEmptyEntries), "-e", "trace=network,execve", "-o", trace, "curl", "-s", url], cancellationToken: TestContext.Current.CancellationToken));

        using var text = File.OpenText(trace);
        var calls = StraceText.Parse(text, null, Unexpected.Warning).ToList();

        var connect = calls.Single(call => call.Name == "connect" && Equals(call.Address, server));
        Assert.True(connect is { Result: 0, Errno: null } or { Result: -1, Errno: "EINPROGRESS" }, connect.ToString());
        var own = calls.Where(call => call is { Name: "getsockname", Failed: false } && call.Descriptor == connect.Descriptor).ToList();
        Assert.NotEmpty(own);
        Assert.All(own, call => Assert.Equal(client, call.Address));
        Assert.Equal("execve", calls[0].Name);
        Assert.Equal((SystemCallEvent.Exit, 0L), (calls[^1].Event, calls[^1].Result));
        Assert.Equal(options.Contains("-f", StringComparison.Ordinal), calls.All(call => call.ProcessId > 0));
        Assert.Equal(options.Contains("-ttt", StringComparison.Ordinal), calls.All(call => call.Time is { } time && DateTimeOffset.UtcNow - time < TimeSpan.FromMinutes(5)));
        Assert.Equal(options.Contains("-T", StringComparison.Ordinal), connect.Duration > TimeSpan.Zero);
        Assert.Equal(options.Contains("-yy", StringComparison.Ordinal), own[^1].DescriptorName == $"TCP:[{client}->{server}]");
    }

    [Fact]
    public async Task The_summary_counts_what_the_trace_lists()
    {
        SkipWithout("strace");
        using var folder = new ScratchFolder();
        var (trace, summary) = (Path.Combine(folder.Path, "trace"), Path.Combine(folder.Path, "summary"));
        await HostProgram.RunAsync("strace", ["-f", "-o", trace, "cat", "/nowhere-at-all"], cancellationToken: TestContext.Current.CancellationToken);
        await HostProgram.RunAsync("strace", ["-f", "-c", "-o", summary, "cat", "/nowhere-at-all"], cancellationToken: TestContext.Current.CancellationToken);

        using var lines = File.OpenText(trace);
        var calls = StraceText.Parse(lines, null, Unexpected.Warning).Where(call => call.Event == SystemCallEvent.Call).ToList();
        using var table = File.OpenText(summary);
        var rows = StraceSummaryText.Parse(table, null, Unexpected.Warning).ToList();

        // A call that ends the process never returns, and is not counted. Where memory lies is another matter in each run.
        string[] chance = ["exit_group", "exit", "brk", "munmap", "mmap"];
        Assert.Equal(
            calls.Where(call => !chance.Contains(call.Name)).GroupBy(call => call.Name).Select(group => (group.Key, group.Count(), group.Count(call => call.Failed))).Order(),
            rows.Where(row => !chance.Contains(row.Name)).Select(row => (row.Name, (int)row.Calls, (int)row.Errors)).Order());
        Assert.Contains(rows, row => row is { Name: "openat", Errors: > 0 });
    }

    internal static void SkipWithout(params string[] programs)
    {
        foreach (var program in programs)
            Assert.SkipUnless(HostProgram.Exists(program), $"there is no {program} on this machine");
    }

    private static async Task<(IPEndPoint Server, IPEndPoint Client)> ServeAsync(Func<string, Task> ask)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var server = (IPEndPoint)listener.LocalEndpoint;
        var answered = AnswerAsync(listener);
        await ask($"http://{server}/");
        return (server, await answered);
    }

    private static async Task<IPEndPoint> AnswerAsync(TcpListener listener)
    {
        var token = TestContext.Current.CancellationToken;
        using var client = await listener.AcceptTcpClientAsync(token);
        var stream = client.GetStream();
        await stream.ReadExactlyAsync(new byte[16], token);
        await stream.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok"), token);
        return (IPEndPoint)client.Client.RemoteEndPoint!;
    }
}

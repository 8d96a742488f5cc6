using System.Globalization;
using System.Net;
using CiliumLab.Engine.Text;
using CiliumLab.Model;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Tests.Simulator.Datapath;

public class StraceTests
{
    private static readonly IPEndPoint Service = IPEndPoint.Parse("10.96.33.91:80");
    private static readonly IPEndPoint Dns = IPEndPoint.Parse("10.96.0.10:53");

    [Fact]
    public async Task The_calls_of_curl_name_the_service_and_count_as_they_are_listed()
    {
        await using var lab = await NetworkedCluster.WithFlannelAsync();
        await lab.Test.DeployWebpodAsync();
        var (output, error, code) = await RunAsync(lab, "strace -e trace=connect curl -s webpod");
        Assert.Equal(0, code);
        Assert.StartsWith("Hostname: webpod-", output, StringComparison.Ordinal);
        Assert.Equal(
            """
            connect(4, {sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr("10.96.0.10")}, 16) = 0
            connect(5, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("10.96.33.91")}, 16) = 0
            connect(4, {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("10.96.33.91")}, 16) = -1 EINPROGRESS (Operation in progress)
            +++ exited with 0 +++

            """,
            error);

        // The table has the recording's rows: the same libraries and files are read, and the same done.
        var recorded = Counts(Fixture.Read("transcript/191-kubectl-exec-curl-pod-strace-c-curl-s-webpod.txt"));
        var counted = Counts((await RunAsync(lab, "strace -c curl -s webpod")).Error);
        Assert.Equal(Text(recorded), Text(counted));

        // And the lines are those that are counted; only the last call never comes back to be counted.
        var listed = Calls((await RunAsync(lab, "strace curl -s webpod")).Error).Where(static call => call.Event == SystemCallEvent.Call).ToList();
        Assert.Equal("exit_group", listed[^1].Name);
        Assert.Equal(Text(recorded), Text(Counted(listed[..^1])));
        Assert.Equal(12, listed.Count(static call => call.Name == "open" && call.Result >= 0 && call.Arguments[0].Contains("/usr/lib/lib", StringComparison.Ordinal)));
        Assert.Equal(recorded["open"], Counts((await RunAsync(lab, "strace -c -e open,close curl -s webpod")).Error)["open"]);
    }

    [Fact]
    public async Task Every_line_under_all_options_is_read_and_says_when_how_long_and_with_whom()
    {
        await using var lab = await NetworkedCluster.WithFlannelAsync();
        await lab.Test.DeployWebpodAsync();
        var pod = IPAddress.Parse(lab.Test.Get(ResourceTypes.Pods, "default", "curl-pod").Text("status", "podIP")!);
        var before = lab.Test.Clock.GetUtcNow();
        var calls = Calls((await RunAsync(lab, "strace -f -ttt -T -yy -s 4096 curl -s webpod")).Error);
        Assert.All(calls, call => Assert.InRange(call.Time!.Value, before, before.AddMinutes(1)));
        Assert.Equal(calls.OrderBy(static call => call.Time).Select(static call => call.Raw), calls.Select(static call => call.Raw));
        Assert.All(calls[..^2], static call => Assert.True(call.Duration > TimeSpan.Zero, call.Raw));
        var asked = calls.Where(static call => call.Name == "sendto").ToList();
        Assert.Equal(3, asked.Count);
        Assert.Contains("GET / HTTP/1.1\\r\\nHost: webpod\\r\\n", asked[2].Arguments[1], StringComparison.Ordinal);

        // With kube-proxy the socket itself knows the service: its rules stand behind the socket.
        Assert.Matches($@"^TCP:\[{pod}:\d+->10\.96\.33\.91:80\]$", asked[2].DescriptorName!);
        Assert.Matches($@"^UDP:\[{pod}:\d+->10\.96\.0\.10:53\]$", asked[0].DescriptorName!);
        Assert.Equal(pod, calls.Last(static call => call.Name == "getsockname").Address!.Address);
        Assert.Equal([Dns, Service, Service], calls.Where(static call => call.Name == "connect").Select(static call => call.Address!));

        // Another run has other addresses in memory and other ports.
        var map = calls.First(static call => call.Name == "mmap").Result;
        Assert.NotEqual(map, Calls((await RunAsync(lab, "strace curl -s webpod")).Error).First(static call => call.Name == "mmap").Result);

        Assert.Equal("", (await RunAsync(lab, "strace -f -tt -y -o /tmp/calls -e trace=network,desc curl -s -o /dev/null webpod")).Error);
        var written = (await RunAsync(lab, "cat /tmp/calls")).Output;
        var filed = Calls(written);
        Assert.All(filed, static call => Assert.True(call is { ProcessId: > 1, TimeOfDay: not null }, call.Raw));
        Assert.Contains(filed, static call => call is { Name: "close", DescriptorName: "/usr/lib/libcurl.so.4" });
        Assert.DoesNotContain(filed, static call => call.Name is "brk" or "rt_sigaction");
        Assert.Equal((SystemCallEvent.Exit, 0L), (filed[^1].Event, filed[^1].Result));
        var relative = Calls((await RunAsync(lab, "strace -r -e close true")).Error);
        Assert.Equal(TimeSpan.Zero, Assert.Single(relative).SincePrevious);
    }

    [Fact]
    public async Task With_cilium_connect_names_the_service_and_the_socket_has_the_backend()
    {
        await using var lab = await CiliumAsync();
        var backends = lab.Test.Pods("default", "app=webpod").Select(static pod => pod.Json.Text("status", "podIP") + ":80").ToList();
        var calls = Calls((await RunAsync(lab, "strace -yy -e trace=network curl -s webpod")).Error);
        var connect = calls.Last(static call => call.Name == "connect");
        Assert.Equal((Service, "EINPROGRESS"), (connect.Address, connect.Errno));
        var peer = calls.First(static call => call.Name == "sendto" && call.Arguments[1].Contains("GET", StringComparison.Ordinal)).DescriptorName!;
        Assert.Contains(peer.Split("->")[1].TrimEnd(']'), backends);

        // A service without backends is refused before any packet.
        lab.Store.Edit(ResourceTypes.Deployments, "default", "webpod", static d => d.Ensure("spec")["replicas"] = 0);
        await lab.Test.AdvanceAsync(TimeSpan.FromSeconds(60));
        var (_, error, code) = await RunAsync(lab, "strace -e trace=connect,getsockname,getsockopt curl -sS webpod");
        Assert.Equal(7, code);
        Assert.Contains("curl: (7) Failed to connect to webpod port 80 after 0 ms: Could not connect to server\n", error, StringComparison.Ordinal);
        var refused = Calls(error, "curl: ");
        Assert.Equal("EHOSTUNREACH", refused.Last(static call => call.Name == "connect").Errno);
        Assert.DoesNotContain(refused, static call => call.Name == "getsockopt");
    }

    [Fact]
    public async Task Connections_that_fail_say_how_and_when_the_kernel_told()
    {
        await using var lab = await NetworkedCluster.WithFlannelAsync();
        await lab.Test.DeployWebpodAsync();
        var refused = await RunAsync(lab, "strace -e trace=connect,getsockopt curl -s webpod:81");
        var closed = lab.Test.Pods("default", "app=webpod")[0].Json.Text("status", "podIP");
        var reset = await RunAsync(lab, $"strace -e trace=connect,getsockopt curl -s {closed}:81");
        Assert.Equal(7, reset.Code);
        Assert.Equal("[ECONNREFUSED]", Calls(reset.Error).Single(static call => call.Name == "getsockopt").Arguments[3]);
        Assert.EndsWith("+++ exited with 7 +++\n", reset.Error, StringComparison.Ordinal);
        Assert.True(refused.Code is 7 or 28, refused.Error);

        var lost = await RunAsync(lab, "strace -T -e trace=connect,poll,getsockopt curl -s -m 2 10.244.7.7");
        Assert.Equal(28, lost.Code);
        var waits = Calls(lost.Error).Where(static call => call.Name == "poll" && call.Arguments[2] == "1000").ToList();
        Assert.Equal(2, waits.Count);
        Assert.All(waits, static call => Assert.True(call is { Result: 0 } && call.Duration >= TimeSpan.FromSeconds(1), call.Raw));
        Assert.DoesNotContain(Calls(lost.Error), static call => call.Name == "getsockopt");

        // Each domain of the search list, then the name itself: two questions each.
        var unknown = await RunAsync(lab, "strace -s 200 -e trace=sendto,recvfrom curl -s nobody");
        Assert.Equal(6, unknown.Code);
        var names = Calls(unknown.Error).Where(static call => call.Name == "sendto").Select(static call => call.Arguments[1]).ToList();
        Assert.Equal(8, names.Count);
        Assert.Contains("\\6nobody\\7default\\3svc\\7cluster\\5local\\0", names[0], StringComparison.Ordinal);
        Assert.Contains("\\6nobody\\0", names[^1], StringComparison.Ordinal);
        Assert.EndsWith("+++ exited with 6 +++\n", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Questions_for_both_kinds_of_address_are_seen_by_tcpdump_as_strace_shows_them()
    {
        await using var lab = await NetworkedCluster.WithFlannelAsync();
        await lab.Test.DeployWebpodAsync();
        var network = lab.PodNetwork("curl-pod");
        var node = lab.Test.Cluster.Nodes.Single(one => one.Kernel == network.Kernel);
        await using var tcpdump = await Tcpdump.StartAsync(node, network, "-nn", "-t", "-i", "eth0", "udp", "port", "53");
        var error = (await RunAsync(lab, "strace -s 200 -e trace=sendto,recvfrom curl -s webpod")).Error;
        var lines = await tcpdump.LinesAsync();
        Assert.Equal(4, lines.Length);
        Assert.Matches(@"\+ A\? webpod\.default\.svc\.cluster\.local\. \(50\)$", lines[0]);
        Assert.Matches(@"\+ AAAA\? webpod\.default\.svc\.cluster\.local\. \(50\)$", lines[1]);
        Assert.Matches(@"\*- 1/0/0 A 10\.96\.33\.91 \(66\)$", lines[2]);
        Assert.Matches(@"\*- 0/0/0 \(50\)$", lines[3]);

        // The same numbers in front of the same questions.
        var sent = Calls(error).Where(static call => call.Name == "sendto").Select(static call => Start(call.Arguments[1])).ToList();
        for (var question = 0; question < 2; question++)
        {
            var id = int.Parse(lines[question].Split(": ")[1].Split('+')[0], CultureInfo.InvariantCulture);
            Assert.Equal(((byte)(id >> 8), (byte)id), sent[question]);
        }

        await using var walk = await Tcpdump.StartAsync(node, network, "-nn", "-t", "-i", "eth0", "udp", "port", "53");
        Assert.Equal(6, (await RunAsync(lab, "curl -s nobody")).Code);
        var walked = await walk.LinesAsync();
        Assert.Equal(16, walked.Length);
        Assert.Equal(4, walked.Count(static line => line.Contains(" AAAA? nobody.", StringComparison.Ordinal)));
        Assert.Equal(8, walked.Count(static line => line.Contains(" NXDomain*- ", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Signals_end_what_is_traced_or_strace_with_their_last_lines()
    {
        await using var lab = await NetworkedCluster.WithFlannelAsync();
        await lab.Test.DeployWebpodAsync();
        using var detached = new PodRun(lab, "curl-pod", "sh", "-c", "echo $$ >&2; exec strace -e trace=nanosleep,getuid sleep 1000");
        await detached.SaysAsync("getuid()");
        using (var kill = new PodRun(lab, "curl-pod", "sh", "-c", $"kill {detached.Error.Split('\n')[0]}"))
            Assert.Equal(0, await kill.EndAsync());
        Assert.Equal(143, await detached.EndAsync());
        Assert.Matches(@"^\d+\ngetuid\(\) {32}= 0\nnanosleep\(\{tv_sec=1000, tv_nsec=0\}, strace: Process \d+ detached\n <detached \.\.\.>\n$", detached.Error);
        Assert.Equal(["getuid", "nanosleep"], Calls(detached.Error[(detached.Error.IndexOf('\n', StringComparison.Ordinal) + 1)..]).Select(static call => call.Name));

        using var killed = new PodRun(lab, "curl-pod", "strace", "-f", "-tt", "-o", "/tmp/killed", "sleep", "1000");
        var process = 0;
        while (process == 0)
        {
            process = await lab.ProcessesAsync("curl-pod") is [_, var child] ? child : 0;
            await Task.Yield();
        }

        while ((await RunAsync(lab, "cat /tmp/killed")).Code != 0)
            await Task.Yield();
        Assert.Equal(0, (await RunAsync(lab, "sh", "-c", $"kill {process}")).Code);
        Assert.Equal(143, await killed.EndAsync());
        var last = (await RunAsync(lab, "cat /tmp/killed")).Output.Split('\n')[^4..^1];
        Assert.Matches($@"^{process} +[\d:.]+ nanosleep\(\{{tv_sec=1000, tv_nsec=0\}}\) = \? ERESTART_RESTARTBLOCK \(Interrupted by signal\)$", last[0]);
        Assert.Matches($@"^{process} +[\d:.]+ --- SIGTERM \{{si_signo=SIGTERM, si_code=SI_USER, si_pid=\d+, si_uid=0\}} ---$", last[1]);
        Assert.Matches($@"^{process} +[\d:.]+ \+\+\+ killed by SIGTERM \+\+\+$", last[2]);

        using var tcpdump = new PodRun(lab, "curl-pod", "sh", "-c", "echo $$ >&2; exec tcpdump -nn -i eth0 -w /tmp/own.pcap");
        await tcpdump.SaysAsync("listening on eth0");
        Assert.Equal(0, (await RunAsync(lab, "sh", "-c", $"kill {tcpdump.Error.Split('\n')[0]}")).Code);
        Assert.Equal(0, await tcpdump.EndAsync());
        Assert.EndsWith("0 packets captured\n0 packets received by filter\n0 packets dropped by kernel\n", tcpdump.Error, StringComparison.Ordinal);
        Assert.False(lab.Packets.Taps.IsAny);
        Assert.Empty(await lab.ProcessesAsync("curl-pod"));
    }

    [Fact]
    public async Task Simple_programs_are_traced_and_others_and_wrong_words_are_refused()
    {
        await using var lab = await NetworkedCluster.WithFlannelAsync();
        await lab.Test.DeployWebpodAsync();
        var (output, error, code) = await RunAsync(lab, "strace -y -e trace=open,sendfile,close cat /etc/hostname");
        Assert.Equal(("curl-pod\n", 0), (output, code));
        Assert.Matches(
            @"^open\(""/etc/hostname"", O_RDONLY\|O_LARGEFILE\) = 3</etc/hostname>\nsendfile\(1<pipe:\[\d+\]>, 3</etc/hostname>, NULL, 16777216\) = 9\nsendfile\(1<pipe:\[\d+\]>, 3</etc/hostname>, NULL, 16777216\) = 0\n" +
            @"close\(3</etc/hostname>\) {17}= 0\n\+\+\+ exited with 0 \+\+\+\n$",
            error);
        Assert.Equal("ENOENT", Calls((await RunAsync(lab, "strace -e open cat /nowhere")).Error, "cat: ").Single(static call => call.Name == "open").Errno);

        foreach (var (words, said) in ((string, string)[])
        [
            ("strace", "strace: must have PROG [ARGS] or -p PID\nTry 'strace -h' for more information.\n"),
            ("strace -e trace=nope true", "strace: invalid system call 'nope'\n"),
            ("strace -S size -c true", "strace: invalid sortby: 'size'\nTry 'strace -h' for more information.\n"),
            ("strace -s x true", "strace: invalid -s argument: 'x'\nTry 'strace -h' for more information.\n"),
            ("strace -p 4711", "strace: attach: ptrace(PTRACE_SEIZE, 4711): No such process\n"),
            ("strace -p 1", "strace: what a process asks of the kernel is simulated from its start only, not with -p\n"),
            ("strace nothing", "strace: Cannot find executable 'nothing'\n"),
            ("strace ping 127.0.0.1", "strace: what ping asks of the kernel is not simulated; curl, cat, echo, sleep, true and false tell it\n"),
        ])
        {
            Assert.Equal(("", said, 1), await RunAsync(lab, words));
        }

        Assert.Equal(1, (await RunAsync(lab, "strace -qq false")).Code);
    }

    private static async Task<NetworkedCluster> CiliumAsync()
    {
        var lab = await NetworkedCluster.CreateAsync();
        await lab.InstallCiliumAsync();
        await lab.Test.DeployWebpodAsync();
        await lab.Test.AdvanceAsync(TimeSpan.FromSeconds(60));
        return lab;
    }

    private static Task<(string Output, string Error, int Code)> RunAsync(NetworkedCluster lab, string words) => RunAsync(lab, words.Split(' '));

    private static async Task<(string Output, string Error, int Code)> RunAsync(NetworkedCluster lab, params string[] words)
    {
        using var run = new PodRun(lab, "curl-pod", words);
        var code = await run.EndAsync();
        return (run.Output, run.Error, code);
    }

    // What the engine reads; nothing but the program's own complaints may be left over.
    private static List<SystemCall> Calls(string text, string complaint = "\n")
    {
        using var reader = new StringReader(text);
        return [.. StraceText.Parse(reader, null, warning => Assert.StartsWith(complaint, warning.Text, StringComparison.Ordinal))];
    }

    private static SortedDictionary<string, string> Counts(string table)
    {
        using var reader = new StringReader(table[table.IndexOf("% time", StringComparison.Ordinal)..]);
        return Sorted(StraceSummaryText.Parse(reader, null, static warning => Assert.Fail(warning.Text)).Select(static row => (row.Name, $"{row.Calls} calls, {row.Errors} errors")));
    }

    private static SortedDictionary<string, string> Counted(IEnumerable<SystemCall> calls) =>
        Sorted(calls.GroupBy(static call => call.Name).Select(static group => (group.Key, $"{group.Count()} calls, {group.Count(static call => call.Errno is not null)} errors")));

    private static string Text(SortedDictionary<string, string> rows) => string.Join('\n', rows.Select(static row => $"{row.Key}: {row.Value}"));

    private static SortedDictionary<string, string> Sorted(IEnumerable<(string Name, string Counts)> rows) =>
        new(rows.ToDictionary(static row => row.Name, static row => row.Counts, StringComparer.Ordinal), StringComparer.Ordinal);

    // The first two bytes of a text as strace writes it.
    private static (byte, byte) Start(string quoted)
    {
        var at = 1;
        return (Next(), Next());

        byte Next()
        {
            if (quoted[at] != '\\')
                return (byte)quoted[at++];
            at++;
            var end = at;
            while (end < at + 3 && quoted[end] is >= '0' and <= '7')
                end++;
            if (end == at)
                return (byte)(quoted[at++] switch { 'n' => '\n', 'r' => '\r', 't' => '\t', 'v' => '\v', 'f' => '\f', var letter => letter });
            var value = Convert.ToByte(quoted[at..end], 8);
            at = end;
            return value;
        }
    }
}

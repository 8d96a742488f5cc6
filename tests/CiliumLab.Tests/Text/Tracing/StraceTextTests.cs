using System.Net;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Tests.Text.Tracing;

public sealed class StraceTextTests
{
    [Fact]
    public void Reads_the_connect_calls_of_the_lab_and_warns_of_what_curl_printed()
    {
        var warnings = new List<TextWarning>();

        var calls = StraceText.Parse(Fixture.Open("transcript/192-kubectl-exec-curl-pod-strace-e-trace-connect-cur.txt"), "k8s-ctr", warnings.Add).ToList();

        Assert.Equal(["connect", "connect", "connect", "exited"], calls.Select(call => call.Name));
        Assert.Equal([IPEndPoint.Parse("10.96.0.10:53"), IPEndPoint.Parse("10.96.33.91:80"), IPEndPoint.Parse("10.96.33.91:80"), null], calls.Select(call => call.Address));
        Assert.Equal([4, 5, 4, null], calls.Select(call => call.Descriptor));
        Assert.Equal((-1L, "EINPROGRESS", "Operation in progress"), (calls[2].Result, calls[2].Errno, calls[2].Message));
        Assert.Equal((SystemCallEvent.Exit, 0L), (calls[3].Event, calls[3].Result));
        Assert.All(calls, call => Assert.Equal("k8s-ctr", call.Node));
        Assert.Equal([4, 5, 6, 7, 8, 9, 10, 11, 12, 13], warnings.Select(warning => warning.Line));
    }

    [Theory]
    [InlineData("transcript/194-kubectl-exec-curl-pod-strace-e-trace-getsockname.txt", "getsockname", "172.20.0.191:48122")]
    [InlineData("transcript/195-kubectl-exec-curl-pod-strace-e-trace-getsockopt.txt", "getsockopt", null)]
    public void Reads_the_other_calls_of_the_lab(string file, string name, string? address)
    {
        var last = StraceText.Parse(Fixture.Open(file), null, _ => { }).Last(call => call.Event == SystemCallEvent.Call);

        Assert.Equal((name, 4, 0L), (last.Name, last.Descriptor, last.Result));
        Assert.Equal(address is null ? null : IPEndPoint.Parse(address), last.Address);
    }

    [Fact]
    public void Reads_every_kind_of_address_with_descriptors_named()
    {
        var calls = Read("strace/network-ttt-T-yy.txt");

        Assert.Equal((3, "TCP:[5061977]"), (calls[0].Descriptor, calls[0].DescriptorName));
        var peer = calls.First(call => call is { Name: "getpeername", Failed: false });
        Assert.Equal((4, "UDPv6:[[::1]:60609->[::1]:53]"), (peer.Descriptor, peer.DescriptorName));
        Assert.Equal((SocketFamily.IPv6, IPEndPoint.Parse("[::1]:53")), (peer.AddressFamily, peer.Address));
        Assert.Equal(["@abstract \\\"name\\\"", "/run/no, such) file"], calls.Where(call => call is { Name: "connect", AddressFamily: SocketFamily.Unix }).Select(call => call.Path));
        Assert.Equal((SocketFamily.Netlink, 32313u), calls.Where(call => call is { Name: "getsockname", Descriptor: 6 }).Select(call => (call.AddressFamily, call.NetlinkPort!.Value)).First());
        var sent = calls.Single(call => call.Name == "sendto");
        Assert.Equal(6, sent.Arguments.Count);
        Assert.Equal("\"{sa_family=AF_INET, sin_port=hto\"...", sent.Arguments[1]);
        Assert.Equal((IPEndPoint.Parse("127.0.0.1:9"), 49L), (sent.Address, sent.Result));
        Assert.Equal(TimeSpan.FromTicks(1610), sent.Duration);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddTicks(17956151010627550), sent.Time);
        Assert.Equal("EAGAIN", calls.Single(call => call.Name == "recvfrom").Errno);
        Assert.All(calls, call => Assert.Equal(32313, call.ProcessId));
    }

    [Fact]
    public void The_forms_of_the_time_are_told_apart()
    {
        var clock = Read("strace/network-t.txt")[1];
        var relative = Read("strace/network-r-T.txt")[1];

        Assert.Equal((null, TimeSpan.Parse("13:58:21", null), null, null), (clock.Time, clock.TimeOfDay, clock.SincePrevious, clock.ProcessId));
        Assert.True(relative.SincePrevious > TimeSpan.Zero && relative.Time is null && relative.Duration > TimeSpan.Zero, relative.ToString());
    }

    [Fact]
    public void Interrupted_calls_are_joined_and_signals_and_ends_are_told()
    {
        var calls = Read("strace/processes-f-tt-T.txt");

        var wait = calls.Single(call => call is { Name: "wait4", WasInterrupted: true });
        Assert.Equal((32341, 32343L, TimeSpan.FromTicks(124620)), (wait.ProcessId, wait.Result, wait.Duration));
        Assert.Equal(["-1", "[{WIFEXITED(s) && WEXITSTATUS(s) == 0}]", "0", "NULL"], wait.Arguments);
        Assert.Equal(TimeSpan.Parse("13:58:21.185709", null), wait.TimeOfDay);
        Assert.Equal(2, wait.Raw.Split('\n').Length);
        Assert.Null(wait.Descriptor);
        Assert.Equal(["SIGCHLD", "SIGCHLD", "SIGTERM"], calls.Where(call => call.Event == SystemCallEvent.Signal).Select(call => call.Name));
        Assert.Equal([("killed", "SIGKILL", null), ("exited", null, 0L), ("killed", "SIGTERM", (long?)null)], calls.Where(call => call.Event == SystemCallEvent.Exit).Select(call => (call.Name, call.Message, call.Result)));
        Assert.Null(calls.Single(call => call.Name == "exit_group").Result);
    }

    [Fact]
    public void A_process_that_is_named_only_while_there_are_several_is_the_same_process()
    {
        var calls = Read("strace/processes-f-pid.txt");

        Assert.Equal(32350L, calls.Single(call => call.Name == "vfork").Result);
        Assert.Equal([32349L, 32350L], calls.Where(call => call is { Name: "wait4", WasInterrupted: true }).Select(call => call.Result!.Value));
        Assert.Equal(3, calls.Count(call => call.Name == "execve"));
    }

    [Fact]
    public void A_call_that_never_returned_is_told_at_the_end()
    {
        var calls = StraceText.Parse(new StringReader("7 read(3,  <unfinished ...>\n8 poll([{fd=3, events=POLLIN}], 1, -1 <unfinished ...>) = ?\n7 +++ killed by SIGKILL +++\n9 accept(4 <unfinished ...>\n"), null, Unexpected.Warning).ToList();

        Assert.Equal(["poll", "read", "killed", "accept"], calls.Select(call => call.Name));
        Assert.All(calls, call => Assert.Null(call.Result));
        Assert.Equal((3, true), (calls[1].Descriptor, calls[1].WasInterrupted));
    }

    [Theory]
    [InlineData("openat(AT_FDCWD</root>, \"/a) = b\", O_RDONLY) = 3</a) = b>", 3, 3L, 3)]
    [InlineData("capset({version=_LINUX_CAPABILITY_VERSION_3, pid=0}, {effective=1<<CAP_CHOWN|1<<CAP_KILL, permitted=0}) = 0", null, 0L, 2)]
    [InlineData("poll([{fd=5, events=POLLIN}], 1, 0)     = 1 ([{fd=5, revents=POLLIN}])", null, 1L, 3)]
    [InlineData("mmap(NULL, 8192, PROT_READ, MAP_PRIVATE|0x1 /* MAP_?, ) */, 3, 0) = 0x7f66f4015000", null, 0x7f66f4015000L, 6)]
    [InlineData("fcntl(5, F_GETFL) = 0x2 (flags O_RDWR)", 5, 2L, 2)]
    [InlineData("kill(5, SIGKILL) = -1 ESRCH (No such process) (INJECTED)", null, -1L, 2)]
    [InlineData("nanosleep({tv_sec=1}, NULL) = ? ERESTART_RESTARTBLOCK (Interrupted by signal)", null, null, 2)]
    public void Reads_arguments_and_results_of_every_form(string line, int? descriptor, long? result, int arguments)
    {
        var call = Assert.Single(StraceText.Parse(new StringReader(line), null, Unexpected.Warning));

        Assert.Equal((descriptor, result, arguments), (call.Descriptor, call.Result, call.Arguments.Count));
    }

    [Fact]
    public void Link_local_addresses_and_older_spellings_are_read()
    {
        var text = "connect(3, {sa_family=AF_INET6, sin6_port=htons(80), inet_pton(AF_INET6, \"fe80::1\", &sin6_addr), sin6_flowinfo=htonl(0), sin6_scope_id=7}, 28) = 0\n"
            + "sendmsg(3, {msg_name={sa_family=AF_INET, sin_port=htons(53), sin_addr=inet_addr(\"10.96.0.10\")}, msg_namelen=16, msg_iov=[{iov_base=\"x\", iov_len=1}], msg_iovlen=1}, 0) = 1\n";

        var calls = StraceText.Parse(new StringReader(text), null, Unexpected.Warning).ToList();

        Assert.Equal([IPEndPoint.Parse("[fe80::1%7]:80"), IPEndPoint.Parse("10.96.0.10:53")], calls.Select(call => call.Address));
    }

    [Fact]
    public void Reads_the_summary_of_the_lab()
    {
        var warnings = new List<TextWarning>();

        var rows = StraceSummaryText.Parse(Fixture.Open("transcript/191-kubectl-exec-curl-pod-strace-c-curl-s-webpod.txt"), "k8s-ctr", warnings.Add).ToList();

        Assert.Equal(33, rows.Count);
        Assert.Equal(
            new SystemCallSummary { Node = "k8s-ctr", Name = "connect", Calls = 3, Errors = 1, Duration = TimeSpan.FromMicroseconds(57), PerCall = TimeSpan.FromMicroseconds(19), Percent = 5.57 },
            rows.Single(row => row.Name == "connect"));
        Assert.Equal((374, 37), (rows.Sum(row => (int)row.Calls), rows.Sum(row => (int)row.Errors)));
        Assert.Equal(10, warnings.Count);
    }

    [Fact]
    public void Reads_a_summary_with_other_columns()
    {
        var rows = StraceSummaryText.Parse(Fixture.Open("strace/summary-U.txt"), null, Unexpected.Warning).ToList();

        Assert.Equal(("openat", 39ul, 19ul, 28.39), (rows[0].Name, rows[0].Calls, rows[0].Errors, rows[0].Percent));
        Assert.Equal(("mmap", 30ul, 0ul, 27.96), (rows[1].Name, rows[1].Calls, rows[1].Errors, rows[1].Percent));
        Assert.DoesNotContain(rows, row => row.Name == "total");
    }

    private static List<SystemCall> Read(string file) => [.. StraceText.Parse(Fixture.Open(file), null, Unexpected.Warning)];
}

using System.Net;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Tests.Text;

public sealed class SocketStatisticsTextTests
{
    [Fact]
    public void Reads_what_grep_left_of_the_lab()
    {
        var connection = Assert.Single(SocketStatisticsText.Parse(Fixture.Open("transcript/015-ss-tnp-grep-sshd.txt"), "k8s-ctr", Unexpected.Warning));

        Assert.Equal(SocketState.Established, connection.State);
        Assert.Equal((IPAddress.Parse("10.0.2.15"), 22), (connection.LocalAddress, connection.LocalPort));
        Assert.Equal((IPAddress.Parse("10.0.2.2"), 48922), (connection.RemoteAddress, connection.RemotePort));
        Assert.True(connection.IPv4Mapped);
        Assert.Equal([new SocketProcess("sshd", 4947, 4), new SocketProcess("sshd", 4902, 4)], connection.Processes);
    }

    [Fact]
    public void Reads_every_state_address_family_and_timer()
    {
        var sockets = SocketStatisticsText.Parse(Fixture.Open("ss/all-timers.txt"), null, Unexpected.Warning).ToList();

        Assert.Equal(11, sockets.Count);
        Assert.Equal((SocketState.Listen, 5ul, 8080), (sockets[0].State, sockets[0].SendQueue, sockets[0].LocalPort));
        Assert.Equal((IPAddress.Any, null), (sockets[0].RemoteAddress, sockets[0].RemotePort));
        Assert.Equal(SocketState.FinWait2, sockets[2].State);
        Assert.Equal(new SocketTimer("timewait", TimeSpan.FromSeconds(58), 0), sockets[2].Timer);
        Assert.Empty(sockets[2].Processes);
        Assert.Equal(SocketState.TimeWait, sockets[3].State);
        Assert.Equal((SocketState.CloseWait, 1ul), (sockets[6].State, sockets[6].ReceiveQueue));
        Assert.Equal((null, 2222, null, null), (sockets[7].LocalAddress, sockets[7].LocalPort, sockets[7].RemoteAddress, sockets[7].RemotePort));
        Assert.Equal((IPAddress.Parse("fd00:10::1"), 10ul), (sockets[8].LocalAddress, sockets[8].ReceiveQueue));
        Assert.Equal(new SocketTimer("keepalive", TimeSpan.FromMinutes(119), 0), sockets[9].Timer);
        Assert.True(sockets[9].IPv4Mapped);
        Assert.Equal(2, sockets[9].Processes.Count);
    }

    [Theory]
    [InlineData("all-no-header.txt", 11, 9)]
    [InlineData("extended.txt", 11, 9)]
    [InlineData("one-line.txt", 11, 9)]
    [InlineData("tcp-and-udp.txt", 11, 9)]
    [InlineData("tn-piped.txt", 8, 0)]
    [InlineData("tnp.txt", 8, 7)]
    public void Reads_every_form(string file, int count, int withProcesses)
    {
        var sockets = SocketStatisticsText.Parse(Fixture.Open($"ss/{file}"), null, Unexpected.Warning).ToList();

        Assert.Equal(count, sockets.Count);
        Assert.Equal(withProcesses, sockets.Count(socket => socket.Processes.Count == 2));
        Assert.Contains(sockets, socket => socket is { State: SocketState.Established, LocalPort: 49926, RemotePort: 2222 });
    }

    [Theory]
    [InlineData("1min58sec", 118_000)]
    [InlineData("1.520ms", 1520)]
    [InlineData("204ms", 204)]
    [InlineData("", 0)]
    public void Reads_every_duration_that_ss_writes(string written, int milliseconds)
    {
        var text = $"ESTAB 0 36 10.0.2.15%eth0:22 10.0.2.2:4 users:((\"tmux: (a),b\",pid=1,fd=2)) timer:(on,{written},3) uid:1000\n";

        var socket = Assert.Single(SocketStatisticsText.Parse(new StringReader(text), null, Unexpected.Warning));

        Assert.Equal(new SocketTimer("on", TimeSpan.FromMilliseconds(milliseconds), 3), socket.Timer);
        Assert.Equal("eth0", socket.Interface);
        Assert.Equal(new SocketProcess("tmux: (a),b", 1, 2), Assert.Single(socket.Processes));
    }

    [Fact]
    public void Without_a_state_column_the_state_is_unknown()
    {
        var text = "Recv-Q Send-Q Local Address:Port Peer Address:Port Process\n0      0      [fe80::1]%eth0:22    [fe80::2]:4000\n";

        var socket = Assert.Single(SocketStatisticsText.Parse(new StringReader(text), null, Unexpected.Warning));

        Assert.Null(socket.State);
        Assert.Equal((IPAddress.Parse("fe80::1"), "eth0"), (socket.LocalAddress, socket.Interface));
    }

    [Fact]
    public void Names_instead_of_numbers_and_cut_off_processes_are_warnings()
    {
        var warnings = new List<TextWarning>();
        var text = "State Recv-Q Send-Q Local Address:Port Peer Address:Port\nESTAB 0 0 k8s-ctr:ssh _gateway:5\nESTAB 0 0 10.0.0.1:22 10.0.0.2:5 users:((\"sshd\",pid=4\n"
            + "nl UNCONN 0 0 0:0 *\n";

        var socket = Assert.Single(SocketStatisticsText.Parse(new StringReader(text), null, warnings.Add));

        Assert.Equal(22, socket.LocalPort);
        Assert.Equal([2, 3, 4], warnings.Select(warning => warning.Line));
        Assert.Contains("cut off", warnings[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_text_is_an_error() =>
        Assert.Throws<LabException>(() => SocketStatisticsText.Parse(new StringReader("Error: an inet prefix is expected rather than \"bogus\".\n"), null, Unexpected.Warning).ToList());

    [Theory]
    [InlineData("ss/all-timers.txt")]
    [InlineData("ss/tcp-and-udp.txt")]
    [InlineData("transcript/015-ss-tnp-grep-sshd.txt")]
    public void Endures_garbled_text(string file) => Garbling.Survives(SocketStatisticsText.Parse, Fixture.Read(file));
}

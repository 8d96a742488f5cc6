using System.Net;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Tests.Text;

public sealed class PingTextTests
{
    [Theory]
    [InlineData("011-ping-c-1-k8s-w1", "k8s-w1", "192.168.10.101", 0.421)]
    [InlineData("012-ping-c-1-k8s-w2", "k8s-w2", "192.168.10.102", 0.433)]
    [InlineData("045-ping-c-1-10-244-1-0", "10.244.1.0", "10.244.1.0", 0.391)]
    [InlineData("046-ping-c-1-10-244-2-0", "10.244.2.0", "10.244.2.0", 0.409)]
    public void Reads_the_lab(string file, string destination, string address, double milliseconds)
    {
        var ping = Only($"transcript/{file}.txt");

        Assert.Equal((destination, IPAddress.Parse(address), 1, 1), (ping.Destination, ping.Address, ping.Sent, ping.Received));
        var time = TimeSpan.FromMicroseconds(milliseconds * 1000);
        Assert.Equal((time, time, time, TimeSpan.Zero), (ping.MinRtt, ping.AvgRtt, ping.MaxRtt, ping.DeviationRtt));
        Assert.Equal(new PingReply { Sequence = 1, From = IPAddress.Parse(address), TimeToLive = 64, RoundTrip = time }, Assert.Single(ping.Replies));
        Assert.Null(ping.Failure);
        Assert.Equal(0, ping.LossPercent);
    }

    [Theory]
    [InlineData("iputils-three", 3, 3, 0, 0)]
    [InlineData("iputils-ipv6", 2, 2, 0, 0)]
    [InlineData("iputils-quiet", 3, 3, 0, 0)]
    [InlineData("iputils-timestamps", 2, 2, 0, 0)]
    [InlineData("iputils-numeric-name", 1, 1, 0, 0)]
    [InlineData("iputils-loss", 6, 3, 0, 0)]
    [InlineData("iputils-duplicates", 3, 3, 2, 0)]
    [InlineData("iputils-all-lost", 2, 0, 0, 0)]
    [InlineData("iputils-host-unreachable", 2, 0, 0, 2)]
    [InlineData("iputils-prohibited", 2, 0, 0, 2)]
    [InlineData("busybox-three", 3, 3, 0, 0)]
    [InlineData("busybox-loss", 4, 2, 0, 0)]
    [InlineData("busybox-duplicates", 3, 3, 2, 0)]
    [InlineData("busybox-all-lost", 2, 0, 0, 0)]
    public void Counts_what_was_sent_received_doubled_and_refused(string file, int sent, int received, int duplicates, int errors)
    {
        var ping = Only($"ping/{file}.txt");

        Assert.Equal((sent, received, duplicates, errors), (ping.Sent, ping.Received, ping.Duplicates, ping.Errors));
        Assert.Equal(received > 0, ping.AvgRtt is not null);
        Assert.Equal(received > 0, ping.Failure is null);
    }

    [Theory]
    [InlineData("iputils-host-unreachable", "Destination Host Unreachable", "192.168.10.177")]
    [InlineData("iputils-prohibited", "Packet filtered", "192.168.10.101")]
    [InlineData("iputils-all-lost", "no answer", "192.168.10.101")]
    [InlineData("iputils-network-unreachable", "connect: Network is unreachable", null)]
    [InlineData("iputils-unknown-name", "no-such-node.invalid: Temporary failure in name resolution", null)]
    [InlineData("busybox-network-unreachable", "sendto: Network is unreachable", "10.77.0.1")]
    [InlineData("busybox-unknown-name", "bad address 'no-such-node.invalid'", null)]
    public void A_failure_is_told_in_the_words_of_ping(string file, string failure, string? address)
    {
        var ping = Only($"ping/{file}.txt");

        Assert.Equal(failure, ping.Failure);
        Assert.Equal(address, ping.Address?.ToString());
        Assert.Equal(100, ping.LossPercent);
    }

    [Fact]
    public void Reads_answers_one_by_one()
    {
        var ping = Only("ping/busybox-duplicates.txt");

        Assert.Equal([false, true, false, true, false], ping.Replies.Select(reply => reply.Duplicate));
        Assert.Equal(0, ping.Replies[0].Sequence);
        Assert.Equal(IPAddress.Parse("192.168.10.101"), ping.Replies[1].From);
        Assert.Equal(TimeSpan.FromMicroseconds(287), ping.MaxRtt);
        Assert.Null(ping.DeviationRtt);
        Assert.Equal(50, Only("ping/iputils-loss.txt").LossPercent);
        Assert.Equal(IPAddress.Parse("fd00:10::2"), Only("ping/iputils-ipv6.txt").Replies[0].From);
    }

    [Fact]
    public void A_name_that_nobody_knows_is_the_destination()
    {
        Assert.Equal("no-such-node.invalid", Only("ping/iputils-unknown-name.txt").Destination);
        Assert.Equal("no-such-node.invalid", Only("ping/busybox-unknown-name.txt").Destination);
        Assert.Equal("k8s-w9", Assert.Single(PingText.Parse(new StringReader("ping: k8s-w9: Name or service not known\n"), null, Unexpected.Warning)).Destination);
    }

    [Fact]
    public void Several_runs_in_a_row_are_several_results()
    {
        var text = Fixture.Read("transcript/011-ping-c-1-k8s-w1.txt") + Fixture.Read("ping/iputils-network-unreachable.txt")
            + Fixture.Read("ping/busybox-three.txt") + "PING ip6-localhost(localhost (::1)) 56 data bytes\r\n^C\r\n--- ip6-localhost ping statistics ---\r\n"
            + "1 packets transmitted, 0 received, 100% packet loss, time 0ms\r\n";

        var runs = PingText.Parse(new StringReader(text), null, Unexpected.Warning).ToList();

        Assert.Equal(["k8s-w1", null, "192.168.10.101", "ip6-localhost"], runs.Select(run => run.Destination));
        Assert.Equal(IPAddress.IPv6Loopback, runs[3].Address);
    }

    [Fact]
    public void A_run_that_is_cut_off_counts_its_answers_and_warns()
    {
        var warnings = new List<TextWarning>();
        var text = "PING a (10.0.0.1) 56(84) bytes of data.\n64 bytes from 10.0.0.1: icmp_seq=1 ttl=64 time=0.4 ms\n64 bytes from 10.0.0.1: icmp_seq=1 ttl=64 time=0.5 ms (DUP!)\n"
            + "no answer yet for icmp_seq=2\nsomething else\n";

        var ping = Assert.Single(PingText.Parse(new StringReader(text), null, warnings.Add));

        Assert.Equal((2, 1, 1), (ping.Sent, ping.Received, ping.Duplicates));
        Assert.Equal([5, 1], warnings.Select(warning => warning.Line));
    }

    [Fact]
    public void Another_text_is_an_error() =>
        Assert.Throws<LabException>(() => PingText.Parse(new StringReader("bash: ping: command not found\n"), null, Unexpected.Warning).ToList());

    [Theory]
    [InlineData("ping/iputils-host-unreachable.txt")]
    [InlineData("ping/iputils-loss.txt")]
    [InlineData("ping/busybox-duplicates.txt")]
    [InlineData("ping/iputils-unknown-name.txt")]
    public void Endures_garbled_text(string file) => Garbling.Survives(PingText.Parse, Fixture.Read(file));

    private static PingResult Only(string file) => Assert.Single(PingText.Parse(Fixture.Open(file), null, Unexpected.Warning));
}

using System.Net;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Tests.Text.Tracing;

/// <summary>Forms of tcpdump's text; that its fields are the packets' own is tested with <see cref="CiliumLab.Tests.Tracing.PcapReaderTests"/>.</summary>
public sealed class TcpdumpTextTests
{
    [Fact]
    public void Reads_what_every_interface_saw()
    {
        var packets = Read("tcpdump/any-nn.txt");

        Assert.Equal(("lo", PacketDirection.In, "127.0.0.1:9"), (packets[0].Interface, packets[0].Direction, packets[0].Destination));
        Assert.Equal((TcpFlags.Syn, 65495, 65495, 10, true), (packets[0].Tcp!.Flags, packets[0].Tcp!.Window, packets[0].Tcp!.MaximumSegmentSize!.Value, packets[0].Tcp!.WindowScale!.Value, packets[0].Tcp!.SackPermitted));
        Assert.Equal(TcpFlags.Rst | TcpFlags.Ack, packets[1].Tcp!.Flags);
        Assert.Equal((IPAddress.IPv6Loopback, 9), (packets[2].DestinationAddress, packets[2].DestinationPort));
        Assert.All(packets, packet => Assert.NotNull(packet.TimeOfDay));
    }

    [Fact]
    public void Two_lines_of_one_packet_are_one_record()
    {
        var packets = Read("tcpdump/any-e-nn-tt-v.txt");

        Assert.Equal(["127.0.0.1:9", "::1"], new[] { packets[0].Destination, packets[2].DestinationAddress!.ToString() });
        Assert.Equal((1, "00:00:00:00:00:00", 80, 64), (packets[0].InterfaceIndex, packets[0].SourceMac, packets[0].Length, packets[0].TimeToLive));
        Assert.Equal(2026, packets[0].Time!.Value.Year);
    }

    [Fact]
    public void Tunnels_and_what_applications_say_belong_to_their_packet()
    {
        var packets = Read("tcpdump/e-nn-v.txt");

        Assert.Equal(32, packets.Count);
        Assert.Equal([TunnelProtocol.Vxlan, TunnelProtocol.Vxlan, TunnelProtocol.Geneve, TunnelProtocol.Geneve], packets.Where(packet => packet.Inner is not null).Select(packet => packet.Tunnel));
        Assert.All(packets.Where(packet => packet.Inner is not null), packet => Assert.Equal(IPAddress.Parse("10.244.0.5"), packet.Inner!.SourceAddress));
        Assert.Contains("GET / HTTP/1.1", packets.Single(packet => packet.PayloadLength == 18).Details, StringComparison.Ordinal);
        Assert.Equal("4660+ A? webpod.default.svc. (36)", packets.Single(packet => packet is { DestinationPort: 53 }).Details);
        Assert.Equal(packets.Count, Read("tcpdump/nn.txt").Count);
    }

    [Fact]
    public void Names_for_addresses_and_other_lines_are_warnings()
    {
        var warnings = new List<TextWarning>();
        var text = "listening\n12:00:00.000000 IP localhost.http > 10.0.0.2.50000: Flags [S], seq 1, win 2, length 0\nsomething else\n\t0x0000:  4500\n2 packets captured\n";

        var packet = Assert.Single(TcpdumpText.Parse(new StringReader(text), "k8s-w1", warnings.Add));

        Assert.Equal((null, "10.0.0.2:50000", TcpFlags.Syn), (packet.Source, packet.Destination, packet.Tcp!.Flags));
        Assert.Equal([1, 2, 3, 4], warnings.Select(warning => warning.Line));
    }

    private static List<CapturedPacket> Read(string file) => [.. TcpdumpText.Parse(Fixture.Open(file), null, Unexpected.Warning)];
}

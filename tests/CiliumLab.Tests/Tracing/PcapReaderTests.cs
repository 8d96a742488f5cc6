using CiliumLab.Engine.Text;
using CiliumLab.Engine.Tracing.Packets;
using CiliumLab.Model;
using CiliumLab.Tests.Integration;
using CiliumLab.Tests.Text;
using CiliumLab.Tests.Text.Tracing;

namespace CiliumLab.Tests.Tracing;

public sealed class PcapReaderTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Every field that tcpdump prints of a capture is the one that we read from it.</summary>
    [Theory]
    [InlineData(OddPackets.Ethernet, "-e -v -S -tt", false, false, 262144)]
    [InlineData(OddPackets.Ethernet, "-v -S", true, true, 262144)]
    [InlineData(OddPackets.Ethernet, "-S -tttt", true, false, 262144)]
    [InlineData(OddPackets.Ethernet, "-e -S", false, true, 60)]
    [InlineData(OddPackets.Ethernet, "-e -v -S", false, false, 38)]
    [InlineData(OddPackets.LinuxCooked, "-e -v -S", false, false, 262144)]
    [InlineData(OddPackets.LinuxCooked2, "-v -S -t", false, false, 262144)]
    [InlineData(OddPackets.LinuxCooked2, "-e -S -ttt", false, false, 262144)]
    [InlineData(OddPackets.Raw, "-v -S", false, false, 262144)]
    [InlineData(OddPackets.Null, "-v -S", false, false, 262144)]
    public async Task Tcpdump_reads_the_same(int linkType, string options, bool bigEndian, bool nano, int snapshot)
    {
        RealStraceTests.SkipWithout("tcpdump");
        using var folder = new ScratchFolder();
        var file = Path.Combine(folder.Path, "packets.pcap");
        await File.WriteAllBytesAsync(file, OddPackets.Capture(linkType, OddPackets.On(linkType), bigEndian, nano, snapshot), Token);
        var said = await HostProgram.RunAsync("tcpdump", ["-nn", .. options.Split(' '), "-r", file], environment: new Dictionary<string, string> { ["TZ"] = "UTC" }, cancellationToken: Token);
        var text = TcpdumpText.Parse(new StringReader(said.Succeeded("tcpdump")), null, Unexpected.Warning).ToList();

        using var stream = File.OpenRead(file);
        var read = new PcapReader(stream, new CaptureOrigin()).Read().ToList();

        Assert.Equal(OddPackets.On(linkType).Count(), read.Count);
        Assert.Equal(read.Count, text.Count);
        var differences = read.Zip(text, (ours, theirs) => Differences(ours, theirs).Select(difference => $"packet {ours.Number} {difference}")).SelectMany(all => all).ToList();
        Assert.True(differences.Count == 0, string.Join('\n', differences));
        if (options.Contains("-tttt", StringComparison.Ordinal) || options.Contains("-tt", StringComparison.Ordinal) && !options.Contains("-ttt", StringComparison.Ordinal))
            Assert.Equal(read.Select(packet => packet.Time), text.Select(packet => packet.Time));
        else if (!options.Contains("-t", StringComparison.Ordinal))
            Assert.Equal(read.Select(packet => packet.Time!.Value.TimeOfDay), text.Select(packet => packet.TimeOfDay!.Value));
    }

    [Fact]
    public void A_tunnels_packet_has_the_one_inside_and_dns_says_what_is_asked()
    {
        var packets = Read(OddPackets.Capture(OddPackets.Ethernet, OddPackets.Frames));

        var flannel = packets.Single(packet => packet.DestinationPort == 8472);
        Assert.Equal((TunnelProtocol.Vxlan, 0x2f0bu), (flannel.Tunnel, flannel.TunnelId!.Value));
        Assert.Equal(("10.244.0.5", "10.244.1.6", 3), (flannel.Inner!.Source, flannel.Inner.Destination, flannel.Inner.Icmp!.SequenceNumber!.Value));
        Assert.Equal("Vxlan vni 12043: 10.244.0.5 > 10.244.1.6 echo request id 9 seq 3", flannel.Summary);
        Assert.Equal(["DNS 4660 A? webpod.default.svc.", "DNS 4660 A? webpod.default.svc.: A 10.96.0.1"], packets.Where(packet => packet.Details is not null).Select(packet => packet.Details));
        var tooBig = packets.Single(packet => packet.Icmp?.Mtu is not null);
        Assert.Equal((1450, "10.0.0.2:5", TcpFlags.Syn), (tooBig.Icmp!.Mtu!.Value, tooBig.Icmp.Quoted!.Source, tooBig.Icmp.Quoted.Tcp!.Flags));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1_700_000_000).AddMicroseconds(1), packets[0].Time);
    }

    [Fact]
    public void The_origin_and_the_interfaces_names_are_on_every_packet()
    {
        var origin = new CaptureOrigin("k8s-w1", "default", "curl-pod") { InterfaceNames = new Dictionary<int, string> { [3] = "eth1" } };
        using var stream = new MemoryStream(OddPackets.Capture(OddPackets.LinuxCooked2, OddPackets.On(OddPackets.LinuxCooked2)));

        var packets = new PcapReader(stream, origin).Read().ToList();

        Assert.All(packets, packet => Assert.Equal(("k8s-w1", "default", "curl-pod", "eth1", 3), (packet.Node, packet.Namespace, packet.Pod, packet.Interface, packet.InterfaceIndex)));
        Assert.Equal([PacketDirection.In, PacketDirection.Broadcast, PacketDirection.Multicast, PacketDirection.OtherHost, PacketDirection.Out], packets.Take(5).Select(packet => packet.Direction));
    }

    [Fact]
    public void What_is_copied_is_the_capture_itself_however_it_arrives()
    {
        var capture = OddPackets.Capture(OddPackets.Ethernet, OddPackets.Frames.Append(new byte[200_000]));
        var copy = new MemoryStream();
        var reader = new PcapReader(new Trickle(capture), new CaptureOrigin()) { Copy = bytes => copy.Write(bytes.Span) };

        var packets = reader.Read().ToList();

        Assert.Equal(OddPackets.Frames.Count + 1, packets.Count);
        Assert.Equal(200_000, packets[^1].CapturedLength);
        Assert.Equal(capture, copy.ToArray());
    }

    [Theory]
    [InlineData("0a0d0d0a1c0000004d3c2b1a01000000ffffffffffffffff1c000000", "CaptureNotUnderstood", "pcapng")]
    [InlineData("7463706475", "CaptureNotUnderstood", "5 bytes")]
    [InlineData("746370647570746370647570746370647570746370647570", "CaptureNotUnderstood", "0x74637064")]
    [InlineData("d4c3b2a1020004000000000000000000000004006900000000", "CaptureNotUnderstood", "link type 105")]
    public void What_is_no_capture_is_an_error_that_says_what_it_is(string hex, string id, string words)
    {
        var error = Assert.Throws<LabException>(() => Read(Convert.FromHexString(hex)));

        Assert.Equal(id, error.ErrorId);
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_no_packets() => Assert.Empty(Read([]));

    [Fact]
    public void The_packets_before_a_damage_are_delivered()
    {
        var capture = OddPackets.Capture(OddPackets.Ethernet, OddPackets.Frames);
        var third = 24 + (2 * 16) + OddPackets.Frames[0].Length + OddPackets.Frames[1].Length;
        var damaged = capture.ToArray();
        damaged[third + 11] = 0x7f;

        foreach (var (bytes, words) in new[] { (damaged, "packet 3, at byte " + third), (capture[..(third + 20)], "within packet 3"), (capture[..(third + 7)], "within a packet's header") })
        {
            using var stream = new MemoryStream(bytes);
            var read = new List<CapturedPacket>();
            var error = Assert.Throws<LabException>(() =>
            {
                foreach (var packet in new PcapReader(stream, new CaptureOrigin()).Read())
                    read.Add(packet);
            });
            Assert.Equal([1, 2], read.Select(packet => packet.Number));
            Assert.Equal("CaptureDamaged", error.ErrorId);
            Assert.Contains(words, error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(OddPackets.Ethernet)]
    [InlineData(OddPackets.LinuxCooked)]
    [InlineData(OddPackets.LinuxCooked2)]
    [InlineData(OddPackets.Raw)]
    [InlineData(OddPackets.Null)]
    public void Made_up_packets_do_no_harm(int linkType)
    {
        var random = new Random(4711);
        var packets = new List<byte[]>();
        foreach (var packet in OddPackets.On(linkType))
        {
            packets.AddRange(Enumerable.Range(0, packet.Length).Select(length => packet[..length]));
            for (var round = 0; round < 200; round++)
            {
                var damaged = packet.ToArray();
                for (var flip = 0; flip <= round / 50; flip++)
                    damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
                packets.Add(damaged);
            }
        }

        var read = Read(OddPackets.Capture(linkType, packets));

        Assert.Equal(packets.Count, read.Count);
        Assert.All(read, packet => Assert.NotEqual("", packet.Summary));
    }

    private static List<CapturedPacket> Read(byte[] capture)
    {
        using var stream = new MemoryStream(capture);
        return [.. new PcapReader(stream, new CaptureOrigin()).Read()];
    }

    // tcpdump prints what it deems worth it; what it leaves out is not compared.
    private static IEnumerable<string> Differences(CapturedPacket ours, CapturedPacket theirs)
    {
        var cut = theirs.IsTruncated;
        (string Name, object? Ours, object? Theirs, bool Known)[] fields =
        [
            ("Length", ours.Length, theirs.Length, theirs.Length is not null),
            ("SourceMac", ours.SourceMac, theirs.SourceMac, theirs.SourceMac is not null),
            ("DestinationMac", ours.DestinationMac, theirs.DestinationMac, theirs.DestinationMac is not null),
            ("EtherType", ours.EtherType, theirs.EtherType, theirs.EtherType != EtherType.Unknown),
            ("Vlans", string.Join(' ', ours.VlanIds), string.Join(' ', theirs.VlanIds), theirs.VlanIds.Count > 0),
            ("SourceAddress", ours.SourceAddress, theirs.SourceAddress, !cut && theirs.Arp is null || theirs.SourceAddress is not null),
            ("DestinationAddress", ours.DestinationAddress, theirs.DestinationAddress, !cut && theirs.Arp is null || theirs.DestinationAddress is not null),
            ("SourcePort", ours.SourcePort, theirs.SourcePort, !cut || theirs.SourcePort is not null),
            ("DestinationPort", ours.DestinationPort, theirs.DestinationPort, !cut || theirs.DestinationPort is not null),
            ("Protocol", ours.Protocol, theirs.Protocol, theirs.Protocol != TransportProtocol.Any && ours.FragmentOffset == 0),
            ("TimeToLive", ours.TimeToLive, theirs.TimeToLive, theirs.TimeToLive is not null),
            ("TrafficClass", ours.TrafficClass, theirs.TrafficClass, theirs.TrafficClass is not null),
            ("FlowLabel", ours.FlowLabel, theirs.FlowLabel, theirs.FlowLabel is not null),
            ("Identification", ours.Identification, theirs.Identification, theirs.Identification is not null),
            ("DontFragment", ours.DontFragment, theirs.DontFragment, theirs.TimeToLive is not null),
            ("MoreFragments", ours.MoreFragments, theirs.MoreFragments, theirs.TimeToLive is not null && theirs.EtherType == EtherType.IPv4),
            ("FragmentOffset", ours.FragmentOffset, theirs.FragmentOffset, theirs.TimeToLive is not null || theirs.FragmentOffset > 0),
            ("PayloadLength", ours.PayloadLength, theirs.PayloadLength, !cut && theirs.PayloadLength is not null),
            ("Tcp", Print(ours.Tcp is { } tcp && theirs.Tcp is { SequenceNumber: null } ? tcp with { SequenceNumber = null } : ours.Tcp), Print(theirs.Tcp), !cut && theirs.TimeToLive is not null || theirs.Tcp is not null),
            ("Icmp", Print(ours.Icmp is null ? null : ours.Icmp with { Quoted = null }), Print(theirs.Icmp), !cut && theirs.TimeToLive is not null && ours.FragmentOffset == 0 || theirs.Icmp is not null),
            ("Arp", ours.Arp?.Operation, theirs.Arp?.Operation, !cut),
            ("Tunnel", ours.Tunnel, theirs.Tunnel, !cut),
            ("TunnelId", ours.TunnelId, theirs.TunnelId, !cut),
            ("IsTruncated", ours.IsTruncated, theirs.IsTruncated, theirs.IsTruncated),
        ];
        foreach (var (name, mine, other, known) in fields)
        {
            if (known && !Equals(mine, other))
                yield return $"{name}: {mine ?? "nothing"}, not {other ?? "nothing"}";
        }

        if (theirs.Inner is { } inner)
        {
            foreach (var difference in ours.Inner is { } own ? Differences(own, inner) : ["Inner: nothing"])
                yield return $"inside {difference}";
        }
    }

    // What a field's own equality does not look into; what is not captured of a header is not printed.
    private static string Print(object? record) => record is null ? "" : Records.Print([record]);

    /// <summary>Gives a few bytes at a time, as a network does.</summary>
    private sealed class Trickle(byte[] data) : MemoryStream(data)
    {
        private int _piece;

        public override int Read(Span<byte> buffer) => base.Read(buffer[..Math.Min(buffer.Length, 1 + (_piece++ % 97))]);
    }
}

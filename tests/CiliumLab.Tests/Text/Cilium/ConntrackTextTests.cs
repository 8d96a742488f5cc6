using System.Net;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Tests.Text.Cilium;

public sealed class ConntrackTextTests
{
    [Fact]
    public void Reads_the_echoes_of_the_lab()
    {
        var entries = ConntrackText.Parse(Fixture.Open("transcript/150-kubectl-exec-it-n-kube-system-ds-cilium-c-cilium.txt"), "k8s-ctr", Unexpected.Warning).ToList();

        Assert.Equal(4, entries.Count);
        Assert.Equal(
            new ConntrackEntry
            {
                Node = "k8s-ctr",
                Protocol = TransportProtocol.Icmp,
                Direction = ConntrackDirection.In,
                SourceAddress = IPAddress.Parse("192.168.10.102"),
                SourcePort = 8955,
                DestinationAddress = IPAddress.Parse("172.20.0.117"),
                ExpiresAt = 15702,
                Packets = 0,
                Bytes = 0,
                LastRxReport = 15642,
                LastTxReport = 15642,
                IdentityId = 6,
                BackendId = 0,
            },
            entries[1]);
        Assert.Equal(("remote-node", "192.168.10.102:8955"), (entries[1].Identity, entries[1].Source));
    }

    [Fact]
    public void Reads_IPv6_services_flags_and_the_time_that_is_left()
    {
        var warnings = new List<TextWarning>();

        var entries = ConntrackText.Parse(Fixture.Open("cilium/ct-list-1.18-d.txt"), null, warnings.Add).ToList();

        Assert.Equal((2, true), (Assert.Single(warnings).Line, warnings[0].Text.Contains("cilium_ct6_global", StringComparison.Ordinal)));
        Assert.Equal(("[fd02::1a]:56410", "[fd02::3c]:80", 18446744073709551614ul), (entries[0].Source, entries[0].Destination, entries[0].Bytes));
        Assert.Equal(ConntrackFlags.SeenNonSyn | ConntrackFlags.Dsr | ConntrackFlags.FromTunnel, entries[0].Flags);
        Assert.Equal(TcpFlags.Fin | TcpFlags.Syn | TcpFlags.Psh | TcpFlags.Ack, entries[0].RxFlagsSeen);
        Assert.Equal((ConntrackDirection.Service, (ushort)1, 3u, (ushort)32768), (entries[1].Direction, entries[1].ServiceId, entries[1].BackendId, entries[1].NatPort));
        Assert.Equal(TimeSpan.FromSeconds(15988), entries[1].Remaining);
        Assert.Equal((TransportProtocol.IcmpV6, IPAddress.Parse("fd02::1a"), 8), (entries[2].Protocol, entries[2].SourceAddress, entries[2].SourcePort));
    }

    [Fact]
    public void Reads_the_counters_of_both_directions_that_old_versions_keep()
    {
        var entries = ConntrackText.Parse(Fixture.Open("cilium/ct-list-1.15.txt"), null, Unexpected.Warning).ToList();

        Assert.Equal((10ul, 1145ul, 6ul, 543ul), (entries[0].Packets, entries[0].Bytes, entries[0].RxPackets, entries[0].TxBytes));
        Assert.Equal(ConntrackFlags.RxClosing | ConntrackFlags.TxClosing | ConntrackFlags.SeenNonSyn, entries[0].Flags);
        Assert.Equal((ConntrackDirection.Service, (ushort)4, null), (entries[1].Direction, entries[1].ServiceId, entries[1].BackendId));
        Assert.True(entries[2].IsRelated);
    }

    // Raw JSON has the ports in the network's order and the addresses the other way round.
    [Theory]
    [InlineData("cilium/ct-list-1.18-d.txt", "cilium/ct-list-1.18.json")]
    [InlineData("cilium/ct-list-1.15.txt", "cilium/ct-list-1.15.json")]
    public void Json_says_the_same_as_text(string text, string json)
    {
        var fromText = ConntrackText.Parse(Fixture.Open(text), "n", _ => { }).Select(entry => entry with { Remaining = null });
        var fromJson = ConntrackText.Parse(Fixture.Open(json), "n", Unexpected.Warning);

        Assert.Equal(fromText, fromJson);
    }

    [Fact]
    public void Reads_translations_of_the_lab()
    {
        var entries = NatText.Parse(Fixture.Open("transcript/151-kubectl-exec-it-n-kube-system-ds-cilium-c-cilium.txt"), null, Unexpected.Warning).ToList();

        Assert.Equal([99, 419, 99, 619], entries.Select(entry => (int)entry.Age!.Value.TotalSeconds));
        Assert.Equal(("172.20.1.139:0", "192.168.10.100:61858", NatKind.Destination, "192.168.10.100:61858", true), (entries[1].Source, entries[1].Destination, entries[1].Kind, entries[1].Translated, entries[1].NeedsConntrack));
    }

    [Fact]
    public void Translations_are_the_same_from_text_and_json()
    {
        var fromText = NatText.Parse(Fixture.Open("cilium/nat-list-1.17.txt"), "n", Unexpected.Warning).ToList();
        var fromJson = NatText.Parse(Fixture.Open("cilium/nat-list-1.17.json"), "n", Unexpected.Warning).ToList();

        Assert.Equal(fromText.Select(entry => entry with { Age = null }), fromJson.Select(entry => entry with { CreatedTick = null }));
        Assert.Equal((1633021000000000ul, "[fd02::1a]:51000", false), (fromJson[0].CreatedTick, fromJson[1].Translated, fromJson[1].NeedsConntrack));
    }

    [Fact]
    public void An_entry_comes_before_the_rest_of_a_long_document_is_there()
    {
        var item = Fixture.Read("cilium/ct-list-1.18.json").Trim().Trim('[', ']');
        var reader = new CountingReader("[" + string.Join(",", Enumerable.Repeat(item, 2000)) + "]\n");

        using var entries = ConntrackText.Parse(reader, null, Unexpected.Warning).GetEnumerator();

        Assert.True(entries.MoveNext());
        Assert.True(reader.Taken < 64 * 1024, $"{reader.Taken}");
        var rest = 1;
        while (entries.MoveNext())
            rest++;
        Assert.Equal(6000, rest);
    }

    [Fact]
    public void A_document_that_is_cut_off_gives_what_was_whole_and_then_an_error()
    {
        var text = Fixture.Read("cilium/ct-list-1.18.json");
        var entries = new List<ConntrackEntry>();

        var error = Assert.Throws<LabException>(() => entries.AddRange(Kept(ConntrackText.Parse(new StringReader(text[..(text.Length - 200)]), null, Unexpected.Warning), entries)));

        Assert.Equal(2, entries.Count);
        Assert.Contains("cut off", error.Message, StringComparison.Ordinal);
    }

    private static IEnumerable<ConntrackEntry> Kept(IEnumerable<ConntrackEntry> source, List<ConntrackEntry> kept)
    {
        foreach (var entry in source)
            kept.Add(entry);
        return [];
    }

    private sealed class CountingReader(string text) : StringReader(text)
    {
        public int Taken { get; private set; }

        public override string? ReadLine()
        {
            var line = base.ReadLine();
            Taken += line?.Length + 1 ?? 0;
            return line;
        }
    }
}

using System.Net;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Tests.Text.Iproute;

public sealed class IpNeighborTextTests
{
    [Theory]
    [InlineData("ip-neigh")]
    [InlineData("ip-s-neigh")]
    [InlineData("ip-neigh-proxy")]
    [InlineData("bridge-fdb")]
    [InlineData("bridge-s-fdb")]
    public void Text_and_json_of_one_state_are_equal_records(string name)
    {
        var text = Read($"iproute2/{name}.txt");
        var json = Read($"iproute2/{name}.json");

        Assert.NotEmpty(json);
        Assert.Equal(Records.Print(json), Records.Print(text));
    }

    [Fact]
    public void Reads_arp_entries()
    {
        var entries = Read("iproute2/ip-neigh.json").ToDictionary(entry => entry.Address!.ToString());

        Assert.Equal(
            new NodeNeighbor
            {
                Table = NeighborTable.Arp,
                Interface = "flannel.1",
                Address = IPAddress.Parse("10.244.1.0"),
                Mac = "0a:00:00:00:01:01",
                State = NeighborState.Permanent,
            },
            entries["10.244.1.0"]);
        Assert.Equal(NeighborState.Failed, entries["192.168.10.250"].State);
        Assert.Null(entries["192.168.10.250"].Mac);
        Assert.Equal(NeighborFlags.ExternallyLearned, entries["192.168.10.198"].Flags);
        Assert.Equal(NeighborState.Stale, entries["192.168.10.101"].State);
    }

    [Fact]
    public void Reads_an_ndp_router_and_how_long_ago_it_was_heard()
    {
        const string Text = "fd00:10::101 dev eth1 lladdr 0a:00:00:00:02:01 router  ref 1 used 16/76/15probes 0 STALE \n";

        var entry = Assert.Single(IpNeighborText.Parse(new StringReader(Text), "n", Unexpected.Warning));

        Assert.Equal(
            new NodeNeighbor
            {
                Node = "n",
                Table = NeighborTable.Ndp,
                Interface = "eth1",
                Address = IPAddress.Parse("fd00:10::101"),
                Mac = "0a:00:00:00:02:01",
                State = NeighborState.Stale,
                Flags = NeighborFlags.Router,
                UsedAgo = TimeSpan.FromSeconds(16),
                ConfirmedAgo = TimeSpan.FromSeconds(76),
                UpdatedAgo = TimeSpan.FromSeconds(15),
            },
            entry);
    }

    [Fact]
    public void Reads_the_forwarding_databases_of_tunnel_and_bridge()
    {
        var entries = Read("iproute2/bridge-fdb.json");

        Assert.All(entries, entry => Assert.Equal(NeighborTable.Fdb, entry.Table));
        Assert.Equal(
            new NodeNeighbor
            {
                Table = NeighborTable.Fdb,
                Interface = "flannel.1",
                Address = IPAddress.Parse("192.168.10.101"),
                Mac = "0a:00:00:00:01:01",
                State = NeighborState.Permanent,
                Flags = NeighborFlags.Self,
            },
            entries.Single(entry => entry.Mac == "0a:00:00:00:01:01"));
        var flood = entries.Single(entry => entry.Mac == "00:00:00:00:00:00");
        Assert.Equal((4789, 7u, "eth1"), (flood.Port!.Value, flood.Vni!.Value, flood.Via));
        var own = entries.Single(entry => entry.Mac == "0a:aa:00:00:00:01");
        Assert.Equal(("cni0", NeighborState.Permanent, NeighborFlags.None), (own.Master, own.State, own.Flags));
    }

    [Fact]
    public void A_learned_entry_of_a_bridge_has_no_state_word()
    {
        var entry = Assert.Single(IpNeighborText.Parse(new StringReader("0a:bb:00:00:00:01 dev vethpod1 vlan 10 master cni0 \n"), null, Unexpected.Warning));

        Assert.Equal((NeighborState.Reachable, "cni0", 10), (entry.State, entry.Master, entry.Vlan!.Value));
    }

    [Fact]
    public void An_error_text_is_an_error_that_quotes_it()
    {
        var error = Assert.Throws<LabException>(() => IpNeighborText.Parse(new StringReader("Cannot find device \"flannel.1\"\n"), null, _ => { }).ToList());

        Assert.Contains("Cannot find device", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("iproute2/ip-s-neigh.txt")]
    [InlineData("iproute2/bridge-s-fdb.txt")]
    [InlineData("iproute2/ip-s-neigh.json")]
    [InlineData("iproute2/bridge-s-fdb.json")]
    public void Damaged_output_never_ends_in_another_exception(string file) =>
        Garbling.Survives(IpNeighborText.Parse, Fixture.Read(file));

    private static List<NodeNeighbor> Read(string file) => [.. IpNeighborText.Parse(Fixture.Open(file), null, Unexpected.Warning)];
}

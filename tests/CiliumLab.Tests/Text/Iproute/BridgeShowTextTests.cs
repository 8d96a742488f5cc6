using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Tests.Text.Iproute;

public sealed class BridgeShowTextTests
{
    [Theory]
    [InlineData("049-brctl-show.txt", "veth470cf46f vethe4603105")]
    [InlineData("064-brctl-show.txt", "veth470cf46f veth51449dca vethe4603105")]
    [InlineData("091-brctl-show.txt", "veth470cf46f veth51449dca vethe4603105")]
    public void Reads_the_bridge_with_all_its_ports(string file, string ports)
    {
        var bridge = Assert.Single(Read("transcript/" + file));

        Assert.Equal(("cni0", "8000.f6af58af44e3", false), (bridge.Name, bridge.BridgeId, bridge.Stp!.Value));
        Assert.Equal(ports, string.Join(' ', bridge.Ports));
    }

    [Theory]
    [InlineData("092-for-i-in-w1-w2-do-echo-node-k8s-i-sshpass-p-vagr.txt", "k8s-w1 cni0:veth5aaee95c|k8s-w2 cni0:veth4ccb4288")]
    [InlineData("100-for-i-in-w1-w2-do-echo-node-k8s-i-sshpass-p-vagr.txt", "k8s-w1 |k8s-w2 ")]
    public void Reads_the_bridges_of_each_node_of_the_lab(string file, string expected)
    {
        var sections = NodeSections.Of(Fixture.Read("transcript/" + file))
            .Select(section => section.Node + " " + string.Join(' ', BridgeShowText.Parse(new StringReader(section.Text), section.Node, Unexpected.Warning)
                .Select(bridge => $"{bridge.Name}:{string.Join(',', bridge.Ports)}")));

        Assert.Equal(expected, string.Join('|', sections));
    }

    [Fact]
    public void A_note_that_there_was_no_output_is_not_a_bridge() =>
        Assert.Throws<LabException>(() => BridgeShowText.Parse(Fixture.Open("transcript/099-brctl-show.txt"), null, _ => { }).ToList());

    [Fact]
    public void Reads_a_bridge_without_ports()
    {
        var bridges = Read("iproute2/brctl-show.txt");

        Assert.Equal(["cni0", "br-empty"], bridges.Select(bridge => bridge.Name));
        Assert.Equal("vethpod1 vethpod2", string.Join(' ', bridges[0].Ports));
        Assert.True(bridges[1].Stp);
        Assert.Empty(bridges[1].Ports);
    }

    [Theory]
    [InlineData("bridge-link")]
    [InlineData("bridge-d-link")]
    public void Text_and_json_of_bridge_link_are_equal_records(string name)
    {
        var json = Read($"iproute2/{name}.json");

        Assert.Equal("cni0", Assert.Single(json).Name);
        Assert.Equal(["vethpod1", "vethpod2"], json[0].Ports.Select(port => port.Interface));
        Assert.All(json[0].Ports, port => Assert.Equal((BridgePortState.Forwarding, 32, 2), (port.State!.Value, port.Priority!.Value, port.Cost!.Value)));
        Assert.Equal(name == "bridge-d-link" ? true : null, json[0].Ports[0].Hairpin);
        Assert.Equal(Records.Print(json), Records.Print(Read($"iproute2/{name}.txt")));
    }

    [Fact]
    public void An_error_text_is_an_error_that_quotes_it()
    {
        var error = Assert.Throws<LabException>(() => BridgeShowText.Parse(new StringReader("bash: brctl: command not found\n"), null, _ => { }).ToList());

        Assert.Contains("command not found", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("transcript/064-brctl-show.txt")]
    [InlineData("iproute2/bridge-d-link.txt")]
    [InlineData("iproute2/bridge-d-link.json")]
    public void Damaged_output_never_ends_in_another_exception(string file) =>
        Garbling.Survives(BridgeShowText.Parse, Fixture.Read(file));

    private static List<NodeBridge> Read(string file) => [.. BridgeShowText.Parse(Fixture.Open(file), null, Unexpected.Warning)];
}

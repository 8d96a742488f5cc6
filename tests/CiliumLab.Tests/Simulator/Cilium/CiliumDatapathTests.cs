using System.Net;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Cilium;
using CiliumLab.Simulator.Datapath;
using CiliumLab.Simulator.Life;
using CiliumLab.Tests.Simulator.Datapath;
using CiliumLab.Tests.Simulator.Nodes;

namespace CiliumLab.Tests.Simulator.Cilium;

/// <summary>Packets on nodes with Cilium's programs, and in the states between two CNIs.</summary>
public sealed class CiliumDatapathTests
{
    [Fact]
    public async Task A_lab_goes_from_flannel_to_cilium_through_its_broken_states()
    {
        await using var lab = await NetworkedCluster.WithFlannelAsync();
        await lab.Test.DeployWebpodAsync();
        Assert.Equal((0, true), await lab.CurlAsync("webpod"));

        lab.Helm("uninstall", "-n", "kube-flannel", "flannel");
        await lab.Test.AdvanceAsync(TimeSpan.FromSeconds(30));
        foreach (var node in lab.Test.Cluster.Nodes)
        {
            node.Output("ip", "link", "del", "flannel.1");
            node.Output("ip", "link", "del", "cni0");
        }

        Assert.Equal(28, (await lab.CurlAsync("webpod")).Code);

        lab.Store.Delete(ResourceTypes.DaemonSets, "kube-system", "kube-proxy");
        await lab.Test.AdvanceAsync(TimeSpan.FromSeconds(40));
        foreach (var node in lab.Test.Cluster.Nodes)
            node.Output("nft", "flush", "ruleset");
        await lab.InstallCiliumAsync();

        // Cilium serves the service; the pods behind it still have Flannel's addresses.
        var old = lab.Test.Pods("default", "app=webpod")[0].Address()!;
        Assert.StartsWith("10.244.", old, StringComparison.Ordinal);
        var fromNode = new ConnectRequest(lab.Control.Kernel.Network, IPAddress.Parse("10.96.33.91"), 80);
        Assert.Equal(ConnectOutcome.TimedOut, lab.Packets.Connect(fromNode).Outcome);
        Assert.Equal(28, (await lab.CurlAsync("webpod")).Code);

        foreach (var pod in lab.Test.Pods("default", "app=webpod"))
            lab.Store.Delete(ResourceTypes.Pods, "default", pod.Name);
        await lab.Test.AdvanceAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(ConnectOutcome.Connected, lab.Packets.Connect(fromNode).Outcome);
        Assert.Equal(28, (await lab.CurlAsync("webpod")).Code);

        var curl = lab.Store.Get(ResourceTypes.Pods, "default", "curl-pod").Json.DeepClone().AsObject();
        lab.Store.Delete(ResourceTypes.Pods, "default", "curl-pod");
        await lab.Test.AdvanceAsync(TimeSpan.FromSeconds(5));
        curl["metadata"] = new System.Text.Json.Nodes.JsonObject { ["name"] = "curl-pod", ["namespace"] = "default" };
        curl.Remove("status");
        lab.Store.Create(ResourceTypes.Pods, curl);
        await lab.Test.AdvanceAsync(TimeSpan.FromSeconds(30));
        Assert.StartsWith("172.20.", lab.Store.Get(ResourceTypes.Pods, "default", "curl-pod").Address()!, StringComparison.Ordinal);
        Assert.Equal((0, true), await lab.CurlAsync("webpod"));
        foreach (var pod in lab.Test.Pods("default", "app=webpod"))
            Assert.Equal((0, true), await lab.CurlAsync(pod.Address()!));
    }

    [Theory]
    [InlineData("native")]
    [InlineData("tunnel")]
    public async Task Pods_reach_services_without_the_service_address_on_the_wire(string mode)
    {
        await using var lab = await NetworkedCluster.CreateAsync();
        lab.Store.Delete(ResourceTypes.DaemonSets, "kube-system", "kube-proxy");
        await lab.InstallCiliumAsync(mode);
        await lab.Test.DeployWebpodAsync();
        await lab.Test.AdvanceAsync(TimeSpan.FromSeconds(60));
        Assert.All(lab.Store.List(ResourceTypes.Nodes).Items, static node => Assert.Equal("True", node.Json.Condition("Ready").Text("status")));
        var from = lab.PodNetwork("curl-pod");
        var seen = new List<PacketCapture>();
        using (lab.Packets.Taps.Listen(from, null, seen.Add))
            Assert.Equal((0, true), await lab.CurlAsync("10.96.33.91"));

        Assert.Equal(["S", "S.", ".", "P.", ".", "P.", ".", "F.", "F.", "."], seen.Where(static one => one.At.Arp is null).Select(static one => one.Segment.Flags));
        Assert.DoesNotContain(seen, static one => one.Segment.Destination.Address.ToString() == "10.96.33.91");
        var shares = Enumerable.Range(0, 100).Select(_ => lab.Packets.Connect(new ConnectRequest(from, IPAddress.Parse("10.96.33.91"), 80)).Remote!.Address.ToString()).CountBy(static one => one).ToDictionary();
        Assert.Equal(2, shares.Count);
        Assert.All(shares.Values, static share => Assert.InRange(share, 30, 70));
    }

    [Fact]
    public async Task Traffic_leaves_its_marks_in_the_agents_maps()
    {
        await using var lab = await CiliumLabCluster.CreateAsync();
        var packets = lab.Cilium.Packets;
        var agent = lab.Cilium.Find("k8s-ctr")!;
        var endpoint = agent.Endpoints.Find("default", "curl-pod")!;
        var before = endpoint.Policy.Entries[^1].Packets;
        var events = new List<MonitorMessage>();
        using (agent.Monitor.Listen(events.Add))
        {
            var reply = packets.Connect(new ConnectRequest(endpoint.Network!, IPAddress.Parse("10.96.33.91"), 80));
            Assert.StartsWith("Hostname: webpod-", reply.Ask("GET / HTTP/1.1\r\nHost: webpod\r\n\r\n").Split("\r\n\r\n")[1], StringComparison.Ordinal);
            Assert.Equal(endpoint.Address, reply.Local!.Address);
            var entry = Assert.Single(agent.Conntrack.Entries, one => one.Tuple.Source.Equals(reply.Local));
            Assert.Equal((ConnectionDirection.Out, reply.Remote, endpoint.Identity.Id), (entry.Tuple.Direction, entry.Tuple.Destination, entry.SourceIdentity));
            Assert.Equal((0x1b, 0x1b), (entry.SentFlags | 0x01, entry.ReceivedFlags | 0x01));
            var far = lab.Cilium.Agents.Single(one => one.Endpoints.Find(reply.Remote!.Address) is not null);
            Assert.Equal(ConnectionDirection.In, Assert.Single(far.Conntrack.Entries, one => one.Tuple.Source.Equals(reply.Local)).Tuple.Direction);
        }

        Assert.True(endpoint.Policy.Entries[^1].Packets > before + 4);
        Assert.Equal(["pre-xlate-fwd", "post-xlate-fwd"], events.OfType<SocketMessage>().Select(static one => one.Point));
        Assert.Contains(events, one => one is PolicyVerdictMessage { IsAllowed: true } verdict && verdict.Endpoint == endpoint.Id);
        Assert.Contains(events, static one => one is TraceMessage { State: "new" });
    }

    [Fact]
    public async Task Packets_to_the_outside_get_the_nodes_address_and_their_answers_come_back()
    {
        await using var lab = await CiliumLabCluster.CreateAsync();
        var agent = lab.Cilium.Find("k8s-ctr")!;
        var endpoint = agent.Endpoints.Find("default", "curl-pod")!;

        var reply = lab.Cilium.Packets.Connect(new ConnectRequest(endpoint.Network!, IPAddress.Parse("192.168.10.100"), 6443));
        Assert.Equal((ConnectOutcome.Connected, endpoint.Address), (reply.Outcome, reply.Client!.Address));
        Assert.Equal(CiliumLab.Simulator.Nodes.EchoOutcome.Answered, lab.Cilium.Packets.Echo(new(endpoint.Network!, IPAddress.Parse("10.0.2.2"))).Outcome);
        Assert.Contains(agent.Conntrack.Translations, one => one.Tuple.Source.Address.Equals(endpoint.Address) && one.Translated.Address.ToString() == "10.0.2.15");
        Assert.Equal(CiliumLab.Simulator.Nodes.EchoOutcome.Answered, lab.Cilium.Packets.Echo(new(endpoint.Network!, IPAddress.Parse("192.168.10.101"))).Outcome);
    }

    [Fact]
    public async Task Node_ports_are_served_on_every_node()
    {
        await using var lab = await CiliumLabCluster.CreateAsync();
        lab.Store.Edit(ResourceTypes.Services, "default", "webpod", static service =>
        {
            service.Ensure("spec")["type"] = "NodePort";
            service.Array("spec", "ports")![0]!["nodePort"] = 30080;
        });
        await lab.Test.AdvanceAsync(TimeSpan.FromSeconds(2));
        foreach (var node in (string[])["192.168.10.100", "192.168.10.101", "192.168.10.102"])
        {
            var answers = Enumerable.Range(0, 20).Select(_ => lab.Cilium.Packets.Trace(new ConnectRequest(lab.Test.Cluster.Nodes[1].Kernel.Network, IPAddress.Parse(node), 30080)).Reply).ToList();
            Assert.All(answers, static answer => Assert.Equal(ConnectOutcome.Connected, answer.Outcome));
        }
    }
}

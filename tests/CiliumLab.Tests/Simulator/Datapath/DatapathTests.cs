using System.Net;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Datapath;
using CiliumLab.Simulator.Life;
using CiliumLab.Simulator.Nodes.Network;
using CiliumLab.Tests.Simulator.Nodes;

namespace CiliumLab.Tests.Simulator.Datapath;

public class DatapathTests
{
    [Fact]
    public async Task Pods_reach_pods_services_and_names_over_the_tunnel()
    {
        await using var lab = await NetworkedCluster.WithFlannelAsync();
        await lab.Test.DeployWebpodAsync();
        var webpods = lab.Test.Pods("default", "app=webpod");
        var far = webpods[0].Json.Text("status", "podIP")!;
        Assert.Equal((0, true), await lab.CurlAsync(far));
        Assert.Equal((0, true), await lab.CurlAsync("webpod"));
        var (output, _, _) = await lab.Test.ExecAsync("curl-pod", "curl", "-s", far);
        Assert.Contains($"RemoteAddr: {lab.Test.Get(ResourceTypes.Pods, "default", "curl-pod").Text("status", "podIP")}:", output, StringComparison.Ordinal);
        Assert.Contains("1 received, 0% packet loss", lab.Control.Output("ping", "-c", "1", "10.244.1.0"), StringComparison.Ordinal);
        Assert.Contains(" ttl=62 ", (await lab.Test.ExecAsync("curl-pod", "ping", "-c", "1", far)).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_spreads_over_its_backends_and_counts_what_it_did()
    {
        await using var lab = await NetworkedCluster.WithFlannelAsync();
        await lab.Test.DeployWebpodAsync();
        var from = lab.PodNetwork("curl-pod");
        var answers = Enumerable.Range(0, 200).Select(_ => lab.Packets.Connect(new ConnectRequest(from, IPAddress.Parse("10.96.33.91"), 80))).ToArray();
        Assert.All(answers, answer => Assert.Equal(ConnectOutcome.Connected, answer.Outcome));
        var shares = answers.CountBy(answer => answer.Remote!.Address.ToString()).ToDictionary();
        Assert.Equal(2, shares.Count);
        Assert.All(shares.Values, share => Assert.InRange(share, 70, 130));
        var saved = lab.Control.Output("iptables-save", "-t", "nat", "-c").Split('\n');
        var rule = saved.Single(line => line.Contains("default/webpod cluster IP", StringComparison.Ordinal) && line.Contains("-A KUBE-SERVICES", StringComparison.Ordinal));
        Assert.StartsWith("[200:12000]", rule, StringComparison.Ordinal);
        var entry = lab.Packets.ConnectionsOf(lab.Control.Kernel.Network).At(lab.Test.Clock.GetUtcNow())[^1];
        Assert.Equal(("10.96.33.91:80", true), (entry.Destination.ToString(), shares.ContainsKey(entry.ReplySource.Address.ToString())));
        Assert.True(lab.Control.Kernel.Network.FindLink("flannel.1")!.Transmitted.Packets >= 200);
    }

    [Fact]
    public async Task Without_backends_it_is_refused_and_without_a_listener_too()
    {
        await using var lab = await NetworkedCluster.WithFlannelAsync();
        await lab.Test.DeployWebpodAsync();
        var pod = lab.Test.Pods("default", "app=webpod")[0].Json.Text("status", "podIP")!;
        Assert.Equal((7, false), await lab.CurlAsync(pod + ":81"));
        lab.Store.Edit(ResourceTypes.Deployments, "default", "webpod", d => d.Ensure("spec")["replicas"] = 0);
        await lab.Test.AdvanceAsync(TimeSpan.FromSeconds(60));
        Assert.Equal((7, false), await lab.CurlAsync("webpod"));
        Assert.Equal((6, false), await lab.CurlAsync("nobody"));
    }

    [Fact]
    public async Task Over_the_machines_common_address_the_tunnel_leads_nowhere()
    {
        await using var lab = await NetworkedCluster.WithFlannelAsync(withInterface: false);
        Assert.Equal("10.0.2.15", lab.Test.Get(ResourceTypes.Nodes, null, "k8s-w1").Text("metadata", "annotations", "flannel.alpha.coreos.com/public-ip"));
        await lab.Test.DeployWebpodAsync();
        var far = lab.Test.Pods("default", "app=webpod")[0].Json.Text("status", "podIP")!;
        Assert.Equal(ConnectOutcome.TimedOut, lab.Packets.Connect(new ConnectRequest(lab.PodNetwork("curl-pod"), IPAddress.Parse(far), 80)).Outcome);
    }

    [Fact]
    public async Task Pods_of_a_removed_flannel_reach_nobody()
    {
        await using var lab = await NetworkedCluster.WithFlannelAsync();
        await lab.Test.DeployWebpodAsync();
        var far = lab.Test.Pods("default", "app=webpod")[0].Json.Text("status", "podIP")!;
        lab.Helm("uninstall", "-n", "kube-flannel", "flannel");
        foreach (var node in lab.Test.Cluster.Nodes)
            node.Output("ip", "link", "del", "flannel.1");
        Assert.Equal(ConnectOutcome.TimedOut, lab.Packets.Connect(new ConnectRequest(lab.PodNetwork("curl-pod"), IPAddress.Parse(far), 80)).Outcome);
        lab.Control.Output("ip", "link", "del", "cni0");
        Assert.Equal((7, false), await lab.CurlAsync(far));
        var (reply, there, _) = lab.Packets.Trace(new ConnectRequest(lab.PodNetwork("curl-pod"), IPAddress.Parse(far), 80));
        Assert.Equal((ConnectOutcome.HostUnreachable, 1), (reply.Outcome, there!.Hops.Count));
    }

    [Fact]
    public async Task An_agents_programs_translate_and_drop()
    {
        await using var lab = await NetworkedCluster.WithFlannelAsync();
        await lab.Test.DeployWebpodAsync();
        var pod = IPAddress.Parse(lab.Test.Pods("default", "app=webpod")[0].Json.Text("status", "podIP")!);
        var programs = new OneService(pod);
        lab.Packets.SetPrograms(lab.Control, programs);
        var request = new ConnectRequest(lab.PodNetwork("curl-pod"), IPAddress.Parse("10.96.99.99"), 80);
        Assert.Equal((ConnectOutcome.Connected, pod), (lab.Packets.Connect(request).Outcome, lab.Packets.Connect(request).Remote!.Address));
        Assert.Equal(ConnectOutcome.HostUnreachable, lab.Packets.Connect(request with { Destination = IPAddress.Parse("10.96.99.98") }).Outcome);
        programs.Drops = true;
        var (reply, there, _) = lab.Packets.Trace(request);
        Assert.Equal((ConnectOutcome.TimedOut, PacketFate.Dropped), (reply.Outcome, there!.Fate));
        Assert.Contains("policy denied", there.Hops[^1].Notes);
    }

    private sealed class OneService(IPAddress backend) : IAgentPrograms
    {
        public bool Drops { get; set; }

        public SocketTranslation? TranslateSocket(NetworkNamespace from, IPAddress destination, int port, string protocol) => destination.ToString() switch
        {
            "10.96.99.99" => new SocketTranslation(new IPEndPoint(backend, 80)),
            "10.96.99.98" => new SocketTranslation(null),
            _ => null,
        };

        public AgentVerdict Handle(AgentHook hook, Link link, Packet packet) => Drops && hook == AgentHook.FromContainer ? new AgentVerdict("policy denied") { IsDrop = true } : AgentVerdict.Pass;

        public void Observe(AgentHook hook, Link link, PacketSegment segment)
        {
        }
    }
}

using CiliumLab.Engine.Text;
using CiliumLab.Engine.Tracing.Paths;
using CiliumLab.Model;

namespace CiliumLab.Tests.Integration;

/// <summary>
/// A trace of Flannel with kube-proxy on three real nodes, held hop by hop against the packets that tcpdump sees on every interface while a
/// pod really connects to the service. The Kubernetes API holds the objects of what the nodes' kernels have.
/// </summary>
public sealed class PodPathRealNodesTests(NodeLab lab) : NodeLabTests(lab)
{
    [Fact]
    public async Task Every_hop_is_where_packets_are_really_seen_and_in_that_order()
    {
        await using var flannel = await Lab.WithFlannel();
        await using var cluster = await RealPods.StartAsync(Lab);
        await using var session = cluster.Session();

        var path = await new PathTracer(session).TraceAsync(new PathQuestion("curl-pod", "default", RealPods.Service, TransportProtocol.Tcp, null), Cancellation);

        Assert.True(path is { Reachable: true, Certain: true }, $"{path.Break} {string.Join('\n', path.Hops)}");
        Assert.Equal((ServiceTranslation.KubeProxy, "10.244.0.2"), (path.Translation, $"{path.Source}"));
        Assert.Equal(["10.244.1.2:80 k8s-w1", "10.244.2.2:80 k8s-w2"], path.Backends.Select(backend => $"{backend.Address} {backend.Node}").Order());
        Assert.All(path.Backends, backend => Assert.Equal(0.5, backend.Chance, 6));

        var seen = await SeenAsync(path);
        Assert.Equal(Expected(path), seen.Select(Said));
        var (outer, inner) = seen.Where(packet => packet.Inner is not null).Select(packet => ($"{packet.SourceAddress} > {packet.DestinationAddress}", packet.Inner!.Destination)).First();
        Assert.Equal(("192.168.10.100 > " + (path.DestinationNode == "k8s-w1" ? "192.168.10.101" : "192.168.10.102"), $"{path.Destination}:80"), (outer, inner));
    }

    [Fact]
    public async Task What_is_cut_is_where_packets_are_seen_last()
    {
        await using var flannel = await Lab.WithFlannel();
        await using var cluster = await RealPods.StartAsync(Lab);
        await Lab.RunOnNode("k8s-w1", "iptables", "-I", "FORWARD", "1", "-d", "10.244.1.2/32", "-p", "tcp", "--dport", "80", "-j", "DROP");
        await Lab.RunOnNode("k8s-w2", "ip", "route", "del", "10.244.0.0/24");

        var dropped = await TraceAsync(cluster, "10.244.1.2");
        Assert.Equal((PathHopKind.ForwardingRules, "k8s-w1"), (dropped.Break!.Kind, dropped.Break.Node));
        Assert.StartsWith("a rule of k8s-w1 in chain FORWARD says DROP: -d 10.244.1.2/32 -p tcp -m tcp --dport 80", dropped.Reason, StringComparison.Ordinal);
        Assert.NotEqual(0, (await Lab.TryOnNode("k8s-ctr", Curl(2, "10.244.1.2"))).ExitCode);

        var lost = await TraceAsync(cluster, "10.244.2.2");
        Assert.Equal((PathHopKind.ReturnRoute, "k8s-w2"), (lost.Break!.Kind, lost.Break.Node));
        Assert.StartsWith("k8s-w2 has no route of its own to 10.244.0.2, so the answer leaves by the route 0.0.0.0/0 through eth0", lost.Reason, StringComparison.Ordinal);
        Assert.NotEqual(0, (await Lab.TryOnNode("k8s-ctr", Curl(2, "10.244.2.2"))).ExitCode);

        await Lab.RunOnNode("k8s-w1", "iptables", "-D", "FORWARD", "1");
        Assert.True((await TraceAsync(cluster, "10.244.1.2")).Reachable);
        Assert.Equal(0, (await Lab.TryOnNode("k8s-ctr", Curl(30, "10.244.1.2"))).ExitCode);
    }

    [Fact]
    public async Task A_rule_that_asks_for_what_the_trace_does_not_know_makes_it_uncertain()
    {
        await using var flannel = await Lab.WithFlannel();
        await using var cluster = await RealPods.StartAsync(Lab);
        await Lab.RunOnNode("k8s-w1", "iptables", "-I", "FORWARD", "1", "-d", "10.244.1.2/32", "-m", "length", "--length", "5000:6000", "-j", "DROP");

        var path = await TraceAsync(cluster, "10.244.1.2");

        Assert.Equal((true, false), (path.Reachable, path.Certain));
        var rules = Assert.Single(path.Hops, hop => hop.Kind == PathHopKind.ForwardingRules);
        Assert.Equal((PathHopOutcome.Unknown, "k8s-w1"), (rules.Outcome, rules.Node));
        Assert.Equal("whether a packet meets --length 5000:6000 cannot be told from the rules; it was taken not to", rules.Reason);
        Assert.Equal(0, (await Lab.TryOnNode("k8s-ctr", Curl(30, "10.244.1.2"))).ExitCode);

        await Lab.RunOnNode("k8s-w1", "iptables", "-I", "FORWARD", "1", "-d", "10.244.1.2/32", "-j", "DROP");
        await Lab.RunOnNode("k8s-w1", "iptables", "-I", "FORWARD", "1", "-d", "10.244.1.2/32", "-m", "length", "--length", "0:4000", "-j", "ACCEPT");
        var stopped = await TraceAsync(cluster, "10.244.1.2");
        Assert.Equal((false, false), (stopped.Reachable, stopped.Certain));
        Assert.Equal("a rule of k8s-w1 in chain FORWARD says DROP: -d 10.244.1.2/32 -j DROP", stopped.Reason);
        Assert.StartsWith("whether a packet meets --length 0:4000 cannot be told", stopped.Hops[^2].Reason, StringComparison.Ordinal);
        Assert.Equal(0, (await Lab.TryOnNode("k8s-ctr", Curl(30, "10.244.1.2"))).ExitCode);
    }

    [Fact]
    public async Task A_program_that_no_rule_tells_of_is_found_by_sending_a_packet()
    {
        await using var flannel = await Lab.WithFlannel();
        await using var cluster = await RealPods.StartAsync(Lab);
        await using var session = cluster.Session();
        var service = await TraceAsync(cluster, RealPods.Service);
        var path = await TraceAsync(cluster, $"{service.Destination}");
        var (space, link) = (Lab.NetworkNamespace(path.DestinationNode!), path.Hops.Single(hop => hop.Kind == PathHopKind.DestinationInterface).Interface!);
        var verifier = new PathVerifier(session.Cluster, TimeSpan.FromSeconds(30));

        using (PacketProgram.Watching(space, link))
        {
            var passed = await verifier.VerifyAsync(path, Cancellation);
            Assert.Equal((true, PodConnectivityFailure.None), (passed.Agrees, passed.Result.FailureKind));
        }

        using (PacketProgram.Dropping(space, link))
        {
            var eaten = await new PathVerifier(session.Cluster, TimeSpan.FromSeconds(2)).VerifyAsync(path, Cancellation);
            Assert.Equal((false, PodConnectivityFailure.TimedOut), (eaten.Agrees, eaten.Result.FailureKind));

            // The program is the last that the packet meets on its node, before the tap of its interface.
            var seen = (await SeenAsync(service, isAnswered: false)).Select(Said).Distinct().ToList();
            Assert.Equal(Expected(service).SkipLast(1), seen);
        }

        Assert.True((await verifier.VerifyAsync(path, Cancellation)).Agrees);
    }

    private static string Said(CapturedPacket packet) =>
        $"{packet.Node} {packet.Interface} {Direction(packet)} {(packet.Inner ?? packet).SourceAddress} > {(packet.Inner ?? packet).Destination}";

    private static string[] Curl(int seconds, string address) =>
        ["bash", "-c", $"ip netns exec $(for ns in $(ls /run/netns); do ip -n $ns -4 addr show eth0 2> /dev/null | grep -q 10.244.0.2/ && echo $ns; done) curl -sS -m {seconds} http://{address}/"];

    private static async Task<PodPath> TraceAsync(RealPods cluster, string to)
    {
        await using var session = cluster.Session();
        return await new PathTracer(session).TraceAsync(new PathQuestion("curl-pod", "default", to, TransportProtocol.Tcp, null), Cancellation);
    }

    // The first packet of one connection to the backend of the path, wherever it was seen, in the order of time.
    private async Task<IReadOnlyList<CapturedPacket>> SeenAsync(PodPath path, bool isAnswered = true)
    {
        var folder = "/tmp/path-" + Guid.NewGuid().ToString("N");
        foreach (var node in Lab.Nodes)
            await Lab.RunOnNode(node, "systemd-run", "--quiet", "--collect", "--unit=path-capture", "bash", "-c", $"exec tcpdump -i any -nn -l -ttt -tt --immediate-mode 'tcp port 80 or udp port 8472' > {folder} 2> {folder}.said");
        try
        {
            foreach (var node in Lab.Nodes)
                await Lab.ScriptOnNode(node, $"until grep -q '^listening' {folder}.said; do :; done");
            while (true)
            {
                var asked = await Lab.TryOnNode("k8s-ctr", Curl(isAnswered ? 30 : 1, RealPods.Service));
                if (isAnswered)
                    asked.Succeeded("curl");
                var all = new List<CapturedPacket>();
                foreach (var node in Lab.Nodes)
                    all.AddRange(TcpdumpText.Parse(new StringReader(await Lab.RunOnNode(node, "cat", folder)), node, _ => { }));
                var first = all.Select(packet => packet.Inner ?? packet).FirstOrDefault(packet =>
                    packet.Tcp is { Flags: TcpFlags.Syn } && packet.SourceAddress!.Equals(path.Source) && packet.DestinationAddress!.Equals(path.Destination));
                if (first is null)
                    continue;
                return [.. all.Where(packet => (packet.Inner ?? packet) is { Tcp.Flags: TcpFlags.Syn } tcp && tcp.SourcePort == first.SourcePort).OrderBy(packet => packet.Time)];
            }
        }
        finally
        {
            foreach (var node in Lab.Nodes)
                await Lab.TryOnNode(node, "systemctl", "stop", "path-capture");
        }
    }

    // A bridge has the address of one of its ports: what comes in through another is for another host, as far as that port knows.
    private static PacketDirection Direction(CapturedPacket packet) => packet.Direction == PacketDirection.OtherHost ? PacketDirection.In : packet.Direction;

    // What a trace says of interfaces, in tcpdump's words: a bridge and its port see a packet each, and the wire sees it wrapped.
    private static IEnumerable<string> Expected(PodPath path)
    {
        string Interface(PathHopKind kind) => path.Hops.Last(hop => hop.Kind == kind).Interface!;
        var (source, receiver) = (path.SourceNode, path.DestinationNode);
        var before = $"{path.Source} > {RealPods.Service}:80";
        var after = $"{path.Source} > {path.Destination}:80";
        yield return $"{source} {Interface(PathHopKind.SourceInterface)} In {before}";
        // Rules translate a packet in the bridge already, as Kubernetes asks for (net.bridge.bridge-nf-call-iptables).
        yield return $"{source} cni0 In {after}";
        yield return $"{source} {Interface(PathHopKind.Tunnel)} Out {after}";
        yield return $"{source} eth1 Out {after}";
        yield return $"{receiver} eth1 In {after}";
        yield return $"{receiver} {Interface(PathHopKind.DestinationNode)} In {after}";
        yield return $"{receiver} {Interface(PathHopKind.Route)} Out {after}";
        yield return $"{receiver} {Interface(PathHopKind.DestinationInterface)} Out {after}";
    }
}

using System.Buffers.Binary;
using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Life;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Tests.Integration;
using CiliumLab.Tests.Simulator.Nodes;

namespace CiliumLab.Tests.Simulator.Datapath;

public class TcpdumpTests
{
    private const string Service = "10.96.33.91";

    private static readonly string[] Handshake = ["S", "S.", ".", "P.", ".", "P.", ".", "F.", "F.", "."];

    [Fact]
    public async Task With_flannel_a_request_is_seen_on_each_interface_of_its_way_as_it_is_there()
    {
        await using var lab = await NetworkedCluster.WithFlannelAsync();
        await lab.Test.DeployWebpodAsync();
        var client = Address(lab, "curl-pod");
        var network = lab.PodNetwork("curl-pod");
        var node = lab.Test.Cluster.Nodes.Single(one => one.Kernel == network.Kernel);
        var veth = network.FindLink("eth0")!.Peer!.Name;
        lab.Store.Edit(ResourceTypes.Deployments, "default", "webpod", static d => d.Ensure("spec")["replicas"] = 1);
        await lab.Test.AdvanceAsync(TimeSpan.FromSeconds(60));
        var far = lab.Test.Pods("default", "app=webpod").Single(static pod => !pod.IsTerminating);
        var server = far.Json.Text("status", "podIP")!;
        var farNode = lab.Node(far.NodeName()!);
        Assert.NotEqual(node, farNode);

        await using var inPod = await Tcpdump.StartAsync(node, network, "-nn", "-t", "-i", "eth0", "tcp");
        await using var onVeth = await Tcpdump.StartAsync(node, $"-nnti {veth} tcp");
        await using var onBridge = await Tcpdump.StartAsync(node, $"-nnti cni0 tcp and host {client}");
        await using var onTunnel = await Tcpdump.StartAsync(node, $"-nnti flannel.1 tcp and host {client}");
        await using var onWire = await Tcpdump.StartAsync(node, "-nnti eth1 udp port 8472");
        await using var onFarWire = await Tcpdump.StartAsync(farNode, "-nnti eth1 udp port 8472");
        await using var onFarBridge = await Tcpdump.StartAsync(farNode, $"-nnti cni0 tcp and host {client}");
        Assert.Equal((0, true), await lab.CurlAsync(Service));

        // The service's address is only before the rules of kube-proxy; the tunnel carries the backend's.
        foreach (var place in (Tcpdump[])[inPod, onVeth, onBridge])
        {
            var lines = await place.LinesAsync();
            Assert.Equal(Handshake, lines.Select(Flags));
            Assert.Matches($@"^IP {client}\.\d+ > {Service}\.80: Flags \[S\], seq \d+, win 64860, options \[mss 1410,sackOK,TS val \d+ ecr 0,nop,wscale 7\], length 0$", lines[0]);
            Assert.Matches($@"^IP {client}\.\d+ > {Service}\.80: Flags \[P\.\], seq 1:76, ack 1, win 507, options \[nop,nop,TS val \d+ ecr \d+\], length 75: HTTP: GET / HTTP/1\.1$", lines[3]);
        }

        foreach (var place in (Tcpdump[])[onTunnel, onFarBridge])
        {
            var lines = await place.LinesAsync();
            Assert.Equal(Handshake, lines.Select(Flags));
            Assert.Contains($" > {server}.80: Flags [S]", lines[0], StringComparison.Ordinal);
            Assert.DoesNotContain(lines, static line => line.Contains(Service, StringComparison.Ordinal));
        }

        foreach (var place in (Tcpdump[])[onWire, onFarWire])
        {
            var lines = await place.LinesAsync();
            Assert.Equal(2 * Handshake.Length, lines.Length);
            Assert.Matches($@"^IP {NodeAddress(node)}\.\d+ > {NodeAddress(farNode)}\.8472: OTV, flags \[I\] \(0x08\), overlay 0, instance 1$", lines[0]);
            Assert.Matches($@"^IP {client}\.\d+ > {server}\.80: Flags \[S\]", lines[1]);
        }
    }

    [Fact]
    public async Task With_cilium_only_the_backend_is_on_the_wire_from_the_pod_on()
    {
        await using var lab = await NetworkedCluster.CreateAsync();
        await lab.InstallCiliumAsync();
        await lab.Test.DeployWebpodAsync();
        var client = Address(lab, "curl-pod");
        var network = lab.PodNetwork("curl-pod");
        var node = lab.Test.Cluster.Nodes.Single(one => one.Kernel == network.Kernel);
        lab.Store.Edit(ResourceTypes.Deployments, "default", "webpod", static d => d.Ensure("spec")["replicas"] = 1);
        await lab.Test.AdvanceAsync(TimeSpan.FromSeconds(60));
        var far = lab.Test.Pods("default", "app=webpod").Single(static pod => !pod.IsTerminating);
        var server = far.Json.Text("status", "podIP")!;
        var farNode = lab.Node(far.NodeName()!);
        Assert.NotEqual(node, farNode);
        var farLink = farNode.Kernel.Namespaces.Single(one => one.OwnerOf(IPAddress.Parse(server)) is not null).FindLink("eth0")!.Peer!.Name;

        await using var inPod = await Tcpdump.StartAsync(node, network, "-nn", "-t", "-i", "eth0", "tcp");
        await using var onPair = await Tcpdump.StartAsync(node, $"-nnti {network.FindLink("eth0")!.Peer!.Name} tcp");
        await using var onWire = await Tcpdump.StartAsync(node, $"-nnti eth1 tcp and host {client}");
        await using var onFarWire = await Tcpdump.StartAsync(farNode, $"-nnti eth1 tcp and host {client}");
        await using var onFarPair = await Tcpdump.StartAsync(farNode, $"-nnti {farLink} tcp");
        await using var onHost = await Tcpdump.StartAsync(node, $"-nnti cilium_host host {client}");
        await using var service = await Tcpdump.StartAsync(node, $"-nnti any host {Service}");
        await using var names = await Tcpdump.StartAsync(node, network, "-nn", "-t", "-i", "eth0", "udp", "and", "net", "10.96.0.0/16");
        Assert.Equal((0, true), await lab.CurlAsync("webpod"));

        foreach (var place in (Tcpdump[])[inPod, onPair, onWire, onFarWire, onFarPair])
        {
            var lines = await place.LinesAsync();
            Assert.Equal(Handshake, lines.Select(Flags));
            Assert.Matches($@"^IP {client}\.\d+ > {server}\.80: Flags \[S\]", lines[0]);
            Assert.All(lines, line => Assert.Contains($"{server}.80", line, StringComparison.Ordinal));
        }

        // Native routing with routes for each endpoint leaves the host's own interface out; the service is nowhere, and neither is that of the names.
        Assert.Empty(await onHost.LinesAsync());
        Assert.Empty(await service.LinesAsync());
        Assert.Empty(await names.LinesAsync());
    }

    [Fact]
    public async Task What_is_written_is_what_the_real_tcpdump_reads_and_prints_too()
    {
        Assert.SkipUnless(HostProgram.Exists("tcpdump"), "tcpdump is not installed");
        await using var lab = await NetworkedCluster.WithFlannelAsync();
        await lab.Test.DeployWebpodAsync();
        var network = lab.PodNetwork("curl-pod");
        var node = lab.Test.Cluster.Nodes.Single(one => one.Kernel == network.Kernel);
        var file = Path.GetTempFileName();
        try
        {
            await using var ethernet = await Tcpdump.StartAsync(node, network, "-U", "-w", "-", "-nn", "-s", "0", "-i", "eth0");
            await using var tunnel = await Tcpdump.StartAsync(node, "-U -w - -i eth1");
            await using var all = await Tcpdump.StartAsync(node, "-U -w - -i any");
            Assert.Equal((0, true), await lab.CurlAsync("webpod"));
            Assert.Equal((6, false), await lab.CurlAsync("nobody"));
            Assert.Equal(0, (await lab.Test.ExecAsync("curl-pod", "ping", "-c", "2", Address(lab, "curl-pod"))).Code);
            Assert.Equal(0, (await lab.Test.ExecAsync("curl-pod", "ping", "-c", "2", lab.Test.Pods("default", "app=webpod")[0].Json.Text("status", "podIP")!)).Code);
            foreach (var (place, options) in ((Tcpdump, string)[])[(ethernet, ""), (tunnel, ""), (all, "any")])
            {
                var (written, error, code) = await place.EndAsync();
                Assert.Equal(0, code);
                Assert.Matches(@"listening on \S+, link-type .*, snapshot length 262144 bytes\n\d+ packets captured\n\d+ packets received by filter\n0 packets dropped by kernel\n$", error);
                await File.WriteAllBytesAsync(file, written, TestContext.Current.CancellationToken);
                node.Files.Write("/tmp/one.pcap", written, NodeUser.Root);
                foreach (var form in (string[])["-nn -tttt", "-nn -tt -e", "-nn -t -v", "-nn -t -vv -e", "-nn -t -q", "-nn -t -q -e", "-nn -ttt -S"])
                    await SameAsync(node, file, NodeRun.Words(form), isCooked: options == "any");
                foreach (var filter in (string[])
                [
                    "tcp", "udp", "icmp", "arp", "ip", "ip6", "not tcp", "host 10.96.33.91", "src host 10.96.33.91", "dst host 10.96.33.91 and tcp", "net 10.96.0.0/12", "src net 10.244.0.0/16", "net 10.244", "port 53", "udp port 53",
                    "tcp port 80 or udp port 53", "src port 80", "portrange 50-90", "tcp[tcpflags] & (tcp-syn|tcp-ack) != 0", "tcp[tcpflags] & (tcp-syn|tcp-fin) != 0 and not src port 80", "tcp[13] == 18", "greater 100", "less 90", "len > 80 and len <= 200",
                    "icmp[icmptype] == icmp-echo", "icmp[0] = 0", "ip[8] < 64", "ip proto 17", "ip proto \\icmp", "ether proto \\arp", "(tcp or icmp) and not (host 10.96.33.91 and port 80)", "host 10.96.0.10 or 10.96.33.91", "! udp && ! tcp", "udp[4:2] > 60",
                    "tcp[((tcp[12] & 0xf0) >> 2):4] = 0x47455420", "src or dst port 8472", "dst port 80 or 53", "net 10.96.0.0 mask 255.240.0.0", "arp host 10.244.0.1", "src and dst net 10.244.0.0/16",
                ])
                {
                    await SameAsync(node, file, ["-nn", "-t", filter], isCooked: options == "any");
                }

                // The first is written down as later than those that follow, as packets of two processors may be.
                var first = written.AsSpan(24, 4);
                BinaryPrimitives.WriteInt32LittleEndian(first, BinaryPrimitives.ReadInt32LittleEndian(first) + 1000);
                await File.WriteAllBytesAsync(file, written, TestContext.Current.CancellationToken);
                node.Files.Write("/tmp/one.pcap", written, NodeUser.Root);
                foreach (var form in (string[])["-nn -ttt", "-nn -ttttt"])
                    await SameAsync(node, file, NodeRun.Words(form), isCooked: options == "any");
            }
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task Wrong_words_fail_as_they_do_with_the_real_one()
    {
        await using var lab = await NetworkedCluster.WithFlannelAsync();
        Said Run(string words) => lab.Control.Run(NodeRun.Words("tcpdump " + words));
        Assert.Equal(new Said("", "tcpdump: nope: No such device exists\n(No such device exists)\n", 1), Run("-i nope"));
        foreach (var filter in (string[])["foo bar", "port", "host", "( tcp", "tcp )", "tcp and", "tcp[", "port 80 80"])
            Assert.Equal(new Said("", "tcpdump: can't parse filter expression: syntax error\n", 1), Run($"-i lo {filter}"));
        Assert.Equal("tcpdump: unknown host 'nobody'\n", Run("-i lo host nobody").Error);
        Assert.StartsWith("tcpdump: invalid option -- 'k'\n", Run("-i eth1 -k").Error, StringComparison.Ordinal);
        Assert.StartsWith("tcpdump: option requires an argument -- 'i'\ntcpdump version 4.99.4\n", Run("-i").Error, StringComparison.Ordinal);
        Assert.Equal("tcpdump: invalid packet count 0\n", Run("-c 0").Error.Split("tcpdump version")[0]);
        Assert.Equal("tcpdump: /tmp/none.pcap: No such file or directory\n", Run("-r /tmp/none.pcap").Error);
        Assert.StartsWith("1.eth0 [Up, Running, Connected]\n2.eth1 [Up, Running, Connected]\n", Run("-D").Output, StringComparison.Ordinal);
        Assert.Contains("permission to perform this capture", lab.Control.Run(["tcpdump", "-i", "eth1"], null, user: NodeUser.Vagrant).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_ends_by_count_and_by_signal_and_leaves_nobody_listening()
    {
        await using var lab = await NetworkedCluster.WithFlannelAsync();
        await lab.Test.DeployWebpodAsync();
        await using var two = await Tcpdump.StartAsync(lab.Control, "-c 2 -nn -i lo icmp");
        await using var quiet = await Tcpdump.StartAsync(lab.Control, "-nn -i lo tcp port 9");
        lab.Control.Output("ping", "-c", "1", "127.0.0.1");
        var (written, error, code) = await two.CompletedAsync();
        Assert.Equal(0, code);
        Assert.Equal(2, Encoding.UTF8.GetString(written).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.StartsWith(
            "tcpdump: verbose output suppressed, use -v[v]... for full protocol decode\nlistening on lo, link-type EN10MB (Ethernet), snapshot length 262144 bytes\n2 packets captured\n", error, StringComparison.Ordinal);
        Assert.True(lab.Packets.Taps.IsAny);
        Assert.Equal("\n", Encoding.UTF8.GetString((await quiet.EndAsync()).Written));
        Assert.False(lab.Packets.Taps.IsAny);

        var (output, said, exit) = await lab.Test.ExecAsync("curl-pod", "timeout", "5", "tcpdump", "-nn", "-i", "eth0", "-w", "/tmp/own.pcap");
        Assert.Equal(("", 124), (output, exit));
        Assert.Contains("tcpdump: listening on eth0, link-type EN10MB (Ethernet), snapshot length 262144 bytes\n0 packets captured\n", said, StringComparison.Ordinal);
        Assert.Equal("reading from file /tmp/own.pcap, link-type EN10MB (Ethernet), snapshot length 262144\n", (await lab.Test.ExecAsync("curl-pod", "tcpdump", "-r", "/tmp/own.pcap")).Error);
        Assert.Null(lab.Control.Files.Find("/tmp/own.pcap"));
        Assert.False(lab.Packets.Taps.IsAny);
    }

    [Fact]
    public async Task A_packet_is_seen_as_far_as_it_comes_and_a_question_for_its_neighbour_before_it()
    {
        await using var lab = await NetworkedCluster.WithFlannelAsync();
        await using var wire = await Tcpdump.StartAsync(lab.Control, "-nnet -i eth1 arp or icmp");
        await using var other = await Tcpdump.StartAsync(lab.Node("k8s-w1"), "-nnt -i any icmp");
        lab.Control.Run("ping", "-c", "1", "-W", "1", "192.168.10.200");
        lab.Control.Output("ip", "neigh", "flush", "all");
        lab.Control.Output("ping", "-c", "1", "192.168.10.101");
        var mac = lab.Control.Kernel.Network.FindLink("eth1")!.Mac;
        var farMac = lab.Node("k8s-w1").Kernel.Network.FindLink("eth1")!.Mac;
        var lines = await wire.LinesAsync();
        Assert.Equal(5, lines.Length);
        Assert.Equal($"{mac} > ff:ff:ff:ff:ff:ff, ethertype ARP (0x0806), length 42: Request who-has 192.168.10.200 tell 192.168.10.100, length 28", lines[0]);
        Assert.Equal($"{mac} > ff:ff:ff:ff:ff:ff, ethertype ARP (0x0806), length 42: Request who-has 192.168.10.101 tell 192.168.10.100, length 28", lines[1]);
        Assert.Equal($"{farMac} > {mac}, ethertype ARP (0x0806), length 42: Reply 192.168.10.101 is-at {farMac}, length 28", lines[2]);
        Assert.Matches($@"^{mac} > {farMac}, ethertype IPv4 \(0x0800\), length 98: 192\.168\.10\.100 > 192\.168\.10\.101: ICMP echo request, id \d+, seq 1, length 64$", lines[3]);
        Assert.Equal(lines[3].Split(", ")[^3], lines[4].Split(", ")[^3]);
        Assert.Equal(["eth1  In  IP 192.168.10.100 > 192.168.10.101: ICMP echo request", "eth1  Out IP 192.168.10.101 > 192.168.10.100: ICMP echo reply"], (await other.LinesAsync()).Select(static line => line.Split(',')[0]));
    }

    [Fact]
    public async Task A_node_enters_the_network_of_a_container_that_the_runtime_tells_the_process_of()
    {
        await using var lab = await NetworkedCluster.WithFlannelAsync();
        await lab.Test.DeployWebpodAsync();
        var node = lab.Node(lab.Test.Get(ResourceTypes.Pods, "default", "curl-pod").Text("spec", "nodeName")!);
        var id = JsonNode.Parse(node.Output("crictl", "ps", "--name", "curl", "-o", "json"))!["containers"]![0]!["id"]!.GetValue<string>();
        var process = JsonNode.Parse(node.Output("crictl", "inspect", "-o", "json", id))!["info"]!["pid"]!.GetValue<int>();
        Assert.True(process > 1);
        var pid = process.ToString(System.Globalization.CultureInfo.InvariantCulture);
        var client = Address(lab, "curl-pod");
        Assert.Contains($"inet {client}/24", node.Output("nsenter", "-t", pid, "-n", "--", "ip", "addr", "show", "eth0"), StringComparison.Ordinal);
        Assert.Contains($"inet {client}/24", node.Output("nsenter", $"--net=/proc/{pid}/ns/net", "ip", "addr", "show", "eth0"), StringComparison.Ordinal);
        Assert.Equal(new Said("", "nsenter: cannot open /proc/999999/ns/net: No such file or directory\n", 1), node.Run("nsenter", "-t", "999999", "-n", "ip", "addr"));
        Assert.Equal(127, node.Run("nsenter", "-t", pid, "-n", "nothing").ExitCode);

        // The pod's own process, which was there before its containers, is in the same network.
        var sandbox = node.Output("crictl", "pods", "--name", "curl-pod", "-q").Trim();
        var pod = JsonNode.Parse(node.Output("crictl", "inspectp", sandbox))!;
        Assert.Equal("curl-pod", pod["status"]!["metadata"]!["name"]!.GetValue<string>());
        var first = pod["info"]!["pid"]!.GetValue<int>();
        Assert.NotEqual(process, first);
        Assert.Contains($"inet {client}/24", node.Output("nsenter", "-t", $"{first}", "-n", "--", "ip", "addr", "show", "eth0"), StringComparison.Ordinal);
        Assert.Contains("code = NotFound", node.Run("crictl", "inspectp", "nope").Error, StringComparison.Ordinal);

        await using var tcpdump = await Tcpdump.StartInsideAsync(node, pid, "-nn", "-t", "-i", "eth0", "tcp");
        Assert.Equal((0, true), await lab.CurlAsync("webpod"));
        Assert.Equal(Handshake, (await tcpdump.LinesAsync()).Select(Flags));
    }

    private static string Flags(string line) => line.Split('[')[1].Split(']')[0];

    private static string Address(NetworkedCluster lab, string pod) => lab.Test.Get(ResourceTypes.Pods, "default", pod).Text("status", "podIP")!;

    private static string NodeAddress(SimulatedNode node) => node.Kernel.Network.FindLink("eth1")!.Addresses[0].Address.ToString();

    private static async Task SameAsync(SimulatedNode node, string file, string[] words, bool isCooked)
    {
        var real = await HostProgram.RunAsync("tcpdump", [.. words, "-r", file], cancellationToken: TestContext.Current.CancellationToken);
        var ours = node.Run(["tcpdump", .. words, "-r", "/tmp/one.pcap"]);
        Assert.True(real.ExitCode == ours.ExitCode, $"{string.Join(' ', words)}: {real.ExitCode} {real.Error} but {ours}");

        // Which interface a number means is known to the machine that reads.
        Assert.Equal($"{string.Join(' ', words)}\n{Shown(real.Output)}", $"{string.Join(' ', words)}\n{Shown(ours.Output)}");

        string Shown(string text) => string.Join('\n', text.Split('\n').Select(line => isCooked ? System.Text.RegularExpressions.Regex.Replace(line, @"\S+ +(In|Out|B|M|P) ", "$1 ") : line));
    }
}

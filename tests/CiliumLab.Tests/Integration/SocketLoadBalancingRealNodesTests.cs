using System.Net;
using CiliumLab.Model;
using CiliumLab.Tests.Cmdlets;

namespace CiliumLab.Tests.Integration;

/// <summary>
/// Where a service is translated, on a real kernel: by BPF programs at the sockets of a pod, and by kube-proxy's rules on its node. Everything is asked
/// of the cmdlets, which run the nodes' own strace, tcpdump and curl.
/// </summary>
public sealed class SocketLoadBalancingRealNodesTests(NodeLab lab) : NodeLabTests(lab)
{
    // Nothing on any node knows it.
    private static readonly IPEndPoint Nowhere = IPEndPoint.Parse("10.96.200.1:80");

    private static readonly IPEndPoint[] Backends = [IPEndPoint.Parse("10.244.1.2:80"), IPEndPoint.Parse("10.244.2.2:80")];

    [Fact]
    public async Task Programs_at_the_socket_translate_a_service_before_there_is_a_packet()
    {
        await using var flannel = await Lab.WithFlannel();
        await using var pods = await RealPods.StartAsync(Lab);
        pods.AddService("nowhere", Nowhere.Address);
        using var lab = new LabPrompt(Lab, pods);

        var without = Test(lab, "nowhere");
        Assert.True(without is { SocketLoadBalanced: false, Answered: false }, without.Explanation);
        Assert.Contains("nobody answered", without.Explanation, StringComparison.Ordinal);

        using var balancer = await BalancerAsync(pods);
        var test = Test(lab, "nowhere");

        Assert.True(test is { SocketLoadBalanced: true, Answered: true }, test.Explanation);
        Assert.Equal((Nowhere, Nowhere), (test.ConnectAddress, test.PeerAddress));
        Assert.Contains("the address was translated at the socket", test.Explanation, StringComparison.Ordinal);
        Assert.Contains($"Asking for its peer, the program is told {Nowhere}.", test.Explanation, StringComparison.Ordinal);
        var backend = Assert.Single(test.WireAddresses);
        Assert.Contains(backend, Backends);
        var own = $"{RealPods.CurlPod}:{test.Packets[0].SourcePort}";
        Assert.All(test.Packets, packet => Assert.Equal(new[] { own, $"{backend}" }.Order(), new[] { packet.Source!, packet.Destination! }.Order()));
        Assert.Contains(test.Packets, packet => packet is { Direction: PacketDirection.In, Tcp: { } tcp } && tcp.Flags.HasFlag(TcpFlags.Syn | TcpFlags.Ack));
    }

    [Fact]
    public async Task A_program_is_told_of_the_service_and_the_wire_of_a_backend_inside_the_tunnel()
    {
        await using var flannel = await Lab.WithFlannel();
        await using var pods = await RealPods.StartAsync(Lab);
        using var lab = new LabPrompt(Lab, pods);
        using var balancer = await BalancerAsync(pods);
        const string Client = "use IO::Socket::INET; my $s = IO::Socket::INET->new('10.96.200.1:80') or die; print $s->peerhost, ':', $s->peerport";

        var capturing = Task.Run(() => Get<CapturedPacket>(lab.Prompt, "Get-PodPacket -Node k8s-ctr -Interface eth1 -Filter 'udp port 8472' -Count 40 -Duration 60"), Cancellation);
        using var asking = lab.Another();
        List<SystemCall> calls;
        do
            calls = Get<SystemCall>(asking, "Trace-PodSystemCall curl-pod perl, '-e', $args[0] -Name network", Client);
        while (!capturing.IsCompleted);
        var wire = await capturing;

        Assert.Equal(Nowhere, calls.Single(call => call.Name == "connect").Address);
        Assert.Equal([Nowhere], calls.Where(call => call.Name == "getpeername").Select(call => call.Address).Distinct());
        Assert.Equal((SystemCallEvent.Exit, 0L), (calls[^1].Event, calls[^1].Result));
        var sent = wire.First(packet => packet.Inner!.Tcp is { Flags: TcpFlags.Syn });
        var backend = sent.Inner!.Destination!;
        Assert.Contains(backend, Backends.Select(end => $"{end}"));
        Assert.Equal(("192.168.10.100", backend == "10.244.1.2:80" ? "192.168.10.101" : "192.168.10.102"), ($"{sent.SourceAddress}", $"{sent.DestinationAddress}"));
        Assert.DoesNotContain(wire, packet => Equals(packet.Inner!.SourceAddress, Nowhere.Address) || Equals(packet.Inner!.DestinationAddress, Nowhere.Address));
    }

    [Fact]
    public async Task Rules_of_kube_proxy_translate_a_service_on_the_node()
    {
        await using var flannel = await Lab.WithFlannel();
        await using var pods = await RealPods.StartAsync(Lab);
        using var lab = new LabPrompt(Lab, pods);
        var frontend = IPEndPoint.Parse(RealPods.Service + ":80");

        var test = Test(lab, "webpod");

        Assert.True(test is { SocketLoadBalanced: false, Answered: true }, test.Explanation);
        Assert.Equal((frontend, frontend), (test.ConnectAddress, test.PeerAddress));
        Assert.Equal([frontend], test.WireAddresses);
        Assert.Contains("on the node, as kube-proxy does it", test.Explanation, StringComparison.Ordinal);
        Assert.Equal(false, lab.Prompt.Get("Test-SocketLoadBalancing webpod -Quiet").Single().BaseObject);
    }

    private static SocketLoadBalancingTest Test(LabPrompt lab, string service) => Get<SocketLoadBalancingTest>(lab.Prompt, "Test-SocketLoadBalancing $args[0]", service).Single();

    private static List<T> Get<T>(Prompt prompt, string line, params object?[] arguments) => [.. prompt.Get(line, arguments).Select(item => Assert.IsType<T>(item.BaseObject))];

    private static async Task<SocketBalancer> BalancerAsync(RealPods pods)
    {
        try
        {
            return new SocketBalancer(await pods.CgroupAsync(RealPods.CurlPod, "k8s-ctr"), Nowhere, Backends[0], Backends[1]);
        }
        catch (BpfException refusal)
        {
            Assert.Skip($"this machine's kernel takes no program for the sockets of a cgroup: {refusal.Message}");
            throw;
        }
    }
}

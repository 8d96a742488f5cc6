using System.Text.Json.Nodes;
using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Tracing.Paths;
using CiliumLab.Model;
using CiliumLab.Tests.Cmdlets;
using k8s.Models;

namespace CiliumLab.Tests.Tracing;

/// <summary>A simulated lab with Cilium in tunnel mode and the sample application, made once for all tests of a class.</summary>
public sealed class TunnelLab : IDisposable
{
    public TunnelLab() =>
        Prompt.Get(
            """
            $ConfirmPreference = 'None'
            $null = New-LabCluster $args[0] -Provider Simulator -Speed 20
            $null = Set-NodeInternalIp eth1
            $null = Remove-KubeProxy
            $null = Install-Cni Cilium -Value @{ routingMode = 'tunnel'; autoDirectNodeRoutes = $false; 'ipv4NativeRoutingCIDR' = '' }
            $null = Install-LabWorkload
            """,
            Name);

    internal string Name { get; } = "tunnels-" + Guid.NewGuid().ToString("N")[..8];

    internal Prompt Prompt { get; } = new();

    public void Dispose()
    {
        Prompt.Run("Remove-LabCluster $args[0] -Confirm:$false", Name);
        Prompt.Dispose();
    }
}

/// <summary>Trace-PodPath at the prompt: tunnels, services without backends, nodes that are gone, and what is typed wrong.</summary>
public sealed class PodPathTests(TunnelLab lab) : IClassFixture<TunnelLab>
{
    private const string WhereNode = "function Where-Node($node) { process { if ($_.Node -eq $node) { $_ } } }; ";

    [Fact]
    public void A_tunnel_of_Cilium_is_named_with_its_end()
    {
        var path = Trace("Trace-PodPath webpod -Verify");

        Assert.True(path is { Reachable: true, Verification.Agrees: true }, $"{path.Break} {path.Verification}");
        var end = path.DestinationNode == "k8s-w1" ? "192.168.10.101" : "192.168.10.102";
        var tunnel = Assert.Single(path.Hops, hop => hop.Kind == PathHopKind.Tunnel);
        Assert.Equal(("cilium_vxlan", $"cilium_vxlan wraps the packet for {end}"), (tunnel.Interface, tunnel.Summary));
        Assert.Equal($"k8s-w{end[^1..]}"[..6], path.DestinationNode);
        Assert.EndsWith("sends the answer into the tunnel to 192.168.10.100", path.Hops[^1].Summary, StringComparison.Ordinal);
        Assert.Contains(path.Hops, hop => hop.Kind == PathHopKind.IpCache && hop.Summary.EndsWith($"behind {end}", StringComparison.Ordinal));
    }

    [Fact]
    public void Nodes_that_share_an_address_are_told_apart_by_nobody()
    {
        var name = "shared-" + Guid.NewGuid().ToString("N")[..8];
        using var prompt = new Prompt();
        try
        {
            var path = (PodPath)prompt.Run(
                """
                $ConfirmPreference = 'None'
                $null = New-LabCluster $args[0] -Provider Simulator -KeepNatNodeIp -Speed 20
                $null = Remove-KubeProxy
                $null = Install-Cni Cilium -Value @{ routingMode = 'tunnel'; autoDirectNodeRoutes = $false } 3> $null
                $null = Install-LabWorkload
                (Get-LabPod webpod*)[0] | Trace-PodPath -Verify -Timeout 2
                """,
                name).Output[^1].BaseObject;

            Assert.Equal((PathHopKind.Tunnel, true), (path.Break!.Kind, path.Verification!.Agrees));
            Assert.Equal("the tunnel's end 10.0.2.15 is an address of k8s-ctr itself: several nodes have the InternalIP 10.0.2.15, so nobody can tell them apart", path.Reason);
            Assert.StartsWith("Set-NodeInternalIp", path.Remedy, StringComparison.Ordinal);
        }
        finally
        {
            prompt.Run("Remove-LabCluster $args[0] -Confirm:$false", name);
        }
    }

    [Fact]
    public void Pods_services_and_addresses_name_the_same_way()
    {
        var web = lab.Prompt.Get("(Get-LabPod webpod*)[0]")[0].BaseObject as LabPod;
        var paths = lab.Prompt.Get("(Get-LabPod webpod*)[0] | Trace-PodPath; Trace-PodPath $args[0]; Trace-PodPath $args[1]; Trace-PodPath $args[2]", web!.Address!.ToString(), web.Pod, $"default/{web.Pod}:80")
            .Select(path => (PodPath)path.BaseObject).ToList();

        Assert.Equal(4, paths.Count);
        Assert.All(paths, path => Assert.Equal((web.Address, web.Node, ServiceTranslation.None, true), (path.Destination, path.DestinationNode, path.Translation, path.Reachable)));
        foreach (var name in (string[])["webpod", "default/webpod", "webpod.default", "webpod.default.svc", "webpod.default.svc.cluster.local", "http://webpod/", "webpod:80"])
            Assert.Equal(ServiceTranslation.Socket, Trace($"Trace-PodPath {name}").Translation);
    }

    [Fact]
    public async Task A_service_without_backends_says_why_it_has_none()
    {
        var wrong = Trace("Trace-PodPath kube-dns.kube-system -Port 54 -Verify -Timeout 2");
        Assert.Equal((PathHopKind.ServiceRules, true), (wrong.Break!.Kind, wrong.Verification!.Agrees));
        Assert.Equal("service kube-system/kube-dns has no port 54/TCP; it has 53/UDP, 53/TCP, 9153/TCP", wrong.Reason);
        Assert.Contains(wrong.Break.Evidence, seen => seen.ToString().Contains("no rule sends 10.96.0.10:54 anywhere", StringComparison.Ordinal));

        await ScaleAsync(0);
        try
        {
            var none = Trace("Trace-PodPath webpod -Verify -Timeout 2");
            Assert.Equal((PathHopKind.SocketLoadBalancing, true), (none.Break!.Kind, none.Verification!.Agrees));
            Assert.Equal("service default/webpod has no backend: no pod has the labels app=webpod", none.Reason);
            Assert.Equal("See which pods there are: Get-LabPod -Namespace default -Label 'app=webpod'", none.Remedy);
        }
        finally
        {
            await ScaleAsync(2);
        }
    }

    [Fact]
    public void A_node_that_does_not_answer_leaves_the_rest_unknown()
    {
        _ = lab.Prompt.Get("Set-LabFault NodeUnreachable k8s-w1 -Confirm:$false");
        try
        {
            var path = Trace("Get-LabPod webpod* | Where-Node k8s-w1 | Trace-PodPath");

            Assert.False(path.Certain);
            Assert.Equal((PathHopKind.DestinationNode, PathHopOutcome.Unknown), (path.Hops[^1].Kind, path.Hops[^1].Outcome));
            Assert.Contains("k8s-w1", path.Hops[^1].Reason, StringComparison.Ordinal);
        }
        finally
        {
            _ = lab.Prompt.Get("Clear-LabFault -Confirm:$false");
        }
    }

    [Fact]
    public void A_node_that_is_not_ready_and_does_not_answer_is_where_the_way_ends()
    {
        const string Script = "Get-LabPod webpod* | Where-Node k8s-w1 | Trace-PodPath";
        _ = lab.Prompt.Get("Set-LabFault KubeletStopped k8s-w1 -Confirm:$false; Set-LabFault NodeUnreachable k8s-w1 -Confirm:$false");
        try
        {
            var path = Until(Script, path => path.Break is not null);

            Assert.Equal((PathHopKind.DestinationNode, "k8s-w1"), (path.Break!.Kind, path.Break.Node));
            Assert.StartsWith("node k8s-w1 is not ready (", path.Reason, StringComparison.Ordinal);
            Assert.StartsWith("Start-LabCluster, or see what is wrong with it: Get-LabNode -Node k8s-w1", path.Remedy, StringComparison.Ordinal);
        }
        finally
        {
            _ = lab.Prompt.Get("Clear-LabFault -Confirm:$false");
            _ = Until(Script, path => path is { Reachable: true, Certain: true });
        }
    }

    [Fact]
    public void A_pod_on_its_nodes_network_sends_with_the_nodes_address()
    {
        var path = Trace("Trace-PodPath webpod.default -From (Get-LabPod kube-scheduler* -Namespace kube-system)");

        Assert.DoesNotContain(path.Hops, hop => hop.Kind is PathHopKind.SourceInterface or PathHopKind.EgressPolicy);
        Assert.Equal("192.168.10.100", path.Source!.ToString());
    }

    [Fact]
    public void A_name_outside_the_cluster_is_asked_of_the_nodes_resolver()
    {
        var known = Trace("Trace-PodPath k8s-w2.example; $null = Invoke-NodeCommand -Node k8s-ctr -Sudo -Command tee, -a, /etc/hosts -InputText \"203.0.113.7 shop.example`n\"");
        Assert.Equal((PathHopKind.NameResolution, "k8s-w2.example has no address: it is no service, pod or node of the cluster, and DNS outside does not know it"), (known.Break!.Kind, known.Reason));

        var shop = Trace("Trace-PodPath shop.example:443");
        Assert.Equal((true, "203.0.113.7", 443), (shop.Reachable, $"{shop.Destination}", shop.Port));
        Assert.Equal("shop.example is a name outside the cluster; the node's resolver says 203.0.113.7", shop.Hops[0].Summary);
    }

    [Theory]
    [InlineData("Trace-PodPath webpod -From nobody", "PodNotFound", "Namespace 'default' has no pod 'nobody'. It has: curl-pod, ")]
    [InlineData("Trace-PodPath webpod -From nowhere/nobody", "PodNotFound", "Namespace 'nowhere' has no pod 'nobody'. It has none at all.")]
    [InlineData("Trace-PodPath 'a b'", "PathDestinationInvalid", "'a b' is nothing that a packet can go to.")]
    [InlineData("Trace-PodPath ftp://webpod/", "PathDestinationInvalid", "'ftp://webpod/' is nothing that a packet can go to.")]
    [InlineData("Trace-PodPath 10.96.0.10 -Port 53 -Protocol Udp -Verify", "PathNotVerifiable", "A trace of Udp cannot be verified: the packet is sent with curl, over TCP.")]
    public void What_is_typed_wrong_is_told(string script, string errorId, string message)
    {
        var error = Assert.Single(lab.Prompt.Run(script).Errors);

        Assert.StartsWith(errorId + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.StartsWith(message, error.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
    }

    [Fact]
    public void A_path_is_read_at_a_glance()
    {
        var shown = lab.Prompt.Show("Trace-PodPath webpod -Verify");

        Assert.StartsWith("default/curl-pod -> webpod  Tcp 80  Cilium, services at the socket: ", shown.TrimStart(), StringComparison.Ordinal);
        Assert.Contains("  1   NameResolution       k8s-ctr    DNS at 10.96.0.10 says that webpod is 10.96.", shown, StringComparison.Ordinal);
        Assert.Contains("[Get-CiliumService -Node k8s-ctr ", shown, StringComparison.Ordinal);
        Assert.Contains("a packet that was sent agrees: webpod-", shown, StringComparison.Ordinal);
    }

    private async Task ScaleAsync(int count)
    {
        var kubeConfig = (string)lab.Prompt.Get("(Get-LabCluster $args[0]).KubeConfig", lab.Name)[0].BaseObject;
        using var client = ClusterClient.Open("test", kubeConfig);
        await client.MergeAsync<V1Deployment>("default", "webpod", new JsonObject { ["spec"] = new JsonObject { ["replicas"] = count } }, TestContext.Current.CancellationToken);
        while (lab.Prompt.Get("(Get-CiliumService k8s-ctr -Name webpod).Backends").Count != count)
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
    }

    private PodPath Until(string script, Func<PodPath, bool> condition)
    {
        while (true)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            if (lab.Prompt.Run(WhereNode + script).Output is [{ BaseObject: PodPath path }] && condition(path))
                return path;
        }
    }

    private PodPath Trace(string script) =>
        (PodPath)Assert.Single(lab.Prompt.Get(WhereNode + script)).BaseObject;
}

public sealed class PolicyDecisionTests
{
    private static readonly PathPacket Web = new(System.Net.IPAddress.Parse("10.0.0.1"), System.Net.IPAddress.Parse("10.0.0.2"), 80, TransportProtocol.Tcp);

    [Fact]
    public void The_entry_that_names_the_port_more_closely_decides_and_none_denies()
    {
        var all = Entry(BpfPolicyVerdict.Allow, 0, 0);
        var denied = Entry(BpfPolicyVerdict.Deny, 4711, 0);
        var port = Entry(BpfPolicyVerdict.Allow, 0, 80);
        var range = Entry(BpfPolicyVerdict.Allow, 4711, 8000) with { LastPort = 9000 };

        Assert.Same(denied, PolicyStep.Decide([all, denied], 4711, Web));
        Assert.Same(all, PolicyStep.Decide([all, denied], 4712, Web));
        Assert.Same(port, PolicyStep.Decide([all, denied, port], 4711, Web));
        Assert.Null(PolicyStep.Decide([range], 4711, Web));
        Assert.Same(range, PolicyStep.Decide([range], 4711, Web with { Port = 8080 }));
        Assert.Null(PolicyStep.Decide([port with { Protocol = TransportProtocol.Udp }], 4711, Web));
        Assert.Null(PolicyStep.Decide([port], 4711, Web with { Protocol = TransportProtocol.Icmp, Port = null }));
    }

    private static BpfPolicyEntry Entry(BpfPolicyVerdict verdict, uint identity, int port) => new()
    {
        Verdict = verdict,
        Direction = TrafficDirection.Ingress,
        IdentityId = identity,
        Protocol = port == 0 ? TransportProtocol.Any : TransportProtocol.Tcp,
        Port = port,
        LastPort = port == 0 ? 65535 : port,
    };
}

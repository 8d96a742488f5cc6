using CiliumLab.Model;
using CiliumLab.Tests.Cmdlets;

namespace CiliumLab.Tests.Tracing;

/// <summary>
/// Traces through the states of the lab's whole week, each held against a packet that is really sent: the trace reads state from outside,
/// the simulator's kernels and agents move the packet, and neither knows the other.
/// </summary>
public sealed class PodPathWeekTests : IDisposable
{
    private readonly string _lab = "paths-" + Guid.NewGuid().ToString("N")[..8];
    private readonly Prompt _prompt = new();

    public void Dispose()
    {
        _prompt.Run("Remove-LabCluster $args[0] -Confirm:$false", _lab);
        _prompt.Dispose();
    }

    [Fact]
    public void Every_state_of_the_week_is_told_as_a_packet_meets_it()
    {
        Do("$null = New-LabCluster $args[0] -Provider Simulator -KeepNatNodeIp -Speed 20; $null = Set-NodeInternalIp eth1; $null = Install-Cni Flannel -Interface eth1; $null = Install-LabWorkload");

        var flannel = Reached("webpod");
        Assert.Equal((CniKind.Flannel, ServiceTranslation.KubeProxy), (flannel.Cni, flannel.Translation));
        Assert.Equal(
            [PathHopKind.NameResolution, PathHopKind.SourcePod, PathHopKind.SourceInterface, PathHopKind.ServiceRules, PathHopKind.Route, PathHopKind.Tunnel, PathHopKind.DestinationNode, PathHopKind.Route, PathHopKind.DestinationInterface, PathHopKind.Destination, PathHopKind.ReturnRoute],
            flannel.Hops.Select(hop => hop.Kind));
        Assert.Equal([0.5, 0.5], flannel.Backends.Select(backend => backend.Chance));
        Assert.Equal(["k8s-w1", "k8s-w2"], flannel.Backends.Select(backend => backend.Node!).Order());
        Assert.Contains("KUBE-SERVICES > KUBE-SVC-", Hop(flannel, PathHopKind.ServiceRules).Evidence[0].Fact, StringComparison.Ordinal);
        var node = flannel.DestinationNode == "k8s-w1" ? "192.168.10.101" : "192.168.10.102";
        Assert.Equal(("flannel.1", $"flannel.1 wraps the packet for {node}"), (Hop(flannel, PathHopKind.Tunnel).Interface, Hop(flannel, PathHopKind.Tunnel).Summary));
        Assert.Equal($"{flannel.Source} > {flannel.Destination}:80", Hop(flannel, PathHopKind.Destination).Packet);

        Stuck("webpod:81", PathHopKind.ServiceRules, "service default/webpod has no port 81/TCP; it has 80/TCP", "-Port");
        Stuck("10.244.1.99", PathHopKind.DestinationInterface, "no pod has 10.244.1.99", "Get-LabPod");
        Stuck("10.96.77.77", PathHopKind.ServiceRules, "10.96.77.77 is inside the service network, but is the address of no service of the cluster", "Get-LabService");
        Assert.Equal("10.0.2.15 > 8.8.8.8", Hop(Trace("Trace-PodPath 8.8.8.8 -Protocol Icmp"), PathHopKind.Masquerade).Packet);

        Do("$null = Invoke-NodeCommand -Node k8s-ctr -Sudo -Command ip, route, del, 10.244.1.0/24; $null = Invoke-NodeCommand -Node k8s-ctr -Sudo -Command ip, route, del, 10.244.2.0/24");
        Stuck("$web", PathHopKind.Route, "k8s-ctr has no route of its own to 10.244.", "kube-flannel");
        Do("foreach ($net in '10.244.1.0', '10.244.2.0') { $null = Invoke-NodeCommand -Node k8s-ctr -Sudo -Command ip, route, add, \"$net/24\", via, $net, dev, flannel.1, onlink }");
        _ = Reached("webpod");

        Do("$null = Invoke-NodeCommand -Sudo -Command iptables, -P, FORWARD, DROP; $null = Invoke-NodeCommand -Sudo -Command iptables, -F, FLANNEL-FWD");
        Stuck("$web", PathHopKind.ForwardingRules, "the policy of chain FORWARD on k8s-ctr is DROP, and no rule lets the packet pass", "Get-NodeIptablesRule -Node k8s-ctr -Table filter -Chain FORWARD");
        Do("$null = Invoke-NodeCommand -Sudo -Command iptables, -P, FORWARD, ACCEPT");

        // The probes of DNS failed meanwhile, and it has to become ready again.
        while (!Trace("Trace-PodPath webpod").Reachable)
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();

        Do("$null = Uninstall-Cni Flannel");
        _ = Reached("webpod");
        Do("$null = Remove-FlannelArtifacts");
        Stuck("$web", PathHopKind.SourceInterface, "no CNI is in charge", "Install-Cni");
        Assert.Contains("DNS at 10.96.0.10 cannot be reached", Stuck("webpod", PathHopKind.NameResolution, "no CNI is in charge", "Install-Cni").Reason, StringComparison.Ordinal);
        Do("$null = Remove-KubeProxy; $null = Install-Cni Cilium; $null = Wait-CiliumStatus");
        Stuck("$web", PathHopKind.SourceInterface, $"pod default/curl-pod still has {flannel.Source}, which is no address of Cilium", "Restart-LabWorkload -Namespace default -UnmanagedOnly");
        Do("$null = Restart-LabWorkload curl-pod");
        Stuck("$web", PathHopKind.Route, "which is no address of Cilium: it was started before Cilium was in charge", "Restart-LabWorkload -Namespace default -UnmanagedOnly");
        Do("$null = Restart-LabWorkload -UnmanagedOnly");

        var cilium = Reached("webpod");
        Assert.Equal((CniKind.Cilium, ServiceTranslation.Socket), (cilium.Cni, cilium.Translation));
        Assert.Equal(
            [PathHopKind.NameResolution, PathHopKind.SocketLoadBalancing, PathHopKind.SourcePod, PathHopKind.SourceInterface, PathHopKind.IpCache, PathHopKind.EgressPolicy, PathHopKind.Route, PathHopKind.DestinationNode, PathHopKind.Route, PathHopKind.IngressPolicy, PathHopKind.DestinationInterface, PathHopKind.Destination, PathHopKind.ReturnRoute],
            cilium.Hops.Select(hop => hop.Kind));
        Assert.Contains(Hop(cilium, PathHopKind.SourceInterface).Evidence, seen => seen.Fact.StartsWith("cil_from_container (program ", StringComparison.Ordinal));
        Assert.DoesNotContain(cilium.Hops, hop => hop.Packet?.Contains("10.96.", StringComparison.Ordinal) == true);
        Assert.EndsWith("without a tunnel", cilium.Hops.First(hop => hop.Kind == PathHopKind.Route).Summary, StringComparison.Ordinal);

        Do("$null = Invoke-NodeCommand -Node k8s-w1, k8s-w2 -Sudo -Command ip, route, del, 172.20.0.0/24");
        Stuck("$web", PathHopKind.ReturnRoute, "has no route of its own to 172.20.0.", "auto-direct-node-routes");
        Do("foreach ($node in 'k8s-w1', 'k8s-w2') { $null = Invoke-NodeCommand -Node $node -Sudo -Command ip, route, add, 172.20.0.0/24, via, 192.168.10.100 }");

        // Links, routes and programs of a Cilium that was taken away go on carrying packets between the pods that are there.
        Do("$null = Uninstall-Cni Cilium");
        var left = Trace("$web = (Get-LabPod webpod*)[0]; Trace-PodPath $web -Verify -Timeout 2");
        Assert.True(left.Verification!.Agrees, $"{left.Break} {left.Verification}");

        AssertComparison(flannel, cilium);
    }

    private void AssertComparison(PodPath flannel, PodPath cilium)
    {
        var rows = _prompt.Get("Compare-PodPath $args[0] $args[1]", flannel, cilium).Select(row => (PodPathComparison)row.BaseObject).ToList();

        Assert.Equal(
            [
                (PathHopKind.NameResolution, PathDifference.Same),
                (PathHopKind.SocketLoadBalancing, PathDifference.OnlyDifference),
                (PathHopKind.SourcePod, PathDifference.Changed),
                (PathHopKind.SourceInterface, PathDifference.Changed),
                (PathHopKind.ServiceRules, PathDifference.OnlyReference),
                (PathHopKind.IpCache, PathDifference.OnlyDifference),
                (PathHopKind.EgressPolicy, PathDifference.OnlyDifference),
                (PathHopKind.Route, PathDifference.Changed),
                (PathHopKind.Tunnel, PathDifference.OnlyReference),
            ],
            rows.Take(9).Select(row => (row.Kind, row.Difference)));
        Assert.Equal(rows.Count - 1, _prompt.Get("$args[1] | Compare-PodPath $args[0] -ExcludeSame", flannel, cilium).Count);
        Assert.All(_prompt.Get("$args[0] | Compare-PodPath $args[0]", cilium), row => Assert.Equal(PathDifference.Same, ((PodPathComparison)row.BaseObject).Difference));
    }

    private PodPath Reached(string to)
    {
        var path = Trace($"Trace-PodPath {to} -Verify");
        Assert.True(path is { Reachable: true, Certain: true }, $"{to}: {path.Break}");
        Assert.True(path.Verification!.Agrees, $"{to}: {path.Verification}");
        Assert.All(path.Hops, hop => Assert.NotEmpty(hop.Evidence));

        // A sceptic types what the trace says that it rests on; the engine of the tests has no Select-Object.
        foreach (var command in path.Hops.SelectMany(hop => hop.Evidence).Select(seen => seen.Command.Split(" | ")[0]).Distinct())
        {
            var shown = _prompt.Run(command);
            Assert.True(shown.Errors.Count == 0 && shown.Output.Count > 0, $"{command}: {string.Join('\n', shown.Errors)}");
        }

        return path;
    }

    private PodPath Stuck(string to, PathHopKind where, string reason, string remedy)
    {
        var path = Trace($"$web = (Get-LabPod webpod*)[0]; Trace-PodPath {to} -Verify -Timeout 2");
        Assert.False(path.Reachable, $"{to} is reachable: {path.Hops[^1]}");
        Assert.Equal(where, path.Break!.Kind);
        Assert.Contains(reason, path.Reason, StringComparison.Ordinal);
        Assert.Contains(remedy, path.Remedy, StringComparison.Ordinal);
        Assert.True(path.Verification!.Agrees, $"{to}: {path.Verification}");
        return path;
    }

    private PodPath Trace(string script) => (PodPath)Assert.Single(_prompt.Get(script)).BaseObject;

    private static PathHop Hop(PodPath path, PathHopKind kind) => path.Hops.First(hop => hop.Kind == kind);

    private void Do(string script) => _ = _prompt.Get("$ConfirmPreference = 'None'; " + script, _lab);
}

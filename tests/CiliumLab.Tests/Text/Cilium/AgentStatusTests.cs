using System.Net;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Tests.Text.Cilium;

/// <summary>How agents and releases do.</summary>
public sealed class AgentStatusTests
{
    [Theory]
    [InlineData("115-kubectl-exec-it-n-kube-system-ds-cilium-c-cilium.txt", 3, null, null)]
    [InlineData("149-kubectl-exec-it-n-kube-system-ds-cilium-c-cilium.txt", 4, 34, 3)]
    public void Reads_the_status_of_the_lab(string file, int addresses, int? controllers, int? nodes)
    {
        var status = Assert.Single(CiliumStatusText.Parse(Fixture.Open($"transcript/{file}"), "k8s-ctr", Unexpected.Warning));

        Assert.Equal((CiliumHealthState.Ok, "1.17.5", true), (status.State, status.Version, status.KubeProxyReplacement));
        Assert.Equal((CiliumRoutingMode.Native, "BPF", "tcx", "veth", "BPF"), (status.Routing, status.HostRouting, status.AttachMode, status.DeviceMode, status.Masquerading));
        Assert.Equal((IPNetwork.Parse("172.20.0.0/16"), true, false), (status.NativeRoutingCidr, status.MasqueradesIPv4, status.MasqueradesIPv6));
        Assert.Equal(["eth0", "eth1"], status.Devices.Select(device => device.Name));
        Assert.Equal("eth1", status.DirectRoutingDevice);
        Assert.Contains(IPAddress.Parse("fd17:625c:f037:2:a00:27ff:fe6b:69c9"), status.Devices[0].Addresses);
        Assert.Equal((addresses, addresses, 254), (status.Allocations.Count, status.AllocatedIPv4, status.AvailableIPv4));
        Assert.Equal(new CiliumAllocation(IPAddress.Parse("172.20.0.117"), "health"), status.Allocations[1]);
        Assert.Equal((controllers, controllers, nodes, nodes), (status.ControllerCount, status.HealthyControllerCount, status.ProbedNodes, status.ReachableNodes));
        Assert.Equal(CiliumHealthState.Ok, status.Components.Single(component => component.Name == "Kubernetes").State);
    }

    [Fact]
    public void Reads_tunnels_failures_and_warnings()
    {
        var status = Assert.Single(CiliumStatusText.Parse(Fixture.Open("cilium/status-1.16-tunnel.txt"), null, Unexpected.Warning));

        Assert.Equal((CiliumHealthState.Failure, "1.16.5", false), (status.State, status.Version, status.KubeProxyReplacement));
        Assert.Equal((CiliumRoutingMode.Tunnel, "vxlan", "Legacy", "tc", "iptables"), (status.Routing, status.TunnelProtocol, status.HostRouting, status.AttachMode, status.Masquerading));
        Assert.Equal((33, 34, 1, 2, 2), (status.HealthyControllerCount, status.ControllerCount, status.ReachableNodes, status.ProbedNodes, status.ProxyRedirectCount));
        Assert.Equal(("sync-to-k8s-ciliumendpoint (1126)", 4L, "etcdserver: request timed out"), (Assert.Single(status.FailingControllers).Name, status.FailingControllers[0].Failures, status.FailingControllers[0].Message));
        Assert.Equal((1, 2, 55), (status.StoppedModules, status.DegradedModules, status.HealthyModules));
        Assert.Equal((CiliumHealthState.Warning, "Unable to reach 1 node"), (status.Components.Single(component => component.Name == "Cilium health daemon").State, status.Components.Single(component => component.Name == "Cilium health daemon").Message));
        Assert.Equal(("Wireguard", "Enabled", true), (status.Encryption, status.HostFirewall, status.MasqueradesIPv6));
    }

    [Fact]
    public void Reads_the_health_part_of_the_lab()
    {
        var paths = CiliumHealthText.Parse(Fixture.Open("transcript/147-kubectl-exec-it-n-kube-system-ds-cilium-c-cilium.txt"), null, Unexpected.Warning).ToList();

        Assert.Equal(6, paths.Count);
        Assert.Equal(("k8s-ctr", "k8s-ctr", true, CiliumHealthPath.Host), (paths[0].Node, paths[0].Target, paths[0].IsLocal, paths[0].Path));
        Assert.Equal(("k8s-ctr", "k8s-w2", CiliumHealthPath.Endpoint, IPAddress.Parse("172.20.1.139")), (paths[5].Node, paths[5].Target, paths[5].Path, paths[5].Address));
        Assert.Equal((TimeSpan.FromTicks(5844), TimeSpan.FromTicks(6993), true), (paths[5].IcmpLatency, paths[5].HttpLatency, paths[5].IsReachable));
        Assert.Equal(new DateTimeOffset(2025, 7, 16, 15, 7, 31, TimeSpan.Zero), paths[0].ProbedAt);
    }

    [Fact]
    public void Health_with_failures_is_the_same_from_text_and_json()
    {
        var fromText = CiliumHealthText.Parse(Fixture.Open("cilium/health-1.17.txt"), null, Unexpected.Warning).ToList();

        Assert.Equal([true, true, false, true], fromText.Select(path => path.IsReachable));
        Assert.Equal(("k8s-w1", "Connection timed out", null), (fromText[2].Target, fromText[2].IcmpError, fromText[2].IcmpLatency));
        Assert.Contains("deadline exceeded", fromText[2].HttpError, StringComparison.Ordinal);
        Assert.Equal(TimeSpan.FromSeconds(121.5), fromText[3].IcmpLatency);
        Assert.Equal(fromText, CiliumHealthText.Parse(Fixture.Open("cilium/health-1.17.json"), null, Unexpected.Warning));
    }

    [Fact]
    public void Reads_succinct_health()
    {
        var paths = CiliumHealthText.Parse(Fixture.Open("cilium/health-succinct-1.17.txt"), null, Unexpected.Warning).ToList();

        Assert.Equal([("k8s-ctr", true), ("k8s-ctr", true), ("k8s-w1", false), ("k8s-w1", true)], paths.Select(path => (path.Target, path.IsReachable!.Value)));
        Assert.Equal("k8s-ctr", paths[2].Node);
    }

    [Fact]
    public void Reads_the_monitor_of_the_lab()
    {
        var events = MonitorText.Parse(Fixture.Open("transcript/163-c1-monitor-v.txt"), "k8s-w1", Unexpected.Warning).ToList();

        Assert.Equal((7, 23), (events.Count(one => one.Type == MonitorEventType.Trace), events.Count(one => one.Type == MonitorEventType.TraceSocket)));
        Assert.Equal(("to-network", "established", "eth1", 0x44d1f314u, 1u, null), (events[0].Point, events[0].ConnectionState, events[0].Interface, events[0].Hash, events[0].SourceIdentityId, events[0].DestinationIdentityId));
        Assert.Equal(("192.168.10.101:56916", "192.168.10.102:4240", TransportProtocol.Tcp, "ACK"), (events[0].Source, events[0].Destination, events[0].Protocol, events[0].Details));
        Assert.Equal((1, "pre-xlate-rev", 12362ul, 7036ul, "127.0.0.1:51394"), (events[1].Cpu, events[1].Point, events[1].CgroupId, events[1].SocketCookie, events[1].Destination));
        var echo = events.Single(one => one.Details == "EchoRequest");
        Assert.Equal((TransportProtocol.Icmp, "192.168.10.101", "172.20.0.117", "new"), (echo.Protocol, echo.Source, echo.Destination, echo.ConnectionState));
    }

    [Fact]
    public void Reads_every_kind_of_event()
    {
        var events = MonitorText.Parse(Fixture.Open("cilium/monitor-1.16-v.txt"), null, Unexpected.Warning).ToList();

        Assert.Equal(
            [
                MonitorEventType.Drop, MonitorEventType.Trace, MonitorEventType.Trace, MonitorEventType.PolicyVerdict, MonitorEventType.PolicyVerdict, MonitorEventType.L7,
                MonitorEventType.Agent, MonitorEventType.Trace, MonitorEventType.Drop, MonitorEventType.Debug, MonitorEventType.Lost,
            ],
            events.Select(one => one.Type));
        Assert.Equal(("Policy denied", 1287, "bpf_lxc.c:2054", 51402u, 10530u, "172.20.0.87:80"), (events[0].DropReason, events[0].EndpointId, events[0].File, events[0].SourceIdentityId, events[0].DestinationIdentityId, events[0].Destination));
        Assert.Equal(("to-endpoint", 234, "SYN, ACK"), (events[1].Point, events[1].EndpointId, events[1].Details));
        Assert.Equal(("from-overlay", "[fd00::4]:58416", 2u), (events[2].Point, events[2].Source, events[2].SourceIdentityId));
        Assert.Equal((MonitorVerdict.Deny, "none", TrafficDirection.Ingress, 6u), (events[3].Verdict, events[3].PolicyMatch, events[3].Direction, events[3].SourceIdentityId));
        Assert.Equal((MonitorVerdict.Audit, TransportProtocol.Icmp), (events[4].Verdict, events[4].Protocol));
        Assert.Equal((MonitorVerdict.Deny, 13136u), (events[5].Verdict, events[5].SourceIdentityId));
        Assert.Equal(("to-endpoint", 74ul, "established", "lxc15efa76a1c03", 3012u), (events[7].Point, events[7].Bytes, events[7].ConnectionState, events[7].Interface, events[7].DestinationIdentityId));
        Assert.Equal(("Policy denied", 7ul), (events[8].DropReason, events[10].LostCount));
    }

    [Fact]
    public void Reads_json_events_with_text_between_them()
    {
        var events = MonitorText.Parse(Fixture.Open("cilium/monitor-1.17.json"), null, Unexpected.Warning).ToList();

        Assert.Equal(
            [MonitorEventType.Trace, MonitorEventType.PolicyVerdict, MonitorEventType.Lost, MonitorEventType.Drop, MonitorEventType.TraceSocket, MonitorEventType.Agent],
            events.Select(one => one.Type));
        Assert.Equal(("192.168.10.101:56916", "192.168.10.102:4240", "SYN, ACK", 66ul), (events[0].Source, events[0].Destination, events[0].Details, events[0].Bytes));
        Assert.Equal((MonitorVerdict.Allow, 3012u, TrafficDirection.Egress), (events[1].Verdict, events[1].DestinationIdentityId, events[1].Direction));
        Assert.Equal(("Policy denied", 211, TransportProtocol.IcmpV6, "EchoRequest", "2:2054", "15"), (events[3].DropReason, events[3].EndpointId, events[3].Protocol, events[3].Details, events[3].File, events[3].Interface));
        Assert.Equal(("post-xlate-fwd", "172.20.2.124:80"), (events[4].Point, events[4].Destination));
    }

    [Fact]
    public void Releases_are_the_same_from_text_and_json()
    {
        var fromText = HelmText.ParseList(Fixture.Open("cilium/helm-list.txt"), null, Unexpected.Warning).ToList();

        Assert.Equal(("cilium", "kube-system", 2, HelmReleaseStatus.Deployed, "cilium", "1.17.5", "1.17.5"), (fromText[0].Name, fromText[0].Namespace, fromText[0].Revision, fromText[0].Status, fromText[0].Chart, fromText[0].ChartVersion, fromText[0].AppVersion));
        Assert.Equal(TimeSpan.FromHours(9), fromText[0].Updated!.Value.Offset);
        Assert.Equal(("my-app", "0.1.0-rc.1", HelmReleaseStatus.PendingInstall, null), (fromText[1].Chart, fromText[1].ChartVersion, fromText[1].Status, fromText[1].AppVersion));
        Assert.Equal(fromText, HelmText.ParseList(Fixture.Open("cilium/helm-list.json"), null, Unexpected.Warning));
        Assert.Empty(HelmText.ParseList(Fixture.Open("transcript/085-helm-list-a.txt"), null, Unexpected.Warning));
    }

    [Fact]
    public void Reads_what_helm_said_in_the_lab_and_its_json()
    {
        var release = Assert.Single(HelmText.ParseStatus(Fixture.Open("transcript/111-helm-install-cilium-cilium-cilium-version-1-17-5.txt"), null, Unexpected.Warning));
        var json = Assert.Single(HelmText.ParseStatus(Fixture.Open("cilium/helm-status.json"), null, Unexpected.Warning));

        Assert.Equal(("cilium", "kube-system", 1, HelmReleaseStatus.Deployed), (release.Name, release.Namespace, release.Revision, release.Status));
        Assert.Equal(new DateTimeOffset(2025, 7, 16, 23, 3, 28, TimeSpan.Zero), release.Updated);
        Assert.StartsWith("You have successfully installed Cilium with Hubble.", release.Notes, StringComparison.Ordinal);
        Assert.Equal((HelmReleaseStatus.Failed, 2, "Upgrade complete"), (json.Status, json.Revision, json.Description));
    }
}

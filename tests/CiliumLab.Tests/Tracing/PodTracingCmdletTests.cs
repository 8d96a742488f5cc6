using System.Management.Automation;
using System.Net;
using CiliumLab.Model;
using CiliumLab.Tests.Cmdlets;

namespace CiliumLab.Tests.Tracing;

/// <summary>The tracing cmdlets at a prompt, in a simulated lab with Cilium.</summary>
public sealed class PodTracingCmdletTests(TunnelLab lab) : IClassFixture<TunnelLab>
{
    private readonly Prompt _prompt = lab.Prompt;

    [Fact]
    public void A_pods_calls_and_packets_are_told_as_objects()
    {
        var service = Get<LabService>("Get-LabService webpod").Single();
        var backends = service.Endpoints.Select(endpoint => endpoint.Address).ToHashSet();

        var calls = Get<SystemCall>("Trace-PodSystemCall curl-pod curl, '-s', webpod -Name connect, getsockname");
        Assert.Contains(calls, call => call.Name == "connect" && Equals(call.Address, new IPEndPoint(service.ClusterIp!, 80)) && call.Time is not null && call.Duration is not null);
        Assert.All(calls, call => Assert.Equal(("default", "curl-pod"), (call.Namespace, call.Pod)));
        Assert.Equal((SystemCallEvent.Exit, 0L), (calls[^1].Event, calls[^1].Result));

        var rows = Get<SystemCallSummary>("Get-LabPod curl-pod | Measure-PodSystemCall -Command curl, '-s', webpod");
        Assert.Contains(rows, row => row is { Name: "connect", Calls: > 0, Pod: "curl-pod" });

        var missing = Assert.Single(_prompt.Run("Get-LabPod -Label app=webpod | ForEach-Object { Trace-PodSystemCall $_ true; break }").Errors);
        Assert.StartsWith("StraceMissing,", missing.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.NotInstalled, missing.CategoryInfo.Category);
        Assert.NotEmpty(missing.ErrorDetails.RecommendedAction);
        Assert.Contains("ended with exit code 6", Assert.Single(_prompt.Run("Trace-PodSystemCall curl-pod curl, '-s', nobody -Name connect").Warnings), StringComparison.Ordinal);

        // The pod's own tcpdump, and for a pod without one its node's.
        using var asking = new Prompt();
        foreach (var pod in new[] { "curl-pod", "(Get-LabPod -Label app=webpod)" })
        {
            var packets = WhileAsking(asking, () => Get<CapturedPacket>($"Get-PodPacket {pod} 'tcp port 80' -Count 4"));
            Assert.Equal(pod == "curl-pod" ? 4 : 8, packets.Count);
            Assert.All(packets, packet => Assert.True(backends.Contains(packet.SourceAddress!) || backends.Contains(packet.DestinationAddress!), packet.Summary));
            Assert.All(packets, packet => Assert.NotEqual(PacketDirection.Unknown, packet.Direction));
            Assert.All(packets, packet => Assert.NotNull(packet.Pod));
        }
    }

    [Fact]
    public void A_file_keeps_one_capture_and_only_when_it_may()
    {
        using var folder = new ScratchFolder();
        var file = Path.Combine(folder.Path, "pod.pcap");

        Assert.Empty(_prompt.Run("Get-PodPacket curl-pod -Count 1 -Path $args[0] -WhatIf", file).Output);
        var two = Assert.Single(_prompt.Run("Get-PodPacket curl-pod, webpod -Count 1 -Path $args[0] -WhatIf", file).Errors);
        Assert.StartsWith("CaptureFileForOne,", two.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.StartsWith("PodNotFound,", Assert.Single(_prompt.Run("Get-PodPacket nobody -Path $args[0]", file).Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
        var refused = Assert.Single(_prompt.Run("Get-PodPacket curl-pod 'tcp prot 80' -Path $args[0]", file).Errors);
        Assert.True(refused.FullyQualifiedErrorId.StartsWith("PacketFilterInvalid,", StringComparison.Ordinal), refused.ToString());
        Assert.Contains("'tcp prot 80' is no filter", refused.ToString(), StringComparison.Ordinal);
        Assert.False(File.Exists(file));
        Assert.Equal(["network"], _prompt.Complete("Trace-PodSystemCall curl-pod curl -Name net"));
    }

    [Fact]
    public void Cilium_translates_a_service_at_the_socket()
    {
        var test = Get<SocketLoadBalancingTest>("Test-SocketLoadBalancing webpod").Single();

        Assert.True(test is { SocketLoadBalanced: true, Answered: true }, test.Explanation);
        Assert.Equal((test.Frontend, test.Frontend), (test.ConnectAddress, test.PeerAddress));
        Assert.Contains(test.WireAddresses, address => test.Backends.Contains(address));
        Assert.DoesNotContain(test.Packets, packet => packet.Source == test.Frontend.ToString() || packet.Destination == test.Frontend.ToString());
        Assert.Contains("at the socket", test.Explanation, StringComparison.Ordinal);
        Assert.Equal(true, _prompt.Get("Test-SocketLoadBalancing webpod -Quiet").Single().BaseObject);
        Assert.StartsWith("ServiceNotFound,", Assert.Single(_prompt.Run("Test-SocketLoadBalancing nobody").Errors).FullyQualifiedErrorId, StringComparison.Ordinal);
    }

    [Fact]
    public void With_kube_proxy_the_wire_carries_the_services_address()
    {
        var name = "proxied-" + Guid.NewGuid().ToString("N")[..8];
        using var prompt = new Prompt();
        try
        {
            var test = (SocketLoadBalancingTest)prompt.Get(
                """
                $ConfirmPreference = 'None'
                $null = New-LabCluster $args[0] -Provider Simulator -Speed 20
                $null = Set-NodeInternalIp eth1
                $null = Install-Cni Flannel -Interface eth1
                $null = Install-LabWorkload
                Test-SocketLoadBalancing webpod
                """,
                name).Single().BaseObject;

            Assert.True(test is { SocketLoadBalanced: false, Answered: true }, test.Explanation);
            Assert.Equal(test.Frontend, test.ConnectAddress);
            Assert.Contains(test.Frontend, test.WireAddresses);
            Assert.Contains("on the node, as kube-proxy does it", test.Explanation, StringComparison.Ordinal);
        }
        finally
        {
            prompt.Run("Remove-LabCluster $args[0] -Confirm:$false", name);
        }
    }

    private List<CapturedPacket> WhileAsking(Prompt asking, Func<List<CapturedPacket>> capture)
    {
        asking.Get("Connect-LabCluster $args[0]", Get<ClusterNetwork>("Get-LabClusterNetwork").Single().Lab);
        using var enough = new CancellationTokenSource();
        var asked = Task.Run(() =>
        {
            while (!enough.IsCancellationRequested)
                asking.Run("Test-PodConnectivity webpod -Count 4");
        });
        try
        {
            return capture();
        }
        finally
        {
            enough.Cancel();
            asked.Wait();
        }
    }

    private List<T> Get<T>(string line) => [.. _prompt.Get(line).Select(item => Assert.IsType<T>(item.BaseObject))];
}

using System.Management.Automation;
using CiliumLab.Model;

namespace CiliumLab.Tests.Integration;

/// <summary>Get-PodPacket with the nodes' own tcpdump, on packets that really pass.</summary>
public sealed class PodPacketTests(NodeLab lab) : NodeLabTests(lab)
{
    [Fact]
    public async Task What_passes_is_written_and_kept()
    {
        using var folder = new ScratchFolder();
        using var prompt = new LabPrompt(Lab);
        var file = Path.Combine(folder.Path, "icmp.pcap");

        var packets = await PingingAsync(() => prompt.Prompt.Get("Get-PodPacket -Node k8s-w1 -Interface eth1 -Filter 'icmp and host 192.168.10.100' -Count 4 -Path $args[0]", file));

        Assert.Equal([1L, 2, 3, 4], packets.Select(packet => packet.Number));
        Assert.All(packets, packet => Assert.Equal(("k8s-w1", "eth1", TransportProtocol.Icmp, 64), (packet.Node, packet.Interface, packet.Protocol, packet.TimeToLive!.Value)));
        var (asked, answered) = (packets.First(packet => packet.Icmp!.Type == 8), packets.First(packet => packet.Icmp!.Type == 0));
        Assert.Equal(("192.168.10.100", "192.168.10.101"), (asked.Source, asked.Destination));
        Assert.Equal((asked.SourceMac, asked.DestinationMac), (answered.DestinationMac, answered.SourceMac));
        var said = (await HostProgram.RunAsync("tcpdump", ["-nn", "-r", file], cancellationToken: Cancellation)).Succeeded("tcpdump -r");
        Assert.Equal(4, said.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        await NobodyListensAsync("k8s-w1");

        var again = Assert.Single(prompt.Prompt.Run("Get-PodPacket -Node k8s-w1 -Path $args[0] -Count 1", file).Errors);
        Assert.StartsWith("CaptureFileExists,", again.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(ErrorCategory.ResourceExists, again.CategoryInfo.Category);
    }

    [Fact]
    public async Task All_interfaces_tell_directions_and_several_nodes_are_captured_at_once()
    {
        using var prompt = new LabPrompt(Lab);

        var packets = await PingingAsync(() => prompt.Prompt.Get("Get-PodPacket -Node k8s-ctr, k8s-w1 -Filter 'icmp[icmptype] == icmp-echo and dst host 192.168.10.101' -Count 2"));

        Assert.Equal(
            [("k8s-ctr", "eth1", PacketDirection.Out), ("k8s-ctr", "eth1", PacketDirection.Out), ("k8s-w1", "eth1", PacketDirection.In), ("k8s-w1", "eth1", PacketDirection.In)],
            packets.Select(packet => (packet.Node!, packet.Interface!, packet.Direction)).Order());
        await NobodyListensAsync("k8s-ctr");
        await NobodyListensAsync("k8s-w1");
    }

    [Theory]
    [InlineData("do { Get-PodPacket -Node k8s-w1 | ForEach-Object { $_; break } } while ($false)")]
    [InlineData("Get-PodPacket -Node k8s-w1 -Filter icmp -Duration 2")]
    public async Task However_it_ends_no_tcpdump_is_left(string line)
    {
        using var prompt = new LabPrompt(Lab);

        Assert.NotEmpty(await PingingAsync(() => prompt.Prompt.Get(line)));

        await NobodyListensAsync("k8s-w1");
    }

    [Fact]
    public async Task However_it_ends_in_a_pod_no_tcpdump_is_left()
    {
        await using var flannel = await Lab.WithFlannel();
        await using var pods = await RealPods.StartAsync(Lab);
        using var prompt = new LabPrompt(Lab, pods);

        var packets = await PingingAsync(() => prompt.Prompt.Get("Get-PodPacket curl-pod icmp -Count 3"), RealPods.CurlPod);
        Assert.Equal([1L, 2, 3], packets.Select(packet => packet.Number));
        Assert.All(packets, packet => Assert.Equal(("curl-pod", "eth0", TransportProtocol.Icmp), (packet.Pod, packet.Interface, packet.Protocol)));
        await NobodyListensAsync("k8s-ctr");

        Assert.NotEmpty(await PingingAsync(() => prompt.Prompt.Get("do { Get-PodPacket curl-pod icmp | ForEach-Object { $_; break } } while ($false)"), RealPods.CurlPod));
        await NobodyListensAsync("k8s-ctr");

        // Ctrl+C, with nothing to capture: it is not its next packet that ends it.
        using var shell = System.Management.Automation.PowerShell.Create(prompt.Prompt.Runspace);
        var running = shell.AddScript("Get-PodPacket curl-pod 'udp port 9'").BeginInvoke();
        await Lab.RunOnNode("k8s-ctr", "timeout", "20", "bash", "-c", "until pgrep -x tcpdump > /dev/null; do sleep 0.02; done");
        await shell.StopAsync(null, null);
        Assert.True(running.IsCompleted);
        await NobodyListensAsync("k8s-ctr");
    }

    [Theory]
    [InlineData("-Filter 'tcp prot 80'", "PacketFilterInvalid", ErrorCategory.InvalidArgument, "syntax error")]
    [InlineData("-Filter '-w /tmp/x'", "PacketFilterInvalid", ErrorCategory.InvalidArgument, "begins like an option")]
    [InlineData("-Filter '(tcp'", "PacketFilterInvalid", ErrorCategory.InvalidArgument, "brackets")]
    [InlineData("-Interface eth9", "CaptureInterfaceNotFound", ErrorCategory.ObjectNotFound, "No such device")]
    public void What_tcpdump_says_against_it_is_the_error(string parameters, string id, ErrorCategory category, string words)
    {
        using var prompt = new LabPrompt(Lab);

        var error = Assert.Single(prompt.Prompt.Run($"Get-PodPacket -Node k8s-w1 {parameters}").Errors);

        Assert.StartsWith(id + ",", error.FullyQualifiedErrorId, StringComparison.Ordinal);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.Contains(words, error.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
    }

    private async Task<List<CapturedPacket>> PingingAsync(Func<IReadOnlyList<PSObject>> capture, string target = "192.168.10.101")
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var pinging = Task.Run(
            async () =>
            {
                while (!enough.IsCancellationRequested)
                    await Lab.RunOnNode("k8s-ctr", "ping", "-c", "3", "-i", "0.01", target);
            },
            CancellationToken.None);
        try
        {
            return [.. (await Task.Run(capture, Cancellation)).Select(packet => Assert.IsType<CapturedPacket>(packet.BaseObject))];
        }
        finally
        {
            await enough.CancelAsync();
            await pinging;
        }
    }

    private async Task NobodyListensAsync(string node) =>
        await Lab.RunOnNode(node, "timeout", "10", "bash", "-c", "while pgrep -x tcpdump > /dev/null; do sleep 0.02; done");
}

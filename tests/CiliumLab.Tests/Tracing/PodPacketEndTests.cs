using CiliumLab.Model;
using CiliumLab.Tests.Cilium;

namespace CiliumLab.Tests.Tracing;

/// <summary>However Get-PodPacket ends, no tcpdump is left in the pod, whose container the tests look into.</summary>
public sealed class PodPacketEndTests(ServedCilium lab) : IClassFixture<ServedCilium>
{
    [Fact]
    public async Task Ctrl_C_ends_tcpdump()
    {
        using var shell = System.Management.Automation.PowerShell.Create(lab.Prompt.Runspace);
        var running = shell.AddScript("Get-PodPacket curl-pod").BeginInvoke();
        await ListeningAsync();

        await shell.StopAsync(null, null);

        Assert.True(running.IsCompleted);
        await EndedAsync();
    }

    [Theory]
    [InlineData("Get-PodPacket curl-pod 'tcp port 80' -Count 2", 2)]
    [InlineData("do { Get-PodPacket curl-pod 'tcp port 80' | ForEach-Object { $_; break } } while ($false)", 1)]
    public async Task Enough_packets_end_tcpdump(string line, int count)
    {
        var captured = Task.Run(() => lab.Prompt.Run(line), TestContext.Current.CancellationToken);
        await ListeningAsync();

        for (; !captured.IsCompleted; await Task.Yield())
            lab.Curl();

        var outcome = await captured;
        Assert.Empty(outcome.Errors);
        Assert.Equal(count, outcome.Output.Count);
        Assert.All(outcome.Output, packet => Assert.Equal("curl-pod", Assert.IsType<CapturedPacket>(packet.BaseObject).Pod));
        await EndedAsync();
    }

    [Fact]
    public async Task A_duration_ends_tcpdump_and_is_no_error()
    {
        var outcome = lab.Prompt.Run("Get-PodPacket curl-pod -Duration 1");

        Assert.Empty(outcome.Errors);
        await EndedAsync();
    }

    // tcpdump runs in the pod's container, and the network has a listener: both, or neither.
    private Task ListeningAsync() => ServedCilium.UntilAsync(async () => (await lab.ProcessesAsync("default", "app=curl")).Count > 0 && lab.Lab.Cilium.Packets.Taps.IsAny);

    private Task EndedAsync() => ServedCilium.UntilAsync(async () => (await lab.ProcessesAsync("default", "app=curl")).Count == 0 && !lab.Lab.Cilium.Packets.Taps.IsAny);
}

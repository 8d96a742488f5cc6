using System.Text;
using System.Text.RegularExpressions;

namespace CiliumLab.Tests.Simulator.Nodes;

/// <summary>The same commands in the simulator and in a real network namespace must say the same.</summary>
public sealed partial class RealIprouteTests
{
    private static string? WhyNot { get; } = RealNamespace.WhyNot("bridge", "brctl");

    [Theory]
    [InlineData("bridges-and-tunnels")]
    [InlineData("addresses")]
    [InlineData("routes")]
    [InlineData("neighbours-and-rules")]
    [InlineData("errors")]
    public void Says_what_the_real_tools_say(string script)
    {
        Assert.SkipWhen(WhyNot is not null, WhyNot ?? "");
        using var real = new RealNamespace();
        var node = NodeRun.Bare();
        node.Kernel.AddNamespace("POD");
        node.Kernel.Sysctls.Set("net.ipv4.conf.all.promote_secondaries", "0");
        node.Kernel.Sysctls.Set("net.ipv4.conf.default.promote_secondaries", "0");
        var differences = new StringBuilder();
        foreach (var line in Fixture.Read($"iproute/{script}.txt").Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            var fromNode = Mask(line, node.Run(NodeRun.Words(line)).ToString());
            var fromReal = Really();

            // The kernel tells about a lost carrier a moment after it was lost.
            for (var attempt = 0; attempt < 40 && fromReal != fromNode && IsListing(line); attempt++)
            {
                Thread.Sleep(25);
                fromReal = Really();
            }

            if (fromReal != fromNode)
                differences.Append($"$ {line}\n-- real:\n{fromReal}\n-- simulated:\n{fromNode}\n");

            string Really() => Mask(line, real.Run(NodeRun.Words(line.Replace("POD", real.Pod, StringComparison.Ordinal))).ToString().Replace(real.Pod, "POD", StringComparison.Ordinal));
        }

        Assert.True(differences.Length == 0, differences.ToString());
    }

    private static bool IsListing(string line) =>
        !NodeRun.Words(line).Any(word => word is "add" or "set" or "del" or "append" or "replace" or "change" or "flush" or "addbr" or "delbr" or "addif" or "delif");

    // Addresses and timers differ at every run; this machine's kernel is not the lab's.
    private static string Mask(string line, string text)
    {
        if (line.StartsWith("bridge fdb", StringComparison.Ordinal))
            text = string.Join('\n', text.Split('\n').Order(StringComparer.Ordinal));
        if (line.StartsWith("bridge -j fdb", StringComparison.Ordinal))
            text = string.Join(',', text.Trim('[', ']', '\n', '0').Split("},").Select(entry => entry.TrimEnd(']', '\n', '}')).Order(StringComparer.Ordinal));
        text = Usage().Replace(text, "Usage: ...");
        text = Eui64().Replace(text, "fe80::EUI");
        text = BridgeDigits().Replace(text, "8000.ID");
        text = Mac().Replace(text, "MAC");
        text = Timer().Replace(text, "$1 T");
        text = JsonTimer().Replace(text, "\"$1\":0");
        text = Hardware().Replace(text, "");
        text = OwnLinkLocal().Replace(text, "");
        text = Seconds().Replace(text, "Nsec");
        text = JsonSeconds().Replace(text, "$1:N");
        text = OwnLoopback().Replace(text, "$1");
        return text.Replace(" tentative", "", StringComparison.Ordinal)
            .Replace("\"tentative\":true,", "", StringComparison.Ordinal)
            .Replace("\"local\":\"::1\",\"prefixlen\":128,\"scope\":\"host\",\"noprefixroute\":true", "\"local\":\"::1\",\"prefixlen\":128,\"scope\":\"host\"", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"Usage: (.|\n)*(?=\[)")]
    private static partial Regex Usage();

    [GeneratedRegex("fe80::[0-9a-f]+(:[0-9a-f]+){1,3}")]
    private static partial Regex Eui64();

    [GeneratedRegex("(?!33:33|01:00:5e|01:80|02:00)[0-9a-f]{2}(:[0-9a-f]{2}){5}")]
    private static partial Regex Mac();

    [GeneratedRegex("8000\\.([0-9a-f]{12}|[0-9a-f:]+)")]
    private static partial Regex BridgeDigits();

    [GeneratedRegex(@"([a-z_]+_timer) +\d+\.\d\d")]
    private static partial Regex Timer();

    [GeneratedRegex("\"([a-z_]+_timer)\":\\d+\\.\\d\\d")]
    private static partial Regex JsonTimer();

    // The kernel routes to its link-local addresses only after asking whether they are taken.
    [GeneratedRegex("local fe80::EUI .*\n|\\{\"type\":\"local\",\"dst\":\"fe80::EUI\"[^}]*\\},")]
    private static partial Regex OwnLinkLocal();

    [GeneratedRegex("[0-9]+sec")]
    private static partial Regex Seconds();

    [GeneratedRegex("(_life_time\"):(?!4294967295)[0-9]+")]
    private static partial Regex JsonSeconds();

    [GeneratedRegex("(::1(\e\\[0m)?/128 scope host )noprefixroute ")]
    private static partial Regex OwnLoopback();

    [GeneratedRegex("(tso|gso|gro)_max_(size|segs) \\d+ |,?\"(tso|gso|gro)_max_(size|segs)\":\\d+")]
    private static partial Regex Hardware();
}

using CiliumLab.Engine.Text;

namespace CiliumLab.Tests.Text.Cilium;

/// <summary>Options of the agent as pflag prints them, and the values that Go reads for each type.</summary>
public sealed class AgentFlagsTextTests
{
    private const string Help = """
        Run the cilium agent

        Usage:
          cilium-agent [flags]

        Flags:
              --agent-health-port int                          TCP port for agent health status API (default 9879)
              --api-rate-limit stringToString                  API rate limiting configuration (example: --api-rate-limit endpoint-create=rate-limit:10/m)
          -D, --debug                                          Enable debugging mode
              --cilium-endpoint-gc-interval duration           How often
                                                                --this is a line that goes on
              --devices strings                                List of devices
              --bpf-map-dynamic-size-ratio float               Ratio (0.0-1.0] of total system memory
              --kube-proxy-replacement string                  Enable only selected features (default "false")
              --log-level string[="info"]
              --mtu uint
        """;

    [Fact]
    public void Every_option_has_its_type()
    {
        Assert.Equal(
            [
                "agent-health-port int", "api-rate-limit stringToString", "debug ", "cilium-endpoint-gc-interval duration", "devices strings", "bpf-map-dynamic-size-ratio float",
                "kube-proxy-replacement string", "log-level string", "mtu uint",
            ],
            AgentFlagsText.Parse(new StringReader(Help)).Select(flag => $"{flag.Name} {flag.Type}"));
    }

    [Theory]
    [InlineData("", "true false T 0", "maybe yes 2")]
    [InlineData("int", "0 -5 0x1f 9879", "plenty 1.5 5s ''")]
    [InlineData("uint", "0 65535", "-1 many")]
    [InlineData("float", "0.0025 1 -2", "a half")]
    [InlineData("duration", "5m0s 1h30m 300ms 1.5h 0 -1s", "soon 5x m")]
    [InlineData("strings", "eth0,eth1 anything", "")]
    public void A_value_is_taken_when_Go_reads_it(string type, string taken, string refused)
    {
        var flag = new AgentFlag("option", type);

        Assert.All(taken.Split(' '), value => Assert.True(flag.Takes(value), value));
        Assert.All(refused.Split(' ', StringSplitOptions.RemoveEmptyEntries), value => Assert.False(flag.Takes(value == "''" ? "" : value), value));
        Assert.Equal(type == "strings", flag.Expected is null);
    }
}

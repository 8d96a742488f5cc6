using CiliumLab.Engine.Nodes;
using CiliumLab.Model;

namespace CiliumLab.Tests.Nodes;

public sealed class IptablesCommandsTests
{
    private const string Rules = "*filter\n:INPUT ACCEPT [0:0]\n[1:2] -A INPUT -j ACCEPT\nCOMMIT\n";

    [Fact]
    public async Task Both_families_are_read_as_root_with_counters()
    {
        var shell = Node((0, Rules, ""), (0, Rules, ""));

        var rules = (await Read(shell, null)).Cast<IptablesRule>();

        Assert.Equal([IptablesFamily.IPv4, IptablesFamily.IPv6], rules.Select(rule => rule.Family));
        Assert.All(rules, rule => Assert.Equal(("n1", 1UL), (rule.Node, rule.Packets)));
        Assert.Equal(["# iptables-save -c", "# ip6tables-save -c"], shell.Commands);
    }

    [Fact]
    public async Task One_family_is_read_alone()
    {
        var shell = Node((0, Rules, ""), (0, Rules, ""));

        await Read(shell, [IptablesFamily.IPv6]);

        Assert.Equal(["# ip6tables-save -c"], shell.Commands);
    }

    [Theory]
    [InlineData(127, "")]
    [InlineData(1, "sudo: ip6tables-save: command not found")]
    public async Task A_node_without_ip6tables_answers_with_its_ipv4_rules(int exitCode, string error)
    {
        var shell = Node((0, Rules, ""), (exitCode, "", error));

        Assert.Single(await Read(shell, null));
    }

    [Fact]
    public async Task Ip6tables_that_is_missing_is_an_error_when_it_was_asked_for()
    {
        var shell = Node((127, "", ""), (127, "", ""));

        var error = await Assert.ThrowsAsync<LabException>(() => Read(shell, [IptablesFamily.IPv6]));

        Assert.Equal("NodeCommandNotFound", error.ErrorId);
    }

    [Fact]
    public async Task A_family_that_fails_does_not_hide_the_other()
    {
        var shell = Node((1, "", "Permission denied (you must be root)"), (0, Rules, ""));
        var seen = new List<IptablesLine>();

        var error = await Assert.ThrowsAsync<LabException>(() => Read(shell, null, seen));

        Assert.Equal(IptablesFamily.IPv6, Assert.IsType<IptablesRule>(Assert.Single(seen)).Family);
        Assert.Equal("NodeCommandFailed", error.ErrorId);
        Assert.Contains("Permission denied", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Chains_are_read_instead_of_rules()
    {
        var lines = new List<IptablesLine>();
        await foreach (var line in IptablesCommands.ReadAsync(
            Node((0, Rules, ""), (0, Rules, "")), [IptablesFamily.IPv4], listChains: true, Unexpected.Warning, TestContext.Current.CancellationToken))
        {
            lines.Add(line);
        }

        Assert.Equal(1, Assert.IsType<IptablesChain>(Assert.Single(lines)).RuleCount);
    }

    private static async Task<List<IptablesLine>> Read(RecordedShell shell, IptablesFamily[]? families, List<IptablesLine>? seen = null)
    {
        seen ??= [];
        await foreach (var line in IptablesCommands.ReadAsync(shell, families, listChains: false, Unexpected.Warning, TestContext.Current.CancellationToken))
            seen.Add(line);
        return seen;
    }

    private static RecordedShell Node(
        (int ExitCode, string Output, string Error) ipv4, (int ExitCode, string Output, string Error) ipv6) =>
        new RecordedShell("n1")
            .Answer("iptables-save -c", ipv4.Output, ipv4.ExitCode, ipv4.Error)
            .Answer("ip6tables-save -c", ipv6.Output, ipv6.ExitCode, ipv6.Error);
}

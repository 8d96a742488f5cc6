using System.Text.RegularExpressions;
using CiliumLab.Engine.Text;

namespace CiliumLab.Tests.Cmdlets;

public sealed partial class GetNodeIptablesRuleTests
{
    [Fact]
    public void Rules_are_shown_by_chain_within_the_screen()
    {
        using var prompt = new Prompt();
        var rules = IptablesText.Parse(Fixture.Open("iptables/iptables-legacy-save-c.txt"), "k8s-ctr", Unexpected.Warning).ToArray();

        var lines = Lines(prompt.Show("$args[0]", [rules]));

        Assert.All(lines, line => Assert.InRange(line.Length, 0, 120));
        Assert.Contains("   Chain: k8s-ctr IPv4 filter INPUT", lines);
        Assert.Contains(lines, line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["1", "4", "Kubernetes", "KUBE-SERVICES"]);
    }

    [Fact]
    public void Chains_are_shown_with_their_rule_count()
    {
        using var prompt = new Prompt();
        var chains = IptablesText.ParseChains(Fixture.Open("transcript/105-iptables-save.txt"), "k8s-ctr", Unexpected.Warning).ToArray();

        var lines = Lines(prompt.Show("$args[0]", [chains]));

        Assert.All(lines, line => Assert.InRange(line.Length, 0, 120));
        Assert.Contains(
            lines,
            line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries) is ["k8s-ctr", "IPv4", "mangle", "KUBE-PROXY-CANARY", "0", "0", "Kubernetes"]);
    }

    [Fact]
    public void Addresses_compare_with_text_at_the_prompt()
    {
        using var prompt = new Prompt();
        var rule = IptablesText.Parse(new StringReader("-A INPUT ! -s 10.0.0.0/8 -d 10.244.0.0/16"), "n1", Unexpected.Warning).Single();

        var answers = prompt.Get(
            "$args[0].Source -eq '!10.0.0.0/8'; $args[0].Source -eq '10.0.0.0/8'; $args[0].Destination -eq '10.244.0.0/16'", rule);

        Assert.Equal([true, false, true], answers.Select(answer => answer.BaseObject));
    }

    [Fact]
    public void Chains_and_rules_are_two_ways_to_call_it()
    {
        using var prompt = new Prompt();

        var sets = prompt.Get("(Get-Command Get-NodeIptablesRule).ParameterSets.Name");

        Assert.Equal(["Chain", "Rule"], sets.Select(set => (string)set.BaseObject).Order());
    }

    [Theory]
    [InlineData("Get-NodeIptablesRule -Owner Kub", "Kubernetes")]
    [InlineData("Get-NodeIptablesRule -Family IPv6", "IPv6")]
    public void Tab_offers_the_values_of_enums(string line, string offered)
    {
        using var prompt = new Prompt();

        Assert.Contains(offered, prompt.Complete(line));
    }

    [Theory]
    [InlineData("Get-NodeIptablesRule -Table ")]
    [InlineData("Get-NodeIptablesRule -Chain KUBE")]
    public void Tab_without_a_lab_offers_no_names_and_no_error(string line)
    {
        using var prompt = new Prompt();

        Assert.DoesNotContain(prompt.Complete(line), name => name.StartsWith("KUBE", StringComparison.Ordinal));
    }

    private static string[] Lines(string screen) => [.. StyleCode().Replace(screen, "").Split('\n').Select(line => line.TrimEnd())];

    [GeneratedRegex("\\x1b\\[[0-9;]*m")]
    private static partial Regex StyleCode();
}

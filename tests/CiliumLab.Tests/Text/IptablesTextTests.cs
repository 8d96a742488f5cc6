using System.Diagnostics;
using System.Net;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Tests.Text;

public sealed class IptablesTextTests
{
    [Fact]
    public void Reads_the_rules_of_the_lab_before_any_cni()
    {
        var rules = Rules("transcript/033-iptables-save.txt");

        var rule = rules.Single(rule => rule is { Chain: "KUBE-SERVICES", Table: "nat", Comment: "default/kubernetes:https cluster IP" });
        Assert.Equal("k8s-ctr", rule.Node);
        Assert.Equal(IptablesFamily.IPv4, rule.Family);
        Assert.Equal(IptablesOwner.Kubernetes, rule.Owner);
        Assert.Equal("tcp", rule.Protocol);
        Assert.Equal(IPNetwork.Parse("10.96.0.1/32"), rule.Destination!.Network);
        Assert.Null(rule.Source);
        Assert.Equal("KUBE-SVC-NPX46M4PTMTKRN6Y", rule.Target);
        Assert.False(rule.GotoTarget);
        Assert.Null(rule.Packets);
        Assert.Equal(
            [(null, "-d"), (null, "-p"), ("comment", "--comment"), ("tcp", "--dport")],
            rule.Matches.Select(match => (match.Module, match.Name)));
        Assert.Equal("443", rule.Matches[3].Value);
        Assert.Equal([1, 2, 3], rules.Where(rule => rule is { Table: "nat", Chain: "KUBE-POSTROUTING" }).Select(rule => rule.Number));
    }

    [Theory]
    [InlineData("transcript/034-iptables-t-nat-s.txt", "nat")]
    [InlineData("transcript/116-iptables-t-nat-s.txt", "nat")]
    [InlineData("iptables/iptables-nft-t-filter-S.txt", "filter")]
    [InlineData("iptables/ip6tables-legacy-t-mangle-S.txt", "mangle")]
    [InlineData("iptables/iptables-legacy-S-v.txt", "filter")]
    public void The_policies_of_a_listing_tell_its_table(string output, string table) =>
        Assert.All(Rules(output), rule => Assert.Equal(table, rule.Table));

    [Fact]
    public void A_table_that_the_caller_knows_wins_over_the_policies()
    {
        var rule = Assert.Single(IptablesText.Parse(
            new StringReader("-P INPUT ACCEPT\n-P FORWARD ACCEPT\n-P OUTPUT ACCEPT\n-A INPUT -j ACCEPT\n"), null, Unexpected.Warning, null, "security"));

        Assert.Equal("security", rule.Table);
    }

    [Fact]
    public void Lines_picked_out_of_a_listing_have_no_table()
    {
        var rule = Assert.Single(Parse("-A KUBE-SERVICES -d 10.96.33.91/32 -j KUBE-SVC-X\n", []));

        Assert.Null(rule.Table);
        Assert.Equal(1, rule.Number);
    }

    [Fact]
    public void Counters_are_read_in_both_forms()
    {
        var saved = Rules("iptables/iptables-legacy-save-c.txt").First(rule => rule is { Table: "filter", Chain: "INPUT" });
        var listed = Rules("iptables/iptables-legacy-S-v.txt").First(rule => rule.Chain == "INPUT");

        Assert.Equal((4UL, 336UL), (saved.Packets, saved.Bytes));
        Assert.Equal((4UL, 336UL), (listed.Packets, listed.Bytes));
        Assert.Equal("-j KUBE-SERVICES", listed.Specification);
        Assert.Equal(saved.Specification, listed.Specification);
    }

    [Fact]
    public void The_largest_counters_are_read()
    {
        var rule = Assert.Single(Parse("[18446744073709551615:18446744073709551610] -A INPUT -j ACCEPT", []));

        Assert.Equal((ulong.MaxValue, ulong.MaxValue - 5), (rule.Packets, rule.Bytes));
    }

    [Theory]
    [InlineData("iptables/iptables-nft-save.txt", IptablesFamily.IPv4)]
    [InlineData("iptables/ip6tables-nft-save.txt", IptablesFamily.IPv6)]
    [InlineData("iptables/ip6tables-legacy-save-c.txt", IptablesFamily.IPv6)]
    public void The_heading_tells_the_family(string output, IptablesFamily family) =>
        Assert.All(Rules(output), rule => Assert.Equal(family, rule.Family));

    [Fact]
    public void Addresses_tell_the_family_of_a_listing() =>
        Assert.Equal(
            [IptablesFamily.IPv4, IptablesFamily.IPv6, IptablesFamily.IPv6],
            Parse("-A INPUT -j DROP\n-A INPUT -s 2001:db8::/32 -j DROP\n-A INPUT -j DROP\n", []).Select(rule => rule.Family));

    [Theory]
    [InlineData("iptables-nft-save.txt")]
    [InlineData("iptables-legacy-save-c.txt")]
    public void Odd_rules_have_their_meaning(string output)
    {
        var rules = Rules("iptables/" + output);

        Assert.Equal(
            [
                "plain", "-dash", "--dport", "!", "! -s 10.0.0.0/8 -j KUBE-SERVICES", "", "quote \" back \\ apostrophe ' end\\", "Grüße, 실습 ✓",
                "my KUBE-SERVICES note", "tab\tand  two blanks ",
            ],
            rules.Where(rule => rule is { Chain: "INPUT", Target: "ACCEPT", Comment: not null }).Select(rule => rule.Comment));
        Assert.True(rules.Single(rule => rule.Target == "EMPTY").GotoTarget);
        Assert.Equal(["!lo", "eth+", "-odd"], rules.Select(rule => rule.InInterface).OfType<string>());
        Assert.Equal("!udp", rules.Single(rule => rule.InInterface == "eth+").Protocol);
        Assert.Equal("say \"hi\" \\ it's: ", Option(rules, "--log-prefix").Value);
        Assert.Equal("-dashed !", Option(rules, "--nflog-prefix").Value);
        Assert.Equal("GET \"/", Option(rules, "--string").Value);
        Assert.Equal([true, false], rules.SelectMany(rule => rule.Options).Where(option => option.Name == "-f").Select(option => !option.Negated));
        var holes = rules.Single(rule => rule.Source is { Network: null }).Source!;
        Assert.Equal(("10.0.0.0", "255.0.255.0"), (holes.Address.ToString(), holes.Mask.ToString()));
        Assert.Null(rules.Single(rule => rule.Options.Any(option => option.Name == "--state")).Target);

        var flags = rules.SelectMany(rule => rule.Options).First(option => option is { Name: "--tcp-flags", Negated: true });
        Assert.Equal(["FIN,SYN,RST,ACK", "SYN"], flags.Values);
        Assert.Equal("tcp", flags.Module);
        var translation = Option(rules, "--to-destination");
        Assert.Equal((IptablesOptionKind.TargetOption, "DNAT", "10.0.0.2:8080-8090"), (translation.Kind, translation.Module, translation.Value));
        var bare = rules.First(rule => rule is { Table: "mangle", Chain: "PREROUTING" });
        Assert.Equal(["-p tcp", "-m socket"], bare.Matches.Select(match => match.ToString()));
    }

    [Fact]
    public void Addresses_compare_with_their_text_and_keep_the_negation()
    {
        var rule = Assert.Single(Parse("-A X ! -s 10.244.0.0/16 -d 10.0.0.1\n", []));

        Assert.Equal(IptablesAddress.Parse("!10.244.0.0/16"), rule.Source);
        Assert.NotEqual(IptablesAddress.Parse("10.244.0.0/16"), rule.Source);
        Assert.Equal("!10.244.0.0/16", rule.Source!.ToString());
        Assert.Equal(IPNetwork.Parse("10.0.0.1/32"), rule.Destination!.Network);
        Assert.Null(IptablesAddress.Parse("10.0.0.1/8").Network);
        Assert.Throws<FormatException>(() => IptablesAddress.Parse("10.0.0.1/33"));
    }

    [Theory]
    [InlineData("-A KUBE-SERVICES -j ACCEPT", IptablesOwner.Kubernetes)]
    [InlineData("-A INPUT -j KUBE-SERVICES", IptablesOwner.Kubernetes)]
    [InlineData("-A INPUT -g KUBE-SERVICES", IptablesOwner.Kubernetes)]
    [InlineData("-A INPUT -m comment --comment KUBE-SERVICES -j ACCEPT", IptablesOwner.Other)]
    [InlineData("-A INPUT -m comment --comment \"-j KUBE-SERVICES\" -j ACCEPT", IptablesOwner.Other)]
    [InlineData("-A INPUT -j MY-KUBE-SERVICES", IptablesOwner.Other)]
    [InlineData("-A KUBERNETES -j ACCEPT", IptablesOwner.Other)]
    [InlineData("-A INPUT -i KUBE-0 -j LOG --log-prefix KUBE-", IptablesOwner.Other)]
    [InlineData("-A POSTROUTING -m comment --comment \"flanneld masq\" -j FLANNEL-POSTRTG", IptablesOwner.Flannel)]
    [InlineData("-A FORWARD -s 10.244.0.0/16 -m comment --comment \"flanneld forward\" -j ACCEPT", IptablesOwner.Flannel)]
    [InlineData("-A FORWARD -m comment --comment \"not flanneld forward\" -j ACCEPT", IptablesOwner.Other)]
    [InlineData("-A INPUT -j CILIUM_INPUT", IptablesOwner.Cilium)]
    [InlineData("-A OLD_CILIUM_INPUT -j ACCEPT", IptablesOwner.Cilium)]
    [InlineData("-A POSTROUTING -j CNI-HOSTPORT-MASQ", IptablesOwner.Other)]
    public void A_rule_knows_its_owner(string line, IptablesOwner owner) => Assert.Equal(owner, Assert.Single(Parse(line, [])).Owner);

    [Fact]
    public void Chains_without_rules_are_seen_with_policy_counters_and_owner()
    {
        var chains = IptablesText.ParseChains(Fixture.Open("transcript/105-iptables-save.txt"), "k8s-ctr", Unexpected.Warning).ToList();

        var canary = chains.Single(chain => chain is { Table: "mangle", Chain: "KUBE-PROXY-CANARY" });
        Assert.Equal((0, null, IptablesOwner.Kubernetes), (canary.RuleCount, canary.Policy, canary.Owner));
        var input = chains.Single(chain => chain is { Table: "filter", Chain: "INPUT" });
        Assert.Equal(("ACCEPT", 1979062UL, 417540265UL, 4), (input.Policy, input.Packets, input.Bytes, input.RuleCount));
        Assert.Equal(Rules("transcript/105-iptables-save.txt").Count, chains.Sum(chain => chain.RuleCount));
    }

    [Fact]
    public void A_listing_shows_its_chains_too()
    {
        var chains = IptablesText.ParseChains(Fixture.Open("iptables/iptables-legacy-S-v.txt"), null, Unexpected.Warning).ToList();

        Assert.Equal(("FORWARD", "DROP", 0UL), (chains[1].Chain, chains[1].Policy, chains[1].Packets));
        Assert.Equal(("EMPTY", 0), (chains[4].Chain, chains[4].RuleCount));
    }

    [Fact]
    public void Rules_that_another_backend_hides_are_a_warning()
    {
        var warnings = new List<TextWarning>();

        Assert.Equal(Rules("iptables/iptables-nft-save.txt").Count, Parse(Fixture.Read("iptables/iptables-nft-save-with-warning.txt"), warnings).Count);

        Assert.Equal((1, "there are rules on this node that this output does not show"), (warnings.Single().Line, warnings.Single().Reason));
    }

    [Theory]
    [InlineData("-A INPUT -m comment --comment \"open -j ACCEPT", "a quote is not closed")]
    [InlineData("-A INPUT -s 10.0.0.999/32 -j ACCEPT", "expected an address or network behind -s or -d")]
    [InlineData("-A INPUT -s 10.0.0.0/33 -j ACCEPT", "expected an address or network behind -s or -d")]
    [InlineData("-A INPUT -j", "the last option has no value")]
    [InlineData("-A INPUT -j ACCEPT !", "expected an option behind '!'")]
    [InlineData("-A INPUT stray -j ACCEPT", "expected an option, such as -s or --dport")]
    [InlineData("-A INPUT -p tcp stray", "expected an option, such as -s or --dport")]
    [InlineData("[1:x] -A INPUT -j ACCEPT", "expected a rule or a chain, as iptables-save or iptables -S prints it")]
    [InlineData("[18446744073709551616:1] -A INPUT -j ACCEPT", "expected a rule or a chain, as iptables-save or iptables -S prints it")]
    [InlineData(":INPUT ACCEPT [1]", "expected a rule or a chain, as iptables-save or iptables -S prints it")]
    public void A_line_that_is_not_understood_is_a_warning_with_its_number(string line, string reason)
    {
        var warnings = new List<TextWarning>();

        var rules = Parse($"*filter\n-A INPUT -j DROP\n{line}\n-A INPUT -j ACCEPT\nCOMMIT\n", warnings);

        Assert.Equal(["DROP", "ACCEPT"], rules.Select(rule => rule.Target));
        Assert.Equal(new TextWarning(3, line, reason), Assert.Single(warnings));
    }

    [Fact]
    public void A_rule_that_is_not_understood_keeps_its_number()
    {
        var rules = Parse("*filter\n-A INPUT -j DROP\n-A INPUT stray\n-A INPUT -j ACCEPT\nCOMMIT\n", []);

        Assert.Equal([1, 3], rules.Select(rule => rule.Number));
    }

    [Fact]
    public void An_output_that_was_cut_off_is_a_warning()
    {
        var warnings = new List<TextWarning>();

        Parse("*nat\n:INPUT ACCEPT [0:0]\n-A INPUT -j ACCEPT\n", warnings);

        Assert.Equal("table 'nat' has no COMMIT: the output was cut off", Assert.Single(warnings).Reason);
    }

    [Theory]
    [InlineData("iptables-save v1.8.9 (legacy): Cannot initialize: Permission denied (you must be root)")]
    [InlineData("bash: iptables-save: command not found")]
    [InlineData("default via 10.0.2.2 dev eth0 proto dhcp src 10.0.2.15 metric 100")]
    [InlineData("Chain INPUT (policy ACCEPT)\ntarget     prot opt source               destination")]
    [InlineData("[{\"ifindex\":1}]")]
    public void Another_output_is_an_error_that_quotes_it(string text)
    {
        var error = Assert.Throws<LabException>(() => Parse(text, []));

        Assert.Equal("OutputNotUnderstood", error.ErrorId);
        Assert.Contains(text.Split('\n')[0], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_read_from_an_empty_rule_set() => Assert.Empty(Parse("\n# Generated by iptables-save v1.8.9 (nf_tables) on x\n\n", []));

    [Fact]
    public void Windows_line_ends_and_trailing_blanks_do_not_matter()
    {
        var rule = Assert.Single(Parse("*filter \r\n:INPUT ACCEPT [0:0] \r\n-A INPUT -s 10.0.0.1/32 -j ACCEPT  \r\nCOMMIT\r\n", []));

        Assert.Equal(("filter", "ACCEPT"), (rule.Table, rule.Target));
    }

    [Theory]
    [InlineData("transcript/105-iptables-save.txt")]
    [InlineData("iptables/iptables-legacy-save-c.txt")]
    [InlineData("iptables/iptables-nft-S-v.txt")]
    public void Broken_output_ends_in_warnings_or_a_typed_error(string output)
    {
        foreach (var broken in Garbling.Damaged(Fixture.Read(output)))
        {
            try
            {
                var ruleset = IptablesText.ParseRuleset(new StringReader(broken), null, _ => { });
                foreach (var rule in ruleset.Tables.SelectMany(table => table.Rules))
                    Assert.NotNull(rule.ToString() + rule.Owner + rule.Target + rule.Source + rule.Destination + rule.Packets + rule.Matches.Count);
                _ = IptablesText.ParseChains(new StringReader(broken), null, _ => { }).Count();
                Assert.Equal(Lines(broken), Lines(ruleset.Text));
            }
            catch (LabException error)
            {
                Assert.Equal("OutputNotUnderstood", error.ErrorId);
            }
        }

        // Table and COMMIT lines are written without the blanks around them; a table without a COMMIT at the end stays so.
        static IEnumerable<string> Lines(string text)
        {
            var reader = new StringReader(text);
            while (reader.ReadLine() is { } line)
                yield return line.Trim() is "COMMIT" or ['*', ..] ? line.Trim() : line;
        }
    }

    [Theory]
    [InlineData("\"")]
    [InlineData("\\")]
    [InlineData("' ")]
    [InlineData("'a ")]
    [InlineData(" '")]
    [InlineData("! ")]
    [InlineData("-")]
    [InlineData("-a ")]
    [InlineData("\"\\\" ")]
    [InlineData("-A INPUT -s ")]
    [InlineData("[")]
    public void The_time_for_a_hostile_line_grows_with_its_length_and_not_with_its_square(string part)
    {
        // One line 64 times as long as the other, which is read 64 times: a square would take 64 times as long.
        var small = "-A INPUT --x " + Repeat(part, 16_000);
        var large = "-A INPUT --x " + Repeat(part, 1_024_000);
        Time(small, 64);

        var many = Time(small, 64);
        var one = Time(large, 1);

        Assert.True(one < (many * 16) + TimeSpan.FromMilliseconds(200), $"{one} for one long line, {many} for as many characters in short ones");
    }

    private static TimeSpan Time(string line, int times)
    {
        var clock = Stopwatch.StartNew();
        for (var round = 0; round < times; round++)
        {
            var rules = IptablesText.Parse(new StringReader("*filter\n" + line), null, _ => { }).ToList();
            Assert.All(rules, rule => Assert.Equal(line, rule.Text));
        }

        return clock.Elapsed;
    }

    private static string Repeat(string part, int length) => string.Concat(Enumerable.Repeat(part, length / part.Length));

    private static IptablesOption Option(IEnumerable<IptablesRule> rules, string name) =>
        rules.SelectMany(rule => rule.Options).First(option => option.Name == name);

    private static List<IptablesRule> Rules(string output) =>
        [.. IptablesText.Parse(Fixture.Open(output), "k8s-ctr", Unexpected.Warning)];

    private static List<IptablesRule> Parse(string text, List<TextWarning> warnings) =>
        [.. IptablesText.Parse(new StringReader(text), "n1", warnings.Add)];
}

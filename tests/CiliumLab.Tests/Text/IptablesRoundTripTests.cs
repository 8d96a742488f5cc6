using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Tests.Text;

public sealed class IptablesRoundTripTests
{
    public static TheoryData<string> Outputs =>
    [
        "transcript/033-iptables-save.txt",
        "transcript/034-iptables-t-nat-s.txt",
        "transcript/050-iptables-t-nat-s.txt",
        "transcript/065-iptables-t-nat-s.txt",
        "transcript/105-iptables-save.txt",
        "transcript/106-iptables-save.txt",
        "transcript/107-sshpass-p-vagrant-ssh-vagrant-k8s-w1-sudo-iptabl.txt",
        "transcript/108-sshpass-p-vagrant-ssh-vagrant-k8s-w2-sudo-iptabl.txt",
        "transcript/116-iptables-t-nat-s.txt",
        "transcript/119-iptables-save.txt",
        .. Directory.EnumerateFiles(Path.Combine(Fixture.Folder, "iptables"), "*.txt").Select(file => "iptables/" + Path.GetFileName(file)),
    ];

    [Theory]
    [MemberData(nameof(Outputs))]
    public void A_rule_set_prints_back_to_the_identical_text(string output)
    {
        var text = Fixture.Read(output).ReplaceLineEndings("\n").TrimEnd('\n') + "\n";

        var ruleset = IptablesText.ParseRuleset(new StringReader(text), "n1", AllowLegacyWarning);

        Assert.Equal(text, ruleset.Text);
    }

    [Theory]
    [MemberData(nameof(Outputs))]
    public void A_rule_made_from_its_parts_alone_prints_the_identical_line(string output)
    {
        var lines = Fixture.Read(output).Split('\n', StringSplitOptions.TrimEntries).Where(IsRule).ToList();

        var rules = IptablesText.Parse(Fixture.Open(output), "n1", AllowLegacyWarning).ToList();

        Assert.Equal(lines, rules.Select(rule => FromParts(rule).Text));
        Assert.All(rules, rule => Assert.Null(rule.Head));
    }

    [Theory]
    [InlineData("-A INPUT -s ! 10.0.0.0/8 -p tcp --dport ! 80 -j ACCEPT ")]
    [InlineData("  -A INPUT\t-m comment  --comment 'single quoted'   -j ACCEPT")]
    [InlineData("[1:2]  -A INPUT -m comment --comment \"joined\"-j ACCEPT")]
    [InlineData("[01:2] -A INPUT -j ACCEPT")]
    [InlineData("--append INPUT --jump ACCEPT")]
    [InlineData("-A INPUT -m geoip --source-country CN,RU  -j DROP")]
    [InlineData("-A INPUT -m comment --comment \"needless\" -j ACCEPT")]
    [InlineData("-A INPUT -m comment --comment \"apostrophe ' not escaped\" -j ACCEPT")]
    [InlineData("-A INPUT -m string --string \"it's \\\"\" --algo bm")]
    [InlineData("-A INPUT -m set ! --match-set lab-set src,dst -m set --match-set other src --return-nomatch -j SET --add-set x src --exist")]
    public void Lines_that_iptables_save_would_write_otherwise_print_back_all_the_same(string line)
    {
        var rule = Assert.Single(IptablesText.Parse(new StringReader(line), null, Unexpected.Warning));

        Assert.Equal(line, rule.Text);
    }

    [Fact]
    public void A_changed_part_is_written_as_iptables_save_writes_it()
    {
        var rule = Assert.Single(IptablesText.Parse(new StringReader("[1:2]  -A INPUT  -s ! 10.0.0.0/8 -j ACCEPT"), null, Unexpected.Warning));

        var changed = rule with
        {
            Packets = 5,
            Options = [rule.Options[0] with { Values = ["10.1.0.0/16"] }, rule.Options[1] with { Values = ["DROP"] }],
        };

        Assert.Equal("[5:2] -A INPUT ! -s 10.1.0.0/16 -j DROP", changed.Text);
    }

    [Fact]
    public void What_is_left_of_a_rule_set_prints_for_iptables_restore_with_its_counters()
    {
        var ruleset = IptablesText.ParseRuleset(
            new StringReader("# before\n*nat\n:INPUT ACCEPT [1:2]\n:KUBE-X - [0:0]\n[3:4] -A INPUT -j KUBE-X\n[5:6] -A INPUT -j ACCEPT\nCOMMIT\n# Completed on x\n"),
            null,
            Unexpected.Warning);

        var table = Assert.Single(ruleset.Tables);
        Assert.Equal([2, 0], table.Chains.Select(chain => chain.RuleCount));
        var rest = ruleset with
        {
            Tables =
            [
                table with
                {
                    Lines =
                    [
                        .. table.Lines.Where(line => line is not (IptablesChain { Owner: IptablesOwner.Kubernetes } or IptablesRule { Owner: IptablesOwner.Kubernetes })),
                    ],
                },
            ],
        };

        Assert.Equal("# before\n*nat\n:INPUT ACCEPT [1:2]\n[5:6] -A INPUT -j ACCEPT\nCOMMIT\n# Completed on x\n", rest.Text);
    }

    private static bool IsRule(string line) => line.StartsWith("-A ", StringComparison.Ordinal) || line.StartsWith('[');

    // Options rebuilt without what they remember of the text: what iptables-save writes must follow from the values.
    private static IptablesRule FromParts(IptablesRule rule) => new()
    {
        Chain = rule.Chain,
        Packets = rule.Packets,
        Bytes = rule.Bytes,
        Options = [.. rule.Options.Select(option => new IptablesOption { Negated = option.Negated, Name = option.Name, Values = option.Values })],
    };

    private static void AllowLegacyWarning(TextWarning warning) =>
        Assert.Equal("there are rules on this node that this output does not show", warning.Reason);
}

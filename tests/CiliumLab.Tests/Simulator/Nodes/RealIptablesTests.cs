using System.Text;
using System.Text.RegularExpressions;

namespace CiliumLab.Tests.Simulator.Nodes;

/// <summary>iptables on a simulated node against iptables in a real network namespace.</summary>
public sealed partial class RealIptablesTests
{
    private static string? WhyNot { get; } = RealNamespace.WhyNot("iptables", "iptables-restore", "nft");

    [Theory]
    [InlineData("commands")]
    [InlineData("canonical-forms")]
    [InlineData("restore")]
    public void Says_what_the_real_tools_say(string script)
    {
        Assert.SkipWhen(WhyNot is not null, WhyNot ?? "");
        using var real = new RealNamespace();
        var node = NodeRun.Bare();
        var differences = new StringBuilder();
        foreach (var line in Fixture.Read($"iptables-session/{script}.txt").Split('\n').Where(line => line.Length > 0 && line[0] != '#'))
        {
            // COMMAND <<< TEXT gives the text, with \n for line feeds, as standard input.
            var parts = line.Split(" <<< ");
            var input = parts.Length > 1 ? parts[1].Replace("\\n", "\n", StringComparison.Ordinal) : null;
            var fromReal = Mask(real.Run(NodeRun.Words(parts[0]), input).ToString());
            var fromNode = Mask(node.Run(NodeRun.Words(parts[0]), input).ToString());
            if (fromReal != fromNode)
                differences.Append($"$ {line}\n-- real:\n{fromReal}\n-- simulated:\n{fromNode}\n");
        }

        Assert.True(differences.Length == 0, differences.ToString());
    }

    private static string Mask(string text) => Time().Replace(Version().Replace(text, "v1.8.X"), " on TIME");

    [GeneratedRegex("v1\\.8\\.\\d+")]
    private static partial Regex Version();

    [GeneratedRegex(" on \\w{3} \\w{3} [ \\d]\\d \\d\\d:\\d\\d:\\d\\d \\d{4}")]
    private static partial Regex Time();
}

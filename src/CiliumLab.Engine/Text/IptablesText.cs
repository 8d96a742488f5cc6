using CiliumLab.Engine.Text.Iptables;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>
/// Reads what <c>iptables-save</c>, <c>iptables -S</c> and their ip6tables twins print, with or without counters. There is no
/// machine-readable form. Every record prints back to the line that it was read from.
/// </summary>
public static class IptablesText
{
    /// <summary>Reads the rules, each as soon as its line is there.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line that was not understood, and of rules that the output leaves out.</param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when the text is something else altogether.</exception>
    public static IEnumerable<IptablesRule> Parse(TextReader text, string? node, Action<TextWarning> warn) =>
        Parse(text, node, warn, null, null);

    /// <summary>Reads the rules, each as soon as its line is there.</summary>
    /// <param name="text">The output.</param>
    /// <param name="node">The node that it comes from; null when that is not known.</param>
    /// <param name="warn">Is told of each line that was not understood, and of rules that the output leaves out.</param>
    /// <param name="family">Whose output it is; null to tell by the output's heading and addresses.</param>
    /// <param name="table">
    /// The table of <c>iptables -S</c>; null to tell by its policies. A rule has no table when there are none of them either.
    /// </param>
    /// <exception cref="LabException"><c>OutputNotUnderstood</c> when the text is something else altogether.</exception>
    public static IEnumerable<IptablesRule> Parse(
        TextReader text, string? node, Action<TextWarning> warn, IptablesFamily? family, string? table)
    {
        var reader = new IptablesReader(text, node, warn, family, table);
        while (reader.Read())
        {
            if (reader.Rule is { } rule)
                yield return rule;
        }
    }

    /// <summary>Reads the chains, also those without rules, and counts their rules; a table's chains come when the table has ended.</summary>
    /// <inheritdoc cref="Parse(TextReader, string?, Action{TextWarning}, IptablesFamily?, string?)"/>
    public static IEnumerable<IptablesChain> ParseChains(
        TextReader text, string? node, Action<TextWarning> warn, IptablesFamily? family = null, string? table = null)
    {
        var reader = new IptablesReader(text, node, warn, family, table);
        var chains = new List<IptablesChain>();
        var counts = reader.Counts;
        while (reader.Read())
        {
            if (reader.Counts != counts)
            {
                foreach (var chain in chains)
                    yield return counts.Counted(chain);
                chains.Clear();
                counts = reader.Counts;
            }

            if (reader.Chain is { } read)
                chains.Add(read);
        }

        foreach (var chain in chains)
            yield return counts.Counted(chain);
    }

    /// <summary>Reads everything, so that it can be changed and printed again.</summary>
    /// <inheritdoc cref="Parse(TextReader, string?, Action{TextWarning}, IptablesFamily?, string?)"/>
    public static IptablesRuleset ParseRuleset(
        TextReader text, string? node, Action<TextWarning> warn, IptablesFamily? family = null, string? table = null)
    {
        var reader = new IptablesReader(text, node, warn, family, table);
        var ruleset = new IptablesRulesetBuilder(reader);
        while (reader.Read())
            ruleset.Add();
        return ruleset.Build(node);
    }
}

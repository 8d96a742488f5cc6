using System.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cni;

/// <summary>What of an iptables table is an owner's: its chains, and the rules of others that jump to them.</summary>
internal sealed class OwnedRules
{
    private readonly HashSet<string> _chains;
    private readonly HashSet<int> _rules;
    private readonly IptablesTable _table;

    private OwnedRules(IptablesTable table, CniArtifactOwner owner)
    {
        _table = table;
        Chains = [.. table.Chains.Where(chain => chain.Policy is null or "-" && ArtifactNames.OfChain(chain.Table, chain.Chain) == owner)];
        _chains = Chains.Select(chain => chain.Chain).ToHashSet(StringComparer.Ordinal);
        var rules = table.Rules.Select((rule, index) => (rule, index))
            .Where(item => !_chains.Contains(item.rule.Chain) && ArtifactNames.OfRule(item.rule) == owner).ToList();
        Rules = [.. rules.Select(item => item.rule)];
        _rules = [.. rules.Select(item => item.index)];
    }

    /// <summary>The table's name.</summary>
    public string Table => _table.Table ?? "";

    /// <summary>The owner's chains.</summary>
    public IReadOnlyList<IptablesChain> Chains { get; }

    /// <summary>The owner's rules in chains of others.</summary>
    public IReadOnlyList<IptablesRule> Rules { get; }

    /// <summary>Whether there is nothing of the owner's.</summary>
    public bool IsEmpty => Chains.Count == 0 && Rules.Count == 0;

    /// <summary>
    /// What iptables-restore --noflush reads to remove all of it at once. Other rules are not written, so they keep their counters,
    /// and one that somebody adds in this moment is not lost.
    /// </summary>
    public string Removal
    {
        get
        {
            var text = new StringBuilder().Append('*').Append(Table).Append('\n');
            foreach (var rule in Rules)
                text.Append("-D ").Append(rule.Chain).Append(' ').Append(rule.Specification).Append('\n');
            foreach (var chain in Chains)
                text.Append("-F ").Append(chain.Chain).Append('\n');
            foreach (var chain in Chains)
                text.Append("-X ").Append(chain.Chain).Append('\n');
            return text.Append("COMMIT\n").ToString();
        }
    }

    /// <summary>Finds what is an owner's.</summary>
    public static OwnedRules Of(IptablesTable table, CniArtifactOwner owner) => new(table, owner);

    /// <summary>How many rules a chain has.</summary>
    public int CountRules(IptablesChain chain) => _table.Rules.Count(rule => rule.Chain == chain.Chain);

    /// <summary>
    /// What differs between the table now and the table without the owner's rules; null when nothing does. Counters go on counting,
    /// what others have added meanwhile is theirs, and so are the chains that kube-proxy and agents rewrite at any moment: the removal names
    /// none of them.
    /// </summary>
    public string? Difference(IptablesTable? now, CniArtifactOwner owner)
    {
        var left = now is null ? null : Of(now, owner);
        if (left is { IsEmpty: false })
            return $"still there: {(left.Rules.Count > 0 ? left.Rules[0].Text : left.Chains[0].Text)}";
        var chains = (now?.Chains ?? []).ToDictionary(chain => chain.Chain, chain => chain.Policy, StringComparer.Ordinal);
        var lost = _table.Chains.FirstOrDefault(chain => !_chains.Contains(chain.Chain) && !IsRewritten(chain.Chain) && (!chains.TryGetValue(chain.Chain, out var policy) || policy != chain.Policy));
        if (lost is not null)
            return $"changed or lost: {lost.Text}";
        var rules = (now?.Rules ?? []).ToLookup(rule => rule.Chain, rule => rule.Specification, StringComparer.Ordinal);
        foreach (var kept in Kept().Where(rule => !IsRewritten(rule.Chain)).GroupBy(rule => rule.Chain, StringComparer.Ordinal))
        {
            using var found = rules[kept.Key].GetEnumerator();
            foreach (var rule in kept)
            {
                var specification = rule.Specification;
                do
                {
                    if (!found.MoveNext())
                        return $"changed or lost: {rule.Text}";
                }
                while (found.Current != specification);
            }
        }

        return null;
    }

    private static bool IsRewritten(string chain) => IptablesOwners.OfChain(chain) != IptablesOwner.Other;

    private IEnumerable<IptablesRule> Kept() =>
        _table.Rules.Where((rule, index) => !_chains.Contains(rule.Chain) && !_rules.Contains(index));
}

using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Paths;

/// <summary>
/// Walks a packet through the chains of an iptables table, as the kernel does (x_tables): rules in order, user's chains and back, marks,
/// and where a rule draws lots, both ways with their share.
/// </summary>
/// <param name="table">The table; null when the node has none, which lets everything pass.</param>
internal sealed class RuleWalk(IptablesTable? table)
{
    private const int Deepest = 64;

    private readonly ILookup<string, IptablesRule> _rules = (table?.Rules ?? []).ToLookup(rule => rule.Chain, StringComparer.Ordinal);
    private readonly Dictionary<string, IptablesChain> _chains = (table?.Chains ?? []).ToDictionary(chain => chain.Chain, StringComparer.Ordinal);
    private readonly HashSet<string> _unknown = new(StringComparer.Ordinal);

    /// <summary>Conditions that the walk could not judge, and took as not met.</summary>
    public IReadOnlyCollection<string> Unknown => _unknown;

    /// <summary>Walks from a built-in chain.</summary>
    public IReadOnlyList<RuleOutcome> From(string chain, RulePacket packet)
    {
        var outcomes = new List<RuleOutcome>();
        var rest = Walk(chain, new Flow(1, packet.Mark), packet, [chain], outcomes);
        var policy = _chains.GetValueOrDefault(chain)?.Policy ?? "ACCEPT";
        outcomes.AddRange(rest.Select(flow => new RuleOutcome(flow.Share, policy, null, [chain], flow.Mark)));
        return outcomes;
    }

    // What comes back is what no rule decided.
    private List<Flow> Walk(string chain, Flow entering, RulePacket packet, IReadOnlyList<string> way, List<RuleOutcome> outcomes)
    {
        var (flows, returned) = (new List<Flow> { entering }, new List<Flow>());
        if (way.Count > Deepest)
            return flows;
        foreach (var rule in _rules[chain])
        {
            var next = new List<Flow>();
            foreach (var flow in flows)
            {
                var share = flow.Share * new RuleMatch(rule, packet with { Mark = flow.Mark }, _unknown).Chance;
                if (share < flow.Share)
                    next.Add(flow with { Share = flow.Share - share });
                if (share > 0)
                    Apply(rule, flow with { Share = share }, packet, way, outcomes, next, returned);
            }

            flows = next;
        }

        return [.. flows, .. returned];
    }

    private void Apply(
        IptablesRule rule, Flow flow, RulePacket packet, IReadOnlyList<string> way, List<RuleOutcome> outcomes, List<Flow> next, List<Flow> returned)
    {
        switch (rule.Target)
        {
            case null or "LOG" or "NFLOG" or "CT" or "NOTRACK" or "TRACE" or "TCPMSS" or "CHECKSUM" or "CONNMARK":
                next.Add(flow);
                break;
            case "RETURN":
                returned.Add(flow);
                break;
            case "MARK":
                next.Add(flow with { Mark = Marked(rule, flow.Mark) });
                break;
            case { } chain when _chains.ContainsKey(chain):
                var back = Walk(chain, flow, packet, [.. way, chain], outcomes);
                (rule.GotoTarget ? returned : next).AddRange(back);
                break;
            case { } verdict:
                outcomes.Add(new RuleOutcome(flow.Share, verdict, rule, way, flow.Mark));
                break;
        }
    }

    // --set-xmark VALUE/MASK takes the mask's bits away and turns those of the value round; --or-mark and --set-mark are written so, too.
    private static uint Marked(IptablesRule rule, uint mark)
    {
        foreach (var option in rule.TargetOptions)
        {
            if (RuleMatch.MarkAndMask(option.Value) is not { } given)
                continue;
            mark = option.Name switch
            {
                "--set-xmark" => (mark & ~given.Mask) ^ given.Mark,
                "--set-mark" => (mark & ~given.Mask) | given.Mark,
                "--or-mark" => mark | given.Mark,
                "--and-mark" => mark & given.Mark,
                "--xor-mark" => mark ^ given.Mark,
                _ => mark,
            };
        }

        return mark;
    }

    private sealed record Flow(double Share, uint Mark);
}

using CiliumLab.Simulator.Nodes.Iptables;

namespace CiliumLab.Simulator.Nodes.Network;

internal sealed partial class NetworkNamespace
{
    private readonly Dictionary<(bool IsIpv6, bool IsLegacy), RuleSet> _rules = [];

    /// <summary>The rules of iptables.</summary>
    public RuleSet Iptables => Rules(isIpv6: false);

    /// <summary>The rules of ip6tables.</summary>
    public RuleSet Ip6tables => Rules(isIpv6: true);

    /// <summary>The rules of a family and a back end.</summary>
    public RuleSet Rules(bool isIpv6, bool isLegacy = false)
    {
        lock (_kernel.Gate)
        {
            if (!_rules.TryGetValue((isIpv6, isLegacy), out var rules))
                _rules[(isIpv6, isLegacy)] = rules = new RuleSet(_kernel.Gate, isIpv6, isLegacy) { ModuleNeeded = _kernel.Modules.Request };
            return rules;
        }
    }
}

namespace CiliumLab.Model;

/// <summary>Who put a chain or a rule there, as far as names tell.</summary>
public enum IptablesOwner
{
    /// <summary>Nobody that this module knows: the user, the distribution, a container runtime, a CNI plugin.</summary>
    Other,

    /// <summary>kubelet or kube-proxy: the chains <c>KUBE-*</c>.</summary>
    Kubernetes,

    /// <summary>flanneld: the chains <c>FLANNEL-*</c>, and rules that carry its comments.</summary>
    Flannel,

    /// <summary>The Cilium agent: the chains <c>CILIUM_*</c> and <c>OLD_CILIUM_*</c>.</summary>
    Cilium,
}

/// <summary>Tells owners by the names that the programs give to their chains.</summary>
public static class IptablesOwners
{
    // Flannel before 0.21 had no chains of its own: it put accepting and masquerading rules with these comments into built-in ones.
    private const string FlannelMasquerade = "flanneld masq";
    private const string FlannelForward = "flanneld forward";

    /// <summary>The owner of a chain, or of a target that is a chain's name.</summary>
    public static IptablesOwner OfChain(string? name)
    {
        if (name is null)
            return IptablesOwner.Other;
        if (name.StartsWith("KUBE-", StringComparison.Ordinal))
            return IptablesOwner.Kubernetes;
        if (name.StartsWith("FLANNEL-", StringComparison.Ordinal))
            return IptablesOwner.Flannel;
        return name.StartsWith("CILIUM_", StringComparison.Ordinal) || name.StartsWith("OLD_CILIUM_", StringComparison.Ordinal)
            ? IptablesOwner.Cilium
            : IptablesOwner.Other;
    }

    /// <summary>
    /// The owner of a rule: of the chain that it is in, else of the chain that it jumps to, else of flanneld's own comment. What
    /// a comment merely mentions decides nothing.
    /// </summary>
    public static IptablesOwner OfRule(IptablesRule rule)
    {
        var owner = OfChain(rule.Chain);
        if (owner == IptablesOwner.Other)
            owner = OfChain(rule.Target);
        return owner == IptablesOwner.Other && rule.Comment is FlannelMasquerade or FlannelForward ? IptablesOwner.Flannel : owner;
    }
}

using System.Text.RegularExpressions;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cni;

/// <summary>
/// Knows whose things are by the names that the programs give them. Names are taken whole: what merely begins or reads like one of
/// them belongs to somebody else. From flannel's pkg/trafficmngr and pkg/backend, and Kubernetes' pkg/proxy and pkg/kubelet.
/// </summary>
internal static partial class ArtifactNames
{
    private static readonly HashSet<string> FlannelChains = ["FLANNEL-FWD", "FLANNEL-POSTRTG"];

    // KUBE-FIREWALL of filter, KUBE-MARK-DROP, KUBE-IPTABLES-HINT and KUBE-KUBELET-CANARY are kubelet's: it runs on, and makes them anew.
    private static readonly HashSet<string> ProxyChains =
    [
        "KUBE-SERVICES", "KUBE-EXTERNAL-SERVICES", "KUBE-NODEPORTS", "KUBE-POSTROUTING", "KUBE-FORWARD", "KUBE-MARK-MASQ",
        "KUBE-PROXY-FIREWALL", "KUBE-PROXY-CANARY",
        "KUBE-LOAD-BALANCER", "KUBE-NODE-PORT", "KUBE-SOURCE-RANGES-FIREWALL", "KUBE-IPVS-FILTER", "KUBE-IPVS-OUT-FILTER",
    ];

    private static readonly HashSet<string> ProxySets = Sets(
        "LOOP-BACK", "CLUSTER-IP", "EXTERNAL-IP", "EXTERNAL-IP-LOCAL", "LOAD-BALANCER", "LOAD-BALANCER-LOCAL", "LOAD-BALANCER-FW",
        "LOAD-BALANCER-SOURCE-IP", "LOAD-BALANCER-SOURCE-CIDR", "NODE-PORT-TCP", "NODE-PORT-LOCAL-TCP", "NODE-PORT-UDP", "NODE-PORT-LOCAL-UDP",
        "NODE-PORT-SCTP-HASH", "NODE-PORT-LOCAL-SCTP-HASH", "HEALTH-CHECK-NODE-PORT", "IPVS-IPS");

    private const int LongestSetName = 31;

    /// <summary>The bridge that the flannel plugin delegates to, unless its configuration names another.</summary>
    public const string Bridge = "cni0";

    /// <summary>The owner of a chain; null when it is none of ours.</summary>
    public static CniArtifactOwner? OfChain(string? table, string? chain)
    {
        if (chain is null)
            return null;
        if (FlannelChains.Contains(chain))
            return CniArtifactOwner.Flannel;
        // In IPVS mode kube-proxy once had a chain of this name in nat; the one in filter is kubelet's.
        return ProxyChains.Contains(chain) || HashedChain().IsMatch(chain) || (chain == "KUBE-FIREWALL" && table == "nat") ? CniArtifactOwner.KubeProxy : null;
    }

    /// <summary>The owner of a rule in somebody else's chain: it jumps to a chain of the owner's, or is one that flanneld before 0.21 put there.</summary>
    public static CniArtifactOwner? OfRule(IptablesRule rule) =>
        OfChain(rule.Table, rule.Target) ?? (rule.Owner == IptablesOwner.Flannel && OfChain(rule.Table, rule.Chain) is null ? FlannelsOwn(rule) : null);

    /// <summary>The owner of a table of nftables.</summary>
    public static CniArtifactOwner? OfNftTable(string family, string table) => (family, table) switch
    {
        ("ip", "flannel-ipv4") or ("ip6", "flannel-ipv6") => CniArtifactOwner.Flannel,
        ("ip" or "ip6", "kube-proxy") => CniArtifactOwner.KubeProxy,
        _ => null,
    };

    /// <summary>The owner of a set of ipset.</summary>
    public static CniArtifactOwner? OfIpSet(string name) => ProxySets.Contains(name) ? CniArtifactOwner.KubeProxy : null;

    /// <summary>The owner of an interface. A name that fits on a link of another kind is a coincidence.</summary>
    public static CniArtifactOwner? OfLink(NodeInterface link) => link.Name switch
    {
        "kube-ipvs0" => CniArtifactOwner.KubeProxy,
        Bridge when link.Kind is "bridge" => CniArtifactOwner.Flannel,
        "flannel0" when link.Kind is "tun" => CniArtifactOwner.Flannel,
        "flannel.ipip" when link.Kind is "ipip" => CniArtifactOwner.Flannel,
        "flannel-wg" or "flannel-wg-v6" when link.Kind is "wireguard" => CniArtifactOwner.Flannel,
        var name when link.Kind is "vxlan" && OverlayName().IsMatch(name) => CniArtifactOwner.Flannel,
        _ => null,
    };

    /// <summary>Whether a link is one end of a pair that the bridge plugin makes for a pod.</summary>
    public static bool IsPodLink(NodeInterface link) =>
        link is { Kind: "veth", PeerNamespaceId: not null, Master: null or Bridge } && PodLinkName().IsMatch(link.Name);

    /// <summary>Whether a network namespace is one that the container runtime makes for a pod.</summary>
    public static bool IsPodNamespace(string name) => name.StartsWith("cni-", StringComparison.Ordinal);

    /// <summary>Whether a name may be that of a CNI network, which becomes a part of paths.</summary>
    public static bool IsNetworkName(string name) => NetworkName().IsMatch(name);

    // Without chains of its own, flanneld marked its rules in built-in chains by a comment.
    private static CniArtifactOwner? FlannelsOwn(IptablesRule rule) =>
        (rule.Table, rule.Chain, rule.Target) is ("nat", "POSTROUTING", "RETURN" or "MASQUERADE") or ("filter", "FORWARD", "ACCEPT") ? CniArtifactOwner.Flannel : null;

    private static HashSet<string> Sets(params IEnumerable<string> names) =>
        [.. names.SelectMany(name => (string[])[$"KUBE-{name}", $"KUBE-6-{name}"]).Select(name => name.Length > LongestSetName ? name[..LongestSetName] : name)];

    // The first 16 digits of a hash in base 32.
    [GeneratedRegex(@"^KUBE-(SVC|SVL|SEP|FW|XLB|EXT)-[A-Z2-7]{16}\z", RegexOptions.CultureInvariant)]
    private static partial Regex HashedChain();

    [GeneratedRegex(@"^flannel(-v6)?\.[0-9]{1,8}\z", RegexOptions.CultureInvariant)]
    private static partial Regex OverlayName();

    [GeneratedRegex(@"^veth[0-9a-f]{8}\z", RegexOptions.CultureInvariant)]
    private static partial Regex PodLinkName();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9_.\-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex NetworkName();
}

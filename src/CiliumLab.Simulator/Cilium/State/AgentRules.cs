using System.Text;
using CiliumLab.Simulator.Nodes.Iptables;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Cilium;

/// <summary>The chains that an agent keeps in iptables. It writes them anew at each start.</summary>
internal static class AgentRules
{
    private const string Prefix = "CILIUM_";

    // Marks of packets that the proxy, encryption or the router have seen already.
    private static readonly string[] ForeignMarks = ["0xe00/0xf00", "0xd00/0xf00", "0x400/0xf00", "0xa00/0xe00", "0x800/0xe00", "0xf00/0xf00"];

    private static readonly (string Table, string Parent, string Chain)[] Feeders =
    [
        ("nat", "PREROUTING", "CILIUM_PRE_nat"), ("nat", "OUTPUT", "CILIUM_OUTPUT_nat"), ("nat", "POSTROUTING", "CILIUM_POST_nat"),
        ("mangle", "PREROUTING", "CILIUM_PRE_mangle"), ("mangle", "POSTROUTING", "CILIUM_POST_mangle"),
        ("raw", "PREROUTING", "CILIUM_PRE_raw"), ("raw", "OUTPUT", "CILIUM_OUTPUT_raw"),
        ("filter", "INPUT", "CILIUM_INPUT"), ("filter", "OUTPUT", "CILIUM_OUTPUT"), ("filter", "FORWARD", "CILIUM_FORWARD"),
    ];

    /// <summary>Writes the chains.</summary>
    /// <param name="rules">The node's rules.</param>
    /// <param name="configuration">What the agent was told.</param>
    /// <param name="pods">The node's pod network.</param>
    /// <param name="dnsProxyPort">Where the DNS proxy listens.</param>
    public static void Write(RuleSet rules, CiliumConfiguration configuration, IpPrefix pods, int dnsProxyPort)
    {
        foreach (var table in Feeders.Select(static feeder => feeder.Table).Distinct())
        {
            if (rules.Find(table) is not null)
                rules.Change(table, Clear);
            var text = new StringBuilder($"*{table}\n");
            foreach (var (_, _, chain) in Feeders.Where(feeder => feeder.Table == table))
                text.Append($":{chain} - [0:0]\n");
            foreach (var (_, parent, chain) in Feeders.Where(feeder => feeder.Table == table))
                text.Append($"-I {parent} 1 -m comment --comment \"cilium-feeder: {chain}\" -j {chain}\n");
            foreach (var rule in RulesOf(table, configuration, pods, dnsProxyPort))
                text.Append($"-A {rule}\n");
            IptablesRestore.Run(rules, text.Append("COMMIT\n").ToString(), new RestoreOptions(NoFlush: true));
        }
    }

    private static void Clear(RuleTable table)
    {
        foreach (var chain in table.Chains.ToList())
            chain.Rules.RemoveAll(static rule => rule.Target?.StartsWith(Prefix, StringComparison.Ordinal) == true);
        foreach (var chain in table.Chains.Where(static chain => !chain.IsBuiltIn && chain.Name.StartsWith(Prefix, StringComparison.Ordinal)).Select(static chain => chain.Name).ToList())
            table.Remove(chain);
    }

    private static IEnumerable<string> RulesOf(string table, CiliumConfiguration configuration, IpPrefix pods, int dnsProxyPort) => table switch
    {
        "filter" => Filter(configuration),
        "mangle" => Mangle(configuration, dnsProxyPort),
        "raw" => Raw(configuration),
        _ => configuration.MasqueradesIpv4 && !configuration.MasqueradesInBpf ? Masquerade(configuration, pods) : [],
    };

    private static IEnumerable<string> Filter(CiliumConfiguration configuration)
    {
        const string Forward = "CILIUM_FORWARD";
        var pods = configuration.HasEndpointRoutes ? "lxc+" : null;
        yield return $"{Forward} -o {AgentLinks.Host} {Comment("any->cluster on cilium_host forward accept")} -j ACCEPT";
        yield return $"{Forward} -i {AgentLinks.Host} {Comment("cluster->any on cilium_host forward accept (nodeport)")} -j ACCEPT";
        yield return $"{Forward} -i lxc+ {Comment("cluster->any on lxc+ forward accept")} -j ACCEPT";
        yield return $"{Forward} -i {AgentLinks.Net} {Comment("cluster->any on cilium_net forward accept (nodeport)")} -j ACCEPT";
        if (pods is not null)
        {
            yield return $"{Forward} -o {pods} {Comment("any->cluster on lxc+ forward accept")} -j ACCEPT";
            yield return $"{Forward} -i {pods} {Comment("cluster->any on lxc+ forward accept (nodeport)")} -j ACCEPT";
        }

        yield return $"CILIUM_INPUT -m mark --mark 0x200/0xf00 {Comment("ACCEPT for proxy traffic")} -j ACCEPT";
        yield return $"CILIUM_OUTPUT -m mark --mark 0xa00/0xe00 {Comment("ACCEPT for proxy traffic")} -j ACCEPT";
        yield return $"CILIUM_OUTPUT -m mark --mark 0x800/0xe00 {Comment("ACCEPT for l7 proxy upstream traffic")} -j ACCEPT";
        var others = string.Join(' ', ForeignMarks.Select(static mark => $"-m mark ! --mark {mark}"));
        yield return $"CILIUM_OUTPUT {others} {Comment("host->any mark as from host")} -j MARK --set-xmark 0xc00/0xf00";
    }

    private static IEnumerable<string> Mangle(CiliumConfiguration configuration, int dnsProxyPort)
    {
        if (!configuration.Flag("enable-l7-proxy", true))
            yield break;
        yield return $"CILIUM_PRE_mangle ! -o lo -m socket --transparent -m mark ! --mark 0xe00/0xf00 -m mark ! --mark 0x800/0xf00 {Comment("any->pod redirect proxied traffic to host proxy")} -j MARK --set-xmark 0x200/0xffffffff";

        // The upper half of the mark is the proxy's port in the order of the network.
        var mark = $"0x{((uint)GoText.NetworkOrder(dnsProxyPort) << 16) | 0x200:x}";
        foreach (var protocol in (string[])["tcp", "udp"])
            yield return $"CILIUM_PRE_mangle -p {protocol} -m mark --mark {mark} {Comment("TPROXY to host cilium-dns-egress proxy")} -j TPROXY --on-port {dnsProxyPort} --on-ip 127.0.0.1 --tproxy-mark 0x200/0xffffffff";
    }

    private static IEnumerable<string> Raw(CiliumConfiguration configuration)
    {
        var pods = configuration.Flag("install-no-conntrack-iptables-rules") ? configuration.NativeRoutingCidr : null;
        if (pods is { } cidr)
        {
            yield return $"CILIUM_OUTPUT_raw -d {cidr} {Comment("NOTRACK for pod traffic")} -j CT --notrack";
            yield return $"CILIUM_OUTPUT_raw -s {cidr} {Comment("NOTRACK for pod traffic")} -j CT --notrack";
        }

        foreach (var (mark, what) in ((string, string)[])[("0xa00/0xfffffeff", "proxy return"), ("0x800/0xe00", "L7 proxy upstream")])
        {
            foreach (var link in (string[])["lxc+", AgentLinks.Host])
                yield return $"CILIUM_OUTPUT_raw -o {link} -m mark --mark {mark} {Comment($"NOTRACK for {what} traffic")} -j CT --notrack";
        }

        if (pods is { } again)
        {
            yield return $"CILIUM_PRE_raw -d {again} {Comment("NOTRACK for pod traffic")} -j CT --notrack";
            yield return $"CILIUM_PRE_raw -s {again} {Comment("NOTRACK for pod traffic")} -j CT --notrack";
        }

        yield return $"CILIUM_PRE_raw -m mark --mark 0x200/0xf00 {Comment("NOTRACK for proxy traffic")} -j CT --notrack";
    }

    private static IEnumerable<string> Masquerade(CiliumConfiguration configuration, IpPrefix pods)
    {
        yield return $"CILIUM_POST_nat -s {pods} ! -d {configuration.NativeRoutingCidr ?? pods} ! -o cilium_+ {Comment("cilium masquerade non-cluster", plain: true)} -j MASQUERADE";
    }

    private static string Comment(string text, bool plain = false) => $"-m comment --comment \"{(plain ? "" : "cilium: ")}{text}\"";
}

using System.Collections.Frozen;

namespace CiliumLab.Engine.Text.Iptables;

/// <summary>The names that rules are full of, so that a hundred thousand rules share one copy of each.</summary>
internal static class IptablesNames
{
    private static readonly FrozenSet<string>.AlternateLookup<ReadOnlySpan<char>> Known = FrozenSet.ToFrozenSet(
        [
            "-s", "-d", "-p", "-i", "-o", "-f", "-m", "-j", "-g", "-c", "-4", "-6",
            "tcp", "udp", "icmp", "ipv6-icmp", "sctp", "all", "icmp6", "multiport", "conntrack", "state", "addrtype", "comment", "mark",
            "connmark", "socket", "statistic", "recent", "hashlimit", "limit", "set", "owner", "string", "physdev", "rpfilter", "policy",
            "mac", "length", "pkttype", "iprange", "time", "u32", "bpf",
            "--sport", "--dport", "--sports", "--dports", "--ports", "--tcp-flags", "--icmp-type", "--icmpv6-type", "--comment", "--mark",
            "--ctstate", "--ctdir", "--ctorigdst", "--state", "--src-type", "--dst-type", "--limit-iface-in", "--transparent", "--nowildcard",
            "--mode", "--probability", "--every", "--packet", "--match-set", "--name", "--seconds", "--hitcount", "--rcheck", "--update",
            "--reap", "--mask", "--rsource", "--rdest", "--limit", "--limit-burst", "--uid-owner", "--gid-owner", "--dir", "--pol",
            "--to-destination", "--to-source", "--to-ports", "--random", "--random-fully", "--persistent", "--set-xmark", "--nfmask",
            "--ctmask", "--restore-mark", "--save-mark", "--reject-with", "--log-prefix", "--log-level", "--on-port", "--on-ip",
            "--tproxy-mark", "--notrack", "--zone", "--clamp-mss-to-pmtu", "--set-mss",
            "ACCEPT", "DROP", "RETURN", "REJECT", "LOG", "NFLOG", "DNAT", "SNAT", "MASQUERADE", "REDIRECT", "MARK", "CONNMARK", "TPROXY",
            "CT", "TCPMSS", "NFQUEUE", "TRACE", "QUEUE", "-",
            "filter", "nat", "mangle", "raw", "security", "PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING",
        ],
        StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>The name as a string; the same one each time when it is a usual name.</summary>
    public static string Get(ReadOnlySpan<char> name) => Known.TryGetValue(name, out var known) ? known : name.ToString();
}

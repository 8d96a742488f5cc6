using System.Globalization;

namespace CiliumLab.Simulator.Nodes.Iptables;

/// <summary>An option that a match or a target understands.</summary>
/// <param name="Module">The match or target.</param>
/// <param name="Name">The name that is printed.</param>
/// <param name="Arity">How many values it takes.</param>
/// <param name="Form">How its values are written; see <see cref="ValueForms"/>.</param>
internal sealed record ExtensionOption(string Module, string Name, int Arity, string Form);

/// <summary>The matches and targets of iptables 1.8.10, with their options.</summary>
internal static class ExtensionCatalog
{
    // NAME[,ALIAS][:VALUES][=FORM]; one value when nothing is said.
    private static readonly Dictionary<string, IReadOnlyDictionary<string, ExtensionOption>> KnownMatches = Read(new()
    {
        ["comment"] = "--comment",
        ["tcp"] = "--sport,--source-port=port --dport,--destination-port=port --tcp-flags:2=flags --syn:0=syn --tcp-option",
        ["udp"] = "--sport,--source-port=port --dport,--destination-port=port",
        ["sctp"] = "--sport,--source-port=port --dport,--destination-port=port --chunk-types:2",
        ["icmp"] = "--icmp-type=icmp",
        ["icmp6"] = "--icmpv6-type=icmp6",
        ["conntrack"] = "--ctstate=ctstate --ctproto --ctorigsrc --ctorigdst --ctreplsrc --ctrepldst --ctorigsrcport --ctorigdstport --ctreplsrcport --ctrepldstport --ctstatus --ctexpire --ctdir",
        ["state"] = "--state=ctstate",
        ["mark"] = "--mark=mark",
        ["connmark"] = "--mark=mark",
        ["addrtype"] = "--src-type --dst-type --limit-iface-in:0 --limit-iface-out:0",
        ["multiport"] = "--sports,--source-ports=ports --dports,--destination-ports=ports --ports=ports",
        ["statistic"] = "--mode --probability=probability --every --packet",
        ["limit"] = "--limit=limit --limit-burst=burst",
        ["hashlimit"] = "--hashlimit-upto,--hashlimit --hashlimit-above --hashlimit-burst --hashlimit-mode --hashlimit-name --hashlimit-srcmask --hashlimit-dstmask --hashlimit-htable-size --hashlimit-htable-max --hashlimit-htable-expire --hashlimit-htable-gcinterval",
        ["physdev"] = "--physdev-in --physdev-out --physdev-is-in:0 --physdev-is-out:0 --physdev-is-bridged:0",
        ["socket"] = "--transparent:0 --nowildcard:0 --restore-skmark:0",
        ["nfacct"] = "--nfacct-name",
        ["set"] = "--match-set:2 --return-nomatch:0 --update-counters:0 --update-subcounters:0 --packets-eq --bytes-eq",
        ["owner"] = "--uid-owner --gid-owner --socket-exists:0 --suppl-groups:0",
        ["recent"] = "--set:0 --rcheck:0 --update:0 --remove:0 --seconds --reap:0 --hitcount --rttl:0 --name --mask --rsource:0 --rdest:0",
        ["mac"] = "--mac-source",
        ["iprange"] = "--src-range --dst-range",
        ["pkttype"] = "--pkt-type",
        ["length"] = "--length",
        ["rpfilter"] = "--loose:0 --validmark:0 --accept-local:0 --invert:0",
        ["string"] = "--from --to --algo --string --hex-string --icase:0",
        ["policy"] = "--dir --pol --strict:0 --reqid --spi --proto --mode --tunnel-src --tunnel-dst --next:0",
        ["bpf"] = "--bytecode --object-pinned",
        ["cgroup"] = "--path --cgroup",
        ["dscp"] = "--dscp --dscp-class",
        ["tos"] = "--tos",
        ["ttl"] = "--ttl-eq --ttl-lt --ttl-gt",
        ["hl"] = "--hl-eq --hl-lt --hl-gt",
        ["time"] = "--timestart --timestop --weekdays --monthdays --datestart --datestop --contiguous:0 --kerneltz:0",
        ["u32"] = "--u32",
        ["quota"] = "--quota",
        ["cpu"] = "--cpu",
        ["connlimit"] = "--connlimit-upto --connlimit-above --connlimit-mask --connlimit-saddr:0 --connlimit-daddr:0",
        ["connbytes"] = "--connbytes --connbytes-mode --connbytes-dir",
        ["helper"] = "--helper",
        ["ah"] = "--ahspi",
        ["esp"] = "--espspi",
        ["realm"] = "--realm",
        ["ipvs"] = "--ipvs:0 --vproto --vaddr --vport --vdir --vmethod --vportctl",
        ["frag"] = "--fragid --fraglen --fragres:0 --fragfirst:0 --fragmore:0 --fraglast:0",
    });

    private static readonly Dictionary<string, IReadOnlyDictionary<string, ExtensionOption>> KnownTargets = Read(new()
    {
        ["REJECT"] = "--reject-with",
        ["MARK"] = "--set-xmark=xmark --set-mark=setmark --or-mark=ormark --and-mark=andmark --xor-mark=xormark",
        ["CONNMARK"] = "--set-xmark=xmark --set-mark=setmark --save-mark:0 --restore-mark:0 --nfmask --ctmask --mask",
        ["MASQUERADE"] = "--to-ports --random:0 --random-fully:0",
        ["SNAT"] = "--to-source --random:0 --random-fully:0 --persistent:0",
        ["DNAT"] = "--to-destination --random:0 --persistent:0",
        ["REDIRECT"] = "--to-ports,--to-port --random:0",
        ["NETMAP"] = "--to",
        ["LOG"] = "--log-prefix --log-level --log-tcp-sequence:0 --log-tcp-options:0 --log-ip-options:0 --log-uid:0 --log-macdecode:0",
        ["NFLOG"] = "--nflog-prefix --nflog-group --nflog-size --nflog-threshold --nflog-range",
        ["NFQUEUE"] = "--queue-num --queue-balance --queue-bypass:0 --queue-cpu-fanout:0",
        ["CT"] = "--notrack:0 --helper --ctevents --expevents --zone --zone-orig --zone-reply --timeout",
        ["NOTRACK"] = "",
        ["TPROXY"] = "--on-port --on-ip --tproxy-mark=xmark",
        ["TCPMSS"] = "--set-mss --clamp-mss-to-pmtu:0",
        ["TRACE"] = "",
        ["TEE"] = "--gateway --oif",
        ["CLASSIFY"] = "--set-class",
        ["DSCP"] = "--set-dscp --set-dscp-class",
        ["TOS"] = "--set-tos --and-tos --or-tos --xor-tos",
        ["TTL"] = "--ttl-set --ttl-dec --ttl-inc",
        ["HL"] = "--hl-set --hl-dec --hl-inc",
        ["SET"] = "--add-set:2 --del-set:2 --map-set:2 --timeout --exist:0",
        ["CHECKSUM"] = "--checksum-fill:0",
        ["AUDIT"] = "--type",
        ["RATEEST"] = "--rateest-name --rateest-interval --rateest-ewmalog",
    });

    /// <summary>Targets that are no extensions.</summary>
    public static IReadOnlyList<string> Verdicts { get; } = ["ACCEPT", "DROP", "RETURN", "QUEUE"];

    /// <summary>A match's options; null when there is no such match.</summary>
    public static IReadOnlyDictionary<string, ExtensionOption>? Match(string name) => KnownMatches.GetValueOrDefault(name);

    /// <summary>A target's options; null when there is no such extension.</summary>
    public static IReadOnlyDictionary<string, ExtensionOption>? Target(string name) => KnownTargets.GetValueOrDefault(name);

    /// <summary>The match that belongs to a protocol; null for none.</summary>
    public static string? MatchOf(string? protocol) => protocol switch
    {
        "tcp" or "udp" or "sctp" or "icmp" or "ah" or "esp" => protocol,
        "ipv6-icmp" => "icmp6",
        _ => null,
    };

    /// <summary>The only table in which a target may be used; null for any.</summary>
    public static string? TableOf(string target) => target switch
    {
        "MASQUERADE" or "SNAT" or "DNAT" or "REDIRECT" or "NETMAP" => "nat",
        "TPROXY" or "DSCP" or "TOS" or "TTL" or "HL" => "mangle",
        "CT" or "NOTRACK" => "raw",
        "REJECT" => "filter",
        _ => null,
    };

    /// <summary>The built-in chains in which a target may be used; null for all.</summary>
    public static IReadOnlyList<string>? ChainsOf(string target) => target switch
    {
        "MASQUERADE" => ["POSTROUTING"],
        "SNAT" => ["POSTROUTING", "INPUT"],
        "DNAT" or "REDIRECT" => ["PREROUTING", "OUTPUT"],
        "TPROXY" => ["PREROUTING"],
        _ => null,
    };

    private static Dictionary<string, IReadOnlyDictionary<string, ExtensionOption>> Read(Dictionary<string, string> table)
    {
        var known = new Dictionary<string, IReadOnlyDictionary<string, ExtensionOption>>(StringComparer.Ordinal);
        foreach (var (module, text) in table)
        {
            var options = new Dictionary<string, ExtensionOption>(StringComparer.Ordinal);
            foreach (var word in text.Split(' ', StringSplitOptions.RemoveEmptyEntries))
            {
                var form = word.Split('=') is [_, var named] ? named : "";
                var head = word.Split('=')[0].Split(':');
                var names = head[0].Split(',');
                var arity = head.Length > 1 ? int.Parse(head[1], CultureInfo.InvariantCulture) : 1;
                foreach (var name in names)
                    options[name] = new ExtensionOption(module, names[0], arity, form);
            }

            known[module] = options;
        }

        return known;
    }
}

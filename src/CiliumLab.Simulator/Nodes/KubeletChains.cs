using CiliumLab.Simulator.Nodes.Iptables;

namespace CiliumLab.Simulator.Nodes;

/// <summary>
/// The chains that kubelet itself keeps in iptables (pkg/kubelet/kubelet_network_linux.go): canaries by which it sees that somebody
/// flushed the tables, a hint for others which back end it uses, and the guard of the loopback network.
/// </summary>
internal static class KubeletChains
{
    private const string Text = """
        *mangle
        :KUBE-IPTABLES-HINT - [0:0]
        :KUBE-KUBELET-CANARY - [0:0]
        COMMIT
        *filter
        :KUBE-FIREWALL - [0:0]
        :KUBE-KUBELET-CANARY - [0:0]
        -A KUBE-FIREWALL ! -s 127.0.0.0/8 -d 127.0.0.0/8 -m comment --comment "block incoming localnet connections" -m conntrack ! --ctstate RELATED,ESTABLISHED,DNAT -j DROP
        COMMIT
        *nat
        :KUBE-KUBELET-CANARY - [0:0]
        COMMIT

        """;

    private const string TextIpv6 = """
        *mangle
        :KUBE-IPTABLES-HINT - [0:0]
        :KUBE-KUBELET-CANARY - [0:0]
        COMMIT
        *filter
        :KUBE-FIREWALL - [0:0]
        :KUBE-KUBELET-CANARY - [0:0]
        COMMIT
        *nat
        :KUBE-KUBELET-CANARY - [0:0]
        COMMIT

        """;

    /// <summary>Makes the chains, and the jumps to them, where they are missing; kubelet does so at its start and once a minute.</summary>
    public static void Ensure(RuleSet rules)
    {
        if (rules.Find("mangle")?.Find("KUBE-KUBELET-CANARY") is not null && rules.Find("filter")?.Find("KUBE-FIREWALL") is not null
            && rules.Find("nat")?.Find("KUBE-KUBELET-CANARY") is not null)
        {
            return;
        }

        IptablesRestore.Run(rules, rules.IsIpv6 ? TextIpv6 : Text, new RestoreOptions(NoFlush: true));
        var table = rules.Find("filter")!;
        foreach (var chain in (string[])["INPUT", "OUTPUT"])
        {
            if (!table.Find(chain)!.Rules.Exists(rule => rule.Target == "KUBE-FIREWALL"))
                IptablesRestore.Run(rules, $"*filter\n-A {chain} -j KUBE-FIREWALL\nCOMMIT\n", new RestoreOptions(NoFlush: true));
        }
    }
}

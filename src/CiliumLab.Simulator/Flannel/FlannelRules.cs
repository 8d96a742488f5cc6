using CiliumLab.Simulator.Nodes.Iptables;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Flannel;

/// <summary>The rules that flanneld keeps (pkg/trafficmngr/iptables): masquerading in nat, and leave to forward in filter.</summary>
internal static class FlannelRules
{
    private const string Masquerade = "FLANNEL-POSTRTG";
    private const string Forward = "FLANNEL-FWD";

    /// <summary>Makes the rules of masquerading. The subnet is the node's.</summary>
    public static void EnsureMasquerade(RuleSet rules, IpPrefix network, IpPrefix subnet)
    {
        string[] wanted =
        [
            "-m mark --mark 0x4000/0x4000 -m comment --comment \"flanneld masq\" -j RETURN",
            $"-s {subnet} -d {network} -m comment --comment \"flanneld masq\" -j RETURN",
            $"-s {network} -d {subnet} -m comment --comment \"flanneld masq\" -j RETURN",
            $"! -s {network} -d {subnet} -m comment --comment \"flanneld masq\" -j RETURN",
            $"-s {network} ! -d 224.0.0.0/4 -m comment --comment \"flanneld masq\" -j MASQUERADE --random-fully",
            $"! -s {network} -d {network} -m comment --comment \"flanneld masq\" -j MASQUERADE --random-fully",
        ];
        Ensure(rules, "nat", Masquerade, "POSTROUTING", "flanneld masq", wanted);
    }

    /// <summary>Makes the rules by which packets of pods may be forwarded.</summary>
    public static void EnsureForward(RuleSet rules, IpPrefix network) => Ensure(
        rules,
        "filter",
        Forward,
        "FORWARD",
        "flanneld forward",
        $"-s {network} -m comment --comment \"flanneld forward\" -j ACCEPT",
        $"-d {network} -m comment --comment \"flanneld forward\" -j ACCEPT");

    private static void Ensure(RuleSet rules, string table, string chain, string hook, string comment, params string[] wanted)
    {
        var found = rules.Find(table);
        var inPlace = found?.Find(chain)?.Rules.Select(rule => rule.Specification.Trim()).SequenceEqual(wanted) == true;
        var reached = found?.Find(hook)?.Rules.Exists(rule => rule.Target == chain) == true;
        if (inPlace && reached)
            return;
        var text = new System.Text.StringBuilder($"*{table}\n");
        if (!inPlace)
        {
            text.Append(found?.Find(chain) is null ? $":{chain} - [0:0]\n" : $"-F {chain}\n");
            foreach (var rule in wanted)
                text.Append($"-A {chain} {rule}\n");
        }

        if (!reached)
            text.Append($"-A {hook} -m comment --comment \"{comment}\" -j {chain}\n");
        IptablesRestore.Run(rules, text.Append("COMMIT\n").ToString(), new RestoreOptions(NoFlush: true));
    }
}

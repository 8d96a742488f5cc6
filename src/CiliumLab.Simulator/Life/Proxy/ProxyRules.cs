using System.Globalization;
using System.Net;
using System.Text;

namespace CiliumLab.Simulator.Life;

/// <summary>
/// The text that kube-proxy in iptables mode gives to <c>iptables-restore --noflush</c>
/// (pkg/proxy/iptables/proxier.go, syncProxyRules, of Kubernetes 1.33).
/// </summary>
internal static class ProxyRules
{
    private const string Masquerade = "KUBE-MARK-MASQ";
    private static readonly string[] FilterChains = ["KUBE-NODEPORTS", "KUBE-SERVICES", "KUBE-EXTERNAL-SERVICES", "KUBE-FORWARD", "KUBE-PROXY-FIREWALL"];
    private static readonly string[] NatChains = ["KUBE-NODEPORTS", "KUBE-SERVICES", "KUBE-POSTROUTING", Masquerade];

    /// <summary>The jumps into kube-proxy's chains; each is put before all that is in its chain, in this order.</summary>
    public static readonly (string Table, string Chain, string Target, string Rule)[] Jumps =
    [
        ("filter", "INPUT", "KUBE-EXTERNAL-SERVICES", "-m conntrack --ctstate NEW -m comment --comment \"kubernetes externally-visible service portals\""),
        ("filter", "FORWARD", "KUBE-EXTERNAL-SERVICES", "-m conntrack --ctstate NEW -m comment --comment \"kubernetes externally-visible service portals\""),
        ("filter", "INPUT", "KUBE-NODEPORTS", "-m comment --comment \"kubernetes health check service ports\""),
        ("filter", "FORWARD", "KUBE-SERVICES", "-m conntrack --ctstate NEW -m comment --comment \"kubernetes service portals\""),
        ("filter", "OUTPUT", "KUBE-SERVICES", "-m conntrack --ctstate NEW -m comment --comment \"kubernetes service portals\""),
        ("filter", "FORWARD", "KUBE-FORWARD", "-m comment --comment \"kubernetes forwarding rules\""),
        ("filter", "INPUT", "KUBE-PROXY-FIREWALL", "-m conntrack --ctstate NEW -m comment --comment \"kubernetes load balancer firewall\""),
        ("filter", "OUTPUT", "KUBE-PROXY-FIREWALL", "-m conntrack --ctstate NEW -m comment --comment \"kubernetes load balancer firewall\""),
        ("filter", "FORWARD", "KUBE-PROXY-FIREWALL", "-m conntrack --ctstate NEW -m comment --comment \"kubernetes load balancer firewall\""),
        ("nat", "OUTPUT", "KUBE-SERVICES", "-m comment --comment \"kubernetes service portals\""),
        ("nat", "PREROUTING", "KUBE-SERVICES", "-m comment --comment \"kubernetes service portals\""),
        ("nat", "POSTROUTING", "KUBE-POSTROUTING", "-m comment --comment \"kubernetes postrouting rules\""),
    ];

    /// <summary>The text for the services that there are.</summary>
    /// <param name="services">The services' ports.</param>
    /// <param name="podCidr">What counts as the cluster's own traffic.</param>
    /// <param name="stale">Chains of the nat table that are kube-proxy's; those without a service any more are removed.</param>
    public static string Text(IReadOnlyList<ServicePort> services, IPNetwork podCidr, IEnumerable<string> stale)
    {
        var filter = new StringBuilder();
        var nat = new StringBuilder();
        var chains = new List<string>();
        foreach (var service in services)
            Add(service, podCidr.ToString(), filter, nat, chains);
        var text = new StringBuilder("*filter\n");
        foreach (var chain in FilterChains)
            text.Append(':').Append(chain).Append(" - [0:0]\n");
        text.Append("-A KUBE-FORWARD -m conntrack --ctstate INVALID -m nfacct --nfacct-name ct_state_invalid_dropped_pkts -j DROP\n")
            .Append("-A KUBE-FORWARD -m comment --comment \"kubernetes forwarding rules\" -m mark --mark 0x4000/0x4000 -j ACCEPT\n")
            .Append("-A KUBE-FORWARD -m comment --comment \"kubernetes forwarding conntrack rule\" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT\n")
            .Append(filter).Append("COMMIT\n*nat\n");
        var old = stale.Except(chains, StringComparer.Ordinal).ToList();
        foreach (var chain in NatChains.Concat(chains).Concat(old))
            text.Append(':').Append(chain).Append(" - [0:0]\n");
        text.Append("-A KUBE-POSTROUTING -m mark ! --mark 0x4000/0x4000 -j RETURN\n")
            .Append("-A KUBE-POSTROUTING -j MARK --set-xmark 0x4000/0x0\n")
            .Append("-A KUBE-POSTROUTING -m comment --comment \"kubernetes service traffic requiring SNAT\" -j MASQUERADE --random-fully\n")
            .Append("-A KUBE-MARK-MASQ -j MARK --set-xmark 0x4000/0x4000\n")
            .Append(nat)
            .Append("-A KUBE-SERVICES -m comment --comment \"kubernetes service nodeports; NOTE: this must be the last rule in this chain\" -m addrtype --dst-type LOCAL -j KUBE-NODEPORTS\n");
        foreach (var chain in old)
            text.Append("-X ").Append(chain).Append('\n');
        return text.Append("COMMIT\n").ToString();
    }

    private static void Add(ServicePort service, string pods, StringBuilder filter, StringBuilder nat, List<string> chains)
    {
        var (name, protocol) = (service.Name, service.Protocol);
        var isExternal = service.NodePort > 0 || service.ExternalAddresses.Count > 0;
        if (service.Endpoints.Count == 0)
        {
            Line(filter, $"-A KUBE-SERVICES -m comment --comment \"{name} has no endpoints\" -m {protocol} -p {protocol} -d {service.ClusterIp} --dport {service.Port} -j REJECT");
            foreach (var address in service.ExternalAddresses)
                Line(filter, $"-A KUBE-EXTERNAL-SERVICES -m comment --comment \"{name} has no endpoints\" -m {protocol} -p {protocol} -d {address} --dport {service.Port} -j REJECT");
            if (service.NodePort > 0)
                Line(filter, $"-A KUBE-EXTERNAL-SERVICES -m comment --comment \"{name} has no endpoints\" -m addrtype --dst-type LOCAL -m {protocol} -p {protocol} --dport {service.NodePort} -j REJECT");
            return;
        }
        chains.Add(service.ServiceChain);
        Line(nat, $"-A KUBE-SERVICES -m comment --comment \"{name} cluster IP\" -m {protocol} -p {protocol} -d {service.ClusterIp} --dport {service.Port} -j {service.ServiceChain}");
        foreach (var address in service.ExternalAddresses)
            Line(nat, $"-A KUBE-SERVICES -m comment --comment \"{name} external IP\" -m {protocol} -p {protocol} -d {address} --dport {service.Port} -j {service.ExternalChain}");
        if (service.NodePort > 0)
        {
            Line(nat, $"-A KUBE-NODEPORTS -m comment --comment {Quoted(name)} -m {protocol} -p {protocol} --dport {service.NodePort} -d 127.0.0.0/8 -m nfacct --nfacct-name localhost_nps_accepted_pkts -j {service.ExternalChain}");
            Line(nat, $"-A KUBE-NODEPORTS -m comment --comment {Quoted(name)} -m {protocol} -p {protocol} --dport {service.NodePort} -j {service.ExternalChain}");
        }
        if (isExternal)
            AddExternal(service, pods, nat, chains);
        Line(nat, $"-A {service.ServiceChain} -m comment --comment \"{name} cluster IP\" -m {protocol} -p {protocol} -d {service.ClusterIp} --dport {service.Port} ! -s {pods} -j {Masquerade}");
        Spread(service, service.ServiceChain, service.Endpoints, nat);
        if (isExternal && service.ExternalLocal && service.LocalEndpoints.Count > 0)
            Spread(service, service.LocalChain, service.LocalEndpoints, nat);
        foreach (var endpoint in service.Endpoints)
        {
            var chain = service.EndpointChain(endpoint);
            chains.Add(chain);
            Line(nat, $"-A {chain} -m comment --comment {Quoted(name)} -s {endpoint[..endpoint.LastIndexOf(':')]} -j {Masquerade}");
            var affinity = service.Affinity is null ? "" : $" -m recent --name {chain} --set";
            Line(nat, $"-A {chain} -m comment --comment {Quoted(name)}{affinity} -m {protocol} -p {protocol} -j DNAT --to-destination {endpoint}");
        }
    }

    private static void AddExternal(ServicePort service, string pods, StringBuilder nat, List<string> chains)
    {
        chains.Add(service.ExternalChain);
        var chain = service.ExternalChain;
        if (!service.ExternalLocal)
        {
            Line(nat, $"-A {chain} -m comment --comment \"masquerade traffic for {service.Name} external destinations\" -j {Masquerade}");
            Line(nat, $"-A {chain} -j {service.ServiceChain}");
            return;
        }
        Line(nat, $"-A {chain} -m comment --comment \"pod traffic for {service.Name} external destinations\" -s {pods} -j {service.ServiceChain}");
        Line(nat, $"-A {chain} -m comment --comment \"masquerade LOCAL traffic for {service.Name} external destinations\" -m addrtype --src-type LOCAL -j {Masquerade}");
        Line(nat, $"-A {chain} -m comment --comment \"route LOCAL traffic for {service.Name} external destinations\" -m addrtype --src-type LOCAL -j {service.ServiceChain}");
        if (service.LocalEndpoints.Count == 0)
            return;
        chains.Add(service.LocalChain);
        Line(nat, $"-A {chain} -j {service.LocalChain}");
    }

    private static void Spread(ServicePort service, string chain, IReadOnlyList<string> endpoints, StringBuilder nat)
    {
        if (service.Affinity is { } seconds)
        {
            foreach (var endpoint in endpoints)
            {
                var target = service.EndpointChain(endpoint);
                Line(nat, $"-A {chain} -m comment --comment \"{service.Name} -> {endpoint}\" -m recent --name {target} --rcheck --seconds {seconds} --reap -j {target}");
            }
        }
        for (var i = 0; i < endpoints.Count; i++)
        {
            var chance = i == endpoints.Count - 1
                ? ""
                : string.Create(CultureInfo.InvariantCulture, $" -m statistic --mode random --probability {1.0 / (endpoints.Count - i):0.0000000000}");
            Line(nat, $"-A {chain} -m comment --comment \"{service.Name} -> {endpoints[i]}\"{chance} -j {service.EndpointChain(endpoints[i])}");
        }
    }

    private static string Quoted(string text) => $"\"{text}\"";

    private static void Line(StringBuilder text, string rule) => text.Append(rule).Append('\n');
}

using System.Globalization;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Cilium;

/// <summary>Reads cilium.io/v2 CiliumNetworkPolicy and CiliumClusterwideNetworkPolicy (pkg/policy/api).</summary>
internal static class CiliumPolicies
{
    private static readonly string[] Cluster = ["host", "remote-node", "init", "ingress", "health", "unmanaged", "kube-apiserver"];

    // Peers that nothing in a simulated lab resolves to: such a rule allows nobody.
    private static readonly string[] Unresolved = ["FQDNs", "Services", "Nodes", "Groups", "Requires"];

    /// <summary>The policies of an object: its <c>spec</c>, and each of its <c>specs</c>.</summary>
    public static IEnumerable<NetworkPolicy> Read(StoredObject policy)
    {
        var specs = policy.Json.Objects("specs");
        if (policy.Json.Object("spec") is { } own)
            specs = specs.Prepend(own);
        return specs.Select(spec => Read(policy, spec));
    }

    /// <summary>The protocol of a name.</summary>
    public static IpProtocol Protocol(string name) => name.ToUpperInvariant() switch
    {
        "TCP" => IpProtocol.Tcp,
        "UDP" => IpProtocol.Udp,
        "SCTP" => IpProtocol.Sctp,
        _ => throw ApiException.BadRequest($"invalid protocol \"{name}\", must be {{ tcp | udp | sctp | any }}"),
    };

    /// <summary>Whoever is in a network outside the cluster, but not in one of its parts that are left out.</summary>
    public static PolicyPeer Network(string cidr, IEnumerable<string> except)
    {
        var network = IpPrefix.Parse(cidr);
        IpPrefix[] without = [.. except.Select(IpPrefix.Parse)];
        return new PolicyPeer(labels => labels.Prefix is { } prefix ? network.Contains(prefix) && !without.Any(part => part.Contains(prefix)) : network.IsDefault && labels.Is("world"))
        {
            Prefixes = network.IsDefault ? without : [network, .. without],
        };
    }

    private static NetworkPolicy Read(StoredObject policy, JsonObject spec)
    {
        var ns = policy.Namespace;
        var selector = LabelSelector.OfObject(spec.Object("endpointSelector"));
        var rules = new List<PolicyRule>();
        foreach (var (field, direction, isDeny) in ((string, TrafficDirection, bool)[])
            [("ingress", TrafficDirection.Ingress, false), ("ingressDeny", TrafficDirection.Ingress, true), ("egress", TrafficDirection.Egress, false), ("egressDeny", TrafficDirection.Egress, true)])
        {
            rules.AddRange(spec.Objects(field).Select(rule => Rule(rule, direction, isDeny, ns)).OfType<PolicyRule>());
        }

        bool Denies(string direction, string deny) => spec.At("enableDefaultDeny", direction) is { } said
            ? said.GetValueKind() == System.Text.Json.JsonValueKind.True
            : spec.Array(direction) is { Count: > 0 } || spec.Array(deny) is { Count: > 0 };
        return new NetworkPolicy($"{policy.Type.Kind} {(ns.Length > 0 ? ns + "/" : "")}{policy.Name}", labels => (ns.Length == 0 || labels.Namespace == ns) && labels.Matches(selector), rules)
        {
            DeniesIngress = Denies("ingress", "ingressDeny"),
            DeniesEgress = Denies("egress", "egressDeny"),
        };
    }

    // A rule that names nobody and no port says nothing: it only makes the default be that nothing passes.
    private static PolicyRule? Rule(JsonObject rule, TrafficDirection direction, bool isDeny, string ns)
    {
        var side = direction == TrafficDirection.Ingress ? "from" : "to";
        string[] fields = [side + "Endpoints", side + "Entities", side + "CIDR", side + "CIDRSet"];
        var ports = rule.Objects("toPorts").SelectMany(static group => group.Objects("ports")).SelectMany(Ports).ToList();
        var isOpen = fields.Concat(Unresolved.Select(field => side + field)).All(field => rule.Array(field) is null);
        if (isOpen && ports.Count == 0)
            return null;
        List<PolicyPeer> peers = isOpen
            ? [PolicyPeer.Everybody]
            :
            [
                .. rule.Objects(fields[0]).Select(peer => Endpoints(peer, ns)),
                .. rule.Texts(fields[1]).Select(Entity),
                .. rule.Texts(fields[2]).Select(static cidr => Network(cidr, [])),
                .. rule.Objects(fields[3]).Select(static set => Network(set.Text("cidr") ?? "", set.Texts("except"))),
            ];
        return new PolicyRule(direction, isDeny, peers, ports.Count == 0 ? null : ports);
    }

    private static PolicyPeer Endpoints(JsonObject peer, string ns)
    {
        var selector = LabelSelector.OfObject(peer);
        var isBound = ns.Length > 0 && !PolicyLabels.NamesNamespace(peer) && !OfReserved(peer);
        return new PolicyPeer(labels => (isBound ? labels.Namespace == ns : labels.Prefix is null) && labels.Matches(selector));
    }

    private static bool OfReserved(JsonObject selector) =>
        (selector.Object("matchLabels") ?? []).Any(static label => label.Key.StartsWith("reserved", StringComparison.Ordinal));

    private static PolicyPeer Entity(string name) => name switch
    {
        "all" => PolicyPeer.Everybody,
        "cluster" => new PolicyPeer(static labels => labels.IsPod || Cluster.Any(labels.Is)),
        "none" => new PolicyPeer(static _ => false),
        _ => new PolicyPeer(labels => labels.Is(name)),
    };

    private static IEnumerable<PolicyPort> Ports(JsonObject port)
    {
        var protocol = port.Text("protocol") ?? "ANY";
        IpProtocol[] protocols = protocol.Equals("ANY", StringComparison.OrdinalIgnoreCase) ? [IpProtocol.Tcp, IpProtocol.Udp, IpProtocol.Sctp] : [Protocol(protocol)];
        var text = port.Text("port") ?? port.Number("port")?.ToString(CultureInfo.InvariantCulture) ?? "0";
        if (!ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var first))
            return protocols.Select(one => new PolicyPort(one, 0, 0, text));
        var last = (int)(port.Number("endPort") ?? 0);
        return protocols.Select(one => new PolicyPort(one, first, last > first ? last : first == 0 ? ushort.MaxValue : first));
    }
}

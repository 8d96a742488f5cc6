using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Cilium;

/// <summary>Reads networking.k8s.io/v1 NetworkPolicy (pkg/k8s/network_policy.go).</summary>
internal static class KubernetesPolicies
{
    /// <summary>A policy of the API.</summary>
    public static NetworkPolicy Read(StoredObject policy)
    {
        var spec = policy.Json.Object("spec");
        var selector = LabelSelector.OfObject(spec.Object("podSelector"));
        var types = spec.Texts("policyTypes").ToList();
        var rules = new List<PolicyRule>();
        rules.AddRange(spec.Objects("ingress").Select(rule => Rule(rule, TrafficDirection.Ingress, "from", policy.Namespace)));
        rules.AddRange(spec.Objects("egress").Select(rule => Rule(rule, TrafficDirection.Egress, "to", policy.Namespace)));
        return new NetworkPolicy($"NetworkPolicy {policy.Namespace}/{policy.Name}", labels => labels.Namespace == policy.Namespace && labels.Matches(selector), rules)
        {
            // Without types a policy is for ingress, and for egress too when it speaks of it.
            DeniesIngress = types.Count == 0 || types.Contains("Ingress"),
            DeniesEgress = types.Count == 0 ? spec.Array("egress") is not null : types.Contains("Egress"),
        };
    }

    private static PolicyRule Rule(JsonObject rule, TrafficDirection direction, string side, string ns)
    {
        var peers = rule.Objects(side).Select(peer => Peer(peer, ns)).ToList();
        var ports = rule.Objects("ports").Select(Port).ToList();
        return new PolicyRule(direction, IsDeny: false, peers.Count == 0 ? [PolicyPeer.Everybody] : peers, ports.Count == 0 ? null : ports);
    }

    private static PolicyPeer Peer(JsonObject peer, string ns)
    {
        if (peer.Object("ipBlock") is { } block)
            return CiliumPolicies.Network(block.Text("cidr") ?? "", block.Texts("except"));
        var pods = LabelSelector.OfObject(peer.Object("podSelector"));
        if (peer.Object("namespaceSelector") is not { } namespaces)
            return new PolicyPeer(labels => labels.Namespace == ns && labels.Matches(pods));
        var of = LabelSelector.OfObject(namespaces);
        return new PolicyPeer(labels => labels.MatchesNamespace(of) && labels.Matches(pods));
    }

    private static PolicyPort Port(JsonObject port)
    {
        var protocol = CiliumPolicies.Protocol(port.Text("protocol") ?? "TCP");
        if (port.Text("port") is { } name)
            return new PolicyPort(protocol, 0, 0, name);
        var first = (int)(port.Number("port") ?? 0);
        return new PolicyPort(protocol, first, (int)(port.Number("endPort") ?? (first == 0 ? ushort.MaxValue : first)));
    }
}

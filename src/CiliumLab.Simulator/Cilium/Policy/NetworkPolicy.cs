using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Cilium;

/// <summary>A port of a rule: a protocol, and the ports from one to another.</summary>
/// <param name="Protocol">The protocol.</param>
/// <param name="First">The first port; 0 for all ports.</param>
/// <param name="Last">The last port.</param>
/// <param name="Name">The name that a container gave to its port; null when the rule has a number.</param>
internal sealed record PolicyPort(IpProtocol Protocol, int First, int Last, string? Name = null);

/// <summary>Who is at the other end of a rule.</summary>
/// <param name="IsSelected">Whether an identity, by its labels, is meant.</param>
internal sealed record PolicyPeer(Func<PolicyLabels, bool> IsSelected)
{
    /// <summary>Everybody, known or not.</summary>
    public static PolicyPeer Everybody { get; } = new(static _ => true) { IsEverybody = true };

    /// <summary>Whether all identities are meant, also those to come.</summary>
    public bool IsEverybody { get; init; }

    /// <summary>The networks that must have identities of their own for the rule to work.</summary>
    public IReadOnlyList<IpPrefix> Prefixes { get; init; } = [];
}

/// <summary>What a rule says of packets in one direction.</summary>
/// <param name="Direction">Seen from the endpoint.</param>
/// <param name="IsDeny">Whether they are dropped, whatever else allows them.</param>
/// <param name="Peers">Who is at the other end.</param>
/// <param name="Ports">Which ports; null for any port and protocol.</param>
internal sealed record PolicyRule(TrafficDirection Direction, bool IsDeny, IReadOnlyList<PolicyPeer> Peers, IReadOnlyList<PolicyPort>? Ports);

/// <summary>A policy as the agent has it in its repository, of whichever kind it was written.</summary>
/// <param name="Name">Its kind, namespace and name.</param>
/// <param name="Subject">Which endpoints it is for.</param>
/// <param name="Rules">What it says.</param>
internal sealed record NetworkPolicy(string Name, Func<PolicyLabels, bool> Subject, IReadOnlyList<PolicyRule> Rules)
{
    /// <summary>Whether what no rule allows to come in is dropped.</summary>
    public bool DeniesIngress { get; init; }

    /// <summary>Whether what no rule allows to go out is dropped.</summary>
    public bool DeniesEgress { get; init; }
}

/// <summary>The labels of an identity as selectors name them: with their source, with <c>any</c>, and without.</summary>
internal sealed class PolicyLabels
{
    private const string OfNamespace = "io.cilium.k8s.namespace.labels.";
    private const string NamespaceName = "io.kubernetes.pod.namespace";

    private readonly Dictionary<string, string> _labels = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _namespace = new(StringComparer.Ordinal);

    public PolicyLabels(IEnumerable<string> labels)
    {
        foreach (var label in labels)
        {
            var source = label[..label.IndexOf(':', StringComparison.Ordinal)];
            var rest = label[(source.Length + 1)..];
            if (source == "cidr")
            {
                Prefix = IpPrefix.Parse(rest);
                continue;
            }

            var equals = rest.IndexOf('=', StringComparison.Ordinal);
            var (key, value) = equals < 0 ? (rest, "") : (rest[..equals], rest[(equals + 1)..]);
            _labels[key] = _labels[$"{source}:{key}"] = _labels[$"{source}.{key}"] = _labels["any:" + key] = value;
            if (key.StartsWith(OfNamespace, StringComparison.Ordinal))
                _namespace[key[OfNamespace.Length..]] = value;
        }
    }

    /// <summary>The network of an identity that a rule made for one; null for all others.</summary>
    public IpPrefix? Prefix { get; }

    /// <summary>The pod's namespace; null for what is no pod.</summary>
    public string? Namespace => _labels.GetValueOrDefault("k8s:" + NamespaceName);

    /// <summary>Whether the endpoint is a pod.</summary>
    public bool IsPod => Namespace is not null;

    /// <summary>Whether a selector of endpoints means it.</summary>
    public bool Matches(LabelSelector selector) => selector.Matches(_labels);

    /// <summary>Whether a selector of namespaces means its namespace.</summary>
    public bool MatchesNamespace(LabelSelector selector) => IsPod && selector.Matches(_namespace);

    /// <summary>Whether it is, among others, a reserved one.</summary>
    public bool Is(string reserved) => _labels.ContainsKey("reserved:" + reserved);

    /// <summary>Whether a selector says itself which namespaces it means.</summary>
    public static bool NamesNamespace(JsonObject? selector) =>
        (selector.Object("matchLabels") ?? []).Select(static label => label.Key).Concat(selector.Objects("matchExpressions").Select(static one => one.Text("key") ?? ""))
            .Any(static key => key.EndsWith(NamespaceName, StringComparison.Ordinal) || key.Contains(OfNamespace, StringComparison.Ordinal));
}

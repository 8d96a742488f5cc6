using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Paths;

/// <summary>
/// What an endpoint's policy says of a packet. The agent has already put every rule into the endpoint's map; the datapath takes the entry
/// of the other side's identity or the one for everybody, whichever names protocol and port more closely (bpf/lib/policy.h).
/// </summary>
internal static class PolicyStep
{
    /// <summary>Adds the hop.</summary>
    /// <param name="way">The way.</param>
    /// <param name="node">The endpoint's node.</param>
    /// <param name="endpoint">The endpoint.</param>
    /// <param name="direction">Out of it, or into it.</param>
    /// <param name="peer">The other side's identity.</param>
    public static async Task AddAsync(PathWay way, NodeFacts node, CiliumEndpoint endpoint, TrafficDirection direction, uint peer)
    {
        var mode = direction == TrafficDirection.Egress ? endpoint.EgressPolicy : endpoint.IngressPolicy;
        var name = direction == TrafficDirection.Egress ? "egress" : "ingress";
        var command = $"Get-CiliumBpfPolicy -Node {node.Node} -EndpointId {endpoint.EndpointId}";
        var hop = new PathHop
        {
            Kind = direction == TrafficDirection.Egress ? PathHopKind.EgressPolicy : PathHopKind.IngressPolicy,
            Node = node.Node,
            Interface = endpoint.Interface,
            Summary = $"no policy is enforced for {name} of endpoint {endpoint.EndpointId}",
            Packet = way.Packet.ToString(),
            Evidence = [new($"{name} policy enforcement is {mode.ToString().ToLowerInvariant()}", $"Get-CiliumEndpoint -Node {node.Node} -EndpointId {endpoint.EndpointId}")],
        };
        if (mode == PolicyEnforcement.Disabled)
        {
            way.Trace.Add(hop);
            return;
        }

        var entries = (await node.PolicyAsync().ConfigureAwait(false)).Where(entry => entry.EndpointId == endpoint.EndpointId && entry.Direction == direction);
        var verdict = Decide(entries, peer, way.Packet);
        var other = ReservedIdentity.Name(peer);
        hop = hop with
        {
            Summary = verdict is null
                ? $"no {name} entry of endpoint {endpoint.EndpointId} fits identity {other} and {way.Packet.Protocol.ToString().ToUpperInvariant()} {way.Packet.Port}"
                : $"{name} policy of endpoint {endpoint.EndpointId} says {verdict.Verdict.ToString().ToLowerInvariant()} for identity {verdict.Identity}, {verdict.PortAndProtocol}{(verdict.ProxyPort is { } proxy ? $", through the proxy on {proxy}" : "")}",
            Evidence = [.. hop.Evidence, new(verdict is null ? $"no entry for identity {other}" : $"{verdict.Verdict} {verdict.Direction} {verdict.Identity} {verdict.PortAndProtocol}", command)],
        };
        if (verdict?.Verdict == BpfPolicyVerdict.Allow)
            way.Trace.Add(hop);
        else if (mode == PolicyEnforcement.Audit)
            way.Trace.Add(hop with { Summary = hop.Summary + "; the endpoint is in audit mode, so the packet passes" });
        else
            way.Trace.Stop(hop, Denied(verdict, name, endpoint, other), $"See which policies select the pod: Invoke-CiliumCommand -Node {node.Node} endpoint, get, {endpoint.EndpointId}; allow identity {other} in one of them");
    }

    /// <summary>The entry that decides; null when none fits, which denies.</summary>
    internal static BpfPolicyEntry? Decide(IEnumerable<BpfPolicyEntry> entries, uint peer, PathPacket packet)
    {
        var fitting = entries.Where(entry => Fits(entry, packet)).ToList();
        var own = fitting.Where(entry => entry.IdentityId == peer && peer != 0).MaxBy(Closeness);
        var everybody = fitting.Where(entry => entry.IdentityId == 0).MaxBy(Closeness);
        return own is null || (everybody is not null && Closeness(everybody) > Closeness(own)) ? everybody : own;
    }

    private static bool Fits(BpfPolicyEntry entry, PathPacket packet) =>
        (entry.Protocol == TransportProtocol.Any || entry.Protocol == packet.Protocol)
        && (entry.Port == 0 || (packet.Port is { } port && port >= entry.Port && port <= entry.LastPort));

    private static int Closeness(BpfPolicyEntry entry) =>
        entry.PrefixLength ?? (entry.Protocol == TransportProtocol.Any ? 0 : entry.Port == 0 ? 8 : 24);

    private static string Denied(BpfPolicyEntry? verdict, string name, CiliumEndpoint endpoint, string other)
    {
        var pod = endpoint.Pod is null ? "" : $" ({endpoint.Namespace}/{endpoint.Pod})";
        return verdict is null
            ? $"policy denies: no {name} rule of endpoint {endpoint.EndpointId}{pod} allows identity {other}"
            : $"policy denies: an {name} rule of endpoint {endpoint.EndpointId}{pod} denies identity {other}";
    }
}

using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Paths;

/// <summary>What the rules of a node do with a packet that goes on: let it pass or not, and put another sender into it.</summary>
internal static class ForwardingRules
{
    /// <summary>A packet as the node's rules see it; what comes through a port of a bridge comes, for them, from the bridge.</summary>
    public static async Task<RulePacket> PacketAsync(NodeFacts node, PathPacket packet, NodeInterface? from, NodeInterface? to)
    {
        var own = (await node.InterfacesAsync().ConfigureAwait(false)).SelectMany(link => link.Addresses).Select(address => address.Address).ToHashSet();
        return new RulePacket
        {
            Source = packet.Source,
            Destination = packet.Destination,
            Protocol = packet.Protocol,
            Port = packet.Port,
            InInterface = from?.Master ?? from?.Name,
            OutInterface = to?.Name,
            Mark = packet.Mark,
            Translated = packet.Translated,
            IsLocal = own.Contains,
        };
    }

    /// <summary>Adds a hop when the filter rules let nothing through, or ask for what a packet does not tell, and none otherwise.</summary>
    /// <returns>What let the packet pass; null when it does not.</returns>
    public static async Task<PathEvidence?> PassAsync(PathWay way, NodeFacts node, NodeInterface? from, NodeInterface? to)
    {
        var packet = await PacketAsync(node, way.Packet, from, to).ConfigureAwait(false);
        var walk = new RuleWalk(ServiceStep.Table(await node.RulesAsync().ConfigureAwait(false), "filter"));
        var outcomes = walk.From(from is null ? "OUTPUT" : "FORWARD", packet);
        var last = outcomes.MaxBy(outcome => outcome.Share)!;
        var fact = last.Rule is { } rule ? $"{string.Join(" > ", last.Chains)}: {rule.Specification}" : $"the policy of {last.Chains[0]} is {last.Verdict}";
        var evidence = new PathEvidence(fact, $"Get-NodeIptablesRule -Node {node.Node} -Table filter -Chain {last.Chains[^1]}");
        var hop = new PathHop { Kind = PathHopKind.ForwardingRules, Node = node.Node, Summary = $"the rules of {node.Node} end the packet", Packet = way.Packet.ToString(), Evidence = [evidence] };
        if (walk.Unknown.Count > 0)
        {
            way.Trace.Unknown(
                hop with { Summary = $"a rule of {node.Node} cannot be judged" },
                $"whether a packet meets {string.Join(" or ", walk.Unknown)} cannot be told from the rules; it was taken not to",
                $"See who put it there: Get-NodeIptablesRule -Node {node.Node} -Table filter; and send a packet: -Verify");
        }

        if (!outcomes.All(outcome => outcome.Refused))
            return evidence;
        way.Trace.Stop(
            hop,
            last.Rule is null ? $"the policy of chain {last.Chains[0]} on {node.Node} is {last.Verdict}, and no rule lets the packet pass" : $"a rule of {node.Node} in chain {last.Chains[^1]} says {last.Verdict}: {last.Rule.Specification}",
            $"See who put it there: Get-NodeIptablesRule -Node {node.Node} -Table filter -Chain {last.Chains[^1]}");
        return null;
    }

    /// <summary>Adds a hop when the packet leaves with another sender, and changes it.</summary>
    public static async Task MasqueradeAsync(PathWay way, NodeFacts node, NodeInterface to)
    {
        if (await NewSourceAsync(way, node, to).ConfigureAwait(false) is not { } evidence
            || await node.AddressOfAsync(to.Name, way.Packet.Source).ConfigureAwait(false) is not { } address
            || address.Equals(way.Packet.Source))
        {
            return;
        }

        var before = way.Packet.Source;
        way.Packet = way.Packet with { Source = address };
        way.Trace.Add(new PathHop
        {
            Kind = PathHopKind.Masquerade,
            Node = node.Node,
            Interface = to.Name,
            Summary = $"{node.Node} puts {address} in the place of {before}",
            Packet = way.Packet.ToString(),
            Evidence = [evidence],
        });
    }

    // What makes the node put the address of its interface into the packet; null when nothing does.
    private static async Task<PathEvidence?> NewSourceAsync(PathWay way, NodeFacts node, NodeInterface to)
    {
        if (way.Port?.Endpoint is not null && node.Node == way.SourceNode.Node && await ByCiliumAsync(way, node, to).ConfigureAwait(false) is { } evidence)
            return evidence;
        var packet = await PacketAsync(node, way.Packet, null, to).ConfigureAwait(false);
        var outcomes = new RuleWalk(ServiceStep.Table(await node.RulesAsync().ConfigureAwait(false), "nat")).From("POSTROUTING", packet);
        return outcomes.FirstOrDefault(outcome => outcome.Verdict is "MASQUERADE" or "SNAT") is { Rule: { } rule } translated
            ? new PathEvidence($"{string.Join(" > ", translated.Chains)}: {rule.Specification}", $"Get-NodeIptablesRule -Node {node.Node} -Table nat -Chain {translated.Chains[^1]}")
            : null;
    }

    // bpf_host leaves alone what stays in the native routing network, and what goes to nodes.
    private static async Task<PathEvidence?> ByCiliumAsync(PathWay way, NodeFacts node, NodeInterface to)
    {
        var agent = await node.AgentAsync().ConfigureAwait(false);
        if (agent.Masquerading != "BPF" || !agent.MasqueradesIPv4 || to.Kind is "vxlan" or "geneve" || agent.Devices.All(device => device.Name != to.Name))
            return null;
        var destination = way.Packet.Destination;
        return agent.NativeRoutingCidr?.Contains(destination) == true || way.Facts.Nodes.Any(one => one.InternalIps.Contains(destination)) || way.Facts.PodAt(destination) is not null
            ? null
            : new PathEvidence($"eBPF masquerades what leaves {agent.NativeRoutingCidr?.ToString() ?? "the node's pods"} through {to.Name}", $"Get-CiliumStatus -Node {node.Node}");
    }
}

using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Cilium;

/// <summary>
/// What the policies say for one endpoint, as the entries of its map. The datapath takes the closest entry that fits, so whatever denies
/// must be closer than what it overrules (pkg/policy/mapstate.go).
/// </summary>
internal static class PolicyResolution
{
    /// <summary>Which directions are enforced for an endpoint, and its entries.</summary>
    public static (bool Ingress, bool Egress, IReadOnlyList<PolicyEntry> Entries) Of(CiliumEndpoint endpoint, CiliumAgent agent)
    {
        var labels = new PolicyLabels(endpoint.Labels);
        var mode = agent.Configuration.Text("enable-policy", "default");
        List<NetworkPolicy> policies = endpoint.Kind == EndpointKind.Host || mode == "never" ? [] : [.. agent.Policies.Policies.Where(policy => policy.Subject(labels))];
        var isAlways = mode == "always" && endpoint.Kind == EndpointKind.Pod;
        var (ingress, egress) = (isAlways || policies.Any(static policy => policy.DeniesIngress), isAlways || policies.Any(static policy => policy.DeniesEgress));
        var rules = policies.SelectMany(static policy => policy.Rules).ToList();
        return (ingress, egress,
        [
            .. Entries(TrafficDirection.Ingress, ingress, rules, endpoint, agent),
            .. Entries(TrafficDirection.Egress, egress, rules, endpoint, agent),
        ]);
    }

    private static IEnumerable<PolicyEntry> Entries(TrafficDirection direction, bool isEnforced, List<PolicyRule> rules, CiliumEndpoint endpoint, CiliumAgent agent)
    {
        var entries = new HashSet<PolicyEntry>(PolicyEntry.ByKey);
        List<PolicyRule> own = [.. rules.Where(rule => rule.Direction == direction).OrderByDescending(static rule => rule.IsDeny)];
        List<(uint Id, PolicyLabels Labels)> identities = own.Count == 0 ? [] : [.. agent.KnownIdentities.Select(static identity => (identity.Id, new PolicyLabels(identity.Labels)))];
        foreach (var rule in own)
        {
            uint[] peers = rule.Peers.Any(static peer => peer.IsEverybody)
                ? [SecurityIdentity.Unknown]
                : [.. identities.Where(identity => rule.Peers.Any(peer => peer.IsSelected(identity.Labels))).Select(static identity => identity.Id)];
            foreach (var entry in peers.SelectMany(peer => Ports(direction, peer, rule, endpoint, agent)))
                entries.Add(entry with { IsDeny = rule.IsDeny });
        }

        if (!isEnforced)
            entries.Add(new PolicyEntry(direction, SecurityIdentity.Unknown));

        // The node itself always gets in: its kubelet asks the pods how they are.
        if (direction == TrafficDirection.Ingress && endpoint.Kind != EndpointKind.Host)
            entries.Add(new PolicyEntry(direction, SecurityIdentity.Host));
        return Overruled(entries).OrderBy(static entry => entry.Identity).ThenBy(static entry => entry.PortBits).ThenBy(static entry => entry.Protocol).ThenBy(static entry => entry.Port);
    }

    private static IEnumerable<PolicyEntry> Overruled(HashSet<PolicyEntry> entries)
    {
        var denied = entries.Where(static entry => entry.IsDeny).ToList();
        var allowed = entries.Where(static entry => !entry.IsDeny).Where(entry => !denied.Any(deny => (deny.Identity == entry.Identity || deny.Identity == SecurityIdentity.Unknown) && deny.Covers(entry)));
        foreach (var entry in allowed)
        {
            yield return entry;
            if (entry.Identity != SecurityIdentity.Unknown)
                continue;
            foreach (var deny in denied.Where(deny => deny.PortBits < entry.PortBits && deny.Covers(entry)))
                denied = [.. denied, entry with { Identity = deny.Identity, IsDeny = true }];
        }

        foreach (var deny in denied.Distinct(PolicyEntry.ByKey))
            yield return deny;
    }

    private static IEnumerable<PolicyEntry> Ports(TrafficDirection direction, uint peer, PolicyRule rule, CiliumEndpoint endpoint, CiliumAgent agent)
    {
        if (rule.Ports is null)
            return [new PolicyEntry(direction, peer)];
        return rule.Ports.SelectMany(port => port.Name is null ? Blocks(port) : Named(port, direction, endpoint, agent).SelectMany(Blocks))
            .Select(block => new PolicyEntry(direction, peer) { Protocol = block.Protocol, Port = block.Port, PortBits = block.Bits });
    }

    // A name is that of a port of the pod that is connected to.
    private static IEnumerable<PolicyPort> Named(PolicyPort port, TrafficDirection direction, CiliumEndpoint endpoint, CiliumAgent agent)
    {
        IEnumerable<StoredObject> pods = direction == TrafficDirection.Egress
            ? agent.Store.List(ResourceTypes.Pods).Items
            : agent.Store.Find(ResourceTypes.Pods, endpoint.PodNamespace, endpoint.PodName) is { } own ? [own] : [];
        return pods.SelectMany(static pod => pod.Json.Objects("spec", "containers")).SelectMany(static container => container.Objects("ports"))
            .Where(one => one.Text("name") == port.Name && CiliumPolicies.Protocol(one.Text("protocol") ?? "TCP") == port.Protocol)
            .Select(static one => (int)(one.Number("containerPort") ?? 0)).Where(static number => number > 0).Distinct()
            .Select(number => port with { First = number, Last = number, Name = null });
    }

    // The map compares the first bits of ports, so a range is several entries.
    private static IEnumerable<(IpProtocol Protocol, int Port, int Bits)> Blocks(PolicyPort port)
    {
        for (var first = port.First; first <= port.Last;)
        {
            var size = first == 0 ? 1 << 16 : first & -first;
            while (first + size - 1 > port.Last)
                size >>= 1;
            yield return (port.Protocol, first, 8 + 16 - int.Log2(size));
            first += size;
        }
    }
}

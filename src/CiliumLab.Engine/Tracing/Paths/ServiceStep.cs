using System.Net;
using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Paths;

/// <summary>A backend that may take the place of a service, with the mark that the packet has then.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Chance">How likely it is.</param>
/// <param name="Mark">The packet's mark.</param>
internal sealed record BackendChoice(IPEndPoint Address, double Chance, uint Mark = 0);

/// <summary>Who puts which backends in the place of a service's address: Cilium at the socket, or kube-proxy's rules on the node.</summary>
internal static class ServiceStep
{
    /// <summary>Cilium's way, which comes before there is a packet.</summary>
    /// <returns>The backends; none when Cilium does not know the address as a service's.</returns>
    public static async Task<IReadOnlyList<BackendChoice>> AtSocketAsync(PathWay way, LabService? service)
    {
        var node = way.SourceNode;
        if (way.Facts.Network.Cni != CniKind.Cilium || (await node.AgentAsync().ConfigureAwait(false)).KubeProxyReplacement != true)
            return [];
        var packet = way.Packet;
        var frontend = (await node.ServicesAsync().ConfigureAwait(false))
            .FirstOrDefault(one => one.Address.Equals(packet.Destination) && one.Port == packet.Port && (one.Protocol == TransportProtocol.Any || one.Protocol == packet.Protocol));
        if (frontend is null)
            return [];
        way.Translation = ServiceTranslation.Socket;
        var backends = frontend.Backends.Where(one => one.State == CiliumBackendState.Active).ToList();
        if (backends.Count == 0)
            backends = [.. frontend.Backends.Where(one => one.State == CiliumBackendState.Terminating)];
        var command = frontend.Name is null ? $"Get-CiliumService -Node {node.Node}" : $"Get-CiliumService -Node {node.Node} -Namespace {frontend.Namespace} -Name {frontend.Name}";
        var hop = new PathHop
        {
            Kind = PathHopKind.SocketLoadBalancing,
            Node = node.Node,
            Summary = $"connect() to {packet.Receiver} gets a backend before there is a packet: {string.Join(" or ", backends.Select(one => new IPEndPoint(one.Address, one.Port)))}",
            Evidence =
            [
                new("Cilium stands in for kube-proxy", $"Get-CiliumStatus -Node {node.Node}"),
                new($"{frontend.Frontend} has {(frontend.Backends.Count == 0 ? "no backend" : string.Join(", ", frontend.Backends))}", $"{command} | Select-Object -ExpandProperty Backends"),
            ],
        };
        if (backends.Count > 0)
            way.Trace.Add(hop);
        else
            StopWithoutBackend(way, hop with { Summary = $"{frontend.Frontend} has no backend" }, service);
        return [.. backends.Select(one => new BackendChoice(new IPEndPoint(one.Address, one.Port), 1.0 / backends.Count))];
    }

    /// <summary>kube-proxy's way, when the packet passes the node.</summary>
    /// <returns>The backends; none when no rule knows the address as a service's.</returns>
    public static async Task<IReadOnlyList<BackendChoice>> AtRulesAsync(PathWay way, LabService? service)
    {
        var node = way.SourceNode;
        var rules = await node.RulesAsync().ConfigureAwait(false);
        var packet = await ForwardingRules.PacketAsync(node, way.Packet, way.Port?.Link, null).ConfigureAwait(false);
        var outcomes = new RuleWalk(Table(rules, "nat")).From(way.Source.HostNetwork ? "OUTPUT" : "PREROUTING", packet);
        var translated = outcomes.Where(outcome => outcome.NewDestination is not null).ToList();
        var hop = new PathHop { Kind = PathHopKind.ServiceRules, Node = node.Node, Summary = $"kube-proxy's rules for {way.Packet.Receiver}", Packet = way.Packet.ToString() };
        if (translated.Count == 0)
        {
            StopRefused(way, hop, rules, packet, service);
            return [];
        }

        way.Translation = ServiceTranslation.KubeProxy;
        way.Trace.Add(hop with
        {
            Summary = $"kube-proxy's rules send {way.Packet.Receiver} to {string.Join(" or ", translated.Select(one => $"{one.NewDestination} ({one.Share:P0})"))}",
            Evidence =
            [
                .. translated.Select(one => new PathEvidence(
                    $"{string.Join(" > ", one.Chains)}: DNAT to {one.NewDestination}, {one.Share:P0}", $"Get-NodeIptablesRule -Node {node.Node} -Table nat -Chain {one.Chains[^1]}")),
            ],
        });
        return [.. translated.Select(one => new BackendChoice(one.NewDestination!, one.Share, one.Mark))];
    }

    /// <summary>Nobody puts anything in the place of the service's address.</summary>
    public static void StopUnserved(PathWay way, LabService? service)
    {
        var node = way.SourceNode.Node;
        var name = service is null ? "no service of the cluster" : $"service {service.Namespace}/{service.Service}";
        var hop = new PathHop
        {
            Kind = PathHopKind.ServiceRules,
            Node = node,
            Summary = $"nobody on {node} serves {way.Packet.Receiver}",
            Packet = way.Packet.ToString(),
            Evidence = [new($"no rule sends {way.Packet.Receiver} anywhere", $"Get-NodeIptablesRule -Node {node} -Table nat -Owner Kubernetes")],
        };
        if (service is null)
            way.Trace.Stop(hop, $"{way.Packet.Destination} is inside the service network, but is the address of {name}", "See the services: Get-LabService");
        else if (way.Packet.Port is { } port && !service.Ports.Any(one => one.Port == port))
            way.Trace.Stop(hop, $"{name} has no port {port}/{way.Packet.Protocol.ToString().ToUpperInvariant()}; it has {string.Join(", ", service.Ports)}", "Choose one of them with -Port.");
        else if (way.Packet.Port is null)
            way.Trace.Stop(hop, $"{way.Packet.Destination} is the address of {name}, and nobody answers ICMP for it", "Ask for TCP or UDP: -Protocol Tcp");
        else
            way.Trace.Stop(hop, $"neither kube-proxy's rules nor Cilium serve {name} on {node}", "See who should: Get-LabClusterNetwork; kube-proxy is gone, so Cilium must stand in for it: Install-Cni Cilium -Preset KubeProxyFree");
    }

    /// <summary>A table of a rule set.</summary>
    internal static IptablesTable? Table(IptablesRuleset rules, string name) => rules.Tables.FirstOrDefault(table => table.Table == name);

    // kube-proxy refuses connections to a service that has nobody behind it, in the filter table.
    private static void StopRefused(PathWay way, PathHop hop, IptablesRuleset rules, RulePacket packet, LabService? service)
    {
        var chain = way.Source.HostNetwork ? "OUTPUT" : "FORWARD";
        var refusal = new RuleWalk(Table(rules, "filter")).From(chain, packet with { OutInterface = "" }).FirstOrDefault(outcome => outcome.Refused && outcome.Rule?.Owner == IptablesOwner.Kubernetes);
        if (refusal is null)
            return;
        way.Translation = ServiceTranslation.KubeProxy;
        StopWithoutBackend(
            way,
            hop with
            {
                Summary = $"kube-proxy refuses {way.Packet.Receiver}",
                Evidence = [new(refusal.Rule!.Specification, $"Get-NodeIptablesRule -Node {way.SourceNode.Node} -Table filter -Chain {refusal.Chains[^1]}")],
            },
            service);
    }

    private static void StopWithoutBackend(PathWay way, PathHop hop, LabService? service)
    {
        if (service is null)
        {
            way.Trace.Stop(hop, $"the service at {way.Packet.Receiver} has no backend", "See the services and what stands behind them: Get-LabService");
            return;
        }

        var name = $"service {service.Namespace}/{service.Service}";
        var selector = string.Join(',', service.Selector.Select(pair => $"{pair.Key}={pair.Value}"));
        var shown = $"Get-LabPod -Namespace {service.Namespace} -Label '{selector}'";
        if (service.NotReadyEndpoints.ToList() is [_, ..] waiting)
            way.Trace.Stop(hop, $"{name} has no ready backend: {string.Join(", ", waiting.Select(one => $"{one.Pod ?? one.Address.ToString()} is not ready"))}", $"See why: {shown} | Format-List");
        else
            way.Trace.Stop(hop, $"{name} has no backend: no pod has the labels {selector}", $"See which pods there are: {shown}");
    }
}

using System.Net;
using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Paths;

/// <summary>The name of a destination: whether the sender's resolver can be reached, and what it answers.</summary>
internal static class NameStep
{
    private const int DnsPort = 53;

    /// <summary>Adds the hop.</summary>
    /// <returns>The address; null when there is none of its own, or the way ends here.</returns>
    public static async Task<IPAddress?> AddAsync(PathWay way, PathTarget target, string name)
    {
        IPAddress? found = null;
        var hop = new PathHop { Kind = PathHopKind.NameResolution, Node = way.Source.Node, Summary = $"{name} becomes an address" };
        await way.StepAsync(hop, async () => found = await AddAsync(way, target, name, hop).ConfigureAwait(false)).ConfigureAwait(false);
        return found;
    }

    private static async Task<IPAddress?> AddAsync(PathWay way, PathTarget target, string name, PathHop hop)
    {
        if (way.Facts.Network.DnsService is not { } server)
        {
            way.Trace.Stop(hop, "the cluster has no DNS service", "See what runs: Get-LabPod -Namespace kube-system");
            return null;
        }

        var asked = await PathTracer.HopsToAsync(way.Facts, way.Source, server, DnsPort, TransportProtocol.Udp).ConfigureAwait(false);
        var command = $"Trace-PodPath -From {way.Source.Namespace}/{way.Source.Pod} -To {server} -Port {DnsPort} -Protocol Udp";
        hop = hop with { Evidence = [new($"the query to {server} takes {asked.Count} hops and {(asked.Any(one => one.Outcome == PathHopOutcome.Stopped) ? "gets stuck" : "is answered")}", command)] };
        if (asked.FirstOrDefault(one => one.Outcome == PathHopOutcome.Stopped) is { } stuck)
        {
            way.Trace.Stop(hop, $"{name} is not resolved, because DNS at {server} cannot be reached: {stuck.Reason}", stuck.Remedy);
            return null;
        }

        if (target.Service is { } service)
        {
            if (service.Type == "ExternalName")
            {
                way.Trace.Stop(hop, $"{name} stands for a name outside the cluster, whose address only that DNS knows", "Name the address with -To.");
                return null;
            }

            var addresses = service.Headless ? service.ReadyEndpoints.Select(one => one.Address).ToList() : [service.ClusterIp!];
            hop = hop with { Evidence = [.. hop.Evidence, new($"service {service.Namespace}/{service.Service} has {(service.Headless ? "no address of its own" : service.ClusterIp)}", $"Get-LabService -Namespace {service.Namespace} -Name {service.Service}")] };
            if (addresses.Count == 0)
                way.Trace.Stop(hop, $"{name} has no address: it is headless and no pod of it is ready", $"See why: Get-LabService -Namespace {service.Namespace} -Name {service.Service} | Select-Object -ExpandProperty Endpoints");
            else
                way.Trace.Add(hop with { Summary = $"DNS at {server} says that {name} is {string.Join(" or ", addresses)}" });
            return service.ClusterIp;
        }

        IReadOnlyList<IPAddress> answers;
        try
        {
            answers = await way.SourceNode.ResolveAsync(name).ConfigureAwait(false);
        }
        catch (LabException error)
        {
            way.Trace.Stop(hop, $"{name} is no service, pod or node of the cluster, and what DNS outside says of it cannot be asked: {error.Message}", "Check the name, or give its address with -To.");
            return null;
        }

        var shown = new PathEvidence(answers.Count == 0 ? "no address" : string.Join(", ", answers), $"Invoke-NodeCommand -Node {way.Source.Node} -Command getent, ahosts, {name}");
        hop = hop with { Evidence = [.. hop.Evidence, shown] };
        if (answers is not [var address, ..])
        {
            way.Trace.Stop(hop, $"{name} has no address: it is no service, pod or node of the cluster, and DNS outside does not know it", "Check the name: Get-LabService; Get-LabPod");
            return null;
        }

        way.Trace.Add(hop with { Summary = $"{name} is a name outside the cluster; the node's resolver says {address}" });
        return address;
    }
}

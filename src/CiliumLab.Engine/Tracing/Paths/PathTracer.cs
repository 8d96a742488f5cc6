using System.Net;
using CiliumLab.Engine.Cluster.Pods;
using CiliumLab.Engine.Labs;
using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Paths;

/// <summary>Follows a packet from a pod to a destination by the state of the cluster and its nodes; nothing is sent.</summary>
/// <param name="session">The lab.</param>
public sealed class PathTracer(LabSession session)
{
    /// <summary>Follows it.</summary>
    /// <param name="question">From where to where.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="LabException"><c>PodNotFound</c> with those that are, <c>PodNotRunning</c>, <c>PathDestinationInvalid</c>, or the cluster does not answer.</exception>
    public async Task<PodPath> TraceAsync(PathQuestion question, CancellationToken cancellationToken)
    {
        var facts = await PathFacts.ReadAsync(session, cancellationToken).ConfigureAwait(false);
        var pod = Sender(facts, question);
        var target = PathTarget.Find(facts, pod.Namespace, question);
        var ways = await FollowAsync(facts, pod, target, question.Protocol).ConfigureAwait(false);
        return Result(facts, pod, target, question, ways);
    }

    private static async Task<IReadOnlyList<(BackendChoice? Backend, PathWay Way)>> FollowAsync(PathFacts facts, LabPod pod, PathTarget target, TransportProtocol protocol)
    {
        var way = new PathWay(facts, pod, new PathPacket(pod.Address!, target.Address ?? IPAddress.None, target.Port, protocol), new PathTrace());
        if (target.HostName is { } name && await NameStep.AddAsync(way, target, name).ConfigureAwait(false) is { } resolved)
            way.Packet = way.Packet with { Destination = resolved };
        if (way.Trace.Stopped || (way.Packet.Destination.Equals(IPAddress.None) && target.Service?.Headless != true))
            return [(null, way)];
        if (target.Service is { Headless: true })
            return await HeadlessAsync(way, target).ConfigureAwait(false);

        IReadOnlyList<BackendChoice> backends = [];
        await way.StepAsync(
            new PathHop { Kind = PathHopKind.SocketLoadBalancing, Node = pod.Node, Summary = "socket load balancing" },
            async () => backends = await ServiceStep.AtSocketAsync(way, target.Service).ConfigureAwait(false)).ConfigureAwait(false);
        if (way.Trace.Stopped)
            return [(null, way)];
        if (backends.Count > 0)
            return await EachAsync(way, backends, ThroughInterfaceAsync).ConfigureAwait(false);

        SourceStep.AddPod(way);
        await SourceStep.AddInterfaceAsync(way).ConfigureAwait(false);
        await way.StepAsync(
            new PathHop { Kind = PathHopKind.ServiceRules, Node = pod.Node, Summary = "kube-proxy's rules" },
            async () => backends = await ServiceStep.AtRulesAsync(way, target.Service).ConfigureAwait(false)).ConfigureAwait(false);
        if (backends.Count == 0 && !way.Trace.Stopped && (target.Service is not null || facts.Network.ServiceCidr?.Contains(way.Packet.Destination) == true))
            ServiceStep.StopUnserved(way, target.Service);
        if (backends.Count > 0)
            return await EachAsync(way, backends, FromInterfaceAsync).ConfigureAwait(false);
        await FromInterfaceAsync(way).ConfigureAwait(false);
        return [(null, way)];
    }

    // A name without an address of its own stands for all of its pods.
    private static Task<IReadOnlyList<(BackendChoice? Backend, PathWay Way)>> HeadlessAsync(PathWay way, PathTarget target)
    {
        var ready = target.Service!.ReadyEndpoints.ToList();
        return EachAsync(
            way,
            [.. ready.Select(one => new BackendChoice(new IPEndPoint(one.Address, one.Ports is [var port, ..] ? port : target.Port ?? 0), 1.0 / ready.Count))],
            ThroughInterfaceAsync);
    }

    private static async Task<IReadOnlyList<(BackendChoice? Backend, PathWay Way)>> EachAsync(PathWay way, IReadOnlyList<BackendChoice> backends, Func<PathWay, Task> go)
    {
        var ways = new List<(BackendChoice?, PathWay)>();
        foreach (var backend in backends)
        {
            var one = way.Branch(way.Packet.To(backend.Address) with { Translated = way.Translation == ServiceTranslation.KubeProxy, Mark = backend.Mark });
            await go(one).ConfigureAwait(false);
            ways.Add((backend, one));
        }

        return ways;
    }

    private static async Task ThroughInterfaceAsync(PathWay way)
    {
        SourceStep.AddPod(way);
        await SourceStep.AddInterfaceAsync(way).ConfigureAwait(false);
        await FromInterfaceAsync(way).ConfigureAwait(false);
    }

    private static async Task FromInterfaceAsync(PathWay way)
    {
        await way.StepAsync(new PathHop { Kind = PathHopKind.Route, Node = way.Source.Node, Summary = "the way through the nodes" }, () => ForwardStep.GoAsync(way)).ConfigureAwait(false);
        await way.StepAsync(new PathHop { Kind = PathHopKind.ReturnRoute, Node = way.Trace.DestinationNode, Summary = "the way of the answer" }, () => ArrivalStep.ReturnAsync(way)).ConfigureAwait(false);
    }

    /// <summary>The way to an address without a name, for those that must know whether it can be reached on the way to something else.</summary>
    internal static async Task<IReadOnlyList<PathHop>> HopsToAsync(PathFacts facts, LabPod pod, IPAddress address, int port, TransportProtocol protocol)
    {
        var service = facts.Services.FirstOrDefault(one => address.Equals(one.ClusterIp));
        var target = new PathTarget { Named = address.ToString(), Address = address, Port = port, Service = service };
        var ways = await FollowAsync(facts, pod, target, protocol).ConfigureAwait(false);
        return Worst(ways).Way.Trace.Hops;
    }

    private static (BackendChoice? Backend, PathWay Way) Worst(IReadOnlyList<(BackendChoice? Backend, PathWay Way)> ways) =>
        ways.FirstOrDefault(one => one.Way.Trace.Stopped) is { Way: not null } stuck ? stuck : ways[0];

    private static PodPath Result(PathFacts facts, LabPod pod, PathTarget target, PathQuestion question, IReadOnlyList<(BackendChoice? Backend, PathWay Way)> ways)
    {
        var (_, shown) = Worst(ways);
        return new PodPath
        {
            From = $"{pod.Namespace}/{pod.Pod}",
            To = question.To,
            Protocol = question.Protocol,
            Port = target.Port,
            Cni = facts.Network.Cni,
            Translation = shown.Translation,
            Source = pod.Address,
            SourceNode = pod.Node,
            Destination = shown.Packet.Destination.Equals(IPAddress.None) ? null : shown.Packet.Destination,
            DestinationNode = shown.Trace.DestinationNode,
            Backends = [.. ways.Where(one => one.Backend is not null).Select(one => Backend(facts, one.Backend!, one.Way))],
            Hops = shown.Trace.Hops,
        };
    }

    private static PathBackend Backend(PathFacts facts, BackendChoice backend, PathWay way) => new(backend.Address, backend.Chance)
    {
        Pod = facts.PodAt(backend.Address.Address)?.Pod,
        Node = facts.PodAt(backend.Address.Address)?.Node,
        Reachable = !way.Trace.Stopped,
        Reason = way.Trace.Stopped ? way.Trace.Hops[^1].Reason : null,
    };

    private static LabPod Sender(PathFacts facts, PathQuestion question)
    {
        var (ns, name) = question.From.Split('/') is [var first, var second] ? (first, second) : (question.Namespace, question.From);
        var pod = facts.Pods.FirstOrDefault(one => one.Namespace == ns && one.Pod == name)
            ?? throw RunningPod.NotFound(ns, name, [.. facts.Pods.Where(one => one.Namespace == ns).Select(one => one.Pod)], " with -From");
        return pod is { Phase: PodPhase.Running, Address: not null, Node: not null }
            ? pod
            : throw new LabException(
                "PodNotRunning",
                LabErrorKind.InvalidOperation,
                $"Pod '{ns}/{name}' sends nothing, because it does not run: {pod.Reason ?? pod.Phase.ToString()}.",
                name,
                $"See it with: Get-LabPod -Namespace {ns} -Name {name} | Format-List");
    }
}

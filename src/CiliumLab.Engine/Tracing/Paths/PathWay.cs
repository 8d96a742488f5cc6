using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Paths;

/// <summary>A packet on its way from a pod: where it is and what was found so far.</summary>
internal sealed class PathWay
{
    /// <summary>Begins a way.</summary>
    public PathWay(PathFacts facts, LabPod source, PathPacket packet, PathTrace trace) =>
        (Facts, Source, Packet, Trace) = (facts, source, packet, trace);

    /// <summary>The cluster.</summary>
    public PathFacts Facts { get; }

    /// <summary>The pod that sends.</summary>
    public LabPod Source { get; }

    /// <summary>The hops.</summary>
    public PathTrace Trace { get; }

    /// <summary>The packet as it is now.</summary>
    public PathPacket Packet { get; set; }

    /// <summary>The sender's node.</summary>
    public NodeFacts SourceNode => Facts.Node(Source.Node!);

    /// <summary>Where the sender is plugged in; null when it is on its node's network, or before that is known.</summary>
    public PodPort? Port { get; set; }

    /// <summary>Who puts a backend in the place of the service.</summary>
    public ServiceTranslation Translation { get; set; }

    /// <summary>Whether Cilium's programs on the sender's node route by themselves, past the node's rules.</summary>
    public bool HostRoutingByBpf { get; set; }

    /// <summary>A way that goes on from here with another packet.</summary>
    public PathWay Branch(PathPacket packet) =>
        new(Facts, Source, packet, new PathTrace(Trace.Hops)) { Port = Port, Translation = Translation, HostRoutingByBpf = HostRoutingByBpf };

    /// <summary>Does a step; what it cannot read is a hop whose outcome is not known.</summary>
    public async Task StepAsync(PathHop about, Func<Task> step)
    {
        if (Trace.Stopped)
            return;
        try
        {
            await step().ConfigureAwait(false);
        }
        catch (LabException error)
        {
            Trace.Unknown(about, error.Message, error.RecommendedAction);
        }
    }
}

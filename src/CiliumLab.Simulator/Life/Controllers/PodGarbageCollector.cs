using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>Removes pods that no kubelet will ever finish: on nodes that are gone, or deleted before they were bound.</summary>
/// <param name="loop">The loop.</param>
internal sealed class PodGarbageCollector(ControlLoop loop) : Controller(loop)
{
    private static readonly EventSource Source = new("pod-garbage-collector");

    /// <inheritdoc/>
    public override void Changed(ResourceEvent change)
    {
        if (change.Object.Type == ResourceTypes.Nodes && change.Type == ResourceEventType.Deleted)
        {
            foreach (var pod in Index.PodsOn(change.Object.Name))
                Enqueue(pod);
        }
        else if (change.Object.Type == ResourceTypes.Pods && change.Object.IsTerminating && change.Object.NodeName() is null)
        {
            Enqueue(change.Object);
        }
    }

    /// <inheritdoc/>
    public override void Reconcile(string key)
    {
        if (Find(ResourceTypes.Pods, key) is not { } pod)
            return;
        if (pod.NodeName() is { } node)
        {
            if (Store.Find(ResourceTypes.Nodes, null, node) is not null)
                return;
            Loop.Events.Normal(pod, Source, "PodGC", $"PodGC: node no longer exists, deleting pod {pod.Namespace}/{pod.Name}");
        }
        else if (!pod.IsTerminating)
        {
            return;
        }
        Store.Delete(ResourceTypes.Pods, pod.Namespace, pod.Name, new() { GracePeriodSeconds = 0, Uid = pod.Uid });
    }
}

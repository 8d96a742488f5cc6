using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>Shows each kubelet the changes of its own pods, so that a change costs the same whatever the number of nodes.</summary>
/// <param name="loop">The loop.</param>
/// <param name="find">The kubelet of a node; null when there is none.</param>
internal sealed class Kubelets(ControlLoop loop, Func<string, NodeKubelet?> find) : Controller(loop)
{
    /// <inheritdoc/>
    public override void Changed(ResourceEvent change)
    {
        if (change.Object.Type != ResourceTypes.Pods || change.Object.NodeName() is not { } node)
            return;
        // What only the kubelet itself wrote is no news to it.
        if (change.Type == ResourceEventType.Modified && change.Previous is { } before && before.NodeName() == node
            && before.IsTerminating == change.Object.IsTerminating
            && before.Json.Number("metadata", "generation") == change.Object.Json.Number("metadata", "generation")
            && before.Json.Number("metadata", "deletionGracePeriodSeconds") == change.Object.Json.Number("metadata", "deletionGracePeriodSeconds"))
        {
            return;
        }
        find(node)?.Note(change.Object);
    }
}

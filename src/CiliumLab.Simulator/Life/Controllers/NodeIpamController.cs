using System.Net;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;

namespace CiliumLab.Simulator.Life;

/// <summary>Gives each node its part of the cluster's pod CIDR, the lowest that is free.</summary>
/// <param name="loop">The loop.</param>
/// <param name="cluster">What is shared out.</param>
/// <param name="length">The prefix length of a node's part.</param>
internal sealed class NodeIpamController(ControlLoop loop, IPNetwork cluster, int length = 24) : Controller(loop)
{
    private static readonly EventSource Source = new("cidrAllocator");

    /// <inheritdoc/>
    public override void Changed(ResourceEvent change)
    {
        if (change.Object.Type == ResourceTypes.Nodes && change.Type != ResourceEventType.Deleted && change.Object.Json.Text("spec", "podCIDR") is null)
            Enqueue(change.Object);
    }

    /// <inheritdoc/>
    public override void Reconcile(string key)
    {
        if (Find(ResourceTypes.Nodes, key) is not { } node || node.Json.Text("spec", "podCIDR") is { Length: > 0 })
            return;
        var taken = Store.List(ResourceTypes.Nodes).Items.Select(static n => n.Json.Text("spec", "podCIDR")).OfType<string>().ToHashSet(StringComparer.Ordinal);
        var bytes = cluster.BaseAddress.GetAddressBytes();
        var start = (uint)((bytes[0] << 24) | (bytes[1] << 16) | (bytes[2] << 8) | bytes[3]);
        for (var i = 0u; i < 1u << (length - cluster.PrefixLength); i++)
        {
            var at = start + (i << (32 - length));
            var part = $"{at >> 24}.{(at >> 16) & 255}.{(at >> 8) & 255}.{at & 255}/{length}";
            if (taken.Contains(part))
                continue;
            Store.Edit(ResourceTypes.Nodes, null, node.Name, n =>
            {
                n.Ensure("spec")["podCIDR"] = part;
                n.Ensure("spec")["podCIDRs"] = new JsonArray(part);
            });
            return;
        }
        Loop.Events.Warning(node, Source, "CIDRNotAvailable", $"Node {node.Name} status is now: CIDRNotAvailable");
    }
}

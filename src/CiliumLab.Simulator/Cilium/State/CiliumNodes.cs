using System.Net;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Cilium;

/// <summary>A node as its CiliumNode tells it to the others.</summary>
internal sealed record CiliumNodeView(string Name, IPAddress Address, IPAddress? Router, IPAddress? Health, IpPrefix? Pods)
{
    /// <summary>Reads an object; null while it says nothing of use.</summary>
    public static CiliumNodeView? Of(StoredObject obj)
    {
        var spec = obj.Json.Object("spec");
        IPAddress? Find(string type) => Parse(spec.Objects("addresses").FirstOrDefault(address => address.Text("type") == type).Text("ip"));
        return Find("InternalIP") is { } address
            ? new CiliumNodeView(obj.Name, address, Find("CiliumInternalIP"), Parse(spec.Text("health", "ipv4")), spec.Texts("ipam", "podCIDRs").Select(static text => (IpPrefix?)IpPrefix.Parse(text)).FirstOrDefault())
            : null;
    }

    private static IPAddress? Parse(string? text) => IPAddress.TryParse(text, out var address) ? address : null;
}

/// <summary>Reads and writes CiliumNode objects.</summary>
internal static class CiliumNodes
{
    /// <summary>The pod network that the operator gave to a node; null while it has not.</summary>
    public static IpPrefix? PodCidr(ObjectStore store, string node) =>
        CustomResources.Find(store, CustomResources.Nodes) is { } type && store.Find(type, null, node) is { } found
        && found.Json.Texts("spec", "ipam", "podCIDRs").FirstOrDefault() is { } text ? IpPrefix.Parse(text) : null;

    /// <summary>All nodes.</summary>
    public static IReadOnlyList<CiliumNodeView> All(ObjectStore store) =>
        CustomResources.Find(store, CustomResources.Nodes) is { } type ? [.. store.List(type).Items.Select(CiliumNodeView.Of).OfType<CiliumNodeView>()] : [];

    /// <summary>Makes an agent's own object.</summary>
    public static void Ensure(CiliumAgent agent, ResourceType type)
    {
        if (agent.Store.Find(type, null, agent.Node.Name) is not null)
            return;
        var node = agent.NodeObject!;
        agent.Store.Create(type, new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = node.Name,
                ["labels"] = node.Json.Object("metadata", "labels")?.DeepClone(),
                ["ownerReferences"] = new JsonArray(new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Node", ["name"] = node.Name, ["uid"] = node.Uid }),
            },
            ["spec"] = new JsonObject
            {
                ["addresses"] = new JsonArray(new JsonObject { ["ip"] = agent.NodeAddress.ToString(), ["type"] = "InternalIP" }),
                ["alibaba-cloud"] = new JsonObject(),
                ["azure"] = new JsonObject(),
                ["bootid"] = agent.Node.Identity.BootId,
                ["encryption"] = new JsonObject(),
                ["eni"] = new JsonObject(),
                ["health"] = new JsonObject(),
                ["ingress"] = new JsonObject(),
                ["ipam"] = new JsonObject { ["pools"] = new JsonObject() },
            },
            ["status"] = new JsonObject { ["alibaba-cloud"] = new JsonObject(), ["azure"] = new JsonObject(), ["eni"] = new JsonObject(), ["ipam"] = new JsonObject { ["operator-status"] = new JsonObject() } },
        });
    }

    /// <summary>Tells the others this node's addresses.</summary>
    public static void Publish(CiliumAgent agent, ResourceType type) => agent.Store.TryEdit(type, null, agent.Node.Name, obj =>
    {
        var spec = obj.Ensure("spec");
        spec["addresses"] = new JsonArray(
            new JsonObject { ["ip"] = agent.NodeAddress.ToString(), ["type"] = "InternalIP" },
            new JsonObject { ["ip"] = agent.Router.ToString(), ["type"] = "CiliumInternalIP" });
        spec["health"] = agent.Endpoints.Health?.Address is { } health ? new JsonObject { ["ipv4"] = health.ToString() } : [];
    });
}

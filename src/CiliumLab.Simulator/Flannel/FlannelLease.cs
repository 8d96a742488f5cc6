using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Flannel;

/// <summary>What a node's flanneld tells the others, as annotations of the Node object.</summary>
/// <param name="Node">The node.</param>
/// <param name="Subnet">The addresses of its pods.</param>
/// <param name="PublicAddress">Where its end of the tunnel is reached.</param>
/// <param name="Backend">The kind of backend.</param>
/// <param name="Mac">The tunnel interface's address; null without a tunnel.</param>
internal sealed record FlannelLease(string Node, IpPrefix Subnet, IPAddress PublicAddress, string Backend, MacAddress? Mac)
{
    private const string Prefix = "flannel.alpha.coreos.com/";

    /// <summary>A node's lease; null when no flanneld wrote one, or the node has no pod network.</summary>
    public static FlannelLease? Of(StoredObject node)
    {
        var annotations = node.Json.Object("metadata", "annotations");
        if (annotations.Text(Prefix + "kube-subnet-manager") != "true" || !IpPrefix.TryParse(node.Json.Text("spec", "podCIDR") ?? "", out var subnet)
            || !IPAddress.TryParse(annotations.Text(Prefix + "public-ip"), out var address))
        {
            return null;
        }

        return new FlannelLease(node.Name, subnet.Network, address, annotations.Text(Prefix + "backend-type") ?? "", StoredMac(node));
    }

    /// <summary>The tunnel interface's address that a node's annotations remember: it outlives the interface.</summary>
    public static MacAddress? StoredMac(StoredObject node)
    {
        try
        {
            var data = node.Json.Text("metadata", "annotations", Prefix + "backend-data") is { } text ? JsonNode.Parse(text) : null;
            return data.Text("VtepMAC") is { } mac && MacAddress.TryParse(mac, out var address) ? address : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Writes the lease into a Node object.</summary>
    public void Write(JsonObject node, uint vni)
    {
        var annotations = node.Ensure("metadata", "annotations");
        annotations[Prefix + "backend-data"] = Mac is { } mac ? $"{{\"VNI\":{vni},\"VtepMAC\":\"{mac}\"}}" : "null";
        annotations[Prefix + "backend-type"] = Backend;
        annotations[Prefix + "kube-subnet-manager"] = "true";
        annotations[Prefix + "public-ip"] = PublicAddress.ToString();
    }
}

using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace CiliumLab.Engine.Cluster.Resources;

/// <summary>A CiliumNode, as far as addresses go (cilium, pkg/k8s/apis/cilium.io/v2/types.go).</summary>
[KubernetesEntity(Group = "cilium.io", ApiVersion = "v2", Kind = "CiliumNode", PluralName = "ciliumnodes")]
internal sealed class CiliumNodeResource : IKubernetesObject<V1ObjectMeta>
{
    /// <inheritdoc/>
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = "";

    /// <inheritdoc/>
    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "";

    /// <inheritdoc/>
    [JsonPropertyName("metadata")]
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>What the node wants and was given.</summary>
    [JsonPropertyName("spec")]
    public NodeSpec? Spec { get; set; }

    /// <summary>What the node wants and was given.</summary>
    internal sealed class NodeSpec
    {
        /// <summary>Its pod addresses.</summary>
        [JsonPropertyName("ipam")]
        public NodeIpam? Ipam { get; set; }
    }

    /// <summary>A node's pod addresses.</summary>
    internal sealed class NodeIpam
    {
        /// <summary>The networks that the agent gives addresses from; in cluster-pool and kubernetes mode.</summary>
        [JsonPropertyName("podCIDRs")]
        public IList<string>? PodCidrs { get; set; }
    }
}

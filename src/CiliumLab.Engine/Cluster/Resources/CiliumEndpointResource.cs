using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace CiliumLab.Engine.Cluster.Resources;

/// <summary>A CiliumEndpoint, as far as it is read here (cilium, pkg/k8s/apis/cilium.io/v2/types.go). It has its pod's name.</summary>
[KubernetesEntity(Group = "cilium.io", ApiVersion = "v2", Kind = "CiliumEndpoint", PluralName = "ciliumendpoints")]
internal sealed class CiliumEndpointResource : IKubernetesObject<V1ObjectMeta>
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

    /// <summary>What the agent says about it.</summary>
    [JsonPropertyName("status")]
    public EndpointStatus? Status { get; set; }

    /// <summary>What the agent says about an endpoint.</summary>
    internal sealed class EndpointStatus
    {
        /// <summary>The endpoint's number on its node.</summary>
        [JsonPropertyName("id")]
        public int? Id { get; set; }

        /// <summary>Its identity.</summary>
        [JsonPropertyName("identity")]
        public EndpointIdentity? Identity { get; set; }

        /// <summary>Its state, as the agent calls it.</summary>
        [JsonPropertyName("state")]
        public string? State { get; set; }

        /// <summary>Its place in the network.</summary>
        [JsonPropertyName("networking")]
        public EndpointNetworking? Networking { get; set; }
    }

    /// <summary>An endpoint's identity.</summary>
    internal sealed class EndpointIdentity
    {
        /// <summary>The number.</summary>
        [JsonPropertyName("id")]
        public uint? Id { get; set; }

        /// <summary>The labels.</summary>
        [JsonPropertyName("labels")]
        public IList<string>? Labels { get; set; }
    }

    /// <summary>An endpoint's place in the network.</summary>
    internal sealed class EndpointNetworking
    {
        /// <summary>Its addresses.</summary>
        [JsonPropertyName("addressing")]
        public IList<AddressPair>? Addressing { get; set; }
    }

    /// <summary>An address of each family.</summary>
    internal sealed class AddressPair
    {
        /// <summary>The IPv4 address.</summary>
        [JsonPropertyName("ipv4")]
        public string? Ipv4 { get; set; }

        /// <summary>The IPv6 address.</summary>
        [JsonPropertyName("ipv6")]
        public string? Ipv6 { get; set; }
    }
}

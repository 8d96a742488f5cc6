using System.Text.Json.Serialization;
using k8s;
using k8s.Models;

namespace CiliumLab.Engine.Cluster;

/// <summary>A list of objects of any kind, as the API gives it.</summary>
internal sealed class ResourceList<T> : IKubernetesObject<V1ListMeta>
    where T : IKubernetesObject
{
    /// <inheritdoc/>
    [JsonPropertyName("apiVersion")]
    public string ApiVersion { get; set; } = "";

    /// <inheritdoc/>
    [JsonPropertyName("kind")]
    public string Kind { get; set; } = "";

    /// <inheritdoc/>
    [JsonPropertyName("metadata")]
    public V1ListMeta Metadata { get; set; } = new();

    /// <summary>The objects.</summary>
    [JsonPropertyName("items")]
    public IList<T> Items { get; set; } = [];
}

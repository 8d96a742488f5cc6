using System.Text.Json.Nodes;
using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;
using k8s.Models;

namespace CiliumLab.Engine.Cni;

/// <summary>What flanneld wrote about a node on its Node object, for the other nodes to read.</summary>
internal sealed class AnnotationArtifacts : IArtifactGroup
{
    private const string Domain = "flannel.alpha.coreos.com/";

    private readonly ClusterClient _cluster;
    private readonly string _node;
    private readonly IReadOnlyDictionary<string, string> _annotations;

    private AnnotationArtifacts(ClusterClient cluster, string node, IReadOnlyDictionary<string, string> annotations)
    {
        (_cluster, _node, _annotations) = (cluster, node, annotations);
        Artifacts = [.. annotations.OrderBy(annotation => annotation.Key, StringComparer.Ordinal).Select(annotation => new CniArtifact
        {
            Node = node, Owner = CniArtifactOwner.Flannel, Kind = CniArtifactKind.Annotation, Name = annotation.Key, Detail = annotation.Value,
        })];
    }

    /// <inheritdoc/>
    public IReadOnlyList<CniArtifact> Artifacts { get; }

    /// <summary>Looks at a node's object; nothing when the cluster has no such node.</summary>
    public static async Task<IEnumerable<IArtifactGroup>> FindAsync(INodeShell shell, ClusterClient cluster, CancellationToken cancellationToken)
    {
        var node = await cluster.FindAsync<V1Node>(null, shell.Node, cancellationToken).ConfigureAwait(false);
        var annotations = (node?.Metadata.Annotations ?? new Dictionary<string, string>())
            .Where(annotation => annotation.Key.StartsWith(Domain, StringComparison.Ordinal)).ToDictionary();
        return annotations.Count == 0 ? [] : [new AnnotationArtifacts(cluster, shell.Node, annotations)];
    }

    /// <inheritdoc/>
    public Task BackUpAsync(ArtifactBackup backup, CancellationToken cancellationToken) =>
        backup.WriteAsync("annotations.json", Patch(annotation => annotation).ToJsonString() + "\n", cancellationToken);

    /// <inheritdoc/>
    public async Task RemoveAsync(Func<CniArtifact, ValueTask> removed, CancellationToken cancellationToken)
    {
        await _cluster.MergeAsync<V1Node>(null, _node, Patch(_ => null), cancellationToken).ConfigureAwait(false);
        foreach (var artifact in Artifacts)
            await removed(artifact).ConfigureAwait(false);
    }

    // A merge patch, which kubectl patch takes too.
    private JsonObject Patch(Func<string, string?> value) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["annotations"] = new JsonObject(_annotations.Select(annotation => KeyValuePair.Create(annotation.Key, (JsonNode?)value(annotation.Value)))),
        },
    };
}

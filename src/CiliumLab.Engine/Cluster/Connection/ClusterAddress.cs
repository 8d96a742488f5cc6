namespace CiliumLab.Engine.Cluster.Connection;

/// <summary>Which API server is meant, for requests and for what is said about them.</summary>
/// <param name="Lab">The lab's name.</param>
/// <param name="Server">The server, as the kubeconfig names it.</param>
/// <param name="KubeConfig">The kubeconfig file.</param>
internal sealed record ClusterAddress(string Lab, Uri Server, string KubeConfig)
{
    /// <inheritdoc/>
    public override string ToString() => $"the API server of lab '{Lab}' ({Server.GetLeftPart(UriPartial.Authority)})";
}

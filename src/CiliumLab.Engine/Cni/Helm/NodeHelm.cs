using System.Text;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cni.Helm;

/// <summary>Helm on the control plane, as root with the administrator's kubeconfig.</summary>
/// <param name="controlPlane">The control plane.</param>
internal sealed class NodeHelm(INodeShell controlPlane) : IHelmPlace
{
    private const string AdminKubeConfig = "/etc/kubernetes/admin.conf";

    /// <inheritdoc/>
    public string Name => controlPlane.Place;

    /// <inheritdoc/>
    public string Target => controlPlane.Node;

    /// <inheritdoc/>
    public string ByHand(IReadOnlyList<string> words) => controlPlane.ByHand(Command(words));

    /// <inheritdoc/>
    public Task<NodeCommandResult> RunAsync(IReadOnlyList<string> words, string input, CancellationToken cancellationToken) =>
        controlPlane.RunAsync(Command(words) with { Input = Encoding.UTF8.GetBytes(input) }, cancellationToken);

    private static NodeCommand Command(IReadOnlyList<string> words) => NodeCommand.AsRoot(["helm", .. words, "--kubeconfig", AdminKubeConfig]);
}

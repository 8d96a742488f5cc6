using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Text;
using CiliumLab.Model;

namespace CiliumLab.Engine.Cni;

/// <summary>Finds out whether an owner still runs on a node: it would make everything anew that is removed.</summary>
internal static class RunningOwners
{
    /// <summary>The error that says so; null when it does not run, or the node has no container runtime to ask.</summary>
    public static async Task<LabException?> FindAsync(
        INodeShell shell, CniArtifactOwner owner, Action<TextWarning> warn, CancellationToken cancellationToken)
    {
        IReadOnlyList<NodeContainer> containers;
        try
        {
            containers = await NodeContainers.ReadAsync(shell, all: false, warn, cancellationToken).ConfigureAwait(false);
        }
        catch (LabException error) when (error.ErrorId is "CrictlNotFound" or "ContainerRuntimeUnavailable")
        {
            return null;
        }

        var (name, id, remedy) = owner == CniArtifactOwner.Flannel
            ? ("kube-flannel", "FlannelStillRuns", "Uninstall it first: Uninstall-Cni Flannel")
            : ("kube-proxy", "KubeProxyStillRuns", "Delete it first: kubectl -n kube-system delete daemonset/kube-proxy configmap/kube-proxy");
        return containers.FirstOrDefault(container => container.Name == name && container.State == NodeContainerState.Running) is { } running
            ? new LabException(
                id,
                LabErrorKind.InvalidOperation,
                $"Nothing was removed on node '{shell.Node}': {owner} still runs there, in pod {running.Namespace}/{running.Pod}, and would make everything anew.",
                shell.Node,
                remedy)
            : null;
    }
}

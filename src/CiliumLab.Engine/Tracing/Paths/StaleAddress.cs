using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Paths;

/// <summary>The explanation for a pod that outlived its CNI.</summary>
internal static class StaleAddress
{
    /// <summary>Why packets from or to a pod get lost, when that is because its address is of a CNI that was replaced; null otherwise.</summary>
    public static (string Reason, string Remedy)? Of(LabPod? pod) =>
        pod is { Managed: false, Cni: not CniKind.None }
            ? ($"pod {pod.Namespace}/{pod.Pod} still has {pod.Address}, which is no address of {pod.Cni}: it was started before {pod.Cni} was in charge",
                $"Restart-LabWorkload -Namespace {pod.Namespace} -UnmanagedOnly")
            : pod is { Managed: false }
                ? ($"no CNI is in charge, and what carried packets of {pod.Address} ({pod.Namespace}/{pod.Pod}) is gone", "Install-Cni Cilium, then Restart-LabWorkload -UnmanagedOnly")
                : null;
}

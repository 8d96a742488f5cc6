using System.Text.RegularExpressions;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Model;

namespace CiliumLab.Engine.Providers.Vagrant;

/// <summary>Refuses what Vagrant, VirtualBox or the package repositories do not have.</summary>
internal static partial class VagrantTopologyCheck
{
    // The first minor version in the community's repositories, pkgs.k8s.io.
    private static readonly Version OldestKubernetes = new(1, 24, 0);

    /// <summary>The least memory of a node, in MiB.</summary>
    public const int LeastMemory = 1700;

    // VirtualBox's limits are far above; kubeadm refuses less (its preflight check NumCPU and Mem).
    private const int LeastCpu = 2;

    /// <summary>Checks versions, sizes and ports.</summary>
    /// <exception cref="LabException"><c>TopologyInvalid</c>.</exception>
    public static void Require(LabTopology topology)
    {
        if (Version.Parse(topology.KubernetesVersion) < OldestKubernetes)
            throw Labs.LabTopologyCheck.Invalid("-KubernetesVersion", topology.KubernetesVersion, $"pkgs.k8s.io has {OldestKubernetes.ToString(2)} and later");
        if (topology.Cpu < LeastCpu)
            throw Labs.LabTopologyCheck.Invalid("-Cpu", topology.Cpu, $"kubeadm makes no control plane with fewer than {LeastCpu} processors");
        if (topology.Memory < LeastMemory)
            throw Labs.LabTopologyCheck.Invalid("-Memory", topology.Memory, $"kubeadm makes no control plane with less than {LeastMemory} MiB");
        if (topology.BoxVersion is { } version && !BoxVersion().IsMatch(version))
            throw Labs.LabTopologyCheck.Invalid("-BoxVersion", version, "a box's version is numbers with dots, such as 202502.21.0, or constraints such as '>= 1.0, < 2'");
        if (topology.SshPort + topology.WorkerCount > 65535)
            throw Labs.LabTopologyCheck.Invalid("-SshPort", topology.SshPort, $"there are no {topology.WorkerCount + 1} ports from there on");
    }

    [GeneratedRegex(@"\A\s*((=|!=|>|<|>=|<=|~>)?\s*[0-9]+([.-][0-9A-Za-z]+)*)(\s*,\s*(=|!=|>|<|>=|<=|~>)?\s*[0-9]+([.-][0-9A-Za-z]+)*)*\s*\z")]
    private static partial Regex BoxVersion();
}

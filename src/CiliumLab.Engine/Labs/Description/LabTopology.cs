using System.Net;

namespace CiliumLab.Engine.Labs.Description;

/// <summary>What a lab that is made here is made of: one control plane and its workers.</summary>
public sealed record LabTopology
{
    private const string UsualBox = "bento/ubuntu-24.04";
    private const string UsualBoxVersion = "202502.21.0";

    /// <summary>How many workers there are.</summary>
    public int WorkerCount { get; init; } = 2;

    /// <summary>The Kubernetes version, without the leading <c>v</c>.</summary>
    public string KubernetesVersion { get; init; } = "1.33.2";

    /// <summary>The container runtime's version.</summary>
    public string ContainerdVersion { get; init; } = "1.7.27";

    /// <summary>The network that the cluster gives pod networks from.</summary>
    public IPNetwork PodCidr { get; init; } = IPNetwork.Parse("10.244.0.0/16");

    /// <summary>The network of the services' addresses.</summary>
    public IPNetwork ServiceCidr { get; init; } = IPNetwork.Parse("10.96.0.0/16");

    /// <summary>The network between the nodes (eth1); the control plane is its host 100.</summary>
    public IPNetwork NodeNetwork { get; init; } = IPNetwork.Parse("192.168.10.0/24");

    /// <summary>Processors of each node.</summary>
    public int Cpu { get; init; } = 2;

    /// <summary>Memory of each node, in MiB.</summary>
    public int Memory { get; init; } = 2048;

    /// <summary>The Vagrant box that machines are made from.</summary>
    public string Box { get; init; } = UsualBox;

    /// <summary>The box's version; null for the usual box's usual version, or the newest of another box.</summary>
    public string? BoxVersion { get; init; }

    /// <summary>The port on this computer that leads to the control plane's SSH server; the workers have those after it.</summary>
    public int SshPort { get; init; } = 60000;

    /// <summary>
    /// Whether kubelets report the address of the NAT interface, which is the same on all nodes, as they do when nobody tells them another:
    /// the state that Set-NodeInternalIp repairs.
    /// </summary>
    public bool KeepNatNodeIp { get; init; }

    /// <summary>Where the simulator's names and identifiers come from: the same seed gives the same lab.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>How many seconds pass in a simulated lab in one second of this computer.</summary>
    public int Speed { get; init; } = 1;

    /// <summary>Whether a simulated lab lives in a process of its own, which outlives the one that made it.</summary>
    public bool Detached { get; init; }

    /// <summary>The box version that is asked for; null for the newest.</summary>
    public string? WantedBoxVersion => BoxVersion ?? (Box == UsualBox ? UsualBoxVersion : null);

    /// <summary>The nodes' names: k8s-ctr, k8s-w1, k8s-w2, ...</summary>
    public IReadOnlyList<string> NodeNames => ["k8s-ctr", .. Enumerable.Range(1, WorkerCount).Select(worker => $"k8s-w{worker}")];

    /// <summary>The address of a node between the nodes.</summary>
    /// <param name="index">0 for the control plane, 1 for the first worker.</param>
    public IPAddress NodeAddress(int index)
    {
        var bytes = NodeNetwork.BaseAddress.GetAddressBytes();
        var last = bytes[^1] + 100 + index;
        for (var at = bytes.Length - 1; at >= 0 && last > 0; at--, last >>= 8)
        {
            if (at < bytes.Length - 1)
                last += bytes[at];
            bytes[at] = (byte)last;
        }

        return new IPAddress(bytes);
    }
}

using CiliumLab.Simulator.Charts;
using CiliumLab.Simulator.Cilium;
using CiliumLab.Simulator.Flannel;
using CiliumLab.Simulator.Life;

namespace CiliumLab.Simulator.Datapath;

/// <summary>Gives a cluster its datapath, <c>helm</c> and <c>cilium</c> on the control plane, and what the charts of Flannel and Cilium need: images, plugins and programs.</summary>
/// <param name="Packets">The datapath, to which agents bring their programs.</param>
/// <param name="Cilium">What Cilium keeps on the nodes once its chart is installed.</param>
internal sealed record LabNetworking(LabPackets Packets, CiliumInstallation Cilium)
{
    private const int ApiPort = 6443;

    /// <summary>Adds everything; call it once, before the cluster is used.</summary>
    public static async Task<LabNetworking> AddToAsync(SimulatedCluster cluster)
    {
        var packets = new LabPackets(() => cluster.Nodes, cluster.Listeners, cluster.Seed);
        cluster.Connections = packets;
        foreach (var node in cluster.Nodes)
        {
            node.Datapath = packets;
            node.Programs.Add(new TcpdumpProgram(packets.Taps));
        }

        cluster.CniPlugins.Add(new FlannelPlugin());
        cluster.Images.Add("ghcr.io/flannel-io/flannel", static image => image with { Size = 32_389_164, Process = static () => new FlannelProcess() });
        cluster.Images.Add("ghcr.io/flannel-io/flannel-cni-plugin", static image => image with { Size = 4_878_976, Process = static () => new FlannelProcess() });
        cluster.Nodes[0].Programs.Add(new HelmProgram(cluster.Store, () => Unreachable(cluster)));
        var cilium = await CiliumInstallation.AddToAsync(cluster, packets).ConfigureAwait(false);
        cluster.Nodes[0].Programs.Add(new CiliumCli(cilium));
        return new LabNetworking(packets, cilium);
    }

    private static string? Unreachable(SimulatedCluster cluster)
    {
        var server = $"{cluster.ControlPlaneAddress}:{ApiPort}";
        return cluster.Listeners.Find(cluster.Nodes[0].Kernel.Network, ApiPort) is null
            ? $"Get \"https://{server}/version\": dial tcp {server}: connect: connection refused"
            : null;
    }
}

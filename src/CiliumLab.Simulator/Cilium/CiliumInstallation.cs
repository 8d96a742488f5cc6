using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Datapath;
using CiliumLab.Simulator.Life;
using CiliumLab.Simulator.Nodes;

namespace CiliumLab.Simulator.Cilium;

/// <summary>
/// Cilium in a cluster. <see cref="AddToAsync"/> teaches a cluster what the images of the chart do; from then on the pods of the chart
/// make Cilium work, and nothing happens without them.
/// </summary>
internal sealed class CiliumInstallation
{
    /// <summary>The version that is simulated.</summary>
    public const string Version = "1.17.5";

    /// <summary>The commit that it was built from.</summary>
    public const string Commit = "69aab28c";

    private readonly Dictionary<string, CiliumAgent> _agents = new(StringComparer.Ordinal);
    private readonly SimulatedCluster _cluster;

    private CiliumInstallation(SimulatedCluster cluster, LabPackets packets)
    {
        (_cluster, Packets) = (cluster, packets);
        Seed = cluster.Seed.Fork("cilium");
        Identities = new IdentityAllocator(cluster.Store, Seed);
        Operator = new ClusterOperator(this);
        foreach (var node in cluster.Nodes)
            _agents[node.Name] = new CiliumAgent(this, node);
    }

    public SimulatedCluster Cluster => _cluster;

    /// <summary>The datapath, to which agents bring their programs.</summary>
    public LabPackets Packets { get; }

    public ObjectStore Store => _cluster.Store;

    public Seed Seed { get; }

    public IdentityAllocator Identities { get; }

    public ClusterOperator Operator { get; }

    /// <summary>The agents, running or not, by node.</summary>
    public IReadOnlyCollection<CiliumAgent> Agents => _agents.Values;

    /// <summary>The agent of a node; null when there is no such node.</summary>
    public CiliumAgent? Find(string node) => _agents.GetValueOrDefault(node);

    /// <summary>Teaches a cluster the images and the plugin.</summary>
    public static async Task<CiliumInstallation> AddToAsync(SimulatedCluster cluster, LabPackets packets)
    {
        var cilium = new CiliumInstallation(cluster, packets);
        cluster.Images.Add("quay.io/cilium/cilium", image => image with { Size = 230_000_000, Process = () => new AgentProcess(cilium), Programs = AgentPrograms.All(cilium) });
        cluster.Images.Add("quay.io/cilium/operator-generic", image => image with { Size = 31_000_000, Process = () => new OperatorProcess(cilium) });
        cluster.CniPlugins.Add(new CiliumCni(cilium));
        await cluster.Loop.DoAsync(() => cluster.Loop.Add(new CiliumController(cilium))).ConfigureAwait(false);
        return cilium;
    }

    /// <summary>The agent of a node.</summary>
    public CiliumAgent this[SimulatedNode node] => _agents[node.Name];
}

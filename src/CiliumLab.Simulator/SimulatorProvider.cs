using System.Collections.Concurrent;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Nodes.Ssh;
using CiliumLab.Engine.Providers;
using CiliumLab.Model;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Datapath;
using CiliumLab.Simulator.Life;
using CiliumLab.Simulator.Nodes;

[assembly: LabProviderType(typeof(CiliumLab.Simulator.SimulatorProvider))]

namespace CiliumLab.Simulator;

/// <summary>
/// Labs without machines. A simulated lab lives in the process that started it, and all runspaces of that process share it; its
/// description outlives the process, and starting it again makes a fresh lab of the same seed.
/// </summary>
public sealed partial class SimulatorProvider : ILabProvider
{
    private const string KubeConfigFile = "kubeconfig";

    private static readonly ConcurrentDictionary<string, SimulatedCluster> Running = new(StringComparer.Ordinal);

    /// <inheritdoc/>
    public LabProvider Kind => LabProvider.Simulator;

    /// <inheritdoc/>
    public async Task<LabDescription> CreateAsync(
        string name, LabTopology topology, string folder, LabStep step, CancellationToken cancellationToken)
    {
        var lab = new LabDescription
        {
            Name = name,
            Provider = LabProvider.Simulator,
            Topology = topology,
            KubeConfig = Path.Combine(folder, KubeConfigFile),
            Nodes =
            [
                .. topology.NodeNames.Select((node, index) => new NodeDescription
                {
                    Node = node,
                    Host = topology.NodeAddress(index).ToString(),
                    User = "vagrant",
                    Role = index == 0 ? NodeRole.ControlPlane : NodeRole.Worker,
                }),
            ],
        };
        return await StartAsync(lab, folder, step, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task<LabPower> PowerAsync(LabDescription lab, string folder, CancellationToken cancellationToken) =>
        Task.FromResult(new LabPower(Running.ContainsKey(folder) ? LabPowerState.Running : LabPowerState.Stopped));

    /// <inheritdoc/>
    public async Task<LabDescription> StartAsync(LabDescription lab, string folder, LabStep step, CancellationToken cancellationToken)
    {
        if (Running.ContainsKey(folder))
            return lab;
        await step("setting the cluster up").ConfigureAwait(false);
        var topology = lab.Topology ?? new LabTopology();
        var cluster = await SimulatedCluster.CreateAsync(
            Settings(topology), TimeProvider.System, unchecked((ulong)topology.Seed), cancellationToken).ConfigureAwait(false);
        try
        {
            await LabNetworking.AddToAsync(cluster).ConfigureAwait(false);
            var server = await cluster.StartServerAsync(0, cancellationToken).ConfigureAwait(false);
            KubeConfig.Write(Path.Combine(folder, KubeConfigFile), server.AdminKubeConfig());
        }
        catch
        {
            await cluster.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        // Another runspace may have started the same lab meanwhile; the first one stays.
        if (!Running.TryAdd(folder, cluster))
            await cluster.DisposeAsync().ConfigureAwait(false);
        return lab;
    }

    /// <inheritdoc/>
    public async Task StopAsync(LabDescription lab, string folder, LabStep step, CancellationToken cancellationToken)
    {
        if (!Running.TryRemove(folder, out var cluster))
            return;
        await step("stopping").ConfigureAwait(false);
        await cluster.DisposeAsync().ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public Task RemoveAsync(LabDescription lab, string folder, LabStep step, CancellationToken cancellationToken) =>
        StopAsync(lab, folder, step, cancellationToken);

    /// <inheritdoc/>
    public INodeShell Reach(LabDescription lab, NodeDescription node, string folder, SshCredential credential) =>
        new SimulatedShell(Require(lab, folder).Nodes.Single(machine => machine.Name == node.Node), lab.Name, node);

    private static SimulatedCluster Require(LabDescription lab, string folder) => Running.TryGetValue(folder, out var cluster)
        ? cluster
        : throw new LabException(
            "LabNotRunning",
            LabErrorKind.InvalidOperation,
            $"The simulated lab '{lab.Name}' does not run in this process.",
            lab.Name,
            $"Start it with: Start-LabCluster {lab.Name}. A simulated lab lives as long as the process that started it.");

    private static SimulatedClusterSettings Settings(LabTopology topology) => new()
    {
        PodCidr = topology.PodCidr,
        Api = new ClusterSettings
        {
            Version = "v" + topology.KubernetesVersion,
            ServiceCidr = topology.ServiceCidr,
            ServerAddresses = [FirstAddress(topology.ServiceCidr), topology.NodeAddress(0)],
        },
        Nodes = new LabNodeOptions
        {
            WorkerCount = topology.WorkerCount,
            NodeNetwork = topology.NodeNetwork,
            KubernetesVersion = topology.KubernetesVersion,
            ContainerdVersion = topology.ContainerdVersion,
        },
    };

    private static System.Net.IPAddress FirstAddress(System.Net.IPNetwork network)
    {
        var bytes = network.BaseAddress.GetAddressBytes();
        bytes[^1]++;
        return new System.Net.IPAddress(bytes);
    }
}

using System.Collections.Concurrent;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Nodes.Ssh;
using CiliumLab.Engine.Providers;
using CiliumLab.Model;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Life;
using CiliumLab.Simulator.Nodes;

namespace CiliumLab.Simulator;

/// <summary>
/// Labs that live in this process, and that all its runspaces share; their disks and their API's objects outlive being stopped, and
/// they can be taken back to what they were.
/// </summary>
internal sealed partial class InProcessLabs : ISimulatedLabs
{
    private static readonly ConcurrentDictionary<string, SimulatedLab> Running = new(StringComparer.Ordinal);
    private static readonly SemaphoreSlim Changing = new(1);

    /// <inheritdoc/>
    public LabProvider Kind => LabProvider.Simulator;

    /// <summary>How a lab is written down.</summary>
    public static LabDescription Describe(string name, LabTopology topology, string folder) => new()
    {
        Name = name,
        Provider = LabProvider.Simulator,
        Topology = topology,
        KubeConfig = SimulatedLab.KubeConfigOf(folder),
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

    /// <summary>Whether a lab runs in this process.</summary>
    public static bool IsRunning(string folder) => Running.ContainsKey(folder);

    /// <inheritdoc/>
    public Task<LabDescription> CreateAsync(
        string name, LabTopology topology, string folder, LabStep step, CancellationToken cancellationToken) =>
        StartAsync(Describe(name, topology, folder), folder, step, cancellationToken);

    /// <inheritdoc/>
    public Task<LabPower> PowerAsync(LabDescription lab, string folder, CancellationToken cancellationToken) =>
        Task.FromResult(new LabPower(IsRunning(folder) ? LabPowerState.Running : LabPowerState.Stopped));

    /// <inheritdoc/>
    public async Task<LabDescription> StartAsync(LabDescription lab, string folder, LabStep step, CancellationToken cancellationToken)
    {
        await AloneAsync(
            async () =>
            {
                if (Running.ContainsKey(folder))
                    return;
                var topology = lab.Topology ?? new LabTopology();
                if (SimulatedLab.IsKept(folder))
                {
                    await step("booting").ConfigureAwait(false);
                    Running[folder] = await SimulatedLab.BootAsync(lab.Name, folder, topology.Speed, cancellationToken).ConfigureAwait(false);
                    return;
                }

                await step("setting the cluster up").ConfigureAwait(false);
                Running[folder] = await SimulatedLab.CreateAsync(
                    lab.Name, folder, Settings(topology), unchecked((ulong)topology.Seed), topology.Speed, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken).ConfigureAwait(false);
        return lab;
    }

    /// <inheritdoc/>
    public Task StopAsync(LabDescription lab, string folder, LabStep step, CancellationToken cancellationToken) =>
        AloneAsync(
            async () =>
            {
                if (!Running.TryGetValue(folder, out var running))
                    return;
                await step("stopping").ConfigureAwait(false);
                await running.KeepAsync().ConfigureAwait(false);
                Running.TryRemove(folder, out _);
                await running.DisposeAsync().ConfigureAwait(false);
            },
            cancellationToken);

    /// <summary>Writes down what a lab is to be when it is switched on after a power cut. Nothing happens when it does not run.</summary>
    public static Task KeepAsync(string folder, CancellationToken cancellationToken) =>
        AloneAsync(() => Running.TryGetValue(folder, out var running) ? running.KeepAsync() : Task.CompletedTask, cancellationToken);

    /// <inheritdoc/>
    public Task RemoveAsync(LabDescription lab, string folder, LabStep step, CancellationToken cancellationToken) =>
        AloneAsync(
            async () =>
            {
                await step("removing").ConfigureAwait(false);
                if (Running.TryRemove(folder, out var running))
                    await running.DisposeAsync().ConfigureAwait(false);
            },
            cancellationToken);

    /// <inheritdoc/>
    public INodeShell Reach(LabDescription lab, NodeDescription node, string folder, SshCredential credential)
    {
        _ = Require(lab, folder);
        return new LabNodeShell(lab.Name, node, () => new SimulatedShell(Require(lab, folder).Cluster.Nodes.Single(machine => machine.Name == node.Node), lab.Name, node));
    }

    // Two that start, stop or restore a lab at once must not meet half-way; it takes less than a second each.
    private static async Task AloneAsync(Func<Task> action, CancellationToken cancellationToken)
    {
        await Changing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await action().ConfigureAwait(false);
        }
        finally
        {
            Changing.Release();
        }
    }

    private static SimulatedLab Require(LabDescription lab, string folder) => Running.TryGetValue(folder, out var running)
        ? running
        : throw new LabException(
            "LabNotRunning",
            LabErrorKind.InvalidOperation,
            $"The simulated lab '{lab.Name}' does not run in this process.",
            lab.Name,
            $"Start it with: Start-LabCluster {lab.Name}. A simulated lab lives as long as the process that started it, unless it was made with -Detached.");

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

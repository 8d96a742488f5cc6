using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Nodes.Ssh;
using CiliumLab.Engine.Providers;
using CiliumLab.Model;
using CiliumLab.Simulator.Detached;

[assembly: LabProviderType(typeof(CiliumLab.Simulator.SimulatorProvider))]

namespace CiliumLab.Simulator;

/// <summary>Labs without machines: in the process that started them, or, detached, each in a process of its own.</summary>
public sealed class SimulatorProvider : ILabProvider, ILabFaults, ILabSnapshots, ILabHost
{
    private readonly InProcessLabs _here = new();
    private readonly DetachedLabs _detached;

    /// <summary>Makes the provider.</summary>
    public SimulatorProvider() => _detached = new DetachedLabs(_here);

    /// <inheritdoc/>
    public LabProvider Kind => LabProvider.Simulator;

    /// <inheritdoc/>
    public Task<LabDescription> CreateAsync(string name, LabTopology topology, string folder, LabStep step, CancellationToken cancellationToken) =>
        Of(topology).CreateAsync(name, topology, folder, step, cancellationToken);

    /// <inheritdoc/>
    public Task<LabPower> PowerAsync(LabDescription lab, string folder, CancellationToken cancellationToken) =>
        Of(lab.Topology).PowerAsync(lab, folder, cancellationToken);

    /// <inheritdoc/>
    public Task<LabDescription> StartAsync(LabDescription lab, string folder, LabStep step, CancellationToken cancellationToken) =>
        Of(lab.Topology).StartAsync(lab, folder, step, cancellationToken);

    /// <inheritdoc/>
    public Task StopAsync(LabDescription lab, string folder, LabStep step, CancellationToken cancellationToken) =>
        Of(lab.Topology).StopAsync(lab, folder, step, cancellationToken);

    /// <inheritdoc/>
    public Task RemoveAsync(LabDescription lab, string folder, LabStep step, CancellationToken cancellationToken) =>
        Of(lab.Topology).RemoveAsync(lab, folder, step, cancellationToken);

    /// <inheritdoc/>
    public INodeShell Reach(LabDescription lab, NodeDescription node, string folder, SshCredential credential) =>
        Of(lab.Topology).Reach(lab, node, folder, credential);

    /// <inheritdoc/>
    public Task<LabFault> SetAsync(LabDescription lab, string folder, LabFault fault, CancellationToken cancellationToken) =>
        Of(lab.Topology).SetAsync(lab, folder, fault, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<LabFault>> GetAsync(LabDescription lab, string folder, CancellationToken cancellationToken) =>
        Of(lab.Topology).GetAsync(lab, folder, cancellationToken);

    /// <inheritdoc/>
    public Task ClearAsync(LabDescription lab, string folder, int id, CancellationToken cancellationToken) =>
        Of(lab.Topology).ClearAsync(lab, folder, id, cancellationToken);

    /// <inheritdoc/>
    public Task<LabSnapshot> CheckpointAsync(
        LabDescription lab, string folder, string name, string? description, bool replace, LabStep step, CancellationToken cancellationToken) =>
        Of(lab.Topology).CheckpointAsync(lab, folder, name, description, replace, step, cancellationToken);

    /// <inheritdoc/>
    public Task RestoreAsync(LabDescription lab, string folder, string name, LabStep step, CancellationToken cancellationToken) =>
        Of(lab.Topology).RestoreAsync(lab, folder, name, step, cancellationToken);

    /// <inheritdoc/>
    public Task<IReadOnlyList<LabSnapshot>> SnapshotsAsync(LabDescription lab, string folder, CancellationToken cancellationToken) =>
        Of(lab.Topology).SnapshotsAsync(lab, folder, cancellationToken);

    /// <inheritdoc/>
    public Task RemoveSnapshotAsync(LabDescription lab, string folder, string name, CancellationToken cancellationToken) =>
        Of(lab.Topology).RemoveSnapshotAsync(lab, folder, name, cancellationToken);

    /// <inheritdoc/>
    public int Run(string folder) => LabHost.Run(folder);

    private ISimulatedLabs Of(LabTopology? topology) => topology is { Detached: true } ? _detached : _here;
}

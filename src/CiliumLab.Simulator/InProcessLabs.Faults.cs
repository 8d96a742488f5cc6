using CiliumLab.Engine.Labs.Description;
using CiliumLab.Model;

namespace CiliumLab.Simulator;

/// <content>Faults.</content>
internal sealed partial class InProcessLabs
{
    /// <inheritdoc/>
    public Task<LabFault> SetAsync(LabDescription lab, string folder, LabFault fault, CancellationToken cancellationToken) =>
        Task.FromResult(Require(lab, folder).Cluster.Faults.Set(fault));

    /// <inheritdoc/>
    public Task<IReadOnlyList<LabFault>> GetAsync(LabDescription lab, string folder, CancellationToken cancellationToken) =>
        Task.FromResult(Require(lab, folder).Cluster.Faults.All);

    /// <inheritdoc/>
    public Task ClearAsync(LabDescription lab, string folder, int id, CancellationToken cancellationToken)
    {
        Require(lab, folder).Cluster.Faults.Clear(id);
        return Task.CompletedTask;
    }
}

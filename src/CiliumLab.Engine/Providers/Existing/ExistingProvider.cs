using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Nodes.Ssh;
using CiliumLab.Model;

namespace CiliumLab.Engine.Providers.Existing;

/// <summary>Machines that existed before: they are reached over SSH, and their power is their owner's business.</summary>
internal sealed class ExistingProvider : ILabProvider
{
    public LabProvider Kind => LabProvider.Existing;

    public Task<LabDescription> CreateAsync(
        string name, LabTopology topology, string folder, LabStep step, CancellationToken cancellationToken) =>
        throw NotOurs(name, "made");

    public Task<LabPower> PowerAsync(LabDescription lab, string folder, CancellationToken cancellationToken) =>
        Task.FromResult(new LabPower(LabPowerState.Running));

    public Task<LabDescription> StartAsync(LabDescription lab, string folder, LabStep step, CancellationToken cancellationToken) =>
        throw NotOurs(lab.Name, "started");

    public Task StopAsync(LabDescription lab, string folder, LabStep step, CancellationToken cancellationToken) =>
        throw NotOurs(lab.Name, "stopped");

    public Task RemoveAsync(LabDescription lab, string folder, LabStep step, CancellationToken cancellationToken) => Task.CompletedTask;

    public INodeShell Reach(LabDescription lab, NodeDescription node, string folder, SshCredential credential) =>
        new SshNodeShell(node, lab.Name, credential, KnownHosts.Of(folder));

    private static LabException NotOurs(string lab, string what) =>
        new(
            "LabNotOurs",
            LabErrorKind.InvalidOperation,
            $"Lab '{lab}' is of machines that existed before; they cannot be {what} from here.",
            lab,
            "Make a lab of your own with: New-LabCluster -Provider Simulator");
}

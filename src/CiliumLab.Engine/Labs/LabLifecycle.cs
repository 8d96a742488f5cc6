using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Providers;
using CiliumLab.Model;

namespace CiliumLab.Engine.Labs;

/// <summary>Makes labs, runs and stops them, and takes them away.</summary>
/// <param name="connections">The labs that are open in this session.</param>
public sealed class LabLifecycle(LabConnections connections)
{
    private LabStore Store => connections.Store;

    /// <summary>Makes a lab and writes it down. A failure leaves nothing of it behind.</summary>
    public async Task<LabDescription> CreateAsync(
        string name, LabProvider kind, LabTopology topology, Func<string, Task> step, CancellationToken cancellationToken)
    {
        var provider = LabProviders.Of(kind);
        LabTopologyCheck.Require(topology);
        var folder = Store.Reserve(name);
        try
        {
            var lab = await provider.CreateAsync(name, topology, folder, step, cancellationToken).ConfigureAwait(false);
            Store.Write(lab);
            return lab;
        }
        catch
        {
            Store.Delete(name);
            throw;
        }
    }

    /// <summary>Whether a lab's machines run.</summary>
    public Task<bool> IsRunningAsync(LabDescription lab, CancellationToken cancellationToken) =>
        LabProviders.Of(lab.Provider).IsRunningAsync(lab, Store.Folder(lab.Name), cancellationToken);

    /// <summary>Switches a lab on.</summary>
    public Task StartAsync(LabDescription lab, Func<string, Task> step, CancellationToken cancellationToken) =>
        LabProviders.Of(lab.Provider).StartAsync(lab, Store.Folder(lab.Name), step, cancellationToken);

    /// <summary>Switches a lab off and closes its connections.</summary>
    public async Task StopAsync(LabDescription lab, Func<string, Task> step, CancellationToken cancellationToken)
    {
        await connections.CloseAsync(lab.Name).ConfigureAwait(false);
        await LabProviders.Of(lab.Provider).StopAsync(lab, Store.Folder(lab.Name), step, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Destroys what was made for a lab and forgets it. Machines that existed before are left as they are.</summary>
    public async Task RemoveAsync(LabDescription lab, Func<string, Task> step, CancellationToken cancellationToken)
    {
        await connections.CloseAsync(lab.Name).ConfigureAwait(false);
        await LabProviders.Of(lab.Provider).RemoveAsync(lab, Store.Folder(lab.Name), step, cancellationToken).ConfigureAwait(false);
        Store.Delete(lab.Name);
    }
}

using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Providers;
using CiliumLab.Model;

namespace CiliumLab.Engine.Labs;

/// <summary>Makes labs, runs and stops them, and takes them away.</summary>
/// <param name="connections">The labs that are open in this session.</param>
public sealed class LabLifecycle(LabConnections connections)
{
    private LabStore Store => connections.Store;

    /// <summary>
    /// Makes a lab and writes it down. Where the provider can go on after a failure, what was made stays and the lab is written down as
    /// unfinished; the same call then goes on. Elsewhere a failure leaves nothing behind.
    /// </summary>
    public async Task<LabDescription> CreateAsync(
        string name, LabProvider kind, LabTopology topology, LabStep step, CancellationToken cancellationToken)
    {
        var provider = LabProviders.Of(kind);
        LabTopologyCheck.Require(topology, kind);
        var begun = provider.Begin(name, topology);
        var folder = Unfinished(name, kind, topology) ?? Store.Reserve(name);
        if (begun is not null)
            Store.Write(begun with { Unfinished = true });
        try
        {
            var lab = await provider.CreateAsync(name, topology, folder, step, cancellationToken).ConfigureAwait(false);
            Store.Write(lab);
            return lab;
        }
        catch when (begun is null)
        {
            Store.Delete(name);
            throw;
        }
    }

    /// <summary>What a lab's machines do.</summary>
    public Task<LabPower> PowerAsync(LabDescription lab, CancellationToken cancellationToken) =>
        LabProviders.Of(lab.Provider).PowerAsync(lab, Store.Folder(lab.Name), cancellationToken);

    /// <summary>Switches a lab on, and writes down where its nodes are when that is another place now.</summary>
    /// <exception cref="LabException"><c>LabUnfinished</c>.</exception>
    public async Task<LabDescription> StartAsync(LabDescription lab, LabStep step, CancellationToken cancellationToken)
    {
        if (lab.Unfinished)
        {
            throw new LabException(
                "LabUnfinished",
                LabErrorKind.InvalidOperation,
                $"Lab '{lab.Name}' is not finished: making it failed or was stopped.",
                lab.Name,
                $"Go on with the same New-LabCluster {lab.Name} -Provider {lab.Provider}, or take it away with: Remove-LabCluster {lab.Name}");
        }

        var now = await LabProviders.Of(lab.Provider).StartAsync(lab, Store.Folder(lab.Name), step, cancellationToken).ConfigureAwait(false);
        if (!now.Nodes.SequenceEqual(lab.Nodes))
        {
            await connections.CloseAsync(lab.Name).ConfigureAwait(false);
            Store.Write(now);
        }

        return now;
    }

    /// <summary>Switches a lab off and closes its connections.</summary>
    public async Task StopAsync(LabDescription lab, LabStep step, CancellationToken cancellationToken)
    {
        await connections.CloseAsync(lab.Name).ConfigureAwait(false);
        await LabProviders.Of(lab.Provider).StopAsync(lab, Store.Folder(lab.Name), step, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Destroys what was made for a lab and forgets it. Machines that existed before are left as they are.</summary>
    public async Task RemoveAsync(LabDescription lab, LabStep step, CancellationToken cancellationToken)
    {
        await connections.CloseAsync(lab.Name).ConfigureAwait(false);
        await LabProviders.Of(lab.Provider).RemoveAsync(lab, Store.Folder(lab.Name), step, cancellationToken).ConfigureAwait(false);
        Store.Delete(lab.Name);
    }

    /// <summary>What a lab was begun with that is not finished; null when there is no such lab of that provider.</summary>
    public LabTopology? BegunTopology(string name, LabProvider kind) => Begun(name, kind)?.Topology;

    private LabDescription? Begun(string name, LabProvider kind) =>
        Store.Names().Contains(name, StringComparer.OrdinalIgnoreCase) && Store.Read(name) is { Unfinished: true } begun && begun.Provider == kind ? begun : null;

    // The folder of a lab that was begun with the same provider and topology and not finished.
    private string? Unfinished(string name, LabProvider kind, LabTopology topology)
    {
        if (Begun(name, kind) is not { } begun)
            return null;
        return begun.Topology == topology
            ? Store.Folder(begun.Name)
            : throw new LabException(
                "LabUnfinished",
                LabErrorKind.ResourceExists,
                $"Lab '{begun.Name}' was begun with other settings and is not finished.",
                begun.Name,
                $"Go on with the settings that its {Path.Combine(Store.Folder(begun.Name), "lab.yaml")} has: New-LabCluster {begun.Name} -Provider {kind}; or take it away first: Remove-LabCluster {begun.Name}");
    }
}

using CiliumLab.Model;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Datapath;
using CiliumLab.Simulator.Life;
using CiliumLab.Simulator.Snapshots;

namespace CiliumLab.Simulator;

/// <summary>A lab that runs in this process: its cluster and its API server, and the files that outlive both.</summary>
internal sealed class SimulatedLab : IAsyncDisposable
{
    private const string KubeConfigFile = "kubeconfig";
    private const string StateFile = "state.lab";

    private readonly string _name;
    private readonly string _folder;

    private SimulatedLab(string name, string folder, SimulatedCluster cluster) => (_name, _folder, Cluster) = (name, folder, cluster);

    /// <summary>What lives in it.</summary>
    public SimulatedCluster Cluster { get; }

    /// <summary>The kubeconfig of a lab.</summary>
    public static string KubeConfigOf(string folder) => Path.Combine(folder, KubeConfigFile);

    /// <summary>Whether a lab was switched off and can be switched on again as it was.</summary>
    public static bool IsKept(string folder) => File.Exists(Path.Combine(folder, StateFile));

    /// <summary>Makes a lab.</summary>
    public static async Task<SimulatedLab> CreateAsync(
        string name, string folder, SimulatedClusterSettings settings, ulong seed, int speed, CancellationToken cancellationToken)
    {
        var cluster = await SimulatedCluster.CreateAsync(settings, LabClock.Now(TimeProvider.System, speed), seed, cancellationToken).ConfigureAwait(false);
        await LabNetworking.AddToAsync(cluster).ConfigureAwait(false);
        return await ServeAsync(name, folder, cluster, null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Switches a lab on that was switched off: its machines boot.</summary>
    public static async Task<SimulatedLab> BootAsync(string name, string folder, int speed, CancellationToken cancellationToken)
    {
        var image = SnapshotFile.Read(Path.Combine(folder, StateFile), _ => LabClock.Now(TimeProvider.System, speed));
        image.Cluster.Loop.Resume();
        await image.Cluster.RebootAsync().ConfigureAwait(false);
        return await ServeAsync(name, folder, image.Cluster, image.Identity, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Makes a lab out of a snapshot; it goes on where it was.</summary>
    /// <param name="name">The lab's name.</param>
    /// <param name="folder">Its folder.</param>
    /// <param name="image">The lab as it was.</param>
    /// <param name="seen">The highest resourceVersion that clients may know.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<SimulatedLab> ResumeAsync(string name, string folder, LabImage image, long seen, CancellationToken cancellationToken)
    {
        image.Cluster.Store.CountOnFrom(seen);
        image.Cluster.Loop.Resume();
        return await ServeAsync(name, folder, image.Cluster, image.Identity, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes the lab down as it is now.</summary>
    /// <exception cref="LabException"><c>SnapshotFailed</c>.</exception>
    public async Task<SnapshotHeader> WriteAsync(string path, string? description)
    {
        try
        {
            var image = await LabImages.TakeAsync(Cluster).ConfigureAwait(false);
            var header = new SnapshotHeader
            {
                Lab = _name,
                Description = description,
                CreatedAt = TimeProvider.System.GetUtcNow(),
                LabTime = Cluster.Clock.GetUtcNow(),
            };
            SnapshotFile.Write(path, header, image);
            return header;
        }
        catch (SnapshotException error)
        {
            throw new LabException(
                "SnapshotFailed", LabErrorKind.InvalidOperation, $"Lab '{_name}' cannot be kept as it is: {error.Message}.", _name, "Stop what runs in it, and try again.", error);
        }
    }

    /// <summary>Writes down what is to be there when the lab is switched on again.</summary>
    public Task KeepAsync() => WriteAsync(Path.Combine(_folder, StateFile), null);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => Cluster.DisposeAsync();

    private static async Task<SimulatedLab> ServeAsync(
        string name, string folder, SimulatedCluster cluster, ServerIdentity? identity, CancellationToken cancellationToken)
    {
        try
        {
            var server = await StartServerAsync(cluster, identity, cancellationToken).ConfigureAwait(false);
            if (identity?.Port != server.Address.Port || !File.Exists(KubeConfigOf(folder)))
                KubeConfig.Write(KubeConfigOf(folder), server.AdminKubeConfig());
            return new SimulatedLab(name, folder, cluster);
        }
        catch
        {
            await cluster.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static async Task<ApiServer> StartServerAsync(SimulatedCluster cluster, ServerIdentity? identity, CancellationToken cancellationToken)
    {
        try
        {
            return await cluster.StartServerAsync(0, identity, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException) when (identity is not null)
        {
            // Somebody else has the port by now.
            return await cluster.StartServerAsync(0, identity with { Port = 0 }, cancellationToken).ConfigureAwait(false);
        }
    }
}

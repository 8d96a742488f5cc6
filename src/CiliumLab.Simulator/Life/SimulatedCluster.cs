using System.Net;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Faults;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Snapshots;

namespace CiliumLab.Simulator.Life;

/// <summary>
/// A whole cluster in memory: machines, the API's objects, controllers, kubelets, what runs in pods. It moves with the time it is given,
/// on one thread of control that rests when there is nothing to do, and leaves nothing behind when it is disposed.
/// </summary>
internal sealed class SimulatedCluster : IAsyncDisposable
{
    private readonly Dictionary<string, NodeKubelet> _kubelets = new(StringComparer.Ordinal);
    [NotInSnapshot]
    private ApiServer? _server;

    private SimulatedCluster(SimulatedClusterSettings settings, TimeProvider clock, Seed seed)
    {
        (Settings, Clock, Seed) = (settings, clock, seed);
        Nodes = LabNodes.Create(seed, clock, settings.Nodes);
        Store = new ObjectStore(clock, seed, settings.Api);
        Loop = new ControlLoop(Store);
        Connections = new OwnNetworkConnections(Listeners);
        WellKnownImages.AddTo(Images, settings.Api.Version);
        Faults = new FaultBoard(this);
    }

    /// <summary>What the cluster is.</summary>
    public SimulatedClusterSettings Settings { get; }

    /// <summary>The lab's time.</summary>
    public TimeProvider Clock { get; }

    /// <summary>Names and numbers.</summary>
    public Seed Seed { get; }

    /// <summary>The machines, the control plane first.</summary>
    public IReadOnlyList<SimulatedNode> Nodes { get; }

    /// <summary>The API's objects.</summary>
    public ObjectStore Store { get; }

    /// <summary>Where controllers and kubelets do their work.</summary>
    public ControlLoop Loop { get; }

    /// <summary>The images that can be pulled.</summary>
    public ImageCatalog Images { get; } = new();

    /// <summary>CNI plugins by the names of their binaries.</summary>
    public CniPlugins CniPlugins { get; } = new();

    /// <summary>Who listens where.</summary>
    public ListenerTable Listeners { get; } = new();

    /// <summary>Decides which connections arrive.</summary>
    public IConnections Connections { get; set; }

    /// <summary>What is broken on purpose.</summary>
    public FaultBoard Faults { get; }

    /// <summary>How long things take now.</summary>
    public LifeTiming Timing { get; private set; } = LifeTiming.Instant;

    /// <summary>The cluster's CA in PEM, as pods get it.</summary>
    public string AuthorityPem { get; private set; } = "";

    /// <summary>The address at which the API server is advertised.</summary>
    public IPAddress ControlPlaneAddress { get; private set; } = IPAddress.None;

    /// <summary>The HTTPS server; null until it is started.</summary>
    public ApiServer? Server => _server;

    /// <summary>Sets a cluster up as kubeadm does, without a CNI, in no time of the lab's clock.</summary>
    public static async Task<SimulatedCluster> CreateAsync(
        SimulatedClusterSettings? settings = null, TimeProvider? clock = null, ulong seed = 1, CancellationToken cancellationToken = default)
    {
        var cluster = new SimulatedCluster(settings ?? new(), clock ?? TimeProvider.System, new Seed(seed));
        try
        {
            await new KubeadmBootstrap(cluster).RunAsync(cancellationToken).ConfigureAwait(false);
            await cluster.Loop.DoAsync(() => cluster.Timing = cluster.Settings.Timing).ConfigureAwait(false);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>The kubelet of a node; null when there is none.</summary>
    public NodeKubelet? Kubelet(string node) => _kubelets.GetValueOrDefault(node);

    /// <summary>Waits until all that follows from what has happened is done, as far as it takes no time of the lab's clock.</summary>
    public Task SettleAsync(CancellationToken cancellationToken = default) => Loop.SettleAsync(cancellationToken);

    /// <summary>Serves the API over HTTPS on loopback, exec and logs included.</summary>
    public async Task<ApiServer> StartServerAsync(int port = 0, ServerIdentity? identity = null, CancellationToken cancellationToken = default)
    {
        _server = await ApiServer.StartAsync(Store, port, identity, cancellationToken).ConfigureAwait(false);
        var containers = new ContainerAccess(this);
        (_server.Executor, _server.Logs, _server.Interceptor) = (containers, containers, Faults);
        AuthorityPem = _server.Certificates.AuthorityPem;
        await Loop.DoAsync(() => ServiceAccountController.PublishAuthority(Store, AuthorityPem)).ConfigureAwait(false);
        return _server;
    }

    /// <summary>Switches all machines off and on again: what is on disks and in etcd stays, what was in memory is lost.</summary>
    public Task RebootAsync() => Loop.DoAsync(() =>
    {
        foreach (var node in Nodes)
        {
            Kubelet(node.Name)?.PowerOff();
            LabNodes.Reboot(node, Nodes, Settings.Nodes);
        }

        foreach (var node in Nodes)
            Kubelet(node.Name)?.Start();
    });

    /// <summary>Turns a machine on or off.</summary>
    public Task SetPowerAsync(SimulatedNode node, bool on) => Loop.DoAsync(() =>
    {
        node.IsPoweredOn = on;
        if (on)
            Kubelet(node.Name)?.Start();
        else
            Kubelet(node.Name)?.PowerOff();
    });

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync().ConfigureAwait(false);
        foreach (var kubelet in _kubelets.Values)
            kubelet.Detach();
        await Loop.DisposeAsync().ConfigureAwait(false);
    }

    /// <summary>Gives a machine its kubelet. On the loop.</summary>
    internal NodeKubelet AddKubelet(SimulatedNode node) => _kubelets[node.Name] = new NodeKubelet(this, node);

    /// <summary>Starts the control plane's controllers. On the loop.</summary>
    internal void StartControllers(IPAddress address)
    {
        ControlPlaneAddress = address;
        foreach (var controller in (Controller[])
        [
            new NamespaceController(Loop),
            new ServiceAccountController(Loop, () => AuthorityPem),
            new GarbageCollector(Loop),
            new NodeIpamController(Loop, Settings.PodCidr, Settings.NodeCidrLength),
            new NodeLifecycleController(Loop),
            new DeploymentController(Loop),
            new ReplicaSetController(Loop),
            new DaemonSetController(Loop),
            new PodGarbageCollector(Loop),
            new Scheduler(Loop, Seed.Fork("scheduler")),
            new EndpointController(Loop, Seed.Fork("endpoints")),
            new Kubelets(Loop, Kubelet),
        ])
        {
            Loop.Add(controller);
        }
    }
}

using System.Net;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Nodes.Services;

namespace CiliumLab.Simulator.Life;

/// <summary>
/// The kubelet of one node together with the container runtime below it: runs the pods that are bound to the node, reports them and
/// the node. While its unit is stopped, or the machine is off, it does nothing; what ran goes on running when only the unit stops.
/// </summary>
internal sealed class NodeKubelet : Controller
{
    private readonly PodLifecycle _pods;
    private readonly StaticPods _static;
    private readonly NodeStatus _status;
    private DateTimeOffset _leaseAt = DateTimeOffset.MinValue;
    private DateTimeOffset _chainsAt;
    private int _turn;

    /// <param name="cluster">The cluster.</param>
    /// <param name="node">The machine.</param>
    public NodeKubelet(SimulatedCluster cluster, SimulatedNode node)
        : base(cluster.Loop)
    {
        (Cluster, Node) = (cluster, node);
        Runtime = new ContainerRuntime(cluster.Seed.Fork("runtime/" + node.Name));
        node.Containers = Runtime;
        Source = new EventSource("kubelet", node.Name);
        _pods = new PodLifecycle(this);
        _static = new StaticPods(this);
        _status = new NodeStatus(this);
        node.Services.Changed += OnService;
    }

    /// <summary>The cluster.</summary>
    public SimulatedCluster Cluster { get; }

    /// <summary>The machine.</summary>
    public SimulatedNode Node { get; }

    /// <summary>What the container runtime has.</summary>
    public ContainerRuntime Runtime { get; }

    /// <summary>How it signs its events.</summary>
    public EventSource Source { get; }

    /// <summary>The flags that it read when it started.</summary>
    public KubeletFlags Flags { get; private set; } = new((IPAddress?)null);

    /// <summary>The network configuration that the runtime uses; null while there is none.</summary>
    public CniConfiguration? Cni { get; private set; }

    /// <summary>Whether it does anything.</summary>
    public bool IsRunning { get; private set; }

    /// <summary>The pods on the node, static ones among them.</summary>
    public PodLifecycle Pods => _pods;

    internal new ControlLoop Loop => base.Loop;

    internal new ObjectStore Store => base.Store;

    /// <summary>The node's object; null before it is registered.</summary>
    public StoredObject? Object => Store.Find(ResourceTypes.Nodes, null, Node.Name);

    /// <summary>Begins, as when the unit starts: reads flags, registers the node, looks at everything. On the loop.</summary>
    public void Start()
    {
        if (!Node.IsPoweredOn || Node.Services.Find("kubelet") is { IsActive: false })
            return;
        IsRunning = true;
        Flags = KubeletFlags.Of(Node);
        Cni = CniConfiguration.Of(Node);
        _turn++;
        _status.Register();
        _leaseAt = DateTimeOffset.MinValue;
        _chainsAt = DateTimeOffset.MinValue;
        _static.Read();
        _pods.TakeHostAddress();
        foreach (var pod in Index.PodsOn(Node.Name))
            Enqueue(pod);
        Tick(_turn);
    }

    /// <summary>Ends, as when the unit stops. On the loop.</summary>
    public void Stop()
    {
        IsRunning = false;
        _turn++;
    }

    /// <summary>The machine went down: everything that ran is dead, and starts anew after <see cref="Start"/>. On the loop.</summary>
    public void PowerOff()
    {
        Stop();
        _pods.KillAll();
    }

    /// <summary>Detaches from the node.</summary>
    public void Detach() => Node.Services.Changed -= OnService;

    /// <summary>Notes a pod of this node.</summary>
    public void Note(StoredObject pod) => Enqueue(pod);

    /// <summary>Looks whether the runtime's network changed, as after a container has run that may have written its configuration.</summary>
    public void CheckNetwork()
    {
        var before = Cni;
        Cni = CniConfiguration.Of(Node);
        if (!IsRunning || before is null == Cni is null)
            return;
        _status.Report();
        if (Cni is not null)
            _pods.NetworkBecameReady();
    }

    /// <inheritdoc/>
    public override void Reconcile(string key)
    {
        if (IsRunning)
            _pods.Sync(key);
    }

    private void OnService(NodeService service, ServiceChange change)
    {
        if (service.Name != "kubelet")
            return;
        Loop.Post(() =>
        {
            Stop();
            if (service.IsActive)
                Start();
        });
    }

    private void Tick(int turn)
    {
        if (turn != _turn)
            return;
        if (!Node.IsPoweredOn)
        {
            PowerOff();
            return;
        }
        CheckNetwork();
        if (Now - _leaseAt >= Cluster.Timing.LeaseRenewal)
        {
            _leaseAt = Now;
            _status.RenewLease();
            _static.Read();
        }
        if (Now - _chainsAt >= TimeSpan.FromMinutes(1))
        {
            _chainsAt = Now;
            KubeletChains.Ensure(Node.Kernel.Network.Iptables);
            KubeletChains.Ensure(Node.Kernel.Network.Ip6tables);
        }
        _status.ReportIfDue();
        Loop.After(Cluster.Timing.RuntimeCheck, () => Tick(turn));
    }
}

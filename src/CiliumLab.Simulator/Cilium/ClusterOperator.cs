using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Life;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Cilium;

/// <summary>
/// The operator: registers Cilium's kinds, gives nodes their pod networks, clears away what nobody uses any more, tells Kubernetes
/// that the network is there, and restarts DNS pods that Cilium does not manage. Of its replicas one leads.
/// </summary>
internal sealed class ClusterOperator(CiliumInstallation cilium)
{
    private readonly HashSet<string> _replicas = new(StringComparer.Ordinal);
    private readonly Dictionary<string, DateTimeOffset> _unused = new(StringComparer.Ordinal);
    private CiliumConfiguration _configuration = new(new Dictionary<string, string>());
    private DateTimeOffset _endpointsCollected;
    private DateTimeOffset _podsWatched;

    private ObjectStore Store => cilium.Store;

    private DateTimeOffset Now => cilium.Cluster.Clock.GetUtcNow();

    /// <summary>Whether a replica runs.</summary>
    public bool IsRunning => _replicas.Count > 0;

    /// <summary>A replica starts.</summary>
    public void Start(string replica)
    {
        var isFirst = _replicas.Count == 0;
        _replicas.Add(replica);
        if (!isFirst)
            return;
        _configuration = CiliumConfiguration.Of(Store);
        CustomResources.Register(Store);
        _endpointsCollected = _podsWatched = Now;
        UpdateNodes();
    }

    /// <summary>A replica ends.</summary>
    public void Stop(string replica) => _replicas.Remove(replica);

    /// <summary>Gives the nodes that have none a pod network.</summary>
    public void UpdateNodes()
    {
        if (!IsRunning || CustomResources.Find(Store, CustomResources.Nodes) is not { } type)
            return;
        var nodes = Store.List(type).Items;
        foreach (var gone in nodes.Where(node => Store.Find(ResourceTypes.Nodes, null, node.Name) is null))
            Store.Delete(type, null, gone.Name);
        var taken = nodes.SelectMany(static node => node.Json.Texts("spec", "ipam", "podCIDRs")).Select(IpPrefix.Parse).ToHashSet();
        foreach (var node in nodes.Where(static node => !node.Json.Texts("spec", "ipam", "podCIDRs").Any()).OrderBy(static node => node.ResourceVersion))
        {
            if (Next(taken) is not { } prefix)
            {
                Store.TryEdit(type, null, node.Name, static obj => obj.Ensure("status", "ipam", "operator-status")["error"] = "all CIDR ranges are exhausted");
                continue;
            }

            taken.Add(prefix);
            Store.TryEdit(type, null, node.Name, obj => obj.Ensure("spec", "ipam")["podCIDRs"] = new JsonArray(prefix.ToString()));
        }
    }

    /// <summary>Tells Kubernetes of the nodes whose agent is ready: the condition, and the taint that kept pods away.</summary>
    public void ReportNodes()
    {
        if (!IsRunning)
            return;
        foreach (var agent in cilium.Agents.Where(static agent => agent.IsReady))
        {
            if (_configuration.Flag("set-cilium-is-up-condition", true) && agent.NodeObject?.Json.Condition("NetworkUnavailable").Text("reason") != "CiliumIsUp")
            {
                Store.EditStatus(ResourceTypes.Nodes, null, agent.Node.Name, node =>
                {
                    var condition = node.Ensure("status").SetCondition("NetworkUnavailable", "False", "CiliumIsUp", "Cilium is running on this node", Store.Timestamp);
                    condition["lastHeartbeatTime"] = Store.Timestamp;
                    condition["lastTransitionTime"] = Store.Timestamp;
                });
            }

            var key = _configuration.Text("agent-not-ready-taint-key", "node.cilium.io/agent-not-ready");
            if (!_configuration.Flag("remove-cilium-node-taints", true) || agent.NodeObject?.Json.Objects("spec", "taints").Any(taint => taint.Text("key") == key) != true)
                continue;
            Store.TryEdit(ResourceTypes.Nodes, null, agent.Node.Name, node =>
            {
                var taints = node.Array("spec", "taints")!;
                foreach (var taint in taints.Where(taint => taint.Text("key") == key).ToList())
                    taints.Remove(taint);
                if (taints.Count == 0)
                    node.Object("spec")!.Remove("taints");
            });
        }
    }

    /// <summary>Does what is due.</summary>
    public void Tick()
    {
        if (!IsRunning)
            return;
        if (_configuration.Number("unmanaged-pod-watcher-interval", 15) is > 0 and var watch && Now - _podsWatched >= TimeSpan.FromSeconds(watch))
        {
            _podsWatched = Now;
            RestartUnmanaged();
        }

        if (Now - _endpointsCollected >= _configuration.Duration("cilium-endpoint-gc-interval", TimeSpan.FromMinutes(5)))
        {
            _endpointsCollected = Now;
            CollectEndpoints();
        }

        CollectIdentities();
    }

    // operator/unmanagedpods: DNS first of all, because everything else waits for it.
    private void RestartUnmanaged()
    {
        if (CustomResources.Find(Store, CustomResources.Endpoints) is not { } type || !cilium.Agents.Any(static agent => agent.IsReady))
            return;
        foreach (var pod in Store.List(ResourceTypes.Pods, null, LabelSelector.Parse("k8s-app=kube-dns")).Items)
        {
            var since = pod.Json.Text("status", "startTime") is { } text ? DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture) : Now;
            if (pod.IsHostNetwork() || pod.IsTerminating || pod.Address() is null || Now - since < TimeSpan.FromSeconds(30) || Store.Find(type, pod.Namespace, pod.Name) is not null)
                continue;
            Store.Delete(ResourceTypes.Pods, pod.Namespace, pod.Name);
        }
    }

    private void CollectEndpoints()
    {
        if (CustomResources.Find(Store, CustomResources.Endpoints) is not { } type)
            return;
        foreach (var endpoint in Store.List(type).Items.Where(one => Store.Find(ResourceTypes.Pods, one.Namespace, one.Name) is null))
            Store.Delete(type, endpoint.Namespace, endpoint.Name);
    }

    private void CollectIdentities()
    {
        if (CustomResources.Find(Store, CustomResources.Identities) is not { } identities || CustomResources.Find(Store, CustomResources.Endpoints) is not { } endpoints)
            return;
        var used = Store.List(endpoints).Items.Select(static one => one.Json.Number("status", "identity", "id")?.ToString(null, null)).ToHashSet();
        foreach (var identity in Store.List(identities).Items)
        {
            if (used.Contains(identity.Name))
                _unused.Remove(identity.Name);
            else if (_unused.TryAdd(identity.Name, Now) || Now - _unused[identity.Name] < _configuration.Duration("identity-heartbeat-timeout", TimeSpan.FromMinutes(30)))
                continue;
            else if (_unused.Remove(identity.Name))
                Store.Delete(identities, null, identity.Name);
        }
    }

    private IpPrefix? Next(HashSet<IpPrefix> taken)
    {
        var length = _configuration.PoolMaskSize;
        foreach (var pool in _configuration.Pools.Where(pool => pool.Length <= length))
        {
            for (long number = 0; number < 1L << (length - pool.Length); number++)
            {
                var prefix = new IpPrefix(pool[number << (32 - length)], length);
                if (!taken.Contains(prefix))
                    return prefix;
            }
        }

        return null;
    }
}

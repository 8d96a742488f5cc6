using System.Net;
using System.Net.Sockets;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Cilium;

/// <summary>What an agent knows of the others: nodes, their pods, and the way there.</summary>
/// <param name="agent">The agent.</param>
internal sealed class ClusterPeers(CiliumAgent agent)
{
    private readonly Dictionary<string, CiliumNodeView> _nodes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IpPrefix> _pods = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unreachable = new(StringComparer.Ordinal);

    /// <summary>The other nodes by name.</summary>
    public IReadOnlyList<CiliumNodeView> Nodes => [.. _nodes.Values.OrderBy(static node => node.Name, StringComparer.Ordinal)];

    /// <summary>Nodes without a direct route, because they are behind a router.</summary>
    public IReadOnlyCollection<string> Unreachable => _unreachable;

    /// <summary>Whether the API server answers at an address.</summary>
    public bool IsApiServer(IPAddress address) => agent.Store.List(ResourceTypes.EndpointSlices, "default").Items
        .Where(static slice => slice.Labels.GetValueOrDefault("kubernetes.io/service-name") == "kubernetes")
        .SelectMany(static slice => slice.Json.Objects("endpoints"))
        .Any(endpoint => endpoint.Texts("addresses").Contains(address.ToString()));

    /// <summary>Learns everything anew, as at a start.</summary>
    public void Learn()
    {
        agent.IpCache.Clear();
        _nodes.Clear();
        _pods.Clear();
        Set(new IpCacheEntry(IpPrefix.Default(AddressFamily.InterNetwork), SecurityIdentity.World));
        foreach (var address in agent.HostAddresses)
            Set(new IpCacheEntry(IpPrefix.Host(address), SecurityIdentity.Host));
        if (agent.Endpoints.Health?.Address is { } health)
            Set(new IpCacheEntry(IpPrefix.Host(health), SecurityIdentity.Health));
        foreach (var node in CiliumNodes.All(agent.Store))
            UpdateNode(node.Name);
        if (CustomResources.Find(agent.Store, CustomResources.Endpoints) is { } type)
        {
            foreach (var endpoint in agent.Store.List(type).Items)
                UpdatePod(endpoint.Namespace, endpoint.Name);
        }

        agent.Policies.WriteNetworks();
    }

    /// <summary>A CiliumNode changed.</summary>
    public void UpdateNode(string name)
    {
        if (name == agent.Node.Name)
            return;
        var type = CustomResources.Find(agent.Store, CustomResources.Nodes);
        var next = type is null ? null : agent.Store.Find(type, null, name) is { } found ? CiliumNodeView.Of(found) : null;
        _nodes.TryGetValue(name, out var old);
        if (old is not null && old != next)
        {
            foreach (var address in new[] { old.Address, old.Router, old.Health }.OfType<IPAddress>().Where(address => next is null || !(address.Equals(next.Address) || address.Equals(next.Router) || address.Equals(next.Health))))
                agent.IpCache.Remove(IpPrefix.Host(address));
            if (old.Pods is { } gone && old.Pods != next?.Pods)
                agent.Links.RemoveDirectRoute(gone);
        }

        if (next is null)
        {
            _nodes.Remove(name);
            return;
        }

        _nodes[name] = next;
        Set(new IpCacheEntry(IpPrefix.Host(next.Address), IsApiServer(next.Address) ? SecurityIdentity.KubeApiServer : SecurityIdentity.RemoteNode) { Host = next.Address });
        if (next.Router is { } router)
            Set(new IpCacheEntry(IpPrefix.Host(router), SecurityIdentity.RemoteNode) { TunnelEndpoint = next.Address, Host = next.Address });
        if (next.Health is { } health)
            Set(new IpCacheEntry(IpPrefix.Host(health), SecurityIdentity.Health) { TunnelEndpoint = next.Address, Host = next.Address });
        if (next.Pods is { } behind && !agent.Configuration.IsNative)
        {
            agent.Links.EnsureTunnelRoute(behind, agent.Router, agent.HostLink!);
            Set(new IpCacheEntry(behind, SecurityIdentity.World) { TunnelEndpoint = next.Address, Host = next.Address });
        }

        if (next.Pods is not { } pods || !agent.Configuration.HasDirectRoutes)
            return;
        if (agent.Links.EnsureDirectRoute(pods, next.Address))
            _unreachable.Remove(name);
        else
            _unreachable.Add(name);
    }

    /// <summary>A CiliumEndpoint changed.</summary>
    public void UpdatePod(string ns, string name)
    {
        var key = $"{ns}/{name}";
        var type = CustomResources.Find(agent.Store, CustomResources.Endpoints);
        var status = type is null ? null : agent.Store.Find(type, ns, name)?.Json.Object("status");
        var address = IPAddress.TryParse(status.Objects("networking", "addressing").FirstOrDefault().Text("ipv4"), out var parsed) ? parsed : null;
        if (_pods.Remove(key, out var old) && (address is null || old != IpPrefix.Host(address)) && !_pods.ContainsValue(old))
            agent.IpCache.Remove(old);
        if (address is null || status.Number("identity", "id") is not { } identity)
            return;
        _pods[key] = IpPrefix.Host(address);
        var host = IPAddress.TryParse(status.Text("networking", "node"), out var on) ? on : null;
        Set(new IpCacheEntry(IpPrefix.Host(address), (uint)identity)
        {
            TunnelEndpoint = host is null || host.Equals(agent.NodeAddress) ? null : host,
            Host = host,
            PodNamespace = ns,
            PodName = name,
            Source = "custom-resource",
        });
    }

    private void Set(IpCacheEntry entry) => agent.IpCache.Set(entry);
}

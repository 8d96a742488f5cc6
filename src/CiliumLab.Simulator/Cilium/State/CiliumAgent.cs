using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Nodes;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Cilium;

/// <summary>
/// Cilium on one node: what it keeps in the node's kernel, which stays when the agent goes, and the agent itself while it runs. The
/// node's lock guards all of it.
/// </summary>
internal sealed class CiliumAgent
{
    private static readonly string[] CachedMaps =
    [
        "cilium_lxc", "cilium_lb4_services_v2", "cilium_lb4_affinity", "cilium_lb4_reverse_nat", "cilium_lb_affinity_match", "cilium_ratelimit", "cilium_ratelimit_metrics",
        "cilium_lb4_reverse_sk", "cilium_ipcache", "cilium_lb4_backends_v3", "cilium_lb4_source_range", "cilium_runtime_config",
    ];

    private static readonly string[] UncachedMaps = ["cilium_l2_responder_v4", "cilium_node_map", "cilium_node_map_v2", "cilium_auth_map", "cilium_metrics", "cilium_skip_lb4"];

    private readonly Dictionary<string, BpfMapCache> _maps = new(StringComparer.Ordinal);

    /// <param name="cilium">The installation that it belongs to.</param>
    /// <param name="node">Its node.</param>
    public CiliumAgent(CiliumInstallation cilium, SimulatedNode node)
    {
        (Cilium, Node) = (cilium, node);
        Seed = cilium.Seed.Fork("agent/" + node.Name);
        Links = new AgentLinks(node);
        Loader = new BpfLoader(node);
        IpCache = new IpCache(() => Map("cilium_ipcache"));
        Services = new ServiceTable(Map);
        Conntrack = new BpfConntrack(node.Clock, () => node.BootedAt);
        Endpoints = new EndpointTable(this);
        Policies = new PolicyRepository(this);
        Peers = new ClusterPeers(this);
        Health = new HealthProber(this);
        Programs = new AgentDatapath(this);
        DnsProxyPort = 32768 + Seed.Fork("dns-proxy").Next(28000);
    }

    public CiliumInstallation Cilium { get; }

    public SimulatedNode Node { get; }

    public Seed Seed { get; }

    public ObjectStore Store => Cilium.Store;

    public DateTimeOffset Now => Node.Clock.GetUtcNow();

    public AgentLinks Links { get; }

    public BpfLoader Loader { get; }

    public IpCache IpCache { get; }

    public ServiceTable Services { get; }

    public BpfConntrack Conntrack { get; }

    public EndpointTable Endpoints { get; }

    public PolicyRepository Policies { get; }

    public ClusterPeers Peers { get; }

    public HealthProber Health { get; }

    public MonitorBus Monitor { get; } = new();

    /// <summary>What its programs do with packets; loaded programs go on without the agent.</summary>
    public AgentDatapath Programs { get; }

    /// <summary>What the agent was told when it started.</summary>
    public CiliumConfiguration Configuration { get; private set; } = new(new Dictionary<string, string>());

    /// <summary>Whether the agent runs and is through with its start.</summary>
    public bool IsReady { get; private set; }

    /// <summary>Whether its process runs.</summary>
    public bool IsRunning { get; private set; }

    public DateTimeOffset StartedAt { get; private set; }

    /// <summary>The node's pod network and who has which address; null before the first start.</summary>
    public AddressPool? Pool { get; private set; }

    /// <summary>The address of the node's router.</summary>
    public IPAddress Router { get; private set; } = IPAddress.None;

    /// <summary>The pair of the router.</summary>
    public Link? HostLink { get; private set; }

    /// <summary>Where the DNS proxy listens.</summary>
    public int DnsProxyPort { get; }

    /// <summary>The node's address in the cluster.</summary>
    public IPAddress NodeAddress => IPAddress.TryParse(NodeObject?.Json.Objects("status", "addresses").FirstOrDefault(static address => address.Text("type") == "InternalIP").Text("address"), out var address)
        ? address
        : Node.Kernel.Network.FindLink("eth1")?.Addresses.FirstOrDefault(static one => one.Family == AddressFamily.InterNetwork)?.Address ?? IPAddress.None;

    public StoredObject? NodeObject => Store.Find(ResourceTypes.Nodes, null, Node.Name);

    /// <summary>The links with the agent's judgement.</summary>
    public IReadOnlyList<DeviceRow> Devices => DeviceTable.Rows(Node.Kernel.Network, NodeAddress);

    /// <summary>The IPv4 addresses by which the node itself is known: those of its devices and the router's.</summary>
    public IReadOnlyList<IPAddress> HostAddresses =>
        [.. Devices.Where(static row => row.IsSelected).SelectMany(static row => row.Link.Addresses).Where(static one => one.Family == AddressFamily.InterNetwork).Select(static one => one.Address).Append(Router)];

    /// <summary>The maps that the agent knows, in the order in which it opened them.</summary>
    public IReadOnlyList<BpfMapCache> Maps => [.. _maps.Values];

    /// <summary>The labels of identity 1 here: a control plane's node is the API server too.</summary>
    public SecurityIdentity HostIdentity => Peers.IsApiServer(NodeAddress) ? new SecurityIdentity(SecurityIdentity.Host, ["reserved:host", "reserved:kube-apiserver"]) : SecurityIdentity.OfReserved(SecurityIdentity.Host);

    /// <summary>An identity as this agent knows it; null when it does not.</summary>
    public SecurityIdentity? FindIdentity(uint id) => id switch
    {
        SecurityIdentity.Unknown => new SecurityIdentity(0, ["reserved:unknown"]),
        SecurityIdentity.Host => HostIdentity,
        _ => Policies.Find(id) ?? Cilium.Identities.Find(id),
    };

    /// <summary>The identities that this agent knows: the reserved ones, the cluster's, and those of networks in policies.</summary>
    public IEnumerable<SecurityIdentity> KnownIdentities => SecurityIdentity.Reserved.Select(identity => FindIdentity(identity.Id)!).Concat(Cilium.Identities.Allocated).Concat(Policies.Local);

    /// <summary>A map by its name as the agent knows it.</summary>
    public BpfMapCache Map(string name)
    {
        if (!_maps.TryGetValue(name, out var map))
            _maps[name] = map = new BpfMapCache(name, !UncachedMaps.Contains(name), Node.Clock) { FixedCount = name == "cilium_runtime_config" ? 256 : 0 };
        return map;
    }

    /// <summary>The agent is done with a map.</summary>
    public void CloseMap(string name) => _maps.Remove(name);

    /// <summary>The process starts; it is ready once the operator has given it what it waits for.</summary>
    public void Start()
    {
        lock (Node.Kernel.Gate)
        {
            Configuration = CiliumConfiguration.Of(Store);
            (IsRunning, IsReady, StartedAt) = (true, false, Now);
            CniFiles.InstallBinary(Node);
            TryBecomeReady();
        }
    }

    /// <summary>The process ends; what is in the kernel stays.</summary>
    public void Stop()
    {
        lock (Node.Kernel.Gate)
            IsRunning = IsReady = false;
    }

    /// <summary>Goes on with the start when everything is there that it needs.</summary>
    public void TryBecomeReady()
    {
        lock (Node.Kernel.Gate)
        {
            if (!IsRunning || IsReady || NodeObject is null || CustomResources.Find(Store, CustomResources.Nodes) is not { } nodes)
                return;
            CiliumNodes.Ensure(this, nodes);
            if (CiliumNodes.PodCidr(Store, Node.Name) is not { } prefix)
                return;
            try
            {
                Initialize(prefix);
            }
            catch (KernelException)
            {
                // No room on the disk, or a command was refused: it is tried again.
                return;
            }

            CiliumNodes.Publish(this, nodes);
            IsReady = true;
            Health.Restart();
        }
    }

    private void Initialize(IpPrefix prefix)
    {
        _maps.Clear();
        foreach (var name in CachedMaps.Concat(UncachedMaps))
            Map(name);
        if (Pool?.Prefix != prefix)
        {
            Pool = new AddressPool(prefix, Seed.Fork("addresses/" + prefix));
            Router = Pool.Allocate("router")!;
        }

        Loader.EnsureGlobalMaps();
        HostLink = Links.EnsureHost(Router, Configuration);
        Links.EnsureLocalRoute(prefix, Router, HostLink, wanted: !Configuration.HasEndpointRoutes);
        AgentRules.Write(Node.Kernel.Network.Iptables, Configuration, prefix, DnsProxyPort);
        Policies.Restart();
        Endpoints.Restore();
        Loader.LoadHost(Endpoints.Host.Id, HostLink, [.. Devices.Where(static row => row.IsSelected).Select(static row => row.Link)], Configuration);
        Cilium.Packets.SetPrograms(Node, Programs);
        Peers.Learn();
        foreach (var service in Store.List(ResourceTypes.Services).Items)
            UpdateService(service.Namespace, service.Name);
        CniFiles.Write(Node, Configuration);
    }

    /// <summary>Brings a service in line with the API.</summary>
    public void UpdateService(string ns, string name)
    {
        lock (Node.Kernel.Gate)
            Services.Update(Store, ns, name, Node.Name, Configuration, [.. HostAddresses.Where(address => !address.Equals(Router))]);
    }

    /// <summary>A node as models.NodeElement.</summary>
    public JsonObject NodeElement(string name, IPAddress primary, IpPrefix? pods, IPAddress? health, IPAddress? router) => new JsonObject()
        .With("health-endpoint-address", health is null ? null : new JsonObject { ["ipv4"] = new JsonObject().With("enabled", true).With("ip", health.ToString()), ["ipv6"] = new JsonObject() })
        .With("name", name)
        .With("primary-address", new JsonObject
        {
            ["ipv4"] = new JsonObject().With("address-type", "InternalIP").With("alloc-range", pods?.ToString()).With("enabled", true).With("ip", primary.ToString()),
            ["ipv6"] = new JsonObject().With("address-type", "InternalIP"),
        })
        .With("secondary-addresses", router is null ? null : new JsonArray(new JsonObject().With("address-type", "CiliumInternalIP").With("ip", router.ToString())))
        .With("source", name.EndsWith("/" + Node.Name, StringComparison.Ordinal) ? "local" : "custom-resource");
}

using System.Net;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Life;

namespace CiliumLab.Simulator.Cilium;

/// <summary>The endpoints of one node. Those of pods and of the node outlive the agent, which restores them at its start.</summary>
/// <param name="agent">The agent.</param>
internal sealed class EndpointTable(CiliumAgent agent)
{
    private const int HighestId = 4095;

    private readonly SortedDictionary<int, CiliumEndpoint> _endpoints = [];
    private readonly Seed _ids = agent.Seed.Fork("endpoints");
    private CiliumEndpoint? _host;

    /// <summary>The endpoints by number.</summary>
    public IReadOnlyList<CiliumEndpoint> All => [.. _endpoints.Values];

    /// <summary>The node.</summary>
    public CiliumEndpoint Host => _host!;

    /// <summary>The health prober's; null when it has none.</summary>
    public CiliumEndpoint? Health { get; private set; }

    /// <summary>An endpoint by its number; null when there is none.</summary>
    public CiliumEndpoint? Find(int id) => _endpoints.GetValueOrDefault(id);

    /// <summary>An endpoint by its address; null when there is none.</summary>
    public CiliumEndpoint? Find(IPAddress address) => _endpoints.Values.FirstOrDefault(endpoint => address.Equals(endpoint.Address));

    /// <summary>An endpoint by its pod; null when there is none.</summary>
    public CiliumEndpoint? Find(string ns, string pod) => _endpoints.Values.FirstOrDefault(endpoint => endpoint.Kind == EndpointKind.Pod && endpoint.PodNamespace == ns && endpoint.PodName == pod);

    /// <summary>Takes over what is there from a former run, and makes what every run makes anew.</summary>
    public void Restore()
    {
        foreach (var endpoint in _endpoints.Values.Where(static endpoint => endpoint.Kind == EndpointKind.Pod).ToList())
        {
            if (endpoint.Link is null || !agent.Node.Kernel.Network.Links.Contains(endpoint.Link))
            {
                Release(endpoint);
                continue;
            }

            endpoint.IsRestored = true;
            endpoint.Move(agent.Now, "restoring", "Synchronizing endpoint labels with KVStore");
            agent.Pool!.Set(endpoint.Address!, $"{endpoint.PodNamespace}/{endpoint.PodName} [restored]");
            Regenerate(endpoint, "syncing state to host");
        }

        var isNew = _host is null;
        _host ??= new CiliumEndpoint(NextId(), EndpointKind.Host) { Since = agent.Now };
        _endpoints[_host.Id] = _host;
        _host.Link = agent.HostLink;
        _host.Labels = SecurityLabels.OfHost(agent.NodeObject);
        _host.Identity = agent.HostIdentity;
        _host.IsRestored = !isNew;
        if (isNew)
            _host.Move(agent.Now, "waiting-to-regenerate", "Triggering regeneration due to new identity");
        _host.Move(agent.Now, "ready", "Successfully regenerated endpoint program (Reason: " + (isNew ? "updated security labels" : "syncing state to host") + ")");
        agent.Map($"cilium_policy_v2_{_host.Id:d5}");
        WritePolicy(_host);
        foreach (var address in agent.HostAddresses)
            agent.Map("cilium_lxc").Update($"{address}:0", "(localhost)");
        RestoreHealth();
    }

    /// <summary>Gives a pod its endpoint.</summary>
    /// <exception cref="CniException">There is no address left, or no agent.</exception>
    public CiliumEndpoint Add(CniRequest request)
    {
        if (!agent.IsReady)
            throw new CniException("unable to connect to Cilium agent: failed to create cilium agent client after 30.000000 seconds timeout: Get \"http://localhost/v1/config\": dial unix /var/run/cilium/cilium.sock: connect: no such file or directory\nIs the agent running?");
        var pod = request.Pod;
        var address = agent.Pool!.Allocate($"{pod.Namespace}/{pod.Name}")
            ?? throw new CniException("unable to allocate IP via local cilium agent: [POST /ipam][502] postIpamFailure \"range is full\"");
        var name = AgentLinks.NameOf(request.ContainerId, request.Interface);
        var (outer, inner) = agent.Links.AddPair(name, request.Network, request.Interface, address, agent.Router);
        var endpoint = new CiliumEndpoint(NextId(), EndpointKind.Pod)
        {
            PodNamespace = pod.Namespace,
            PodName = pod.Name,
            PodUid = pod.Uid,
            ContainerId = request.ContainerId,
            Address = address,
            Link = outer,
            Inner = inner,
            Network = request.Network,
            Since = agent.Now,
        };
        _endpoints[endpoint.Id] = endpoint;
        endpoint.Move(agent.Now, "waiting-for-identity", "Endpoint creation");
        Identify(endpoint, pod);
        agent.Map("cilium_lxc").Update($"{address}:0", endpoint.MapValue);
        Regenerate(endpoint, "Initial build on endpoint creation");
        Tell("Endpoint created", endpoint);
        return endpoint;
    }

    /// <summary>Takes a pod's endpoint away; nothing there is no error.</summary>
    public void Remove(string containerId)
    {
        if (_endpoints.Values.FirstOrDefault(endpoint => endpoint.ContainerId == containerId && endpoint.Kind == EndpointKind.Pod) is { } endpoint)
            Release(endpoint);
    }

    /// <summary>A pod changed: its labels may make another identity.</summary>
    public void Update(StoredObject pod)
    {
        if (Find(pod.Namespace, pod.Name) is not { } endpoint || endpoint.PodUid != pod.Uid)
            return;
        var before = endpoint.Identity;
        Identify(endpoint, pod);
        if (before.Id == endpoint.Identity.Id)
            return;
        Regenerate(endpoint, "updated security labels");
        agent.Map("cilium_lxc").Update($"{endpoint.Address}:0", endpoint.MapValue);
    }

    /// <summary>Policies changed: every endpoint's map is made anew.</summary>
    public void RegeneratePolicies()
    {
        foreach (var endpoint in _endpoints.Values)
        {
            endpoint.Move(agent.Now, "regenerating", "Regenerating endpoint: policy rules added");
            WritePolicy(endpoint);
            endpoint.Move(agent.Now, "ready", "Successfully regenerated endpoint program (Reason: policy rules added)");
        }
    }

    /// <summary>Identities came or went: the maps follow, without the endpoints being made anew.</summary>
    public void UpdatePolicies()
    {
        foreach (var endpoint in _endpoints.Values)
            WritePolicy(endpoint);
    }

    private void Identify(CiliumEndpoint endpoint, StoredObject pod)
    {
        var labels = SecurityLabels.Of(pod, agent.Store, agent.Configuration);
        if (endpoint.Labels.AsSpan().SequenceEqual(labels.AsSpan()))
            return;
        endpoint.Labels = labels;
        endpoint.Identity = agent.Cilium.Identities.Get(labels);
        endpoint.Move(agent.Now, "waiting-to-regenerate", "Triggering regeneration due to new identity");
        Publish(endpoint);
    }

    private void Regenerate(CiliumEndpoint endpoint, string reason)
    {
        endpoint.Move(agent.Now, "regenerating", "Regenerating endpoint: " + reason);
        agent.Links.EnsureEndpointRoute(endpoint.Address!, endpoint.Link!, agent.Configuration.HasEndpointRoutes);
        agent.Loader.LoadEndpoint(endpoint, agent.Configuration);
        WritePolicy(endpoint);
        endpoint.Move(agent.Now, "ready", $"Successfully regenerated endpoint program (Reason: {reason})");
        if (endpoint.Kind == EndpointKind.Pod)
            Publish(endpoint);
    }

    private void WritePolicy(CiliumEndpoint endpoint)
    {
        var map = agent.Map($"cilium_policy_v2_{endpoint.Id:d5}");
        var before = endpoint.Policy.Entries;
        (endpoint.EnforcesIngress, endpoint.EnforcesEgress, var entries) = PolicyResolution.Of(endpoint, agent);
        endpoint.PolicyRevision = agent.Policies.Revision;
        endpoint.Policy.Replace(entries);
        foreach (var gone in before.Except(endpoint.Policy.Entries, PolicyEntry.ByKey))
            map.Delete(KeyOf(gone));
        foreach (var entry in endpoint.Policy.Entries.Except(before))
            map.Update(KeyOf(entry), "0 0 0");
    }

    private static string KeyOf(PolicyEntry entry) => $"{entry.Direction}: {entry.Identity} {entry.PortText}";

    private void RestoreHealth()
    {
        var address = Health?.Address;
        if (Health is { } old)
        {
            _endpoints.Remove(old.Id);
            agent.Loader.UnloadEndpoint(old);
            agent.Links.Remove(old.Link!);
            if (old.Network is { } network)
                agent.Node.Kernel.RemoveNamespace(network);
            Health = null;
        }

        if (!agent.Configuration.HasHealthEndpoint)
        {
            if (address is not null)
                agent.Pool!.Release(address);
            return;
        }

        if (address is null || !agent.Pool!.Prefix.Contains(address))
            address = agent.Pool!.Allocate("health")!;
        var own = agent.Node.Kernel.AddNamespace(null);
        var (outer, inner) = agent.Links.AddPair(AgentLinks.Health, own, "cilium", address, agent.Router);
        Health = new CiliumEndpoint(NextId(), EndpointKind.Health)
        {
            Address = address,
            Link = outer,
            Inner = inner,
            Network = own,
            Labels = ["reserved:health"],
            Identity = SecurityIdentity.OfReserved(SecurityIdentity.Health),
            Since = agent.Now,
        };
        _endpoints[Health.Id] = Health;
        Health.Move(agent.Now, "waiting-for-identity", "Endpoint creation");
        agent.Map("cilium_lxc").Update($"{address}:0", Health.MapValue);
        Regenerate(Health, "Initial build on endpoint creation");
    }

    private void Release(CiliumEndpoint endpoint)
    {
        _endpoints.Remove(endpoint.Id);
        agent.Links.EnsureEndpointRoute(endpoint.Address!, endpoint.Link!, wanted: false);
        agent.Loader.UnloadEndpoint(endpoint);
        agent.Links.Remove(endpoint.Link!);
        agent.Pool!.Release(endpoint.Address!);
        agent.Map("cilium_lxc").Delete($"{endpoint.Address}:0");
        agent.CloseMap($"cilium_policy_v2_{endpoint.Id:d5}");
        Tell("Endpoint deleted", endpoint);
        if (CustomResources.Find(agent.Store, CustomResources.Endpoints) is { } type && agent.Store.Find(type, endpoint.PodNamespace, endpoint.PodName) is { } published
            && published.Json.Number("status", "id") == endpoint.Id)
        {
            agent.Store.Delete(type, endpoint.PodNamespace, endpoint.PodName);
        }
    }

    private void Tell(string what, CiliumEndpoint endpoint) => agent.Monitor.Publish(new AgentMessage(what, endpoint.Id, endpoint.Labels, endpoint.PodNamespace, endpoint.PodName));

    private int NextId()
    {
        int id;
        do
            id = 1 + _ids.Next(HighestId);
        while (_endpoints.ContainsKey(id) || id == _host?.Id);
        return id;
    }

    private void Publish(CiliumEndpoint endpoint)
    {
        if (CustomResources.Find(agent.Store, CustomResources.Endpoints) is not { } type)
            return;
        var status = EndpointModels.Summary(endpoint, agent);
        if (agent.Store.Find(type, endpoint.PodNamespace, endpoint.PodName) is not null)
        {
            agent.Store.TryEdit(type, endpoint.PodNamespace, endpoint.PodName, obj => obj["status"] = status);
            return;
        }

        var made = new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = endpoint.PodName,
                ["namespace"] = endpoint.PodNamespace,
                ["labels"] = agent.Store.Find(ResourceTypes.Pods, endpoint.PodNamespace, endpoint.PodName)?.Json.Object("metadata", "labels")?.DeepClone(),
                ["ownerReferences"] = new JsonArray(new JsonObject { ["apiVersion"] = "v1", ["kind"] = "Pod", ["name"] = endpoint.PodName, ["uid"] = endpoint.PodUid }),
            },
            ["status"] = status,
        };
        try
        {
            agent.Store.Create(type, made);
        }
        catch (ApiException)
        {
            // The namespace is going, and the pod with it: the agent's controller logs it, and the endpoint works all the same.
        }
    }
}

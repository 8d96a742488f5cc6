using CiliumLab.Simulator.Api;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Cilium;

/// <summary>The policies that an agent knows, and the identities that it gives to the networks in them.</summary>
/// <param name="agent">The agent.</param>
internal sealed class PolicyRepository(CiliumAgent agent)
{
    // identity.MinLocalIdentity: the highest byte says that no other node knows them.
    private const uint FirstLocal = 16777217;

    private static readonly string[] Kinds = ["ciliumnetworkpolicies", "ciliumclusterwidenetworkpolicies"];

    private readonly SortedDictionary<uint, SecurityIdentity> _local = [];
    private readonly Dictionary<string, long> _versions = new(StringComparer.Ordinal);

    /// <summary>Counts the changes of policies since the agent started.</summary>
    public long Revision { get; private set; } = 1;

    /// <summary>The identities of networks, by number.</summary>
    public IReadOnlyCollection<SecurityIdentity> Local => _local.Values;

    /// <summary>Whether a change of an object of the API may change what policies say.</summary>
    public static bool IsPolicy(ResourceType type) => type == ResourceTypes.NetworkPolicies || (type.Group == CustomResources.Group && Kinds.Contains(type.Resource));

    /// <summary>An identity of a network; null when there is none.</summary>
    public SecurityIdentity? Find(uint id) => _local.GetValueOrDefault(id);

    /// <summary>The policies as they are in the API. One that cannot be read is left out, as the agent does.</summary>
    public IReadOnlyList<NetworkPolicy> Policies
    {
        get
        {
            var ofKubernetes = agent.Configuration.Flag("enable-k8s-networkpolicy", true) ? agent.Store.List(ResourceTypes.NetworkPolicies).Items : [];
            return [.. ofKubernetes.SelectMany(static one => Readable(one, static policy => [KubernetesPolicies.Read(policy)])), .. OfCilium().SelectMany(static one => Readable(one, CiliumPolicies.Read))];
        }
    }

    /// <summary>Forgets what a former run knew.</summary>
    public void Restart()
    {
        _local.Clear();
        _versions.Clear();
        Revision = 1;
        Update();
    }

    /// <summary>Takes over what changed in the API.</summary>
    /// <returns>Whether anything did.</returns>
    public bool Update()
    {
        var now = agent.Store.List(ResourceTypes.NetworkPolicies).Items.Concat(OfCilium()).ToDictionary(static one => one.Uid, static one => one.ResourceVersion);
        if (now.Count == _versions.Count && now.All(pair => _versions.GetValueOrDefault(pair.Key) == pair.Value))
            return false;
        Revision += now.Count(pair => _versions.GetValueOrDefault(pair.Key) != pair.Value) + _versions.Keys.Count(uid => !now.ContainsKey(uid));
        _versions.Clear();
        foreach (var (uid, version) in now)
            _versions[uid] = version;
        GiveIdentities();
        return true;
    }

    /// <summary>Writes the networks' identities to the ipcache, where nobody else has the network.</summary>
    public void WriteNetworks()
    {
        foreach (var identity in _local.Values.Where(identity => agent.IpCache.Find(PrefixOf(identity)) is null))
            agent.IpCache.Set(new IpCacheEntry(PrefixOf(identity), identity.Id) { Source = "generated" });
    }

    private static IReadOnlyList<NetworkPolicy> Readable(StoredObject policy, Func<StoredObject, IEnumerable<NetworkPolicy>> read)
    {
        try
        {
            return [.. read(policy)];
        }
        catch (Exception error) when (error is ApiException or FormatException)
        {
            return [];
        }
    }

    private IEnumerable<StoredObject> OfCilium() => Kinds.Select(kind => CustomResources.Find(agent.Store, kind)).OfType<ResourceType>().SelectMany(type => agent.Store.List(type).Items);

    private void GiveIdentities()
    {
        var wanted = Policies.SelectMany(static policy => policy.Rules).SelectMany(static rule => rule.Peers).SelectMany(static peer => peer.Prefixes).ToHashSet();
        foreach (var identity in _local.Values.Where(identity => !wanted.Contains(PrefixOf(identity))).ToList())
        {
            _local.Remove(identity.Id);
            if (agent.IpCache.Find(PrefixOf(identity))?.Identity == identity.Id)
                agent.IpCache.Remove(PrefixOf(identity));
        }

        foreach (var prefix in wanted.Except(_local.Values.Select(PrefixOf)).Order())
        {
            var id = FirstLocal;
            while (_local.ContainsKey(id))
                id++;
            _local[id] = new SecurityIdentity(id, [$"cidr:{prefix.Address}/{prefix.Length}", "reserved:world"]);
        }

        WriteNetworks();
    }

    private static IpPrefix PrefixOf(SecurityIdentity identity) => IpPrefix.Parse(identity.Labels[0]["cidr:".Length..]);
}

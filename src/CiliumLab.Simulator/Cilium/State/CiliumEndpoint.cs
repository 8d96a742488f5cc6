using System.Collections.Immutable;
using System.Net;
using System.Text.Json.Nodes;
using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Cilium;

/// <summary>What an endpoint is.</summary>
internal enum EndpointKind
{
    Pod,
    Host,
    Health,
}

/// <summary>A line of an endpoint's log.</summary>
internal sealed record EndpointChange(DateTimeOffset Time, string State, string Message)
{
    public JsonObject ToJson() => new JsonObject().With("code", "ok").With("message", Message).With("state", State).With("timestamp", GoText.Seconds(Time));
}

/// <summary>Something that the agent gives a network and a policy: a pod, the health prober, the node itself.</summary>
/// <param name="id">Its number on the node.</param>
/// <param name="kind">What it is.</param>
internal sealed class CiliumEndpoint(int id, EndpointKind kind)
{
    public int Id { get; } = id;

    public EndpointKind Kind { get; } = kind;

    public string PodNamespace { get; init; } = "";

    public string PodName { get; init; } = "";

    public string PodUid { get; init; } = "";

    public string ContainerId { get; init; } = "";

    /// <summary>Null for the node, which is reached at every address of its own.</summary>
    public IPAddress? Address { get; init; }

    /// <summary>The end of the pair that is on the node; cilium_host for the node.</summary>
    public Link? Link { get; set; }

    /// <summary>The other end.</summary>
    public Link? Inner { get; init; }

    public NetworkNamespace? Network { get; init; }

    public SecurityIdentity Identity { get; set; } = SecurityIdentity.OfReserved(SecurityIdentity.World);

    /// <summary>The labels that <c>endpoint list</c> shows.</summary>
    public ImmutableArray<string> Labels { get; set; } = [];

    public string State { get; private set; } = "waiting-for-identity";

    /// <summary>A former run of the agent made it.</summary>
    public bool IsRestored { get; set; }

    public PolicyMap Policy { get; } = new();

    /// <summary>Whether what no policy allows to come in is dropped.</summary>
    public bool EnforcesIngress { get; set; }

    /// <summary>Whether what no policy allows to go out is dropped.</summary>
    public bool EnforcesEgress { get; set; }

    /// <summary>The revision of the policies that its map was made from.</summary>
    public long PolicyRevision { get; set; } = 1;

    public DateTimeOffset Since { get; init; }

    /// <summary>What happened to it, the latest first.</summary>
    public IReadOnlyList<EndpointChange> Log => [.. Enumerable.Reverse(_log)];

    /// <summary>The value of its entry in cilium_lxc.</summary>
    public string MapValue =>
        $"id={Id,-5} sec_id={Identity.Id,-5} flags=0x0000 ifindex={Link?.Index ?? 0,-3} mac={Inner?.Mac.ToString().ToUpperInvariant()} nodemac={Link?.Mac.ToString().ToUpperInvariant()} parent_ifindex=0";

    private readonly List<EndpointChange> _log = [];

    /// <summary>Notes a new state.</summary>
    public void Move(DateTimeOffset now, string state, string message)
    {
        State = state;
        _log.Add(new EndpointChange(now, state, message));
    }

    /// <inheritdoc/>
    public override string ToString() => $"{Id} ({Kind} {PodNamespace}/{PodName})";
}

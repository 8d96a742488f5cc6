using System.Net;

namespace CiliumLab.Model;

/// <summary>What an agent still has to do with a map's entry (pkg/bpf/events.go).</summary>
public enum BpfEntryState
{
    /// <summary>A state that is not known.</summary>
    Unknown,

    /// <summary>Nothing: the map holds what the agent wants.</summary>
    Sync,

    /// <summary>Write it.</summary>
    ToBeInserted,

    /// <summary>Remove it.</summary>
    ToBeDeleted,
}

/// <summary>An entry of one of Cilium's maps: key and value as Cilium writes them. Maps that are understood have records of their own.</summary>
public record BpfMapEntry
{
    /// <summary>The node; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>The map; null when the output does not say.</summary>
    public string? MapName { get; init; }

    /// <summary>The key.</summary>
    public required string Key { get; init; }

    /// <summary>The value; empty for a set.</summary>
    public required string Value { get; init; }

    /// <summary>What the agent still has to do with it; unknown when the map itself was read.</summary>
    public BpfEntryState State { get; init; }

    /// <summary>What went wrong the last time; null for nothing.</summary>
    public string? LastError { get; init; }
}

/// <summary>An entry of the map <c>cilium_ipcache</c>: who is behind an address.</summary>
public sealed record BpfIpCacheEntry : BpfMapEntry
{
    /// <summary>The address or network.</summary>
    public required IPNetwork Prefix { get; init; }

    /// <summary>The identity's number.</summary>
    public required uint IdentityId { get; init; }

    /// <summary>The identity's name: a reserved one's, else its number.</summary>
    public string Identity => ReservedIdentity.Name(IdentityId);

    /// <summary>The node behind which it is; null for this node.</summary>
    public IPAddress? TunnelEndpoint { get; init; }

    /// <summary>The encryption key's number; 0 for none.</summary>
    public byte EncryptKey { get; init; }

    /// <summary>The flags.</summary>
    public IpCacheFlags Flags { get; init; }
}

/// <summary>An entry of the map <c>cilium_lxc</c>: the endpoint that has an address.</summary>
public sealed record BpfEndpointEntry : BpfMapEntry
{
    /// <summary>The address.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>Whether the address is the node's own.</summary>
    public bool IsLocalHost { get; init; }

    /// <summary>The endpoint; null for the node's own address.</summary>
    public int? EndpointId { get; init; }

    /// <summary>The endpoint's identity; null for the node's own address, and where old versions do not say.</summary>
    public uint? IdentityId { get; init; }

    /// <summary>The index of the endpoint's interface on the node.</summary>
    public int? InterfaceIndex { get; init; }

    /// <summary>The hardware address inside the pod.</summary>
    public string? Mac { get; init; }

    /// <summary>The hardware address of the interface on the node.</summary>
    public string? NodeMac { get; init; }
}

/// <summary>Flags of a service in the load balancer's maps, those that <c>bpf lb list</c> names (pkg/loadbalancer).</summary>
[Flags]
public enum BpfServiceFlags
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>An external address.</summary>
    ExternalIPs = 1 << 0,

    /// <summary>A node port.</summary>
    NodePort = 1 << 1,

    /// <summary>Only backends of the node, for traffic from outside.</summary>
    ExternalLocalScope = 1 << 2,

    /// <summary>A host port.</summary>
    HostPort = 1 << 3,

    /// <summary>A client stays with its backend.</summary>
    SessionAffinity = 1 << 4,

    /// <summary>A load balancer's address.</summary>
    LoadBalancer = 1 << 5,

    /// <summary>Reachable from outside.</summary>
    Routable = 1 << 6,

    /// <summary>Only clients of given networks.</summary>
    SourceRange = 1 << 7,

    /// <summary>A local redirect policy's.</summary>
    LocalRedirect = 1 << 8,

    /// <summary>Translates between IPv4 and IPv6.</summary>
    Nat46x64 = 1 << 9,

    /// <summary>Goes to the layer 7 load balancer.</summary>
    L7LoadBalancer = 1 << 10,

    /// <summary>For the host's own processes.</summary>
    Loopback = 1 << 11,

    /// <summary>Only backends of the node, for traffic from inside.</summary>
    InternalLocalScope = 1 << 12,

    /// <summary>Has an external and an internal half.</summary>
    TwoScopes = 1 << 13,

    /// <summary>Quarantined.</summary>
    Quarantined = 1 << 14,

    /// <summary>Forwards by DSR or tunnel, decided for the service itself.</summary>
    ForwardModeDsr = 1 << 15,
}

/// <summary>An entry of the maps <c>cilium_lb4_services</c> and <c>cilium_lb6_services</c>: slot 0 is the service, the others its backends.</summary>
public sealed record BpfServiceEntry : BpfMapEntry
{
    /// <summary>The frontend's address.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>The frontend's port.</summary>
    public required int Port { get; init; }

    /// <summary>The protocol; any where old versions do not say.</summary>
    public TransportProtocol Protocol { get; init; }

    /// <summary>Whether the frontend is only for traffic from inside the cluster.</summary>
    public bool IsInternal { get; init; }

    /// <summary>The slot; null where the output does not say.</summary>
    public int? Slot { get; init; }

    /// <summary>The service's number, which is also that of its reverse translation.</summary>
    public ushort ServiceId { get; init; }

    /// <summary>How many backends there are; only in slot 0, and null where it is not shown.</summary>
    public int? BackendCount { get; init; }

    /// <summary>The backend's number; null in slot 0, and where it is not shown.</summary>
    public uint? BackendId { get; init; }

    /// <summary>The backend's address; null in slot 0, and where only its number is shown.</summary>
    public IPAddress? BackendAddress { get; init; }

    /// <summary>The backend's port; null where its address is.</summary>
    public int? BackendPort { get; init; }

    /// <summary>The service's flags; null where they are not shown.</summary>
    public BpfServiceFlags? Flags { get; init; }

    /// <summary>The frontend as Cilium writes it.</summary>
    public string Frontend => SocketText.Of(Address, Port, Protocol) + (IsInternal ? "/i" : "");

    /// <summary>The backend as Cilium writes it; null in slot 0.</summary>
    public string? Backend => BackendAddress is { } address ? SocketText.Of(address, BackendPort ?? 0, Protocol) : null;
}

/// <summary>An entry of the maps <c>cilium_lb4_backends</c> and <c>cilium_lb6_backends</c>.</summary>
public sealed record BpfBackendEntry : BpfMapEntry
{
    /// <summary>The backend's number.</summary>
    public required uint BackendId { get; init; }

    /// <summary>Its address.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>Its port; null from <c>map get</c>, which shows none.</summary>
    public int? Port { get; init; }

    /// <summary>The protocol.</summary>
    public TransportProtocol Protocol { get; init; }
}

/// <summary>An entry of the maps <c>cilium_lb4_reverse_nat</c> and <c>cilium_lb6_reverse_nat</c>: the address that a service's answers get.</summary>
public sealed record BpfReverseNatEntry : BpfMapEntry
{
    /// <summary>The service's number.</summary>
    public required ushort ServiceId { get; init; }

    /// <summary>The service's address.</summary>
    public required IPAddress Address { get; init; }

    /// <summary>The service's port.</summary>
    public required int Port { get; init; }
}

/// <summary>An entry of the maps <c>cilium_lb4_source_range</c> and <c>cilium_lb6_source_range</c>: clients that a service answers.</summary>
public sealed record BpfSourceRangeEntry : BpfMapEntry
{
    /// <summary>The clients.</summary>
    public required IPNetwork Prefix { get; init; }

    /// <summary>The service's number.</summary>
    public required ushort ServiceId { get; init; }
}

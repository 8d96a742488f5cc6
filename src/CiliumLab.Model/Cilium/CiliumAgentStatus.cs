using System.Net;

namespace CiliumLab.Model;

/// <summary>How packets get from node to node.</summary>
public enum CiliumRoutingMode
{
    /// <summary>The output does not say.</summary>
    Unknown,

    /// <summary>By routes.</summary>
    Native,

    /// <summary>In a tunnel.</summary>
    Tunnel,
}

/// <summary>An agent's own status (<c>cilium-dbg status</c>).</summary>
public sealed record CiliumAgentStatus
{
    /// <summary>The node; null when the text's origin is not known.</summary>
    public string? Node { get; init; }

    /// <summary>How well the agent does.</summary>
    public CiliumHealthState State { get; init; }

    /// <summary>What it says of itself: its version while all is well.</summary>
    public string? Message { get; init; }

    /// <summary>Its version; null when the message does not hold one.</summary>
    public string? Version { get; init; }

    /// <summary>The parts with a state of their own: Kubernetes, KVStore, health daemon, Hubble and others.</summary>
    public IReadOnlyList<CiliumComponentStatus> Components { get; init; } = [];

    /// <summary>Whether Cilium stands in for kube-proxy; null when the output does not say.</summary>
    public bool? KubeProxyReplacement { get; init; }

    /// <summary>The devices that serve node ports, with their addresses.</summary>
    public IReadOnlyList<CiliumStatusDevice> Devices { get; init; } = [];

    /// <summary>The device over which nodes reach each other; null when there is none.</summary>
    public string? DirectRoutingDevice { get; init; }

    /// <summary>How packets get from node to node.</summary>
    public CiliumRoutingMode Routing { get; init; }

    /// <summary>The tunnel's protocol; null without one.</summary>
    public string? TunnelProtocol { get; init; }

    /// <summary>How packets get through the host: <c>BPF</c> or <c>Legacy</c>; null when the output does not say.</summary>
    public string? HostRouting { get; init; }

    /// <summary>By which means programs are attached: <c>tcx</c> or <c>tc</c>; null before 1.16.</summary>
    public string? AttachMode { get; init; }

    /// <summary>The kind of devices that pods get: <c>veth</c>, <c>netkit</c>; null before 1.16.</summary>
    public string? DeviceMode { get; init; }

    /// <summary>How the source of packets to the outside is translated: <c>BPF</c>, <c>iptables</c>, <c>Disabled</c>; null when the output does not say.</summary>
    public string? Masquerading { get; init; }

    /// <summary>Whether that is done for IPv4.</summary>
    public bool MasqueradesIPv4 { get; init; }

    /// <summary>Whether that is done for IPv6.</summary>
    public bool MasqueradesIPv6 { get; init; }

    /// <summary>The network whose packets keep their source; null when there is none.</summary>
    public IPNetwork? NativeRoutingCidr { get; init; }

    /// <summary>How pods' addresses are used up, as the agent says it.</summary>
    public string? Ipam { get; init; }

    /// <summary>How many IPv4 addresses of the node's range are in use; null when the output does not say.</summary>
    public int? AllocatedIPv4 { get; init; }

    /// <summary>How many there are; null when the output does not say.</summary>
    public int? AvailableIPv4 { get; init; }

    /// <summary>The addresses in use and their owners; from text only with <c>--all-addresses</c> or <c>--verbose</c>.</summary>
    public IReadOnlyList<CiliumAllocation> Allocations { get; init; } = [];

    /// <summary>How many controllers there are; null when the output does not say.</summary>
    public int? ControllerCount { get; init; }

    /// <summary>How many of them do well.</summary>
    public int? HealthyControllerCount { get; init; }

    /// <summary>The controllers that fail.</summary>
    public IReadOnlyList<CiliumControllerFailure> FailingControllers { get; init; } = [];

    /// <summary>The proxy as the agent describes it; null when it has none.</summary>
    public string? Proxy { get; init; }

    /// <summary>How many ports are sent to the proxy; null when the output does not say.</summary>
    public int? ProxyRedirectCount { get; init; }

    /// <summary>How nodes' traffic is encrypted: <c>Disabled</c>, <c>IPsec</c>, <c>Wireguard</c>; null when the output does not say.</summary>
    public string? Encryption { get; init; }

    /// <summary>The datapath's clock: <c>ktime</c> or <c>jiffies</c>; from text only with <c>--verbose</c>.</summary>
    public string? ClockSource { get; init; }

    /// <summary>The host firewall: <c>Enabled</c> or <c>Disabled</c>; null when the output does not say.</summary>
    public string? HostFirewall { get; init; }

    /// <summary>The bandwidth manager as the agent describes it; null when the output does not say.</summary>
    public string? BandwidthManager { get; init; }

    /// <summary>Nodes that are reachable; null from JSON, which does not have it.</summary>
    public int? ReachableNodes { get; init; }

    /// <summary>Nodes that were probed; null from JSON, which does not have it.</summary>
    public int? ProbedNodes { get; init; }

    /// <summary>Modules that stopped; null from JSON.</summary>
    public int? StoppedModules { get; init; }

    /// <summary>Modules that do badly; null from JSON.</summary>
    public int? DegradedModules { get; init; }

    /// <summary>Modules that do well; null from JSON.</summary>
    public int? HealthyModules { get; init; }

    /// <summary>Every line of the text that has a name, by that name; empty from JSON.</summary>
    public IReadOnlyDictionary<string, string> Settings { get; init; } = new Dictionary<string, string>();
}

/// <summary>A part of an agent.</summary>
/// <param name="Name">Its name: <c>Kubernetes</c>, <c>KVStore</c>, <c>Hubble</c>, <c>Cilium health daemon</c>.</param>
/// <param name="State">How well it does.</param>
/// <param name="Message">What it says; null for nothing.</param>
public sealed record CiliumComponentStatus(string Name, CiliumHealthState State, string? Message)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Name}: {State}{(Message is null ? "" : $" ({Message})")}";
}

/// <summary>A device in an agent's status.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Addresses">Its addresses.</param>
public sealed record CiliumStatusDevice(string Name, IReadOnlyList<IPAddress> Addresses)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>An address that an agent gave away.</summary>
/// <param name="Address">The address.</param>
/// <param name="Owner">Who has it: <c>namespace/pod</c>, <c>router</c>, <c>health</c>.</param>
public sealed record CiliumAllocation(IPAddress Address, string Owner)
{
    /// <inheritdoc/>
    public override string ToString() => $"{Address} ({Owner})";
}

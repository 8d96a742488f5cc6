namespace CiliumLab.Model;

/// <summary>A feature of Cilium with requirements of its own.</summary>
public enum CiliumFeature
{
    /// <summary>What every installation needs.</summary>
    Base,

    /// <summary>Tunnels (VXLAN, Geneve) and policy routing.</summary>
    Tunnel,

    /// <summary>Layer 7 and DNS policies.</summary>
    L7,

    /// <summary>Encryption with IPsec.</summary>
    Ipsec,

    /// <summary>The bandwidth manager.</summary>
    Bandwidth,

    /// <summary>netkit devices instead of veth pairs.</summary>
    Netkit,

    /// <summary>Masquerading with iptables.</summary>
    Masquerade,
}

/// <summary>What became of a check.</summary>
public enum RequirementStatus
{
    /// <summary>It is met.</summary>
    Passed,

    /// <summary>It is not met.</summary>
    Failed,

    /// <summary>It cannot be told.</summary>
    Unknown,

    /// <summary>It means nothing on this node, as an option that newer kernels do not have any more.</summary>
    NotApplicable,
}

/// <summary>Whether a node meets a requirement of Cilium's.</summary>
public sealed record RequirementCheck
{
    /// <summary>The node.</summary>
    public required string Node { get; init; }

    /// <summary>The feature that needs it.</summary>
    public required CiliumFeature Feature { get; init; }

    /// <summary>What is needed: <c>kernel</c>, <c>architecture</c>, <c>bpffs</c>, an option's name, or a port.</summary>
    public required string Requirement { get; init; }

    /// <summary>What became of the check.</summary>
    public required RequirementStatus Status { get; init; }

    /// <summary>What the node has.</summary>
    public string? Found { get; init; }

    /// <summary>What it should have.</summary>
    public string? Needed { get; init; }

    /// <summary>What to do about it; null when nothing is to be done.</summary>
    public string? Remedy { get; init; }
}

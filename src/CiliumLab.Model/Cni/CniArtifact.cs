namespace CiliumLab.Model;

/// <summary>Whose leftovers they are.</summary>
public enum CniArtifactOwner
{
    /// <summary>flanneld and its CNI plugin, with the bridge that the plugin delegates to.</summary>
    Flannel,

    /// <summary>kube-proxy, in any of its modes.</summary>
    KubeProxy,
}

/// <summary>What sort of thing was left, in the order in which things are removed.</summary>
public enum CniArtifactKind
{
    /// <summary>A DaemonSet of the cluster; its pods are gone when it is reported as removed.</summary>
    DaemonSet,

    /// <summary>A ConfigMap of the cluster.</summary>
    ConfigMap,

    /// <summary>A rule of iptables in somebody else's chain; it jumps to a chain of the owner's.</summary>
    Rule,

    /// <summary>A chain of iptables with everything in it.</summary>
    Chain,

    /// <summary>A table of nftables that is the owner's alone.</summary>
    NftTable,

    /// <summary>A set of ipset.</summary>
    IpSet,

    /// <summary>A route.</summary>
    Route,

    /// <summary>A permanent neighbour entry.</summary>
    Neighbor,

    /// <summary>An entry of a tunnel device's forwarding database.</summary>
    FdbEntry,

    /// <summary>A network interface.</summary>
    Link,

    /// <summary>A folder with everything in it.</summary>
    Folder,

    /// <summary>A file.</summary>
    File,

    /// <summary>An annotation of the cluster's Node object.</summary>
    Annotation,
}

/// <summary>Something that a removed CNI, or kube-proxy, left on a node or in the cluster.</summary>
public sealed record CniArtifact
{
    /// <summary>The node; null for an object of the cluster.</summary>
    public string? Node { get; init; }

    /// <summary>Who left it.</summary>
    public required CniArtifactOwner Owner { get; init; }

    /// <summary>What it is.</summary>
    public required CniArtifactKind Kind { get; init; }

    /// <summary>Its name: of the chain (for a rule: the chain that it is in), the interface, the set or table; the destination of a route; the path; the annotation.</summary>
    public required string Name { get; init; }

    /// <summary>Where it is and what is in it, for people to read.</summary>
    public string Detail { get; init; } = "";
}

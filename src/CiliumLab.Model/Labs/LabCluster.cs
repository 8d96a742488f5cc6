namespace CiliumLab.Model;

/// <summary>Where a lab's machines come from.</summary>
public enum LabProvider
{
    /// <summary>Machines that existed before; this module only connects to them.</summary>
    Existing,

    /// <summary>Virtual machines made by Vagrant and VirtualBox.</summary>
    Vagrant,

    /// <summary>The embedded simulator.</summary>
    Simulator,
}

/// <summary>Whether a lab can be used from this session.</summary>
public enum LabState
{
    /// <summary>Known on this computer; no connection is open in this session.</summary>
    Disconnected,

    /// <summary>Opened in this session.</summary>
    Connected,

    /// <summary>Its machines do not run; Start-LabCluster brings them up.</summary>
    Stopped,

    /// <summary>Some of its machines run and some do not.</summary>
    Partial,

    /// <summary>Its machines are gone although nobody removed the lab.</summary>
    Missing,

    /// <summary>New-LabCluster did not come to its end; the same command goes on.</summary>
    Unfinished,

    /// <summary>What its machines do cannot be told.</summary>
    Unknown,
}

/// <summary>A lab: a named cluster that this module knows how to reach.</summary>
public sealed record LabCluster
{
    /// <summary>The lab's name; unique on this computer.</summary>
    public required string Name { get; init; }

    /// <summary>Where its machines come from.</summary>
    public required LabProvider Provider { get; init; }

    /// <summary>Whether it is open in this session.</summary>
    public LabState State { get; init; }

    /// <summary>What is to be said about the state; null when there is nothing.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether cmdlets without <c>-Lab</c> use this lab.</summary>
    public bool Current { get; init; }

    /// <summary>Whether it is a simulated lab that lives in a process of its own.</summary>
    public bool Detached { get; init; }

    /// <summary>The names of its nodes, in the inventory's order.</summary>
    public required IReadOnlyList<string> Nodes { get; init; }

    /// <summary>The Kubernetes API server's address; null when the lab has no kubeconfig.</summary>
    public Uri? ApiServer { get; init; }

    /// <summary>The kubeconfig file; null when the lab has none.</summary>
    public string? KubeConfig { get; init; }

    /// <summary>The folder that holds the lab's description and state.</summary>
    public required string Path { get; init; }
}

using CiliumLab.Model;

namespace CiliumLab.Engine.Labs.Description;

/// <summary>What is written down about a lab: enough to reach it again.</summary>
public sealed record LabDescription
{
    /// <summary>The lab's name; unique on this computer.</summary>
    public required string Name { get; init; }

    /// <summary>Where its machines come from.</summary>
    public LabProvider Provider { get; init; } = LabProvider.Existing;

    /// <summary>Its machines, in the inventory's order.</summary>
    public required IReadOnlyList<NodeDescription> Nodes { get; init; }

    /// <summary>The kubeconfig file; null when the lab has none.</summary>
    public string? KubeConfig { get; init; }

    /// <summary>Whether making it has begun and not come to its end.</summary>
    public bool Unfinished { get; init; }

    /// <summary>What it was made of; null for machines that existed before.</summary>
    public LabTopology? Topology { get; init; }
}

/// <summary>How one machine is reached.</summary>
public sealed record NodeDescription
{
    /// <summary>The node's name.</summary>
    public required string Node { get; init; }

    /// <summary>The host name or address of its SSH server.</summary>
    public required string Host { get; init; }

    /// <summary>The SSH server's port.</summary>
    public int Port { get; init; } = 22;

    /// <summary>The user to log in as; null for the credential's user, or else the user of this computer.</summary>
    public string? User { get; init; }

    /// <summary>The private key file; null to use the agent, the user's own keys or a password.</summary>
    public string? Key { get; init; }

    /// <summary>What the node is for.</summary>
    public NodeRole Role { get; init; }
}

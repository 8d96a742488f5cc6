using CiliumLab.Simulator.Nodes.Network;

namespace CiliumLab.Simulator.Nodes;

/// <summary>A container as the runtime knows it.</summary>
internal sealed record NodeContainerState
{
    public required string Id { get; init; }

    public required string PodId { get; init; }

    public required string Name { get; init; }

    public int Attempt { get; init; }

    /// <summary>The image's digest, as <c>sha256:...</c>.</summary>
    public required string ImageId { get; init; }

    /// <summary>The image as the pod names it.</summary>
    public string Image { get; init; } = "";

    /// <summary><c>CONTAINER_RUNNING</c>, <c>CONTAINER_EXITED</c>, <c>CONTAINER_CREATED</c>.</summary>
    public string State { get; init; } = "CONTAINER_RUNNING";

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Its first process; 0 once it has ended.</summary>
    public int ProcessId { get; init; }

    /// <summary>The network that its processes are in; null when nobody knows.</summary>
    public NetworkNamespace? Network { get; init; }

    public required string PodName { get; init; }

    public required string PodNamespace { get; init; }

    public string PodUid { get; init; } = "";
}

/// <summary>A pod's sandbox as the runtime knows it.</summary>
internal sealed record NodeSandboxState
{
    public required string Id { get; init; }

    public required string Name { get; init; }

    public required string Namespace { get; init; }

    public string Uid { get; init; } = "";

    public int Attempt { get; init; }

    public bool IsReady { get; init; } = true;

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Its process, which only keeps the network; 0 when nobody knows.</summary>
    public int ProcessId { get; init; }

    /// <summary>The pod's network; null when nobody knows.</summary>
    public NetworkNamespace? Network { get; init; }
}

/// <summary>An image on the node.</summary>
internal sealed record NodeImageState(string Repository, string Tag, string Id, ulong Size);

/// <summary>What the container runtime knows; whoever plays kubelet implements it.</summary>
internal interface INodeContainers
{
    /// <summary>Containers of every state, the latest first.</summary>
    IReadOnlyList<NodeContainerState> Containers { get; }

    /// <summary>Pod sandboxes, the latest first.</summary>
    IReadOnlyList<NodeSandboxState> Sandboxes { get; }

    /// <summary>Images.</summary>
    IReadOnlyList<NodeImageState> Images { get; }
}

/// <summary>A runtime that has nothing yet.</summary>
internal sealed class NoContainers : INodeContainers
{
    /// <inheritdoc/>
    public IReadOnlyList<NodeContainerState> Containers => [];

    /// <inheritdoc/>
    public IReadOnlyList<NodeSandboxState> Sandboxes => [];

    /// <inheritdoc/>
    public IReadOnlyList<NodeImageState> Images => [];
}

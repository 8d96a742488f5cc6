using System.Collections.Immutable;
using CiliumLab.Simulator.Nodes;

namespace CiliumLab.Simulator.Life;

/// <summary>What containerd of a node has. Programs of the node read it from any thread; the kubelet writes it.</summary>
/// <param name="seed">Identifiers.</param>
internal sealed class ContainerRuntime(Seed seed) : INodeContainers
{
    private readonly Lock _gate = new();
    private int _lastProcess = 2400;
    private ImmutableList<NodeContainerState> _containers = [];
    private ImmutableList<NodeSandboxState> _sandboxes = [];
    private ImmutableList<ContainerImage> _images = [];

    /// <inheritdoc/>
    public IReadOnlyList<NodeContainerState> Containers => [.. Volatile.Read(ref _containers).Reverse()];

    /// <inheritdoc/>
    public IReadOnlyList<NodeSandboxState> Sandboxes => [.. Volatile.Read(ref _sandboxes).Reverse()];

    /// <inheritdoc/>
    public IReadOnlyList<NodeImageState> Images => [.. Volatile.Read(ref _images).Select(static i => new NodeImageState(i.Repository, i.Tag, "sha256:" + i.Id, i.Size))];

    /// <summary>The images with all that is known of them.</summary>
    public IReadOnlyList<ContainerImage> ImageList => Volatile.Read(ref _images);

    /// <summary>A new identifier.</summary>
    public string NextId() => Convert.ToHexStringLower(seed.NextBytes(32));

    /// <summary>A new name for a network namespace, as containerd gives it.</summary>
    public string NextNamespace() => "cni-" + seed.NextUuid();

    /// <summary>The number of a new container's first process.</summary>
    public int NextProcess() => Interlocked.Add(ref _lastProcess, 1 + seed.Next(60));

    /// <summary>Whether an image is there.</summary>
    public bool Has(ContainerImage image) => Volatile.Read(ref _images).Exists(i => i.Name == image.Name);

    /// <summary>An image is there now.</summary>
    public void Add(ContainerImage image)
    {
        lock (_gate)
        {
            if (!Has(image))
                _images = _images.Add(image);
        }
    }

    /// <summary>A sandbox is there now.</summary>
    public void Add(NodeSandboxState sandbox)
    {
        lock (_gate)
            _sandboxes = _sandboxes.Add(sandbox);
    }

    /// <summary>A container runs.</summary>
    public void Add(NodeContainerState container)
    {
        lock (_gate)
            _containers = _containers.Add(container);
    }

    /// <summary>A container has ended; it stays in the list until its pod goes or its next but one run starts.</summary>
    public void End(string id)
    {
        lock (_gate)
        {
            if (_containers.Find(c => c.Id == id) is not { } container)
                return;
            _containers = _containers.Replace(container, container with { State = "CONTAINER_EXITED", ProcessId = 0 });
            foreach (var older in _containers.Where(c => c.PodId == container.PodId && c.Name == container.Name && c.State == "CONTAINER_EXITED" && c.Id != id).ToList())
                _containers = _containers.Remove(older);
        }
    }

    /// <summary>A sandbox is gone with its containers.</summary>
    public void Remove(string sandboxId)
    {
        lock (_gate)
        {
            _containers = _containers.RemoveAll(c => c.PodId == sandboxId);
            _sandboxes = _sandboxes.RemoveAll(s => s.Id == sandboxId);
        }
    }
}

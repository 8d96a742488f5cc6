using CiliumLab.Engine.Cilium;
using CiliumLab.Engine.Cluster;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;

namespace CiliumLab.Engine.Labs;

/// <summary>What a lab is while it is open: its description, one shell per node and one Kubernetes client, each connected at first use.</summary>
public sealed class LabSession : IAsyncDisposable
{
    private readonly Dictionary<string, INodeShell> _shells;
    private readonly Lock _opening = new();
    private ClusterClient? _cluster;
    private CiliumAgents? _agents;

    /// <summary>Opens a lab; nothing is contacted before a shell is used.</summary>
    /// <param name="description">The lab.</param>
    /// <param name="folder">The folder that holds the lab's state.</param>
    /// <param name="connect">Makes a node's shell.</param>
    public LabSession(LabDescription description, string folder, Func<NodeDescription, INodeShell> connect)
    {
        Description = description;
        Folder = folder;
        Nodes = [.. description.Nodes.Select(node => node.Node)];
        _shells = description.Nodes.ToDictionary(node => node.Node, connect, StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>What is written down about the lab.</summary>
    public LabDescription Description { get; }

    /// <summary>The folder that holds the lab's state.</summary>
    public string Folder { get; }

    /// <summary>The names of its nodes, in the inventory's order.</summary>
    public IReadOnlyList<string> Nodes { get; }

    /// <summary>The shell of a node of this lab.</summary>
    public INodeShell Shell(string node) => _shells[node];

    /// <summary>The shell of the control plane; of the first node when no node is known to be one.</summary>
    public INodeShell ControlPlane =>
        _shells[(Description.Nodes.FirstOrDefault(node => node.Role == NodeRole.ControlPlane) ?? Description.Nodes[0]).Node];

    /// <summary>Whether it is known where the lab's Kubernetes API is.</summary>
    public bool HasCluster => Description.KubeConfig is not null;

    /// <summary>The lab's Kubernetes API. The library behind it is large; nothing of it is loaded before this is asked for.</summary>
    /// <exception cref="LabException"><c>KubeConfigUnknown</c> when the lab has none, or it cannot be used.</exception>
    public ClusterClient Cluster
    {
        get
        {
            lock (_opening)
                return _cluster ??= ClusterClient.Open(Description.Name, Description.KubeConfig ?? throw NoKubeConfig());
        }
    }

    /// <summary>The Cilium agents of the lab's cluster.</summary>
    /// <exception cref="LabException"><c>KubeConfigUnknown</c>, as <see cref="Cluster"/>.</exception>
    public CiliumAgents Agents
    {
        get
        {
            var cluster = Cluster;
            lock (_opening)
                return _agents ??= new CiliumAgents(cluster);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        lock (_opening)
            _cluster?.Dispose();
        // A node that does not answer takes its time, and the others do not wait for it.
        await Task.WhenAll(_shells.Values.OfType<IAsyncDisposable>().Select(shell => Task.Run(() => shell.DisposeAsync().AsTask()))).ConfigureAwait(false);
    }

    private LabException NoKubeConfig() =>
        new(
            "KubeConfigUnknown",
            LabErrorKind.InvalidOperation,
            $"Lab '{Description.Name}' has no kubeconfig, so its Kubernetes API cannot be asked.",
            Description.Name,
            $"Give it one: Connect-LabCluster {Description.Name} -Inventory FILE -KubeConfig FILE (the control plane has it in /etc/kubernetes/admin.conf)");
}

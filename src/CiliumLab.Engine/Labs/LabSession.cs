using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Nodes;

namespace CiliumLab.Engine.Labs;

/// <summary>What a lab is while it is open: its description and one shell per node, each connected at first use.</summary>
public sealed class LabSession : IAsyncDisposable
{
    private readonly Dictionary<string, INodeShell> _shells;

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

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        // A node that does not answer takes its time, and the others do not wait for it.
        await Task.WhenAll(_shells.Values.OfType<IAsyncDisposable>().Select(shell => Task.Run(() => shell.DisposeAsync().AsTask()))).ConfigureAwait(false);
    }
}

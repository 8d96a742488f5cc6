using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Nodes;

namespace CiliumLab.Simulator.Nodes;

/// <summary>Reaches a node of whatever the lab is at that moment: a session outlives a restored lab.</summary>
/// <param name="lab">The lab's name.</param>
/// <param name="description">What is written down about the node.</param>
/// <param name="find">The shell of the node as it is now.</param>
internal sealed class LabNodeShell(string lab, NodeDescription description, Func<INodeShell> find) : INodeShell
{
    /// <inheritdoc/>
    public string Lab => lab;

    /// <inheritdoc/>
    public NodeDescription Description => description;

    /// <inheritdoc/>
    public async Task<IRunningCommand> StartAsync(NodeCommand command, CancellationToken cancellationToken) =>
        await find().StartAsync(command, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<byte[]> ReadFileAsync(string path, CancellationToken cancellationToken) =>
        await find().ReadFileAsync(path, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<string?> WriteFileAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        await find().WriteFileAsync(path, content, cancellationToken).ConfigureAwait(false);

    /// <inheritdoc/>
    public async Task<string?> DeleteFileAsync(string path, CancellationToken cancellationToken) =>
        await find().DeleteFileAsync(path, cancellationToken).ConfigureAwait(false);
}

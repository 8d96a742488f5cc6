using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Nodes;

namespace CiliumLab.Simulator.Detached;

/// <summary>Reaches a node of a lab in another process.</summary>
/// <param name="control">The lab's process.</param>
/// <param name="lab">The lab's name.</param>
/// <param name="description">What is written down about the node.</param>
internal sealed class DetachedNodeShell(LabControl control, string lab, NodeDescription description) : INodeShell
{
    /// <inheritdoc/>
    public string Lab => lab;

    /// <inheritdoc/>
    public NodeDescription Description => description;

    /// <inheritdoc/>
    public async Task<IRunningCommand> StartAsync(NodeCommand command, CancellationToken cancellationToken)
    {
        var request = Request(ControlOperation.RunCommand) with { Command = command with { Input = default } };
        var channel = await control.SendAsync(request, command.Input, cancellationToken).ConfigureAwait(false);
        try
        {
            await control.NextAsync(channel, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            channel.Dispose();
            throw;
        }

        return new DetachedRunningCommand(control, channel, cancellationToken);
    }

    /// <inheritdoc/>
    public async Task<byte[]> ReadFileAsync(string path, CancellationToken cancellationToken)
    {
        using var channel = await control.SendAsync(Request(ControlOperation.ReadFile, path), default, cancellationToken).ConfigureAwait(false);
        using var content = new MemoryStream();
        while (await control.NextAsync(channel, cancellationToken).ConfigureAwait(false) is { Kind: ControlFrameKind.Output } part)
            content.Write(part.Payload);
        return content.ToArray();
    }

    /// <inheritdoc/>
    public Task<string?> WriteFileAsync(string path, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        control.AskAsync<string?>(Request(ControlOperation.WriteFile, path), cancellationToken, input: content);

    /// <inheritdoc/>
    public Task<string?> DeleteFileAsync(string path, CancellationToken cancellationToken) =>
        control.AskAsync<string?>(Request(ControlOperation.DeleteFile, path), cancellationToken);

    private ControlRequest Request(ControlOperation operation, string? path = null) =>
        new() { Operation = operation, Node = description.Node, Path = path };
}

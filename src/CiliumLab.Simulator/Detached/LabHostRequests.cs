using System.Buffers;
using System.Text.Json;
using CiliumLab.Engine.Labs;
using CiliumLab.Engine.Labs.Description;
using CiliumLab.Engine.Nodes;
using CiliumLab.Engine.Nodes.Ssh;

namespace CiliumLab.Simulator.Detached;

/// <summary>Answers what clients ask a lab's process for.</summary>
/// <param name="folder">The lab's folder.</param>
internal sealed class LabHostRequests(string folder)
{
    private static readonly LabStep Silent = static (_, _) => Task.CompletedTask;

    private readonly InProcessLabs _labs = new();
    private volatile LabDescription? _lab;

    /// <summary>Whether somebody has asked for the lab to be started.</summary>
    public bool HadLab => _lab is not null;

    /// <summary>Stops the lab, which keeps it.</summary>
    public Task StopAsync() => _lab is { } lab ? _labs.StopAsync(lab, folder, Silent, CancellationToken.None) : Task.CompletedTask;

    /// <summary>Answers one request. A client that hangs up gives it up.</summary>
    public async Task AnswerAsync(ControlChannel channel)
    {
        using var gone = new CancellationTokenSource();
        var (request, input) = await ReceiveAsync(channel).ConfigureAwait(false);
        if (request is null)
            return;
        var watching = WatchAsync(channel, gone);
        try
        {
            var result = await DoAsync(request, input, channel, gone.Token).ConfigureAwait(false);
            await channel.WriteMessageAsync(ControlFrameKind.Result, result, gone.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is not IOException && !gone.IsCancellationRequested)
        {
            await TellAsync(channel, error, gone.Token).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            // Nobody waits for an answer any more.
        }

        channel.Dispose();
        await watching.ConfigureAwait(false);
    }

    private static async Task TellAsync(ControlChannel channel, Exception error, CancellationToken cancellationToken)
    {
        try
        {
            await channel.WriteMessageAsync(ControlFrameKind.Error, ControlError.Of(error), cancellationToken).ConfigureAwait(false);
        }
        catch (Exception unheard) when (unheard is IOException or OperationCanceledException)
        {
            // The client hung up before it heard of it.
        }
    }

    private static async Task<(ControlRequest? Request, byte[] Input)> ReceiveAsync(ControlChannel channel)
    {
        ControlRequest? request = null;
        var input = new ArrayBufferWriter<byte>();
        while (await channel.ReadAsync(CancellationToken.None).ConfigureAwait(false) is { } frame)
        {
            switch (frame.Kind)
            {
                case ControlFrameKind.Request:
                    request = JsonSerializer.Deserialize<ControlRequest>(frame.Payload);
                    break;
                case ControlFrameKind.Input:
                    input.Write(frame.Payload);
                    break;
                default:
                    return (request, input.WrittenSpan.ToArray());
            }
        }

        return (null, []);
    }

    private static async Task WatchAsync(ControlChannel channel, CancellationTokenSource gone)
    {
        while (await channel.ReadAsync(CancellationToken.None).ConfigureAwait(false) is not null)
        {
            // Nothing is expected; only the end matters.
        }

        await gone.CancelAsync().ConfigureAwait(false);
    }

    private async Task<object?> DoAsync(ControlRequest request, byte[] input, ControlChannel channel, CancellationToken cancellationToken)
    {
        var lab = request.Lab is { } text ? _lab = LabYaml.Read(text, Path.Combine(folder, "lab.yaml")) : _lab ?? throw DetachedErrors.NotRunning(Path.GetFileName(folder));
        switch (request.Operation)
        {
            case ControlOperation.Start:
                await _labs.StartAsync(lab, folder, StepAsync, cancellationToken).ConfigureAwait(false);
                await InProcessLabs.KeepAsync(folder, cancellationToken).ConfigureAwait(false);
                return null;
            case ControlOperation.Restore:
                await _labs.RestoreAsync(lab, folder, request.Snapshot!, StepAsync, cancellationToken).ConfigureAwait(false);
                await InProcessLabs.KeepAsync(folder, cancellationToken).ConfigureAwait(false);
                return null;
            case ControlOperation.Stop:
                await _labs.StopAsync(lab, folder, StepAsync, cancellationToken).ConfigureAwait(false);
                return null;
            case ControlOperation.Remove:
                await _labs.RemoveAsync(lab, folder, StepAsync, cancellationToken).ConfigureAwait(false);
                return null;
            case ControlOperation.Checkpoint:
                return await _labs.CheckpointAsync(
                    lab, folder, request.Snapshot!, request.Description, request.Replace, StepAsync, cancellationToken).ConfigureAwait(false);
            case ControlOperation.SetFault:
                return await _labs.SetAsync(lab, folder, request.Fault!, cancellationToken).ConfigureAwait(false);
            case ControlOperation.GetFaults:
                return await _labs.GetAsync(lab, folder, cancellationToken).ConfigureAwait(false);
            case ControlOperation.ClearFault:
                await _labs.ClearAsync(lab, folder, request.Id, cancellationToken).ConfigureAwait(false);
                return null;
            default:
                return await DoOnNodeAsync(Shell(lab, request.Node!), request, input, channel, cancellationToken).ConfigureAwait(false);
        }

        Task StepAsync(string step, string? node) => channel.WriteMessageAsync(ControlFrameKind.Step, new ControlStep(step, node), cancellationToken);
    }

    private static async Task<object?> DoOnNodeAsync(
        INodeShell shell, ControlRequest request, byte[] input, ControlChannel channel, CancellationToken cancellationToken)
    {
        switch (request.Operation)
        {
            case ControlOperation.RunCommand:
                return await RunAsync(shell, request.Command! with { Input = input }, channel, cancellationToken).ConfigureAwait(false);
            case ControlOperation.ReadFile:
                await channel.WritePartsAsync(
                    ControlFrameKind.Output, await shell.ReadFileAsync(request.Path!, cancellationToken).ConfigureAwait(false), cancellationToken).ConfigureAwait(false);
                return null;
            case ControlOperation.WriteFile:
                return await shell.WriteFileAsync(request.Path!, input, cancellationToken).ConfigureAwait(false);
            default:
                return await shell.DeleteFileAsync(request.Path!, cancellationToken).ConfigureAwait(false);
        }
    }

    private static async Task<CommandExit> RunAsync(INodeShell shell, NodeCommand command, ControlChannel channel, CancellationToken cancellationToken)
    {
        await using var running = await shell.StartAsync(command, cancellationToken).ConfigureAwait(false);
        await channel.WriteAsync(ControlFrameKind.Output, ReadOnlyMemory<byte>.Empty, cancellationToken).ConfigureAwait(false);
        var buffer = ArrayPool<byte>.Shared.Rent(ControlChannel.PartSize);
        try
        {
            int count;
            while ((count = await running.Output.ReadAsync(buffer.AsMemory(0, ControlChannel.PartSize), cancellationToken).ConfigureAwait(false)) > 0)
                await channel.WriteAsync(ControlFrameKind.Output, buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return await running.WaitAsync().ConfigureAwait(false);
    }

    private INodeShell Shell(LabDescription lab, string node) =>
        _labs.Reach(lab, lab.Nodes.Single(other => other.Node == node), folder, SshCredential.None);
}

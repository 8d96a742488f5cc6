using System.Text.Json;
using CiliumLab.Engine.Labs;

namespace CiliumLab.Simulator.Detached;

/// <summary>Asks a lab's process.</summary>
/// <param name="lab">The lab's name.</param>
/// <param name="folder">Its folder.</param>
internal sealed class LabControl(string lab, string folder)
{
    /// <summary>Whether the lab's process answers.</summary>
    public static async Task<bool> AnswersAsync(string folder, CancellationToken cancellationToken)
    {
        if (LabHostFile.Read(folder) is not { } file || await file.ConnectAsync(cancellationToken).ConfigureAwait(false) is not { } connection)
            return false;
        connection.Dispose();
        return true;
    }

    /// <summary>Sends a request; what comes back is to be read.</summary>
    /// <exception cref="Model.LabException"><c>LabNotRunning</c> or <c>LabHostLost</c>.</exception>
    public async Task<ControlChannel> SendAsync(ControlRequest request, ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        var socket = LabHostFile.Read(folder) is { } file ? await file.ConnectAsync(cancellationToken).ConfigureAwait(false) : null;
        var channel = new ControlChannel(socket ?? throw DetachedErrors.NotRunning(lab));
        try
        {
            await channel.WriteMessageAsync(ControlFrameKind.Request, request, cancellationToken).ConfigureAwait(false);
            await channel.WritePartsAsync(ControlFrameKind.Input, input, cancellationToken).ConfigureAwait(false);
            await channel.WriteAsync(ControlFrameKind.InputEnd, ReadOnlyMemory<byte>.Empty, cancellationToken).ConfigureAwait(false);
            return channel;
        }
        catch (IOException)
        {
            channel.Dispose();
            throw DetachedErrors.Lost(lab);
        }
        catch
        {
            channel.Dispose();
            throw;
        }
    }

    /// <summary>Asks for something and waits for the answer.</summary>
    /// <exception cref="Model.LabException">What the lab's process says, <c>LabNotRunning</c> or <c>LabHostLost</c>.</exception>
    public async Task<T> AskAsync<T>(ControlRequest request, CancellationToken cancellationToken, LabStep? step = null, ReadOnlyMemory<byte> input = default)
    {
        using var channel = await SendAsync(request, input, cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var frame = await NextAsync(channel, cancellationToken).ConfigureAwait(false);
            if (frame.Kind == ControlFrameKind.Result)
                return JsonSerializer.Deserialize<T>(frame.Payload)!;
            if (frame.Kind == ControlFrameKind.Step && step is not null)
            {
                var (text, node) = JsonSerializer.Deserialize<ControlStep>(frame.Payload)!;
                await step(text, node).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Asks for something that has no answer but that it was done.</summary>
    public Task DoAsync(ControlRequest request, CancellationToken cancellationToken, LabStep? step = null) =>
        AskAsync<object?>(request, cancellationToken, step);

    /// <summary>The next frame of an answer.</summary>
    /// <exception cref="Model.LabException">What the lab's process says, or <c>LabHostLost</c>.</exception>
    public async Task<ControlFrame> NextAsync(ControlChannel channel, CancellationToken cancellationToken)
    {
        var frame = await channel.ReadAsync(cancellationToken).ConfigureAwait(false) ?? throw DetachedErrors.Lost(lab);
        return frame.Kind == ControlFrameKind.Error ? throw JsonSerializer.Deserialize<ControlError>(frame.Payload)!.ToException() : frame;
    }
}

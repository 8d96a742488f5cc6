using System.IO.Pipelines;
using System.Text.Json;
using CiliumLab.Engine.Nodes;

namespace CiliumLab.Simulator.Detached;

/// <summary>A command that runs in a lab in another process. Hanging up ends it.</summary>
internal sealed class DetachedRunningCommand : IRunningCommand
{
    private readonly LabControl _control;
    private readonly ControlChannel _channel;
    private readonly CancellationToken _userToken;
    private readonly CancellationTokenSource _ending;
    private readonly Pipe _pipe = new(new PipeOptions(
        pauseWriterThreshold: ControlChannel.PartSize, resumeWriterThreshold: ControlChannel.PartSize / 2, useSynchronizationContext: false));
    private readonly Task<CommandExit> _run;

    /// <summary>Takes over the connection of a command that has begun.</summary>
    public DetachedRunningCommand(LabControl control, ControlChannel channel, CancellationToken cancellationToken)
    {
        (_control, _channel, _userToken) = (control, channel, cancellationToken);
        _ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Output = _pipe.Reader.AsStream();
        _run = ReceiveAsync();
    }

    /// <inheritdoc/>
    public Stream Output { get; }

    /// <inheritdoc/>
    public Task<CommandExit> WaitAsync() => _run;

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (!_run.IsCompleted)
            await _ending.CancelAsync().ConfigureAwait(false);
        await _pipe.Reader.CompleteAsync().ConfigureAwait(false);
        await _run.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).ConfigureAwait(false);
        _channel.Dispose();
        _ending.Dispose();
    }

    private async Task<CommandExit> ReceiveAsync()
    {
        try
        {
            while (true)
            {
                var frame = await _control.NextAsync(_channel, _ending.Token).ConfigureAwait(false);
                if (frame.Kind == ControlFrameKind.Result)
                    return JsonSerializer.Deserialize<CommandExit>(frame.Payload)!;
                if ((await _pipe.Writer.WriteAsync(frame.Payload, _ending.Token).ConfigureAwait(false)).IsCompleted)
                    throw new OperationCanceledException("Nobody reads any more.");
            }
        }
        catch (OperationCanceledException)
        {
            _userToken.ThrowIfCancellationRequested();
            throw;
        }
        finally
        {
            _channel.Dispose();
            await _pipe.Writer.CompleteAsync().ConfigureAwait(false);
        }
    }
}

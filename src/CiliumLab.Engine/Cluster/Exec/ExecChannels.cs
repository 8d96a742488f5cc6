using System.Buffers;
using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Text;
using CiliumLab.Engine.Nodes;

namespace CiliumLab.Engine.Cluster.Exec;

/// <summary>
/// The WebSocket protocol of exec, from the client's side. The first byte of a message is its channel; the status comes on channel 3;
/// in v5 a message on channel 255 closes the channel that it names (kubernetes, staging/src/k8s.io/apimachinery/pkg/util/remotecommand).
/// All channels exist before the first message is read, so that nothing is lost to a race, and they are drained together: output waits
/// for its reader, error text never makes anybody wait.
/// </summary>
internal sealed class ExecChannels : IDisposable
{
    /// <summary>The protocol that can tell the end of the input.</summary>
    public const string Protocol = "v5.channel.k8s.io";

    /// <summary>The protocol of API servers before 1.29.</summary>
    public const string OlderProtocol = "v4.channel.k8s.io";

    private const byte InputChannel = 0;
    private const byte OutputChannel = 1;
    private const byte ErrorChannel = 2;
    private const byte StatusChannel = 3;
    private const byte CloseChannel = 255;

    private const int MostTextBeside = 1024 * 1024;
    private const int PipeSize = 256 * 1024;
    private const int InputPiece = 32 * 1024;

    // The status is the last that a server sends; one that does not hang up then is not waited for.
    private static readonly TimeSpan AfterStatus = TimeSpan.FromSeconds(5);

    private readonly WebSocket _socket;
    private readonly Pipe _output = new(new PipeOptions(pauseWriterThreshold: PipeSize, resumeWriterThreshold: PipeSize / 2, useSynchronizationContext: false));
    private readonly bool _readsError;
    private readonly MemoryStream _beside = new();
    private readonly MemoryStream _firstErrorLine = new();
    private readonly MemoryStream _status = new();
    private readonly TaskCompletionSource<string> _announcement = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Takes over a connected socket.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="command">Tells whether standard error is what is read, with standard output beside it, and whether a number is announced there.</param>
    public ExecChannels(WebSocket socket, NodeCommand command)
    {
        (_socket, _readsError) = (socket, command.ReadsError);
        Output = _output.Reader.AsStream();
        if (!command.Lasting)
            _announcement.SetResult("");
    }

    /// <summary>Standard output, or standard error when that is what is read, as it arrives.</summary>
    public Stream Output { get; }

    /// <summary>The other of the two, its first megabyte; complete when <see cref="ReceiveAsync"/> has ended.</summary>
    public ReadOnlyMemory<byte> Beside => _beside.GetBuffer().AsMemory(0, (int)_beside.Length);

    /// <summary>
    /// The number that a <see cref="LastingProcess"/> announces, as soon as it is here, without its line; something else when none was announced.
    /// It is not in <see cref="Output"/>, and not in <see cref="Beside"/>.
    /// </summary>
    public Task<string> Announcement => _announcement.Task;

    /// <summary>The status; empty when the connection ended without one.</summary>
    public ReadOnlyMemory<byte> Status => _status.GetBuffer().AsMemory(0, (int)_status.Length);

    /// <summary>Whether the end of the input can be told.</summary>
    public bool CanCloseInput => _socket.SubProtocol == Protocol;

    /// <summary>Sends standard input and its end.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> input, CancellationToken cancellationToken)
    {
        var message = new byte[InputPiece + 1];
        message[0] = InputChannel;
        for (var rest = input; !rest.IsEmpty; rest = rest[Math.Min(InputPiece, rest.Length)..])
        {
            var piece = rest[..Math.Min(InputPiece, rest.Length)];
            piece.CopyTo(message.AsMemory(1));
            await _socket.SendAsync(message.AsMemory(0, piece.Length + 1), WebSocketMessageType.Binary, true, cancellationToken).ConfigureAwait(false);
        }

        await _socket.SendAsync(new byte[] { CloseChannel, InputChannel }, WebSocketMessageType.Binary, true, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads everything to the end of the connection; the output's reader sees its end afterwards.</summary>
    /// <returns>What broke the connection; null when it was closed as it should be.</returns>
    public async Task<Exception?> ReceiveAsync(CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            byte? channel = null;
            while (true)
            {
                var part = await _socket.ReceiveAsync(buffer.AsMemory(), end.Token).ConfigureAwait(false);
                if (part.MessageType == WebSocketMessageType.Close)
                    return null;
                var data = buffer.AsMemory(0, part.Count);
                if (channel is null && !data.IsEmpty)
                {
                    channel = data.Span[0];
                    data = data[1..];
                }

                await TakeAsync(channel, data, cancellationToken).ConfigureAwait(false);
                if (!part.EndOfMessage)
                    continue;
                if (channel == StatusChannel && !Status.IsEmpty)
                    end.CancelAfter(AfterStatus);
                channel = null;
            }
        }
        catch (Exception error) when (error is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // One that waited for its reader is still connected: the command would go on writing to nobody.
            _socket.Abort();
            return error;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            if (!_announcement.Task.IsCompleted)
                PutErrorText(EndFirstErrorLine());
            await _output.Writer.CompleteAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Ends the connection at once.</summary>
    public void Dispose()
    {
        _socket.Abort();
        _socket.Dispose();
    }

    private async ValueTask TakeAsync(byte? channel, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        if (data.IsEmpty)
            return;
        switch (channel)
        {
            case ErrorChannel when !_announcement.Task.IsCompleted:
                await TakeAsync(channel, AfterAnnouncement(data), cancellationToken).ConfigureAwait(false);
                break;
            case OutputChannel or ErrorChannel:
                // When nobody reads any more the rest is dropped, and the status still arrives.
                if (channel == (_readsError ? ErrorChannel : OutputChannel))
                    await _output.Writer.WriteAsync(data, cancellationToken).ConfigureAwait(false);
                else
                    PutBeside(data.Span);
                break;
            case StatusChannel:
                _status.Write(data.Span);
                break;
        }
    }

    private void PutBeside(ReadOnlySpan<byte> data) => _beside.Write(data[..(int)Math.Min(data.Length, MostTextBeside - _beside.Length)]);

    private void PutErrorText(ReadOnlySpan<byte> text)
    {
        if (_readsError)
            _output.Writer.Write(text);
        else
            PutBeside(text);
    }

    // Nothing before the first line is whole; then what follows the number, or all of it when it is no number.
    private ReadOnlyMemory<byte> AfterAnnouncement(ReadOnlyMemory<byte> data)
    {
        var length = data.Span.IndexOf((byte)'\n') + 1;
        _firstErrorLine.Write(length == 0 ? data.Span : data.Span[..length]);
        return length == 0 && _firstErrorLine.Length <= MostTextBeside ? default : (byte[])[.. EndFirstErrorLine(), .. length == 0 ? default : data.Span[length..]];
    }

    private ReadOnlySpan<byte> EndFirstErrorLine()
    {
        var line = _firstErrorLine.GetBuffer().AsSpan(0, (int)_firstErrorLine.Length);
        var text = Encoding.UTF8.GetString(line).TrimEnd('\n');
        _announcement.SetResult(text);
        return LastingProcess.IsNumber(text) ? default : line;
    }
}

using System.Runtime.CompilerServices;
using System.Threading.Channels;
using CiliumLab.Engine.Nodes;
using CiliumLab.Model;

namespace CiliumLab.Engine.Tracing.Packets;

/// <summary>A tcpdump that listens. Disposing it ends it, wherever it runs.</summary>
public sealed class PacketCapture : IAsyncDisposable
{
    private const int PacketsAhead = 256;

    private readonly ICommandRunner _place;
    private readonly CaptureRequest _request;
    private readonly NodeCommand _command;
    private readonly IRunningCommand _running;
    private readonly CancellationTokenSource _over;
    private readonly Channel<CapturedPacket> _packets = Channel.CreateBounded<CapturedPacket>(PacketsAhead);
    private readonly TaskCompletionSource<bool> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;

    private PacketCapture(ICommandRunner place, CaptureRequest request, NodeCommand command, CaptureOrigin origin, IRunningCommand running, CancellationTokenSource over)
    {
        (_place, _request, _command, _running, _over) = (place, request, command, running, over);
        var reader = new PcapReader(running.Output, origin) { Copy = request.Copy };
        // Streams of nodes are read by waiting, so the reader gets a thread that may.
        _reading = Task.Factory.StartNew(() => Read(reader), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Starts tcpdump and returns when it listens.</summary>
    /// <param name="place">Where.</param>
    /// <param name="entering">What enters another namespace, in front of tcpdump; empty for the place's own.</param>
    /// <param name="sudo">Whether it needs root.</param>
    /// <param name="request">What is captured.</param>
    /// <param name="origin">Where the packets are from.</param>
    /// <param name="cancellationToken">Ends the capture, now and later.</param>
    /// <exception cref="LabException">tcpdump is missing, may not listen, or does not take the filter or the interface.</exception>
    internal static async Task<PacketCapture> OpenAsync(
        ICommandRunner place, IReadOnlyList<string> entering, bool sudo, CaptureRequest request, CaptureOrigin origin, CancellationToken cancellationToken)
    {
        request.Check();
        origin = request.Interface == CaptureRequest.Everywhere
            ? origin with { InterfaceNames = await NamesAsync(place, entering, sudo, cancellationToken).ConfigureAwait(false) }
            : origin with { Interface = request.Interface };
        var command = request.Command(entering, sudo);
        var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        PacketCapture? capture = null;
        try
        {
            capture = new PacketCapture(place, request, command, origin, await place.StartAsync(command, over.Token).ConfigureAwait(false), over);
            await capture.ListenAsync(cancellationToken).ConfigureAwait(false);
            return capture;
        }
        catch
        {
            if (capture is not null)
                await capture.DisposeAsync().ConfigureAwait(false);
            else
                over.Dispose();
            throw;
        }
    }

    /// <summary>The packets as they come, until there are enough, the time is over, or the capture is cancelled.</summary>
    /// <exception cref="LabException">tcpdump ended by itself, and not well; what it captured before has been returned then.</exception>
    public async IAsyncEnumerable<CapturedPacket> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var count = 0;
        await foreach (var packet in _packets.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            yield return packet;
            if (++count == _request.Count)
                yield break;
        }

        if (_over.IsCancellationRequested)
            yield break;
        var exit = await _running.WaitAsync().ConfigureAwait(false);
        if (exit.ExitCode != 0)
            throw CaptureErrors.Of(_place, _request, _command, exit);
        await _reading.ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync().ConfigureAwait(false);
        await _running.DisposeAsync().ConfigureAwait(false);
        try
        {
            await _reading.ConfigureAwait(false);
        }
        catch (LabException)
        {
            // A capture that is ended ends within a packet.
        }

        _over.Dispose();
    }

    private void Read(PcapReader reader)
    {
        try
        {
            _listening.TrySetResult(reader.Open());
            foreach (var packet in reader.Read())
            {
                if (!_packets.Writer.TryWrite(packet))
                    _packets.Writer.WriteAsync(packet, _over.Token).AsTask().GetAwaiter().GetResult();
            }
        }
        catch (LabException error)
        {
            _listening.TrySetException(error);
            throw;
        }
        catch (Exception error) when (error is OperationCanceledException or InvalidOperationException or IOException)
        {
            // The capture was ended, or its connection broke: its command's end tells which.
        }
        finally
        {
            _listening.TrySetResult(false);
            _packets.Writer.TryComplete();
        }
    }

    private async Task ListenAsync(CancellationToken cancellationToken)
    {
        if (!await _listening.Task.WaitAsync(cancellationToken).ConfigureAwait(false))
            throw CaptureErrors.Of(_place, _request, _command, await _running.WaitAsync().ConfigureAwait(false));
        if (_request.Duration is { } duration)
            _over.CancelAfter(duration);
    }

    // Captures of all interfaces number them. Without ip, the numbers must do.
    private static async Task<IReadOnlyDictionary<int, string>> NamesAsync(ICommandRunner place, IReadOnlyList<string> entering, bool sudo, CancellationToken cancellationToken)
    {
        var names = new Dictionary<int, string>();
        try
        {
            var result = await place.RunAsync(new NodeCommand([.. entering, "ip", "-j", "link"]) { Sudo = sudo }, cancellationToken).ConfigureAwait(false);
            if (result.ExitCode == 0)
            {
                foreach (var link in Text.IpLinkText.Parse(new StringReader(result.Output), place.Node, _ => { }))
                    names[link.Index] = link.Name;
            }
        }
        catch (LabException)
        {
            // Whether the place can be reached is what the capture itself finds out.
        }

        return names;
    }
}

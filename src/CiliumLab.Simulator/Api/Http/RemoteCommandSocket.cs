using System.IO.Pipelines;
using System.Net.WebSockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace CiliumLab.Simulator.Api;

/// <summary>Which channels a client asked for.</summary>
/// <param name="Input">Standard input.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error; a terminal has none.</param>
/// <param name="Terminal">Whether the command runs on a terminal.</param>
/// <param name="CutAfter">Cut the connection after this many bytes of output; for faults.</param>
internal sealed record RemoteCommandChannels(bool Input, bool Output, bool Error, bool Terminal, long? CutAfter);

/// <summary>
/// The WebSocket protocol of exec and attach (<c>v4.channel.k8s.io</c>, <c>v5.channel.k8s.io</c>): the first byte of a message is its
/// channel; the status comes on channel 3; in v5 a message on channel 255 closes the channel that it names.
/// </summary>
internal sealed class RemoteCommandSocket : IAsyncDisposable
{
    private const byte InputChannel = 0;
    private const byte OutputChannel = 1;
    private const byte ErrorChannel = 2;
    private const byte StatusChannel = 3;
    private const byte ResizeChannel = 4;
    private const byte CloseChannel = 255;

    private readonly WebSocket _socket;
    private readonly string _protocol;
    private readonly SemaphoreSlim _sending = new(1, 1);
    private long _sent;
    private bool _isCut;

    private RemoteCommandSocket(WebSocket socket, string protocol)
    {
        _socket = socket;
        _protocol = protocol;
    }

    /// <summary>Turns a request into a WebSocket.</summary>
    /// <exception cref="ApiException">It is none, or speaks no protocol that is known here (400).</exception>
    public static async Task<RemoteCommandSocket> AcceptAsync(HttpContext context)
    {
        var headers = context.Request.Headers;
        if (context.Features.Get<IHttpUpgradeFeature>() is not { IsUpgradableRequest: true } upgrade
            || !headers.Upgrade.ToString().Equals("websocket", StringComparison.OrdinalIgnoreCase)
            || headers.SecWebSocketKey.ToString() is not { Length: > 0 } key)
        {
            if (headers.Upgrade.ToString().StartsWith("SPDY", StringComparison.OrdinalIgnoreCase))
                throw new ApiException(400, "BadRequest", "SPDY is not spoken here: use a client with WebSocket exec (kubectl 1.31 or later)");
            throw ApiException.BadRequest("Upgrade request required");
        }
        var offered = headers.SecWebSocketProtocol.ToString().Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var protocol = offered.FirstOrDefault(static p => p is "v5.channel.k8s.io" or "v4.channel.k8s.io")
            ?? throw new ApiException(403, "Forbidden", $"unable to upgrade: unable to negotiate protocol: client supports [{string.Join(' ', offered)}], server accepts [v5.channel.k8s.io v4.channel.k8s.io]");
        // RFC 6455 fixes this hash
#pragma warning disable CA5350
        var accept = Convert.ToBase64String(SHA1.HashData(Encoding.ASCII.GetBytes(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11")));
#pragma warning restore CA5350
        context.Response.Headers.Connection = "Upgrade";
        context.Response.Headers.Upgrade = "websocket";
        context.Response.Headers.SecWebSocketAccept = accept;
        context.Response.Headers.SecWebSocketProtocol = protocol;
        var stream = await upgrade.UpgradeAsync().ConfigureAwait(false);
        var socket = WebSocket.CreateFromStream(stream, new WebSocketCreationOptions
        {
            IsServer = true,
            SubProtocol = protocol,
            KeepAliveInterval = TimeSpan.FromSeconds(30),
        });
        return new(socket, protocol);
    }

    /// <summary>Runs a command over the socket to its end, and reports how it ended.</summary>
    public async Task RunAsync(RemoteCommandChannels channels, IPodExecutor? executor, PodExecRequest request, CancellationTokenSource end)
    {
        var input = new Pipe();
        var streams = new PodExecStreams(
            channels.Input ? input.Reader.AsStream() : Stream.Null,
            channels.Output ? new ChannelStream(this, OutputChannel, channels.CutAfter) : Stream.Null,
            channels.Error && !channels.Terminal ? new ChannelStream(this, ErrorChannel, channels.CutAfter) : Stream.Null);
        // upstream opens every channel with an empty message
        foreach (var channel in new[] { OutputChannel, ErrorChannel, StatusChannel })
            await SendAsync(channel, ReadOnlyMemory<byte>.Empty, end.Token).ConfigureAwait(false);
        var receiving = ReceiveAsync(input.Writer, streams, end);
        JsonObject status;
        try
        {
            status = await EndAsync(executor, request, streams, end.Token).ConfigureAwait(false);
        }
        catch (IOException) when (_isCut)
        {
            // the connection just ends: no status, no closing handshake, and what was sent arrives
            return;
        }
        // what was not read will not be: the receiver must not wait for room
        await input.Reader.CompleteAsync().ConfigureAwait(false);
        if (_socket.State is WebSocketState.Open or WebSocketState.CloseReceived)
        {
            await SendAsync(StatusChannel, status.ToUtf8(), end.Token).ConfigureAwait(false);
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(end.Token);
            patience.CancelAfter(TimeSpan.FromSeconds(5));
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, "", patience.Token).ConfigureAwait(false);
            await receiving.WaitAsync(TimeSpan.FromSeconds(5), end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _sending.Dispose();
        return ValueTask.CompletedTask;
    }

    private static async Task<JsonObject> EndAsync(IPodExecutor? executor, PodExecRequest request, PodExecStreams streams, CancellationToken cancellationToken)
    {
        try
        {
            if (executor is null)
                return Failure("InternalError", "Internal error occurred: no container runtime answers", 500, null);
            var code = await executor.RunAsync(request, streams, cancellationToken).ConfigureAwait(false);
            if (code == 0)
                return new JsonObject { ["metadata"] = new JsonObject(), ["status"] = "Success" };
            return Failure("NonZeroExitCode", $"command terminated with non-zero exit code: command terminated with exit code {code}", 500, new JsonObject
            {
                ["causes"] = new JsonArray(new JsonObject { ["reason"] = "ExitCode", ["message"] = code.ToString(null, null) }),
            });
        }
        catch (PodExecException error)
        {
            return Failure("InternalError", $"Internal error occurred: error executing command in container: {error.Message}", 500, new JsonObject
            {
                ["causes"] = new JsonArray(new JsonObject { ["message"] = $"error executing command in container: {error.Message}" }),
            });
        }
    }

    private static JsonObject Failure(string reason, string message, int code, JsonObject? details)
    {
        var status = new JsonObject { ["metadata"] = new JsonObject(), ["status"] = "Failure", ["message"] = message, ["reason"] = reason };
        if (details is not null)
            status["details"] = details;
        if (reason != "NonZeroExitCode")
            status["code"] = code;
        return status;
    }

    private async Task ReceiveAsync(PipeWriter input, PodExecStreams streams, CancellationTokenSource end)
    {
        var buffer = new byte[32 * 1024];
        try
        {
            while (true)
            {
                var length = 0;
                ValueWebSocketReceiveResult part;
                do
                {
                    if (length == buffer.Length)
                        Array.Resize(ref buffer, buffer.Length * 2);
                    part = await _socket.ReceiveAsync(buffer.AsMemory(length), end.Token).ConfigureAwait(false);
                    length += part.Count;
                }
                while (!part.EndOfMessage);
                if (part.MessageType == WebSocketMessageType.Close)
                    return;
                if (length == 0)
                    continue;
                var data = buffer.AsMemory(1, length - 1);
                switch (buffer[0])
                {
                    case InputChannel:
                        await input.WriteAsync(data, end.Token).ConfigureAwait(false);
                        break;
                    case ResizeChannel:
                        Resize(data.Span, streams);
                        break;
                    case CloseChannel when _protocol == "v5.channel.k8s.io" && data.Length > 0 && data.Span[0] == InputChannel:
                        await input.CompleteAsync().ConfigureAwait(false);
                        break;
                }
            }
        }
        catch (Exception error) when (error is WebSocketException or IOException or OperationCanceledException or InvalidOperationException)
        {
            // the client is gone: so is its command
            await end.CancelAsync().ConfigureAwait(false);
        }
        finally
        {
            await input.CompleteAsync().ConfigureAwait(false);
        }
    }

    private static void Resize(ReadOnlySpan<byte> data, PodExecStreams streams)
    {
        try
        {
            var size = JsonNode.Parse(data);
            if (size.Number("Width") is { } width && size.Number("Height") is { } height)
                streams.Resized?.Invoke((int)width, (int)height);
        }
        catch (JsonException)
        {
            // a size that cannot be read changes no size
        }
    }

    private async Task SendAsync(byte channel, ReadOnlyMemory<byte> data, CancellationToken cancellationToken)
    {
        var message = new byte[data.Length + 1];
        message[0] = channel;
        data.CopyTo(message.AsMemory(1));
        await _sending.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await _socket.SendAsync(message, WebSocketMessageType.Binary, true, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _sending.Release();
        }
    }

    /// <summary>Standard output or error as the command sees it.</summary>
    private sealed class ChannelStream(RemoteCommandSocket owner, byte channel, long? cutAfter) : Stream
    {
        private const int LargestMessage = 32 * 1024;

        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            while (!buffer.IsEmpty)
            {
                var part = buffer[..Math.Min(buffer.Length, LargestMessage)];
                var room = (cutAfter ?? long.MaxValue) - Interlocked.Read(ref owner._sent);
                if (part.Length >= room)
                {
                    await owner.SendAsync(channel, part[..(int)room], cancellationToken).ConfigureAwait(false);
                    owner._isCut = true;
                    throw new IOException("the connection was cut on purpose");
                }
                await owner.SendAsync(channel, part, cancellationToken).ConfigureAwait(false);
                Interlocked.Add(ref owner._sent, part.Length);
                buffer = buffer[part.Length..];
            }
        }

        public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override void Write(byte[] buffer, int offset, int count) => WriteAsync(buffer, offset, count, CancellationToken.None).GetAwaiter().GetResult();

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}

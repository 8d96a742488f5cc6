using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;
using System.Text.Json;

namespace CiliumLab.Simulator.Detached;

/// <summary>
/// A connection between a lab's process and a client: frames of a kind, a length of four bytes (little-endian) and so many bytes.
/// One connection serves one request.
/// </summary>
internal sealed class ControlChannel(Socket socket) : IDisposable
{
    /// <summary>The most bytes that input and output are cut into.</summary>
    public const int PartSize = 64 * 1024;

    private const int HeaderSize = 5;
    private const int LongestFrame = 16 * 1024 * 1024;

    private readonly NetworkStream _stream = new(socket, ownsSocket: true);

    /// <summary>Sends a frame.</summary>
    /// <exception cref="IOException">The other side is gone.</exception>
    public async Task WriteAsync(ControlFrameKind kind, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var length = HeaderSize + payload.Length;
        var buffer = ArrayPool<byte>.Shared.Rent(length);
        try
        {
            buffer[0] = (byte)kind;
            BinaryPrimitives.WriteInt32LittleEndian(buffer.AsSpan(1), payload.Length);
            payload.CopyTo(buffer.AsMemory(HeaderSize));
            await _stream.WriteAsync(buffer.AsMemory(0, length), cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Sends a frame with a message.</summary>
    public Task WriteMessageAsync<T>(ControlFrameKind kind, T message, CancellationToken cancellationToken) =>
        WriteAsync(kind, JsonSerializer.SerializeToUtf8Bytes(message), cancellationToken);

    /// <summary>Sends any number of bytes in parts.</summary>
    public async Task WritePartsAsync(ControlFrameKind kind, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        for (; !bytes.IsEmpty; bytes = bytes[Math.Min(PartSize, bytes.Length)..])
            await WriteAsync(kind, bytes[..Math.Min(PartSize, bytes.Length)], cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The next frame; null when the other side is gone.</summary>
    public async Task<ControlFrame?> ReadAsync(CancellationToken cancellationToken)
    {
        var header = new byte[HeaderSize];
        try
        {
            if (await _stream.ReadAtLeastAsync(header, HeaderSize, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false) < HeaderSize)
                return null;
            var length = BinaryPrimitives.ReadInt32LittleEndian(header.AsSpan(1));
            if (length is < 0 or > LongestFrame)
                return null;
            var payload = new byte[length];
            await _stream.ReadExactlyAsync(payload, cancellationToken).ConfigureAwait(false);
            return new ControlFrame((ControlFrameKind)header[0], payload);
        }
        catch (Exception error) when (error is IOException or ObjectDisposedException)
        {
            return null;
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();
}

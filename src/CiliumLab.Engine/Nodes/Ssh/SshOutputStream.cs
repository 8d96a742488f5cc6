namespace CiliumLab.Engine.Nodes.Ssh;

/// <summary>
/// A command's output. Reading blocks until there is some; reading asynchronously waits for the command's end, because the
/// library's stream has no other way to wait without holding a thread.
/// </summary>
/// <remarks>
/// A reader that pauses does not slow the command: the library grants the server a new window as data arrives, not as it is read, and
/// keeps what is unread in memory without a bound. What is bounded is everything after this stream.
/// </remarks>
internal sealed class SshOutputStream(Stream pipe, Task ended) : Stream
{
    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(byte[] buffer, int offset, int count) => pipe.Read(buffer, offset, count);

    public override int Read(Span<byte> buffer) => pipe.Read(buffer);

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await ended.WaitAsync(cancellationToken).ConfigureAwait(false);
        return pipe.Read(buffer.Span);
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

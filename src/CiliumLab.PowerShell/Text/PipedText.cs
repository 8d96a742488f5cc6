using System.Threading.Channels;

namespace CiliumLab.PowerShell.Text;

/// <summary>Piped strings as one text that is read on another thread while they still come.</summary>
internal sealed class PipedText
{
    private const int MostStringsAhead = 1024;

    private readonly Channel<string> _strings = Channel.CreateBounded<string>(MostStringsAhead);
    private volatile bool _abandoned;

    private Task<bool> _room = Task.FromResult(true);

    /// <summary>Adds a string, or drops it when nobody reads any more.</summary>
    /// <returns>False when the reader is too far behind.</returns>
    public bool TryAdd(string text) => _strings.Writer.TryWrite(text) || _abandoned;

    /// <summary>Waits until the reader has caught up, or for so long.</summary>
    public void WaitForRoom(TimeSpan atMost)
    {
        if (_room.IsCompleted)
            _room = _strings.Writer.WaitToWriteAsync().AsTask();
        _room.Wait(atMost);
    }

    /// <summary>Says that no more comes.</summary>
    public void Complete() => _strings.Writer.TryComplete();

    /// <summary>Says that nobody reads any more.</summary>
    public void Abandon()
    {
        _abandoned = true;
        _strings.Writer.TryComplete();
    }

    public TextReader Reader(CancellationToken cancellationToken) => new LinesReader(_strings.Reader, cancellationToken);

    private sealed class LinesReader(ChannelReader<string> strings, CancellationToken cancellationToken) : TextReader
    {
        private readonly Queue<string> _lines = [];

        public override string? ReadLine()
        {
            while (_lines.Count == 0)
            {
                if (!strings.WaitToReadAsync(cancellationToken).AsTask().GetAwaiter().GetResult())
                    return null;
                if (!strings.TryRead(out var text))
                    continue;

                // One piped string may be a line or a whole file; a file's last line end is not another line.
                var body = text.EndsWith('\n') ? text[..^1] : text;
                foreach (var line in body.Split('\n'))
                    _lines.Enqueue(line);
            }

            return _lines.Dequeue();
        }
    }
}

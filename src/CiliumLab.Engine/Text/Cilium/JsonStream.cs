using System.Text;
using System.Text.Json;
using CiliumLab.Model;

namespace CiliumLab.Engine.Text;

/// <summary>Reads one JSON value; the reader stands on its first token, and whatever is read of it is read.</summary>
/// <returns>What it means; null when it is not understood.</returns>
internal delegate T? JsonItemReader<out T>(ref Utf8JsonReader reader)
    where T : class;

/// <summary>
/// Reads a JSON document of any size item by item: only the item that is being read is in memory. Lines are read as they are needed.
/// </summary>
/// <param name="kind">What should have come, as in <c>ConvertFrom-LabOutput -Kind</c>.</param>
/// <param name="lines">The output; its next line is the document's first.</param>
internal sealed class JsonStream(string kind, LineReader lines)
{
    private const int Portion = 32 * 1024;

    private readonly string _opening = lines.Peek() ?? "";
    private readonly int _firstLine = lines.Number + 1;
    private byte[] _buffer = new byte[2 * Portion];
    private int _start;
    private int _end;
    private int _line = lines.Number + 1;
    private bool _ended;
    private JsonReaderState _state;
    private (int Start, int End) _item;

    /// <summary>The name or the text that was read last.</summary>
    public string Text { get; private set; } = "";

    /// <summary>Reads the next token.</summary>
    /// <exception cref="LabException">The document is broken or cut off.</exception>
    public JsonTokenType Read()
    {
        while (true)
        {
            var reader = new Utf8JsonReader(_buffer.AsSpan(_start, _end - _start), _ended, _state);
            try
            {
                if (reader.Read())
                {
                    if (reader.TokenType is JsonTokenType.PropertyName or JsonTokenType.String)
                        Text = reader.GetString() ?? "";
                    Take((int)reader.BytesConsumed, reader.CurrentState);
                    return reader.TokenType;
                }
            }
            catch (Exception error) when (error is JsonException or InvalidOperationException)
            {
                throw Broken();
            }

            Fill();
        }
    }

    /// <summary>Reads the next value of an array, or the value of the property whose name was read last.</summary>
    /// <param name="read">Reads it.</param>
    /// <param name="value">What it means; null when it is not understood.</param>
    /// <returns>False at the array's end.</returns>
    /// <exception cref="LabException">The document is broken or cut off.</exception>
    public bool TryItem<T>(JsonItemReader<T> read, out T? value)
        where T : class
    {
        while (true)
        {
            var reader = new Utf8JsonReader(_buffer.AsSpan(_start, _end - _start), _ended, _state);
            try
            {
                if (reader.Read())
                {
                    var whole = reader;
                    if (reader.TokenType is JsonTokenType.EndArray or JsonTokenType.EndObject)
                    {
                        Take((int)reader.BytesConsumed, reader.CurrentState);
                        value = null;
                        return false;
                    }

                    if (whole.TrySkip())
                    {
                        _item = (_start + (int)reader.TokenStartIndex, _start + (int)whole.BytesConsumed);

                        // On its own and whole, so that what reads it may skip.
                        var item = new Utf8JsonReader(_buffer.AsSpan(_item.Start, _item.End - _item.Start));
                        item.Read();
                        value = read(ref item);
                        Take((int)whole.BytesConsumed, whole.CurrentState);
                        return true;
                    }
                }
            }
            catch (Exception error) when (error is JsonException or InvalidOperationException)
            {
                throw Broken();
            }

            Fill();
        }
    }

    /// <summary>Reads a value as a whole.</summary>
    /// <exception cref="LabException">The document is broken or cut off.</exception>
    public JsonElement Value()
    {
        TryItem(static (ref Utf8JsonReader reader) => new Box(JsonElement.ParseValue(ref reader)), out var value);
        return value?.Element ?? default;
    }

    /// <summary>Passes over a value of any size.</summary>
    /// <exception cref="LabException">The document is broken or cut off.</exception>
    public void Skip()
    {
        var depth = 0;
        do
        {
            depth += Read() switch
            {
                JsonTokenType.StartArray or JsonTokenType.StartObject => 1,
                JsonTokenType.EndArray or JsonTokenType.EndObject => -1,
                _ => 0,
            };
        }
        while (depth > 0);
    }

    /// <summary>The item that was read last and was not understood.</summary>
    public TextWarning Warning(string reason) => new(
        _line,
        Encoding.UTF8.GetString(_buffer.AsSpan(_item.Start, Math.Min(_item.End - _item.Start, 400))).ReplaceLineEndings(" "),
        reason);

    /// <summary>The document has ended: what follows is no part of it.</summary>
    public void Finish(Action<TextWarning> warn)
    {
        var rest = Encoding.UTF8.GetString(_buffer.AsSpan(_start, _end - _start)).Split('\n');
        var number = _line;
        foreach (var line in rest)
            Warn(line, number++);
        while (lines.Next() is { } line)
            Warn(line, lines.Number);

        void Warn(string line, int at)
        {
            if (!string.IsNullOrWhiteSpace(line))
                warn(new TextWarning(at, line, "this follows the JSON document"));
        }
    }

    /// <summary>The document is another command's.</summary>
    public LabException NotThis(string reason) => OutputErrors.NotThisOutput(kind, _firstLine, _opening, reason);

    private LabException Broken() => OutputErrors.NotThisOutput(kind, _line, _opening, "the JSON document is broken or cut off");

    private void Take(int bytes, JsonReaderState state)
    {
        _line += _buffer.AsSpan(_start, bytes).Count((byte)'\n');
        _start += bytes;
        _state = state;
    }

    private void Fill()
    {
        if (_ended)
            throw Broken();
        _buffer.AsSpan(_start, _end - _start).CopyTo(_buffer);
        (_start, _end) = (0, _end - _start);
        for (var most = _end + Portion; _end < most;)
        {
            if (lines.Next() is not { } line)
            {
                _ended = true;
                return;
            }

            var text = _line == 1 && _end == 0 ? line.AsSpan().TrimStart('\uFEFF') : line;
            if (_buffer.Length - _end < (text.Length * 3) + 1)
                Array.Resize(ref _buffer, Math.Max(2 * _buffer.Length, _end + (text.Length * 3) + 1));
            _end += Encoding.UTF8.GetBytes(text, _buffer.AsSpan(_end));
            _buffer[_end++] = (byte)'\n';
        }
    }

    private sealed record Box(JsonElement Element);
}

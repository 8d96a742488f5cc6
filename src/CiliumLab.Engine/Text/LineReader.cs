namespace CiliumLab.Engine.Text;

/// <summary>Reads lines and counts them, for parsers that must say which line they mean.</summary>
/// <param name="text">The text; read once, from where it stands.</param>
public sealed class LineReader(TextReader text)
{
    private string? _held;

    /// <summary>The number of the line that was read last, from 1; 0 before the first.</summary>
    public int Number { get; private set; }

    /// <summary>Reads the next line, or null at the end.</summary>
    public string? Next()
    {
        var line = _held ?? text.ReadLine();
        _held = null;
        if (line is not null)
            Number++;
        return line;
    }

    /// <summary>The next line without taking it, or null at the end.</summary>
    public string? Peek() => _held ??= text.ReadLine();
}

namespace CiliumLab.Engine.Text;

/// <summary>The words of a line, one after the other, without copying them.</summary>
internal ref struct SpanWords(ReadOnlySpan<char> text)
{
    private ReadOnlySpan<char> _rest = text;

    /// <summary>Takes the next word; empty at the end.</summary>
    public ReadOnlySpan<char> Next()
    {
        _rest = _rest.TrimStart(' ');
        var end = _rest.IndexOf(' ');
        var word = end < 0 ? _rest : _rest[..end];
        _rest = _rest[word.Length..];
        return word;
    }

    /// <summary>Takes everything up to a letter, which is taken too; false when it is not there.</summary>
    public bool Through(char letter, out ReadOnlySpan<char> before)
    {
        var end = _rest.IndexOf(letter);
        before = end < 0 ? default : _rest[..end];
        _rest = end < 0 ? _rest : _rest[(end + 1)..];
        return end >= 0;
    }
}

using System.Text;

namespace CiliumLab.Engine.Text.Iptables;

/// <summary>
/// Cuts a rule into words as iptables-restore does (<c>add_param_to_argv</c> in iptables/xshared.c): blanks separate, double
/// quotes hold together, a backslash escapes inside them only, a closing quote ends the word. A word in single quotes, as in a
/// shell script, is understood too. Looks at each character a bounded number of times, whatever the line holds.
/// </summary>
internal ref struct IptablesWordScanner(ReadOnlySpan<char> line, int position)
{
    private readonly ReadOnlySpan<char> _line = line;
    private bool _noSingleQuoteCloses;

    /// <summary>Where the word begins, quotes included.</summary>
    public int Start { get; private set; }

    /// <summary>Behind the word's last character.</summary>
    public int End { get; private set; } = position;

    /// <summary>Whether a part of the word is quoted; such a word is always a value.</summary>
    public bool Quoted { get; private set; }

    /// <summary>Whether a quote is left open at the line's end.</summary>
    public bool Unclosed { get; private set; }

    /// <summary>The word as it is written.</summary>
    public readonly ReadOnlySpan<char> Word => _line[Start..End];

    /// <summary>Goes to the next word; false at the line's end.</summary>
    public bool Next()
    {
        var start = End;
        while (start < _line.Length && _line[start] is ' ' or '\t')
            start++;
        Start = End = start;
        Quoted = Unclosed = false;
        if (start == _line.Length)
            return false;
        End = _line[start] == '\'' && SingleQuoteEnd(start) is var close and > 0 ? close : PlainEnd(start);
        return true;
    }

    /// <summary>A word's meaning: without its quotes and escapes.</summary>
    public static string Decode(ReadOnlySpan<char> word)
    {
        if (word is ['\'', .., '\''])
            return word[1..^1].ToString();
        var quote = word.IndexOf('"');
        if (quote < 0)
            return word.ToString();
        var inside = word[(quote + 1)..(word[^1] == '"' ? ^1 : ^0)];
        if (quote == 0 && !inside.Contains('\\'))
            return inside.ToString();
        var text = new StringBuilder(word.Length).Append(word[..quote]);
        for (var index = 0; index < inside.Length; index++)
        {
            if (inside[index] == '\\' && index + 1 < inside.Length)
                index++;
            text.Append(inside[index]);
        }

        return text.ToString();
    }

    private int PlainEnd(int start)
    {
        // Words are short, so a plain loop beats a vectorized search; blanks and quotes come before nearly everything else.
        var line = _line;
        var at = start;
        while (at < line.Length && (line[at] > '"' || line[at] is not (' ' or '\t' or '"')))
            at++;
        if (at == line.Length || line[at] != '"')
            return at;
        Quoted = true;
        for (at++; at < _line.Length; at++)
        {
            var length = _line[at..].IndexOfAny('"', '\\');
            if (length < 0)
                break;
            at += length;
            if (_line[at] == '"')
                return at + 1;
            at++;
        }

        Unclosed = true;
        return _line.Length;
    }

    private int SingleQuoteEnd(int start)
    {
        for (var at = start + 1; !_noSingleQuoteCloses && at < _line.Length; at++)
        {
            var length = _line[at..].IndexOf('\'');
            if (length < 0)
                break;
            at += length;
            if (at + 1 == _line.Length || _line[at + 1] is ' ' or '\t')
            {
                Quoted = true;
                return at + 1;
            }
        }

        // Remembered, or a line full of single quotes would be searched to its end once for each of them.
        _noSingleQuoteCloses = true;
        return 0;
    }
}
